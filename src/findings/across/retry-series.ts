/** `retry-series`: one client tries one server again and again, at growing or equal intervals, and it ends alike. */
import type { Endpoint, Outcome, Session } from '../../smtp/session.ts';
import { defineCrossRule, postconf, rfc } from '../rule.ts';
import { count, duration } from '../words.ts';
import { type Collector, crossFinding, EVERY_SESSION } from './collector.ts';

/** Pairs of client and server remembered; those that come later are not looked at. */
const SERIES = 4096;
/** Tries remembered of one series. */
const TRIES = 32;
const FEWEST_TRIES = 3;
/** Tries closer together are one attempt with several connections. */
const SHORTEST_SECONDS = 10;
/** An interval may be this much shorter than the one before it and still count as equal. */
const TOLERANCE = 0.9;

/** How a try that has to be repeated ends. */
const FAILED: ReadonlySet<Outcome> = new Set([
  'not-connected',
  'authentication-failed',
  'rejected',
  'deferred',
  'no-greeting',
  'aborted',
]);

interface Data {
  readonly client: string;
  readonly server: string;
  readonly outcome: Outcome;
  readonly tries: number;
  readonly firstSeconds: number;
  readonly lastSeconds: number;
}

export const retrySeries = defineCrossRule<Data>({
  id: 'retry-series',
  title: 'One client tries again and again, with the same result',
  scope: 'sessions',
  severity: 'notice',
  confidence: 'likely',
  actor: 'client',
  message: ({ client, server, outcome, tries, firstSeconds, lastSeconds }) =>
    `${client} tried ${server} ${count(tries, 'time')}, ${
      Math.abs(firstSeconds - lastSeconds) < firstSeconds * 0.1
        ? `every ${duration(firstSeconds)}`
        : `first after ${duration(firstSeconds)}, then after ${duration(lastSeconds)}`
    }, and each try ended alike: ${outcome}`,
  explanation: `Growing or equal intervals are those of a mail queue: the same mail waits and is tried again. Postfix begins with 300 s (1000 s before version 2.4) and goes up to 4000 s. As long as nothing is changed, the next try ends like the last, and the mail is returned when its time in the queue is over.

That it is one mail is likely, not certain: the sessions do not always show it.`,
  falseAlarms: ['A monitor that looks at a fixed interval and always meets the same error is periodic too.'],
  causes: () => [
    'The cause is that of the single session: see its finding.',
    'A monitor or device that repeats one request.',
  ],
  remedies: () => [
    {
      applies: 'Postfix',
      text: 'Mend what the single session shows, then try at once instead of waiting.',
      commands: ['postqueue -p', 'postqueue -f'],
    },
    {
      applies: 'Exim',
      text: 'See the queue and the retry times, then force a try.',
      commands: ['exim -bp', 'exinext mail.example.net', 'exim -qff'],
    },
  ],
  references: [rfc(5321, '4.5.4.1'), postconf('minimal_backoff_time')],
});

interface Try {
  readonly session: number;
  readonly startUs: number;
}

interface Series {
  readonly client: string;
  readonly server: Endpoint;
  outcome: Outcome;
  tries: Try[];
}

export function collectRetrySeries(): Collector {
  const series = new Map<number, Series>();

  function seriesOf(session: Session, key: number): Series | null {
    const one = series.get(key);
    if (one !== undefined) return isOf(one, session) ? one : null;
    if (series.size >= SERIES) return null;
    const made: Series = {
      client: session.client.address,
      server: session.server,
      outcome: session.outcome,
      tries: [],
    };
    series.set(key, made);
    return made;
  }

  /** A try that did not fail ends a series; one that is long enough already is kept and told. */
  function forget(session: Session, key: number): void {
    const one = series.get(key);
    if (one !== undefined && isOf(one, session) && !isSeries(one.tries)) series.delete(key);
  }

  return {
    on: EVERY_SESSION,
    see(session, _findings, keys) {
      const key = (Math.imul(keys.client, 31) + Math.imul(keys.server, 17) + session.server.port) | 0;
      if (!FAILED.has(session.outcome)) {
        if (series.size > 0) forget(session, key);
        return;
      }
      if (Number.isNaN(session.start.us)) return;
      const one = seriesOf(session, key);
      if (one === null) return;
      if (one.outcome !== session.outcome) {
        // A longer run that is over is kept; a short one makes room.
        if (isSeries(one.tries)) return;
        one.outcome = session.outcome;
        one.tries = [];
      }
      if (one.tries.length < TRIES) one.tries.push({ session: session.id, startUs: session.start.us });
    },
    finish: () =>
      [...series.values()].flatMap(({ client, server, outcome, tries }) => {
        if (!isSeries(tries)) return [];
        const gaps = intervals(tries);
        const data: Data = {
          client,
          server: `${server.address} port ${server.port}`,
          outcome,
          tries: tries.length,
          firstSeconds: gaps[0] ?? 0,
          lastSeconds: gaps.at(-1) ?? 0,
        };
        return [crossFinding(retrySeries, { data, sessions: tries.map(({ session }) => session) })];
      }),
  };
}

/** Two pairs of addresses of one hash: the one that came first is looked at. */
function isOf({ client, server }: Series, session: Session): boolean {
  return (
    server.port === session.server.port &&
    client === session.client.address &&
    server.address === session.server.address
  );
}

function intervals(tries: readonly Try[]): number[] {
  const starts = tries.map(({ startUs }) => startUs).sort((a, b) => a - b);
  return starts.slice(1).map((start, i) => (start - (starts[i] as number)) / 1e6);
}

function isSeries(tries: readonly Try[]): boolean {
  if (tries.length < FEWEST_TRIES) return false;
  const gaps = intervals(tries);
  return gaps.every((gap, i) => gap >= SHORTEST_SECONDS && (i === 0 || gap >= (gaps[i - 1] as number) * TOLERANCE));
}
