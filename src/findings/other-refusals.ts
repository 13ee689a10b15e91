/** What `rejected-other` and `deferred-other` have in common: refusals that no other rule speaks for. */
import type { Session } from '../smtp/session.ts';
import { turnShows } from './evidence.ts';
import { isOfEnvelope, type Refusal, refusals } from './refusals.ts';
import { type Detection, NOTHING } from './rule.ts';
import { count, quote } from './words.ts';

/** Kinds of refusal that are told apart in one session. */
const MOST_FINDINGS = 5;

export interface OtherRefusal {
  readonly verb: string;
  readonly words: string;
  readonly path: string | null;
  readonly times: number;
  readonly cost: Refusal['cost'];
  readonly enhancedCode: string | null;
}

/** One finding for each verb and code: ten unknown recipients are one finding with the first one's words. */
export function otherRefusals(session: Session, digit: 4 | 5): readonly Detection<OtherRefusal>[] {
  const groups = new Map<string, Refusal[]>();
  for (const refusal of refusals(session)) {
    const { reply, verb, kind } = refusal;
    if (kind !== 'other' || !isOfEnvelope(refusal) || Math.floor(reply.code / 100) !== digit) continue;
    const key = `${verb} ${reply.code} ${reply.enhancedCode ?? ''}`;
    const group = groups.get(key);
    if (group !== undefined) group.push(refusal);
    else if (groups.size < MOST_FINDINGS) groups.set(key, [refusal]);
  }
  return groups.size === 0 ? NOTHING : [...groups.values()].map((group) => detection(session, group));
}

function detection(session: Session, group: readonly Refusal[]): Detection<OtherRefusal> {
  const worst = group.find(({ cost }) => cost === 'transaction') ?? (group[0] as Refusal);
  return {
    evidence: group
      .slice(0, 5)
      .flatMap(({ request, reply }) => [turnShows(request, 'is refused'), turnShows(reply, 'by this reply')]),
    data: {
      verb: worst.verb,
      words: quote(session, worst.reply),
      path: worst.path,
      times: group.length,
      cost: worst.cost,
      enhancedCode: worst.reply.enhancedCode,
    },
    ...(worst.cost === 'part' ? { severity: 'notice' } : {}),
  };
}

export function whatWasRefused({ verb, path, times }: OtherRefusal): string {
  const others = times > 1 ? ` and ${count(times - 1, 'other')}` : '';
  if (verb === 'MAIL') return path === null ? 'the sender' : `the sender ${path === '' ? '<>' : path}`;
  if (verb === 'RCPT') return `${path === null ? 'a recipient' : `the recipient ${path}`}${others}`;
  return verb === 'message' ? 'the message after it was sent' : `the message at ${verb}`;
}
