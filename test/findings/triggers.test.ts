import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../../src/capture/source/file.ts';
import { History } from '../../src/findings/history.ts';
import { SESSION_RULES } from '../../src/findings/index.ts';
import { refusals } from '../../src/findings/refusals.ts';
import type { AnyRule } from '../../src/findings/rule.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../src/inspect.ts';
import { Fact, type FactName, type Session, Sign, type SignName } from '../../src/smtp/session.ts';

const CAPTURES = new URL('../../captures/', import.meta.url).pathname;

function isTriggered({ triggers, refusals: kinds }: AnyRule, session: Session): boolean {
  const { facts, signs } = session;
  return (
    triggers.some((name) =>
      name in Fact ? (facts & Fact[name as FactName]) !== 0 : (signs & Sign[name as SignName]) !== 0,
    ) || refusals(session).some(({ kind }) => kinds?.includes(kind))
  );
}

/** Rules whose trigger is a condition of theirs and not only a hint at it. */
const CONDITIONS: ReadonlySet<string> = new Set(['one-side-missing', 'probe-session']);

describe('what triggers a rule', () => {
  it.each(
    readdirSync(CAPTURES, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.pcap(?:ng)?$/.test(name))
      .sort(),
  )('is shown wherever it would find something: %s', async (name) => {
    const history = new History();
    const missed: string[] = [];
    const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: false }, ({ session }) => {
      for (const rule of SESSION_RULES) {
        if (CONDITIONS.has(rule.id) || isTriggered(rule, session) || rule.detect(session, history).length === 0)
          continue;
        missed.push(`#${session.id} ${rule.id}`);
      }
      history.see(session);
    });
    analysis.beginCapture(name);
    await readCapture(`${CAPTURES}${name}`, analysis, {});
    analysis.finish();
    expect(missed).toEqual([]);
  });
});
