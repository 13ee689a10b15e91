/**
 * What the path did to a connection, by TCP alone: large segments that vanish, a RST that its sender did not send, a
 * window that stays shut. Found once a session: the rules about them ask, and those about what follows from them, so that
 * a symptom is not told beside its cause.
 */
import type { HalfFacts, ZeroWindow } from '../reassembly/transport-facts.ts';
import { Fact, type Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { secondsBetween } from './words.ts';

export type Side = 'client' | 'server';

const SIDES: readonly Side[] = ['client', 'server'];

export function otherSide(side: Side): Side {
  return side === 'client' ? 'server' : 'client';
}

/** Full-size segments of one side that never arrive, while its smaller ones do (RFC 2923 §2.1). */
export interface BlackHole {
  readonly from: Side;
  /** Payload of the segment that was sent again and again. */
  readonly segmentBytes: number;
  /** What this side may put into one segment, by the other's SYN; 0 where that was not captured. */
  readonly mss: number;
  readonly times: number;
  readonly seconds: number;
  readonly firstFrame: number;
  readonly offset: number;
  /** Payload of the largest piece that was acknowledged, at most: all that came through is no larger. */
  readonly passedBytes: number;
}

/** A RST that does not look like the other packets of its sender. */
export interface ForeignReset {
  readonly from: Side;
  /** `ttl`: another distance; `id`: another way of counting; `early`: sooner than the sender could know. */
  readonly sign: 'ttl' | 'id' | 'early';
  readonly ttl: number;
  readonly rstTtl: number;
  readonly frame: number;
  /** From the last thing that the other side said; NaN when unknown. */
  readonly secondsAfter: number;
  /** What the other side had said last; null when nothing. */
  readonly trigger: Turn | null;
}

export interface PathTrouble {
  readonly blackHole: BlackHole | null;
  readonly foreignReset: ForeignReset | null;
}

const NONE: PathTrouble = { blackHole: null, foreignReset: null };

/** Resent so often, a segment is not lost by chance. */
const RESENT = 3;
/** TCP options take at most so much of a segment (RFC 9293 §3.1). */
const OPTION_BYTES = 40;
/** Without the SYN: fewer bytes than these fit through any path (IPv6 has 1280 at least, RFC 8200 §5). */
const LARGE_BYTES = 1180;
/** A route may change by one hop while a connection lasts. */
const TTL_STEPS = 2;
/** A window that is shut for so long is a finding (zero-window-stall); shorter times are how TCP slows a sender down. */
export const STALLED_SECONDS = 5;
/** Round trips below this are too short to be compared. */
const FAR_SECONDS = 0.01;

let lastSession: Session | null = null;
let lastTrouble: PathTrouble = NONE;

export function pathTrouble(session: Session): PathTrouble {
  if (session !== lastSession) {
    const calm = (session.facts & Fact.transport) === 0;
    lastTrouble = calm ? NONE : { blackHole: findBlackHole(session), foreignReset: findForeignReset(session) };
    lastSession = session;
  }
  return lastTrouble;
}

/** Whether somebody else may have closed first than the capture shows: a FIN is missing, or its packets are in disorder. */
export function isCloseDoubtful(session: Session): boolean {
  return session.transport.closing !== 'none' && (lacksFirstFin(session) || isDisordered(session));
}

/** The other side’s FIN was not captured: it was acknowledged, as one byte more than there were. */
function lacksFirstFin({ transport }: Session): boolean {
  const other = transport.closing.startsWith('client') ? transport.server : transport.client;
  return other.fin === null && other.ackedBytes > other.bytes + other.missingBytes;
}

/** Turns stand in the order of the dialogue; their packets came in another one, or behind their sender’s close. */
function isDisordered({ transport, turns }: Session): boolean {
  const closer = transport.closing.startsWith('client') ? 'client' : 'server';
  let before: Turn | null = null;
  for (const turn of turns) {
    if (turn.from === closer && turn.capture === turns[0]?.capture && turn.frame > transport.closedFrame) return true;
    if (before !== null && turn.capture === before.capture && turn.frame < before.frame) return true;
    before = turn;
  }
  return false;
}

/** The window of this side is shut when the connection ends, and has been for a while: what the other sends waits for it. */
export function shutWindow(session: Session, side: Side): ZeroWindow | null {
  const { zeroWindow } = session.transport[side];
  return zeroWindow?.isOpen === true && zeroWindow.longestSeconds >= STALLED_SECONDS ? zeroWindow : null;
}

function findBlackHole(session: Session): BlackHole | null {
  for (const from of SIDES) {
    const half = session.transport[from];
    const repeated = half.mostRepeated;
    if (repeated === null || repeated.times < RESENT || repeated.acknowledged) continue;
    const mss = mssOf(session, from);
    const isFull = mss > 0 ? repeated.length >= mss - OPTION_BYTES : repeated.length >= LARGE_BYTES;
    if (!isFull || half.ackedBytes <= 0 || half.ackedBytes > repeated.offset) continue;
    const passedBytes = largestBefore(session, from, repeated.offset);
    if (passedBytes >= repeated.length) continue;
    return {
      from,
      segmentBytes: repeated.length,
      mss: Math.max(0, mss),
      times: repeated.times,
      seconds: repeated.seconds,
      firstFrame: repeated.firstFrame,
      offset: repeated.offset,
      passedBytes,
    };
  }
  return null;
}

/** What one side may put into a segment: the other’s offer, its own where that is smaller; -1 when not captured. */
function mssOf({ transport }: Session, from: Side): number {
  const { clientMss, serverMss } = transport;
  const offered = from === 'client' ? serverMss : clientMss;
  const own = from === 'client' ? clientMss : serverMss;
  return own > 0 && offered > 0 ? Math.min(own, offered) : offered;
}

/** The most that this side put into one packet in front of `offset`, at most: what began in one packet counts together. */
function largestBefore(session: Session, from: Side, offset: number): number {
  let largest = 0;
  let together = 0;
  let frame = -1;
  for (const turn of session.turns) {
    if (turn.from !== from || turn.offset >= offset) continue;
    const bytes = Math.min(turn.offset + turn.bytes, offset) - turn.offset;
    together = turn.frame === frame ? together + bytes : bytes;
    frame = turn.frame;
    largest = Math.max(largest, together);
  }
  return largest;
}

function findForeignReset(session: Session): ForeignReset | null {
  const { transport } = session;
  const { closing, opening } = transport;
  if (opening === 'refused' || (closing !== 'client-rst' && closing !== 'server-rst')) return null;
  const from: Side = closing === 'client-rst' ? 'client' : 'server';
  const half = transport[from];
  const { rst } = half;
  // A reset behind QUIT is how many clients end; before the server’s first byte it has a finding of its own.
  if (rst === null || transport.server.bytes === 0 || saidQuit(session)) return null;
  const trigger = session.turns.findLast((turn) => turn.from === otherSide(from)) ?? null;
  const secondsAfter = trigger === null ? Number.NaN : secondsBetween(trigger.endTimeUs, rst.us);
  const sign = signOf(session, from, half, trigger, secondsAfter);
  if (sign === null) return null;
  return { from, sign, ttl: half.ttl, rstTtl: half.rstTtl, frame: half.rstFrame, secondsAfter, trigger };
}

function signOf(
  session: Session,
  from: Side,
  half: HalfFacts,
  trigger: Turn | null,
  secondsAfter: number,
): ForeignReset['sign'] | null {
  if (half.ttl >= 0 && half.rstTtl >= 0 && Math.abs(half.ttl - half.rstTtl) >= TTL_STEPS) return 'ttl';
  // Systems that number nothing (RFC 6864 §4.1) number no RST either; the other way round it is common.
  if (half.dataSegments > 1 && half.lastIpId === 0 && half.rstIpId > 0) return 'id';
  return from === 'server' && isTooEarly(session, trigger, secondsAfter) ? 'early' : null;
}

/**
 * A server answers what it was asked no sooner than its SYN/ACK came behind the SYN. Only where the client had been silent
 * for that long before: else the RST may answer something older.
 */
function isTooEarly(session: Session, trigger: Turn | null, secondsAfter: number): boolean {
  const { synAck, lastSyn, synCount } = session.transport;
  if (trigger === null || synAck === null || lastSyn === null || synCount !== 1) return false;
  const away = secondsBetween(lastSyn.us, synAck.us);
  const before = session.turns[trigger.index - 1];
  if (!(away >= FAR_SECONDS) || before === undefined || before.from === 'client') return false;
  const silent = secondsBetween(before.endTimeUs, trigger.timeUs);
  return trigger.kind === 'command' && silent >= 2 * away && secondsAfter >= 0 && secondsAfter < away / 2;
}

export function saidQuit(session: Session): boolean {
  return session.turns.some(({ verb }) => verb === 'QUIT');
}
