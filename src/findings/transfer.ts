/**
 * What became of the last message that was begun: one verdict, so that only one rule speaks of it. A message is begun when
 * DATA got its 354, or with the first BDAT; it is over when its reply came.
 *
 *   no-reply   sent whole, and nobody waited for the reply, or it never came
 *   stall      not whole, and the client fell silent
 *   no-end     not whole, and yet the client behaves as if it were: its end of data is none
 *   lost       not whole, and the connection ends
 */
import { MARK } from '../bytes/kernel/message-scan.ts';
import type { Message, Session, Transaction } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { offerFor, sizeOffered } from './offered-size.ts';
import { isOffByOne } from './opening-words.ts';
import { isCloseDoubtful, pathTrouble, type Side, shutWindow } from './path-trouble.ts';
import { secondsToEnd } from './tls-scene.ts';
import { secondsBetween } from './words.ts';

export type TransferVerdict = 'no-reply' | 'stall' | 'no-end' | 'lost';

export interface Transfer {
  /** Null where another finding says it all, or where it simply still goes on. */
  readonly verdict: TransferVerdict | null;
  readonly transaction: Transaction;
  readonly chunked: boolean;
  /** The last turn that carried it; the reply to DATA where no byte of it came. */
  readonly last: Turn;
  /** Bytes of it that were sent. */
  readonly bytes: number;
  /** Its line ends are bare LFs, some of them. */
  readonly hasBareLf: boolean;
  /** All of what was sent was acknowledged by the server’s system. */
  readonly acknowledged: boolean;
  /** From its last byte until somebody left, or until the capture ends. */
  readonly seconds: number;
  /** Who ended the connection; null when nobody did. */
  readonly closedBy: Side | null;
  readonly isReset: boolean;
  /** The reply that came when the client had already left. */
  readonly lateReply: Turn | null;
  /** From the client’s leaving to that reply. */
  readonly lateSeconds: number;
}

/** A server that gets no more of a message waits for at least three minutes (RFC 5321 §4.5.3.2.5). */
const STALL_SECONDS = 180;
/** A client that waits so long behind its last byte waits for a reply. */
const WAITS_SECONDS = 10;
/** The same where the line ends say already what is wrong. */
const SURELY_WAITS_SECONDS = 2;
/** A QUIT or FIN this long behind the end of data was not sent along with it. */
const LEAVES_SECONDS = 2;

let lastSession: Session | null = null;
let lastTransfer: Transfer | null = null;

/** Null when no message was begun, or when its reply came in time. */
export function openTransfer(session: Session): Transfer | null {
  if (session !== lastSession) {
    lastTransfer = read(session);
    lastSession = session;
  }
  return lastTransfer;
}

function read(session: Session): Transfer | null {
  const transaction = session.transactions.at(-1);
  if (transaction === undefined) return null;
  const { message } = transaction;
  if (message?.complete === true && message.code !== null) return lateReply(session, transaction, message);
  const opener = openerOf(session, transaction);
  if (opener === null || isOffByOne(session)) return null;
  // What did not come may have come in a hole.
  for (let i = opener.index + 1; i < session.turns.length; i++) if (session.turns[i]?.kind === 'gap') return null;
  const answer = session.turns[opener.answeredBy] ?? null;
  const chunked = opener.verb === 'BDAT';
  if (chunked ? answer !== null && answer.code >= 400 : answer?.code !== 354) return null;
  const last = message?.turns.at(-1) ?? (chunked ? opener : (answer as Turn));
  const end = last.from === 'client' ? last.offset + last.bytes : opener.offset + opener.bytes;
  const open = {
    transaction,
    chunked,
    last,
    bytes: message?.bytes ?? 0,
    hasBareLf: message !== null && !chunked && (message.marks & MARK.bareLf) !== 0,
    acknowledged: session.transport.client.ackedBytes >= end,
    ...endOf(session, last),
    lateReply: null,
    lateSeconds: 0,
  };
  return { ...open, verdict: verdictOf(session, open, opener) };
}

/** The DATA or the last BDAT of this transaction, unless something else was asked for afterwards. */
function openerOf(session: Session, { mail, message }: Transaction): Turn | null {
  const { turns } = session;
  for (let i = turns.length - 1; i > mail.index; i--) {
    const turn = turns[i] as Turn;
    if (turn.kind !== 'command') continue;
    if (turn.verb === 'DATA' || turn.verb === 'BDAT') return turn;
    // A message that is whole may be followed by QUIT; in front of one that is not there can be no command.
    if (message?.complete !== true || turn.verb === 'MAIL') return null;
  }
  return null;
}

function endOf(session: Session, last: Turn): Pick<Transfer, 'seconds' | 'closedBy' | 'isReset'> {
  const { closing } = session.transport;
  return {
    seconds: secondsToEnd(session, last.endTimeUs),
    closedBy: closing === 'none' ? null : closing.startsWith('client') ? 'client' : 'server',
    isReset: closing.endsWith('rst'),
  };
}

type Open = Omit<Transfer, 'verdict'>;

function verdictOf(session: Session, open: Open, opener: Turn): TransferVerdict | null {
  const { transaction, chunked, closedBy } = open;
  const { message } = transaction;
  const trouble = pathTrouble(session);
  if (trouble.blackHole?.from === 'client' || (message?.missing ?? 0) > 0) return null;
  if (shutWindow(session, 'server') !== null || isCloseDoubtful(session)) return null;
  const isWhole = message?.complete === true && (!chunked || /\bLAST\b/i.test(opener.argument ?? ''));
  if (isWhole && !leftInside(session, open)) return closedBy === null ? null : 'no-reply';
  const refusal = message?.replies[0] ?? null;
  if (refusal !== null) {
    // The server’s own words say what was wrong, but for those that only say it waited in vain.
    const silent = secondsBetween(open.last.endTimeUs, refusal.timeUs);
    if (!(silent >= STALL_SECONDS)) return null;
    return open.acknowledged && open.hasBareLf ? 'no-end' : 'stall';
  }
  if (closedBy === 'server' && isTooLarge(session, transaction, message)) return null;
  return notWhole(open, trouble.foreignReset !== null);
}

function notWhole(open: Open, isForged: boolean): TransferVerdict | null {
  const { acknowledged, closedBy, seconds, hasBareLf, chunked, isReset } = open;
  if (acknowledged && !isForged) {
    const waits = seconds >= (closedBy === 'client' ? SURELY_WAITS_SECONDS : WAITS_SECONDS);
    if (hasBareLf && waits) return 'no-end';
    if (seconds >= STALL_SECONDS) return 'stall';
    const gaveUp = closedBy === 'client' && !isReset && seconds >= WAITS_SECONDS;
    if (gaveUp && !chunked && open.bytes > 0) return 'no-end';
  }
  return closedBy === null || isForged ? null : 'lost';
}

/** The server had closed before the message was whole. */
function leftInside(session: Session, { closedBy, last }: Open): boolean {
  const { closed } = session.transport;
  return closedBy === 'server' && closed !== null && closed.us < last.endTimeUs;
}

function isTooLarge(session: Session, transaction: Transaction, message: Message | null): boolean {
  const offered = sizeOffered(offerFor(session, transaction));
  return offered > 0 && (message?.bytes ?? 0) > offered;
}

/** The reply came, and the client had left. */
function lateReply(session: Session, transaction: Transaction, message: Message): Transfer | null {
  const { client } = session.transport;
  const reply = message.replies[0];
  const last = message.turns.at(-1);
  if (reply === undefined || last === undefined || (client.fin === null && client.rst === null)) return null;
  const left = leavingOf(session, last);
  if (left === null || !(left.us < reply.timeUs) || left.frame >= reply.frame) return null;
  const waited = secondsBetween(last.endTimeUs, left.us);
  // Who only ends its own direction (shutdown) still reads: nothing but a RST tells that it does not.
  if (waited < LEAVES_SECONDS && client.rst === null) return null;
  return {
    verdict: 'no-reply',
    transaction,
    chunked: session.turns[reply.answers]?.verb === 'BDAT',
    last,
    bytes: message.bytes,
    hasBareLf: false,
    acknowledged: true,
    seconds: waited,
    closedBy: 'client',
    isReset: left.isReset,
    lateReply: reply,
    lateSeconds: secondsBetween(left.us, reply.timeUs),
  };
}

/** When the client left: its FIN or RST, whichever came first. */
function leavingOf(session: Session, last: Turn): { us: number; frame: number; isReset: boolean } | null {
  const { fin, finFrame, rst, rstFrame } = session.transport.client;
  const first = fin === null || (rst !== null && rstFrame < finFrame) ? rst : fin;
  if (first === null || first.us < last.timeUs) return null;
  return { us: first.us, frame: first === fin ? finFrame : rstFrame, isReset: first === rst };
}
