/**
 * The client that leaves straight after the reply to its EHLO: what `ehlo-quit-auth-offered` and `ehlo-quit-no-auth`
 * have in common. Both ask for the same thing to be certain: the client said one EHLO and nothing else, saw the whole
 * reply, and went away by itself.
 */
import type { EhloOffer, Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { closeShows, turnShows } from './evidence.ts';
import { isServersOwnName } from './helo.ts';
import type { History } from './history.ts';
import type { Evidence } from './rule.ts';
import { isScanner } from './scanners.ts';
import { duration, secondsBetween } from './words.ts';

/** A program decides in milliseconds; who takes this long is a person at a keyboard, or something that waits. */
const HUMAN_PAUSE_SECONDS = 1;
const LONG_PAUSE_SECONDS = 3;

export interface EarlyLeave {
  readonly name: string;
  readonly port: number;
  readonly how: 'quit' | 'fin' | 'rst';
  /** From the end of the server's reply to the client's leaving; NaN when unknown. */
  readonly pauseSeconds: number;
  /** In capitals, each once; of `AUTH ` and `AUTH=` together. */
  readonly mechanisms: readonly string[];
  readonly authOffered: boolean;
  readonly startTlsOffered: boolean;
  /** The SIZE limit on offer; 0 when there is none. */
  readonly sizeLimit: number;
  /** The server greeted the client with the client's own name. */
  readonly loop: boolean;
  /** The largest message of this client that another session delivered. */
  readonly largestMessage: number;
  /** What explains it harmlessly: then it is a notice. */
  readonly harmless: 'scanner' | 'login-elsewhere' | 'person' | null;
  readonly evidence: readonly Evidence[];
}

/** Null unless the client said one EHLO, got a complete 250, and left of its own accord after it. */
export function leftAfterEhlo(session: Session, history: History): EarlyLeave | null {
  const offer = session.offers[0];
  if (offer === undefined || session.offers.length !== 1 || session.encryption !== null) return null;
  if (!offer.complete || offer.reply.code !== 250 || offer.command.verb !== 'EHLO') return null;
  if (session.greeting !== null && session.greeting.code !== 220) return null;
  let quit: Turn | null = null;
  for (const turn of session.turns) {
    if (turn.from === 'client') {
      if (turn === offer.command) continue;
      if (turn.kind !== 'command' || turn.verb !== 'QUIT' || quit !== null) return null;
      quit = turn;
    } else if (turn.kind === 'gap' && turn.index > offer.command.index && turn.index < offer.reply.index) {
      // The beginning of the reply may be missing, and what was on offer with it.
      return null;
    } else if (turn.index > offer.reply.index && (quit === null || turn.index < quit.index)) {
      // The server said something more before the client left: it was sent away, or something is missing.
      return null;
    }
  }
  const replyEnd = offer.reply.offset + offer.reply.bytes;
  const leave = quit === null ? closedByClient(session, replyEnd) : saidQuit(session, quit, offer.reply, replyEnd);
  return leave === null ? null : describe(session, history, offer, quit, leave);
}

interface Leave {
  readonly how: EarlyLeave['how'];
  readonly timeUs: number;
}

/** QUIT counts when it was sent after the reply had arrived: its packet acknowledges the whole reply. */
function saidQuit(session: Session, quit: Turn, reply: Turn, replyEnd: number): Leave | null {
  if (quit.acked >= 0 ? quit.acked < replyEnd : quit.timeUs <= reply.endTimeUs) return null;
  const { fin, rst } = session.transport.server;
  if ((fin !== null && fin.us < quit.timeUs) || (rst !== null && rst.us < quit.timeUs)) return null;
  return { how: 'quit', timeUs: quit.timeUs };
}

function closedByClient(session: Session, replyEnd: number): Leave | null {
  const { closing, closed, server } = session.transport;
  if ((closing !== 'client-fin' && closing !== 'client-rst') || server.ackedBytes < replyEnd) return null;
  return { how: closing === 'client-fin' ? 'fin' : 'rst', timeUs: closed?.us ?? Number.NaN };
}

function describe(session: Session, history: History, offer: EhloOffer, quit: Turn | null, leave: Leave): EarlyLeave {
  const mechanisms = offeredMechanisms(offer);
  const pauseSeconds = secondsBetween(offer.reply.endTimeUs, leave.timeUs);
  const name = session.hello?.name ?? '';
  return {
    name,
    port: session.server.port,
    how: leave.how,
    pauseSeconds,
    mechanisms,
    authOffered: offer.extensions.has('AUTH') || offer.extensions.has('AUTH='),
    startTlsOffered: offer.extensions.has('STARTTLS'),
    sizeLimit: Number(offer.extensions.get('SIZE')?.[0] ?? 0) || 0,
    loop: isServersOwnName(session),
    largestMessage: history.largestMessage(session.client.address),
    harmless: harmlessReason(session, history, offer, name, pauseSeconds),
    evidence: [
      turnShows(offer.reply, offerNote(mechanisms)),
      ...(quit === null ? closeShows(session, 'the client closes') : [turnShows(quit, 'the client leaves')]),
    ],
  };
}

function harmlessReason(
  session: Session,
  history: History,
  offer: EhloOffer,
  name: string,
  pauseSeconds: number,
): EarlyLeave['harmless'] {
  if (isScanner(name)) return 'scanner';
  if (history.loginDuring(session.client.address, session.start.us, session.end.us) !== null) return 'login-elsewhere';
  const roundTrip = session.transport.roundTripSeconds ?? 0;
  const pause = pauseSeconds - roundTrip;
  const before =
    session.greeting === null ? 0 : secondsBetween(session.greeting.endTimeUs, offer.command.timeUs) - roundTrip;
  const typed = pause > HUMAN_PAUSE_SECONDS && before > HUMAN_PAUSE_SECONDS;
  return typed || pause > LONG_PAUSE_SECONDS ? 'person' : null;
}

function offeredMechanisms(offer: EhloOffer): string[] {
  const all = [...(offer.extensions.get('AUTH') ?? []), ...(offer.extensions.get('AUTH=') ?? [])];
  return [...new Set(all.map((mechanism) => mechanism.toUpperCase()))].filter((mechanism) => mechanism !== '');
}

function offerNote(mechanisms: readonly string[]): string {
  return mechanisms.length === 0 ? 'the server’s offer' : `AUTH is on offer: ${mechanisms.join(' ')}`;
}

/** `left with QUIT 3 ms later`, and what makes it harmless. */
export function leavingWords(leave: EarlyLeave): string {
  const how = { quit: 'left with QUIT', fin: 'closed the connection', rst: 'reset the connection' }[leave.how];
  return Number.isNaN(leave.pauseSeconds) ? how : `${how} ${duration(leave.pauseSeconds)} later`;
}

export function harmlessWords(leave: EarlyLeave): string {
  if (leave.harmless === 'scanner') return '; its name is that of a scanner or monitor';
  if (leave.harmless === 'login-elsewhere') return '; the same client was logged in on another connection meanwhile';
  return leave.harmless === 'person' ? '; its pauses are those of a person, not of a program' : '';
}

export function mechanismWords(mechanisms: readonly string[]): string {
  return mechanisms.length === 0 ? 'AUTH without any mechanism' : `AUTH ${mechanisms.join(' ')}`;
}
