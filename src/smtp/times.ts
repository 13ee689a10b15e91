/**
 * Where a session's time went. The silence before a turn is time that the other side spent waiting for the one that
 * breaks it. Of a silence in which the speaker changes, as much is network as the handshake took on that side of the
 * capture: SYN to SYN/ACK towards the server, SYN/ACK to ACK towards the client (what RFC 9293 §3.5 exchanges at once,
 * without thinking). The rest is thinking. The time from a turn's first byte to its last belongs to who sent it.
 */
import type { Direction, Instant, TransportFacts } from '../reassembly/transport-facts.ts';
import type { Session } from './session.ts';
import type { Turn } from './turn.ts';

/** The silence that a turn ends, in seconds. */
export interface Wait {
  readonly turn: Turn;
  /** Who was waited for: who sent the turn. The other side waited. */
  readonly for: Direction;
  readonly seconds: number;
  /** Of these, on the way to the one waited for and back, as measured by the handshake; 0 where that was not captured. */
  readonly networkSeconds: number;
  /** The rest. */
  readonly thinkingSeconds: number;
}

/** Seconds; together they are the session's duration. */
export interface SessionTimes {
  /** The client thought, or sent. */
  readonly clientSeconds: number;
  /** The server thought, or sent. */
  readonly serverSeconds: number;
  /** Handshake, round trips, and the packets that end the connection. */
  readonly networkSeconds: number;
}

/** The wait before each turn, in the order of the turns; a gap ends no silence. Empty where packets have no times. */
export function waitsOf(session: Session): readonly Wait[] {
  const waits: Wait[] = [];
  walk(session, (turn, seconds, networkSeconds) => {
    waits.push({ turn, for: turn.from, seconds, networkSeconds, thinkingSeconds: seconds - networkSeconds });
  });
  return waits;
}

/** Null where packets have no times, or times that run backwards. */
export function timesOf(session: Session): SessionTimes | null {
  const whole = secondsFrom(session.start, session.end);
  if (!(whole >= 0)) return null;
  const side = { client: 0, server: 0 };
  const until = walk(session, (turn, seconds, networkSeconds, spoken) => {
    side[turn.from] += seconds - networkSeconds + spoken;
  });
  const { closed } = session.transport;
  if (isSpoken(session)) {
    const silence = secondsFrom(session.start, closed ?? session.end) - until;
    if (silence > 0) side[lastWaitedFor(session)] += silence;
  }
  const clientSeconds = exact(Math.min(side.client, whole));
  const serverSeconds = exact(Math.min(side.server, whole - clientSeconds));
  return { clientSeconds, serverSeconds, networkSeconds: exact(Math.max(0, whole - clientSeconds - serverSeconds)) };
}

/** Somebody could speak: without a handshake all time is the network's. */
function isSpoken({ transport, turns }: Session): boolean {
  return transport.established !== null || turns.length > 0;
}

/** Whose turn it was when the connection ended: the server's, where it owed a greeting or a reply; else who closed. */
function lastWaitedFor({ turns, transport }: Session): Direction {
  const last = turns.findLast(({ kind }) => kind !== 'gap');
  if (last === undefined) return 'server';
  const isOwed = last.from === 'client' && last.answeredBy < 0 && last.kind !== 'tls' && last.kind !== 'unparsed';
  if (isOwed) return 'server';
  return transport.closing.startsWith('server') ? 'server' : 'client';
}

/**
 * Calls `each` with the silence before a turn, how much of it is network, and how long the turn took to be sent, as far
 * as nothing else was sent meanwhile. Returns how many seconds of the session have passed then.
 */
function walk(
  { start, turns, transport }: Session,
  each: (turn: Turn, seconds: number, networkSeconds: number, spokenSeconds: number) => void,
): number {
  const begin = transport.established ?? start;
  let until = secondsFrom(start, begin);
  if (!(until >= 0)) return 0;
  // The greeting is the first that is waited for.
  let last: Direction = 'client';
  for (const turn of turns) {
    if (turn.kind === 'gap') continue;
    const first = secondsSince(start, turn.timeUs, turn.timeNanos);
    const end = secondsSince(start, turn.endTimeUs, turn.endTimeNanos);
    if (Number.isNaN(first) || Number.isNaN(end)) continue;
    const silence = Math.max(0, first - until);
    const network = turn.from === last ? 0 : Math.min(silence, roundTrip(transport, turn.from));
    const spokenFrom = Math.max(until, first);
    each(turn, silence, network, Math.max(0, end - spokenFrom));
    until = Math.max(until, first, end);
    last = turn.from;
  }
  return until;
}

/** From the point of capture to that side and back; 0 where it was not captured. */
function roundTrip({ lastSyn, synAck, established }: TransportFacts, side: Direction): number {
  const from = side === 'server' ? lastSyn : synAck;
  const to = side === 'server' ? synAck : established;
  if (from === null || to === null) return 0;
  const seconds = secondsFrom(from, to);
  return seconds > 0 ? seconds : 0;
}

function secondsFrom(from: Instant, to: Instant): number {
  return secondsSince(from, to.us, to.nanos);
}

function secondsSince(from: Instant, us: number, nanos: number): number {
  return (us - from.us) / 1e6 + (nanos - from.nanos) / 1e9;
}

/** Sums of microseconds as they are written, to the nanosecond. */
function exact(seconds: number): number {
  return Math.round(seconds * 1e9) / 1e9;
}
