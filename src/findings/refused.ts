/**
 * Findings about refusals of one kind. A session has one for each kind, with the first words of it: ten unknown
 * recipients are one finding.
 *
 * By effect: what cost the whole mail is an error when refused for good and a warning when refused for now; what cost
 * some recipients only, or went through at a later try, is a notice.
 */
import type { Session } from '../smtp/session.ts';
import { turnShows } from './evidence.ts';
import { type Refusal, type RefusalKind, refusalsAs } from './refusals.ts';
import { type Detection, NOTHING, type Severity } from './rule.ts';
import { count, quote } from './words.ts';

/** Refusals shown as evidence. */
const MOST_SHOWN = 5;

export interface Refused {
  readonly verb: string;
  /** The server's words. */
  readonly words: string;
  readonly path: string | null;
  /** Refusals of this kind. */
  readonly times: number;
  readonly cost: Refusal['cost'];
  readonly code: number;
  readonly enhancedCode: string | null;
}

/** One finding for the kind, severity by effect; nothing when the session has no such refusal. */
export function refusedAs(session: Session, kind: RefusalKind): readonly Detection<Refused>[] {
  const group = refusalsAs(session, kind);
  return group.length === 0 ? NOTHING : [detectionOf(session, group)];
}

/** The same with data of its own, made from the worst refusal. */
export function refusedWith<Data>(
  session: Session,
  kind: RefusalKind,
  more: (refused: Refused, worst: Refusal) => Data,
): readonly Detection<Data>[] {
  const group = refusalsAs(session, kind);
  if (group.length === 0) return NOTHING;
  const detection = detectionOf(session, group);
  return [{ ...detection, data: more(detection.data, worstOf(group)) }];
}

function detectionOf(session: Session, group: readonly Refusal[]): Detection<Refused> {
  const worst = worstOf(group);
  return {
    evidence: evidenceOf(group),
    data: refusedOf(session, worst, group.length),
    severity: byEffect(worst),
    confidence: worst.sure ? 'certain' : 'likely',
  };
}

export function evidenceOf(group: readonly Refusal[]): Detection<unknown>['evidence'] {
  return group
    .slice(0, MOST_SHOWN)
    .flatMap(({ request, reply }) => [turnShows(request, 'is refused'), turnShows(reply, 'by this reply')]);
}

export function refusedOf(session: Session, refusal: Refusal, times: number): Refused {
  const { verb, path, cost, reply } = refusal;
  return { verb, words: quote(session, reply), path, times, cost, code: reply.code, enhancedCode: reply.enhancedCode };
}

export function byEffect({ cost, reply }: Refusal): Severity {
  if (cost === 'part') return 'notice';
  return reply.code >= 500 ? 'error' : 'warning';
}

/** What cost the mail before what cost a part of it, then for good before for now, then the first. */
export function worstOf(group: readonly Refusal[]): Refusal {
  return (
    group.find(({ cost, reply }) => cost === 'transaction' && reply.code >= 500) ??
    group.find(({ cost }) => cost === 'transaction') ??
    (group[0] as Refusal)
  );
}

/** `the recipient b@example.net and 2 others`, `the message after it was sent`. */
export function whatWasRefused({ verb, path, times }: Pick<Refused, 'verb' | 'path' | 'times'>): string {
  const others = times > 1 ? ` and ${count(times - 1, 'other')}` : '';
  if (verb === 'MAIL') return path === null ? 'the sender' : `the sender ${path === '' ? '<>' : path}`;
  if (verb === 'RCPT') return `${path === null ? 'a recipient' : `the recipient ${path}`}${others}`;
  if (verb === 'EHLO' || verb === 'HELO' || verb === 'LHLO') return `the client at ${verb}`;
  return verb === 'message' ? 'the message after it was sent' : `the message at ${verb}`;
}

/** `for now` for 4xx. */
export function forNow({ code }: Pick<Refused, 'code'>): string {
  return code < 500 ? ' for now' : '';
}

/** What became of the mail all the same. */
export function butNotAll({ cost }: Pick<Refused, 'cost'>): string {
  return cost === 'part' ? '; the rest of the mail, or a later try, was accepted' : '';
}
