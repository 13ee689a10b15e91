/** The two lists of a rule's test: dialogues in which it fires, dialogues in which it stays quiet. */
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../src/findings/diagnose.ts';
import { History } from '../../../src/findings/history.ts';
import type { Confidence, Finding, Severity } from '../../../src/findings/rule.ts';
import type { Session } from '../../../src/smtp/session.ts';

export interface Case {
  readonly name: string;
  readonly session: Session;
  /** Sessions that ended before it. */
  readonly earlier?: readonly Session[];
}

export interface Fires extends Case {
  readonly severity?: Severity;
  readonly confidence?: Confidence;
  readonly message?: RegExp;
  /** What the first cause speaks of. */
  readonly firstCause?: RegExp;
  readonly also?: (finding: Finding, all: readonly Finding[]) => void;
}

export function findingsOf({ session, earlier = [] }: Case): readonly Finding[] {
  const history = new History();
  for (const before of earlier) history.see(before);
  return diagnose(session, history);
}

export function rulesOf(session: Session, earlier: readonly Session[] = []): string[] {
  return findingsOf({ name: '', session, earlier }).map(({ rule }) => rule);
}

export function testRule(id: string, fires: readonly Fires[], quiet: readonly Case[]): void {
  describe(id, () => {
    it.each(fires.map((one) => [one.name, one] as const))('fires: %s', (_name, one) => {
      const all = findingsOf(one);
      const finding = all.find(({ rule }) => rule === id);
      expect(finding, `${id} among ${all.map(({ rule }) => rule).join(', ')}`).toBeDefined();
      if (finding === undefined) return;
      if (one.severity !== undefined) expect(finding.severity).toBe(one.severity);
      if (one.confidence !== undefined) expect(finding.confidence).toBe(one.confidence);
      if (one.message !== undefined) expect(finding.message).toMatch(one.message);
      if (one.firstCause !== undefined) expect(finding.causes[0]).toMatch(one.firstCause);
      checkForm(finding, one.session);
      one.also?.(finding, all);
    });
    it.each(quiet.map((one) => [one.name, one] as const))('quiet: %s', (_name, one) => {
      expect(findingsOf(one).map(({ rule }) => rule)).not.toContain(id);
    });
  });
}

/** What holds of every finding: evidence that can be found again, words for a person, nothing left open. */
function checkForm(finding: Finding, session: Session): void {
  expect(finding.evidence.length).toBeGreaterThan(0);
  for (const { turn, direction, offset, length } of finding.evidence) {
    if (turn === null) continue;
    const shown = session.turns[turn];
    expect(shown?.from).toBe(direction);
    expect(offset).toBeGreaterThanOrEqual(shown?.offset ?? Number.POSITIVE_INFINITY);
    expect(length).toBeGreaterThan(0);
  }
  expect(finding.message).not.toMatch(/undefined|NaN|null|\[object|!$/);
  expect(finding.message).toMatch(/^[A-Z0-9“]/);
  expect(finding.causes.length).toBeGreaterThan(0);
  expect(new Set(finding.causes).size).toBe(finding.causes.length);
  expect(finding.remedies.length).toBeGreaterThan(0);
}
