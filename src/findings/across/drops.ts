/**
 * `drops`: the capture lost packets. Certain when the file's own counters say so; likely when the holes of many
 * sessions lie in one moment: a network loses packets of one connection, a capture that is too slow loses all.
 */
import { Fact, type Session } from '../../smtp/session.ts';
import { packetShows } from '../evidence.ts';
import { CAPTURE_WHOLE } from '../remedies.ts';
import { type CrossFinding, defineCrossRule, type Evidence } from '../rule.ts';
import { count } from '../words.ts';
import { type CaptureQuality, type Collector, crossFinding, MOST_SESSIONS } from './collector.ts';

/** Sessions with a hole in the same moment that are called many. */
const MANY = 4;
const MOMENT_US = 1e6;
/** Moments remembered; the oldest is forgotten. */
const MOMENTS = 4096;

interface Data {
  readonly capture: string;
  /** By the file's counters; 0 when it does not say. */
  readonly dropped: number;
  readonly sessions: number;
}

export const drops = defineCrossRule<Data>({
  id: 'drops',
  title: 'The capture lost packets',
  scope: 'capture',
  severity: 'warning',
  confidence: 'certain',
  actor: null,
  message: ({ capture, dropped, sessions }) =>
    dropped > 0
      ? `${capture}: ${count(dropped, 'packet')} were dropped while it was made, by its own counters`
      : `${capture}: ${count(sessions, 'session')} have holes within one second: the capture lost packets there`,
  explanation: `The machine that captured could not keep up, and packets that were on the wire are not in the file. The mail is not concerned; what can be said about it is. Every session with a hole says so itself, and findings that lean on missing bytes are less sure or withheld.

The counters of the file make it certain. Without them, holes of many sessions in one moment make it likely: a lossy network loses packets of one connection or another, and TCP repeats them.`,
  falseAlarms: ['A file of which somebody removed packets on purpose, by a filter or a tool.'],
  causes: () => [
    'The capture’s buffer was too small or its disk too slow for a burst.',
    'The mirror port carries more than its link can take.',
  ],
  remedies: () => [
    CAPTURE_WHOLE,
    {
      applies: 'busy links',
      text: 'Let dumpcap write with a large buffer and a filter, and analyse the file afterwards.',
      commands: ['dumpcap -q -i eth0 -s 262144 -B 64 -f "tcp port 25 or tcp port 587" -w mail.pcapng'],
    },
  ],
  references: [{ title: 'dumpcap(1)', url: 'https://www.wireshark.org/docs/man-pages/dumpcap.html' }],
});

interface Moment {
  readonly capture: number;
  readonly ids: number[];
  readonly evidence: Evidence;
  sessions: number;
}

export function collectDrops(): Collector {
  const moments = new Map<string, Moment>();
  const lossy = new Map<number, number[]>();

  function note(session: Session): void {
    const seen = new Set<number>();
    for (const turn of session.turns) {
      const second = Math.floor(turn.timeUs / MOMENT_US);
      if (turn.kind !== 'gap' || Number.isNaN(second) || seen.has(second)) continue;
      seen.add(second);
      const key = `${turn.capture} ${second}`;
      const moment = moments.get(key);
      if (moment === undefined) {
        if (moments.size >= MOMENTS) moments.delete(moments.keys().next().value as string);
        const evidence = packetShows(turn.frame, turn.from, 'bytes before this packet are missing');
        moments.set(key, { capture: turn.capture, ids: [session.id], evidence, sessions: 1 });
      } else {
        moment.sessions++;
        if (moment.ids.length < MOST_SESSIONS) moment.ids.push(session.id);
      }
    }
  }

  return {
    on: Fact.gap,
    see(session) {
      // What the snapshot length cut off is no loss.
      if ((session.facts & Fact.truncated) !== 0) return;
      let ids = lossy.get(session.capture);
      if (ids === undefined) {
        ids = [];
        lossy.set(session.capture, ids);
      }
      if (ids.length < MOST_SESSIONS) ids.push(session.id);
      note(session);
    },
    finish(captures) {
      return captures.flatMap(
        (capture, index) => byCounters(capture, lossy.get(index) ?? []) ?? byHoles(capture, index),
      );
    },
  };

  function byCounters(capture: CaptureQuality, sessions: readonly number[]): CrossFinding[] | null {
    if (capture.dropped === 0) return null;
    const data: Data = { capture: capture.name, dropped: capture.dropped, sessions: sessions.length };
    return [crossFinding(drops, { data, sessions })];
  }

  function byHoles(capture: CaptureQuality, index: number): CrossFinding[] {
    let worst: Moment | null = null;
    for (const moment of moments.values()) {
      if (moment.capture === index && moment.sessions >= MANY && moment.sessions > (worst?.sessions ?? 0))
        worst = moment;
    }
    if (worst === null) return [];
    const data: Data = { capture: capture.name, dropped: 0, sessions: worst.sessions };
    return [crossFinding(drops, { data, sessions: worst.ids, evidence: [worst.evidence], confidence: 'likely' })];
  }
}
