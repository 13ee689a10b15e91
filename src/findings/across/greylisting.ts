/** `greylisting` over several sessions: what was put off was accepted on a later try, which makes it certain. */
import type { RuleText } from '../rule.ts';
import greylisting from '../rules/greylisting.ts';
import { count, duration } from '../words.ts';
import { crossFinding, type ToldFinding } from './collector.ts';
import { type Envelope, type Envelopes, storyOf, type Try } from './envelopes.ts';
import { mailWords } from './story.ts';

/** Servers that have a finding of their own; those with most mails first. */
const SERVERS = 20;
const STORIES = 3;

interface Data {
  readonly server: string;
  readonly mails: number;
  readonly first: Envelope;
  readonly refusal: Try;
  readonly accepted: Try;
  readonly longestSeconds: number;
}

/** The rule’s own words, but for what several sessions show. */
const PASSED: RuleText<Data> = {
  ...greylisting,
  message: ({ server, mails, first, refusal, accepted, longestSeconds }) =>
    `${server} put off ${mailWords(first)} by greylisting in session ${refusal.session} and accepted it in session ` +
    `${accepted.session}, ${duration((accepted.timeUs - refusal.timeUs) / 1e6)} later` +
    `${mails === 1 ? '' : `; so it went with ${count(mails, 'mail')}, after ${duration(longestSeconds)} at most`}`,
  causes: () => greylisting.causes(null),
  remedies: () => greylisting.remedies(null),
};

interface Passed {
  readonly envelope: Envelope;
  readonly refusal: Try;
  readonly accepted: Try;
}

export function tellGreylisting(envelopes: Envelopes): ToldFinding[] {
  const byServer = new Map<string, Passed[]>();
  for (const envelope of envelopes.all()) {
    const passed = passedOf(envelope);
    if (passed === null) continue;
    const all = byServer.get(passed.accepted.server);
    if (all === undefined) byServer.set(passed.accepted.server, [passed]);
    else all.push(passed);
  }
  return [...byServer]
    .sort((a, b) => b[1].length - a[1].length)
    .slice(0, SERVERS)
    .map(([server, all]) => {
      const { envelope, refusal, accepted } = all[0] as Passed;
      const data: Data = {
        server,
        mails: all.length,
        first: envelope,
        refusal,
        accepted,
        longestSeconds: Math.max(
          ...all.slice(0, 10_000).map((one) => (one.accepted.timeUs - one.refusal.timeUs) / 1e6),
        ),
      };
      return crossFinding(PASSED, {
        data,
        sessions: all.flatMap((one) => [one.refusal.session, one.accepted.session]),
        confidence: 'certain',
        stories: all.slice(0, STORIES).map((one) => storyOf(one.envelope)),
      });
    });
}

function passedOf(envelope: Envelope): Passed | null {
  const refusal = envelope.tries.find(({ kind }) => kind === 'greylisted');
  if (refusal === undefined) return null;
  const accepted = envelope.tries.find(
    (one) => one.kind === 'accepted' && one.timeUs > refusal.timeUs && one.session !== refusal.session,
  );
  return accepted === undefined ? null : { envelope, refusal, accepted };
}
