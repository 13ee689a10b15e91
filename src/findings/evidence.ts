/** Evidence in the forms that rules need again and again. */
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import type { Evidence } from './rule.ts';

/** The bytes of a turn. */
export function turnShows(turn: Turn, note: string): Evidence {
  return { turn: turn.index, frame: turn.frame, direction: turn.from, offset: turn.offset, length: turn.bytes, note };
}

/** A packet without payload: SYN, FIN, RST, ICMP. Frame 0 means that it was not captured. */
export function packetShows(frame: number, direction: Evidence['direction'], note: string): Evidence {
  return { turn: null, frame: frame === 0 ? null : frame, direction, offset: 0, length: 0, note };
}

/** The packet that began the close of a connection; empty when there was none. */
export function closeShows(session: Session, note: string): readonly Evidence[] {
  const { closing, closedFrame } = session.transport;
  if (closing === 'none') return [];
  return [packetShows(closedFrame, closing.startsWith('client') ? 'client' : 'server', note)];
}

/** Stream bytes that no turn is named for; the turn that holds them where there is one. */
export function bytesShow(
  session: Session,
  direction: Evidence['direction'],
  frame: number,
  offset: number,
  length: number,
  note: string,
): Evidence {
  const turn = session.turns.find((t) => t.from === direction && t.offset <= offset && offset < t.offset + t.bytes);
  return { turn: turn?.index ?? null, frame: frame === 0 ? null : frame, direction, offset, length, note };
}
