/**
 * What findings have to say about single packets, for captures that carry comments: Wireshark shows them beside the
 * packet that proves a finding.
 */
import type { CrossFinding, Finding } from '../findings/rule.ts';
import type { SessionReport } from './report.ts';

export interface PacketComment {
  /** Index of the capture that `frame` counts in. */
  readonly capture: number;
  readonly frame: number;
  /** One line; texts from the wire in it are as they were. */
  readonly text: string;
}

/**
 * A comment at the session's first packet with what became of it, and one at each packet that a finding names. The
 * whole sentence stands at the packet that proves it, the last; at the others stands what they show.
 */
export function packetComments({ session, findings, headline }: SessionReport): PacketComment[] {
  const first = { capture: session.capture, frame: session.frames.first };
  const comments: PacketComment[] = [{ ...first, text: `session ${session.id}: ${headline}` }];
  for (const finding of findings) {
    const { rule, evidence } = finding;
    const shown = evidence.filter(({ frame }) => frame !== null);
    const proof = shown.at(-1);
    if (proof === undefined) comments.push({ ...first, text: sentence(finding) });
    for (const one of shown) {
      const capture = session.turns[one.turn ?? -1]?.capture ?? session.capture;
      const note = one.note === '' ? '' : ` (${one.note})`;
      const text = one === proof ? `${sentence(finding)}${note}` : `${rule}${note}`;
      comments.push({ capture, frame: one.frame as number, text });
    }
  }
  return comments;
}

/** A finding that spans sessions, at the first packet of each of them. */
export function crossComment(finding: CrossFinding): string {
  const { sessions } = finding;
  return `${sentence(finding)} (${sessions.length === 1 ? 'session' : 'sessions'} ${sessions.join(', ')})`;
}

function sentence({ severity, confidence, rule, message }: Finding): string {
  return `${severity} ${rule} (${confidence}): ${message}`;
}
