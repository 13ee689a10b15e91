/** Commands out of the order of RFC 5321 §4.1.4, by the commands and replies seen so far. */
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { replyTo } from './in-clear.ts';
import { isMailDialogue } from './known-commands.ts';
import { strayBody } from './stray-body.ts';

export type Disorder = 'mail-before-hello' | 'nested-mail' | 'rcpt-before-mail' | 'data-before-rcpt';

export interface OutOfOrder {
  readonly kind: Disorder;
  readonly turn: Turn;
  readonly reply: Turn | null;
}

/** In wire order. What a client does behind a MAIL that was refused follows from that refusal and is not among them. */
export function outOfOrder(session: Session): readonly OutOfOrder[] {
  if (!isMailDialogue(session) || hasHole(session) || !session.startCaptured) return [];
  if (session.turns.some(({ kind, verb }) => kind === 'tls' || verb === 'STARTTLS' || verb === 'XCLIENT')) return [];
  const body = new Set(strayBody(session)?.lines ?? []);
  const found: OutOfOrder[] = [];
  let hello = false;
  /** MAIL was said since the last end of a transaction, whatever became of it. */
  let mail = false;
  let accepted = false;
  let rcpt = false;
  for (const turn of session.turns) {
    if (turn.from !== 'client' || body.has(turn)) continue;
    const reply = replyTo(session, turn);
    const code = reply?.code ?? 0;
    const add = (kind: Disorder) => found.push({ kind, turn, reply });
    if (turn.kind === 'message') {
      mail = false;
      accepted = false;
      rcpt = false;
      continue;
    }
    switch (turn.verb) {
      case 'EHLO':
      case 'HELO':
      case 'LHLO':
        hello = true;
        mail = false;
        accepted = false;
        rcpt = false;
        break;
      case 'RSET':
        mail = false;
        accepted = false;
        rcpt = false;
        break;
      case 'MAIL':
        if (!hello) add('mail-before-hello');
        // Pipelined behind a message whose end was refused, it may come before that is known.
        else if (accepted) add('nested-mail');
        mail = true;
        rcpt = accepted && rcpt;
        accepted ||= code >= 200 && code < 300;
        break;
      case 'RCPT':
        if (!mail) add('rcpt-before-mail');
        rcpt = true;
        break;
      case 'DATA':
      case 'BDAT':
        if (mail && !rcpt && accepted) add('data-before-rcpt');
        else if (!mail && turn.verb === 'DATA') add('rcpt-before-mail');
        break;
      default:
        break;
    }
  }
  return found;
}

/** Bytes of either side were not captured. */
export function hasHole({ transport }: Session): boolean {
  return transport.client.missingBytes > 0 || transport.server.missingBytes > 0;
}
