/**
 * What the client says first, and whether it waited for the greeting. Most clients say EHLO and waited: they are told
 * without a look at any byte but the verb. Worked out once a session, since several rules ask.
 */
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { replyTo } from './in-clear.ts';

export type OpeningKind = 'command' | 'proxy' | 'http' | 'tls' | 'telnet' | 'other';

export interface Opening {
  readonly kind: OpeningKind;
  /** Its first turn; for `proxy` the header. */
  readonly turn: Turn;
  /** What came behind a PROXY header; else the same as `turn`. Null when nothing came. */
  readonly next: Turn | null;
  /**
   * `next` was sent before the client had received a byte of the server, though one came: its packet acknowledges
   * nothing.
   */
  readonly early: boolean;
}

/** A request line of HTTP/1 (RFC 9112 §3) or the preface of HTTP/2 (RFC 9113 §3.4). */
const REQUEST_LINE = /^(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|CONNECT|PATCH|TRACE|PRI) [^ ]{1,8192} HTTP\/\d/;

let lastSession: Session | null = null;
let lastOpening: Opening | null = null;

/** Null when the client said nothing, or when its first bytes were not captured. */
export function openingOf(session: Session): Opening | null {
  if (session !== lastSession) {
    lastSession = session;
    lastOpening = read(session);
  }
  return lastOpening;
}

function read(session: Session): Opening | null {
  const { turns } = session;
  let at = 0;
  while (at < turns.length && (turns[at] as Turn).from !== 'client') at++;
  const turn = turns[at];
  if (turn === undefined || turn.kind === 'gap' || turn.offset !== 0 || !session.startCaptured) return null;
  const kind = kindOf(turn);
  const next = kind === 'proxy' ? behindHeader(turns, at) : turn;
  return { kind, turn, next, early: next !== null && next.acked === 0 && session.transport.server.bytes > 0 };
}

function kindOf(turn: Turn): OpeningKind {
  const { verb } = turn;
  if (verb === 'EHLO' || verb === 'HELO' || verb === 'LHLO') return 'command';
  if (turn.kind === 'tls') return 'tls';
  if (verb === 'PROXY') return 'proxy';
  if (turn.raw[0] === 0xff && (turn.raw[1] ?? 0) >= 0xf0) return 'telnet';
  if (isRequestLine(turn)) return 'http';
  return turn.kind === 'command' ? 'command' : 'other';
}

function behindHeader(turns: readonly Turn[], at: number): Turn | null {
  for (let i = at + 1; i < turns.length; i++) {
    const turn = turns[i] as Turn;
    if (turn.from === 'client' && turn.kind !== 'gap') return turn;
  }
  return null;
}

/** Whether a client's line asks for something by HTTP. */
export function isRequestLine(turn: Turn): boolean {
  return REQUEST_LINE.test(turn.raw.toString('latin1', 0, 8_300));
}

/**
 * A PROXY header that the server took for a command: from then on every reply answers the command before, and what
 * follows (a message among commands, a client that does not wait) is only that.
 */
export function isOffByOne(session: Session): boolean {
  const opening = openingOf(session);
  if (opening?.kind !== 'proxy') return false;
  const reply = replyTo(session, opening.turn);
  return reply !== null && reply.code >= 400;
}
