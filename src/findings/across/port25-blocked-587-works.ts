/** `port25-blocked-587-works`: a client gets nowhere on port 25 of several servers, while another port answers it. */
import { type Endpoint, Fact, type Session } from '../../smtp/session.ts';
import { Recent } from '../recent.ts';
import { SUBMIT_THROUGH_RELAY } from '../remedies.ts';
import { defineCrossRule, type Finding, rfc } from '../rule.ts';
import { count, list } from '../words.ts';
import { type Collector, crossFinding, EVERY_SESSION, MOST_SESSIONS } from './collector.ts';

/** Clients with a failed attempt on port 25, twice over at most. */
const CLIENTS = 1024;
/** Servers of one client that are told apart. */
const SERVERS = 32;
/** Clients of which is known that another port answered: a row each, two in one row displace each other. */
const ROWS = 4096;
const FEWEST_SERVERS = 2;
/** The provider’s own relay may answer on port 25 where all others are blocked. */
const MOST_ANSWERING = 1;
/** Findings; those with most servers first. */
const MOST = 20;

/** What a session on port 25 that failed before the greeting is found to be. */
const FAILURES: ReadonlySet<string> = new Set([
  'port25-syn-unanswered',
  'port25-rst-to-syn',
  'connect-icmp-unreachable',
  'drop-before-greeting',
  'greeting-timeout',
]);

const FAILED = Fact.unanswered | Fact.refused | Fact.unreachable | Fact.noServerBytes;

interface Data {
  readonly client: string;
  readonly servers: readonly string[];
  readonly attempts: number;
  readonly answering: Endpoint;
}

export const port25Blocked = defineCrossRule<Data>({
  id: 'port25-blocked-587-works',
  title: 'Port 25 is blocked for this client, another port works',
  scope: 'sessions',
  severity: 'error',
  confidence: 'likely',
  actor: 'network',
  message: ({ client, servers, attempts, answering }) =>
    `${client} got no greeting on port 25 from ${count(servers.length, 'server')} (${list(
      servers.length > 3 ? [...servers.slice(0, 3), 'others'] : servers,
    )}) in ${count(attempts, 'attempt')}, while ${answering.address} answered it on port ${answering.port}`,
  explanation: `One server that does not answer may be down. When several do not, and another port answers the same client, the client’s way out on port 25 is closed: its provider blocks it (outbound port 25 blocking, usual for home connections and by default in clouds), or a firewall does. Mail to other domains stays in the queue for days and then comes back.

The way out is to hand all mail to a relay on the submission port, 587 or 465, with a login.`,
  falseAlarms: [
    'Several servers that are down or moved at the same time, for instance all of one domain.',
    'A client that reaches two servers or more on port 25: nothing is raised.',
  ],
  causes: () => [
    'The provider of the client blocks outgoing port 25.',
    'A firewall of the client’s network lets only its mail server out on port 25, and this client is another.',
    'The servers refuse or drop this client’s network (dynamic addresses, a blocklist in a firewall).',
  ],
  remedies: () => [
    {
      applies: 'anyone, to be sure',
      text: 'Try port 25 of a few large servers, and 587 of the relay, from this very host.',
      commands: ['nc -vz -w 10 smtp.isp.example 25', 'nc -vz -w 10 smtp.isp.example 587'],
    },
    ...SUBMIT_THROUGH_RELAY,
    {
      applies: 'the provider or cloud account',
      text: 'Ask for port 25 to be opened, if this host must deliver by itself; many open it on request.',
      commands: [],
    },
  ],
  references: [rfc(5068), rfc(6409)],
});

interface Blocked {
  readonly client: string;
  readonly failing: Set<string>;
  /** Hashes of the servers that greeted it on port 25. */
  readonly answering: Set<number>;
  readonly ids: number[];
  attempts: number;
  other: Endpoint | null;
  otherSession: number;
}

export function collectPort25Blocked(): Collector {
  const clients = new Recent<number, Blocked>(CLIENTS);
  const rows: (Session['client'] | undefined)[] = new Array(ROWS).fill(undefined);
  const endpoints: (Endpoint | undefined)[] = new Array(ROWS).fill(undefined);
  const sessions = new Int32Array(ROWS);
  /** The same for port 25: a client and the first two servers that greeted it; 0 is none. */
  const greeted = new Int32Array(ROWS);
  const first = new Int32Array(ROWS);
  const second = new Int32Array(ROWS);

  /** An attempt without an answer ends long after the greetings that came at its time: they are noted beforehand. */
  function note(key: number, server: number): void {
    const row = key & (ROWS - 1);
    if (greeted[row] !== key) {
      greeted[row] = key;
      first[row] = server;
      second[row] = 0;
    } else if (first[row] !== server) second[row] = server;
  }

  function greetedBy(key: number): number[] {
    const row = key & (ROWS - 1);
    return greeted[row] === key ? [first[row] as number, second[row] as number].filter((server) => server !== 0) : [];
  }

  /** The server greeted, or began TLS: the connection reached a mail service. */
  function answers(session: Session): boolean {
    return session.greeting !== null || session.encryption !== null;
  }

  function failed(session: Session, key: number): void {
    const { address } = session.client;
    let blocked = clients.get(key);
    if (blocked === undefined) {
      const row = key & (ROWS - 1);
      const isKnown = rows[row]?.address === address;
      blocked = {
        client: address,
        failing: new Set(),
        answering: new Set(greetedBy(key)),
        ids: [],
        attempts: 0,
        other: (isKnown ? endpoints[row] : undefined) ?? null,
        otherSession: isKnown ? (sessions[row] as number) : 0,
      };
      clients.set(key, blocked);
    }
    // Another client of the same hash.
    if (blocked.client !== address) return;
    blocked.attempts++;
    if (blocked.failing.size < SERVERS) blocked.failing.add(session.server.address);
    if (blocked.ids.length < MOST_SESSIONS - 1) blocked.ids.push(session.id);
  }

  return {
    on: EVERY_SESSION,
    see(session, findings, keys) {
      const { server, facts } = session;
      const key = keys.client;
      if (server.port === 25) {
        if ((facts & FAILED) !== 0 && findings.some(isFailure)) failed(session, key);
        else if ((facts & FAILED) === 0 && answers(session)) {
          note(key, keys.server);
          const blocked = clients.isEmpty ? undefined : clients.get(key);
          // One that reaches two is out already.
          if (blocked !== undefined && blocked.answering.size <= MOST_ANSWERING) blocked.answering.add(keys.server);
        }
        return;
      }
      if (!answers(session)) return;
      const row = key & (ROWS - 1);
      rows[row] = session.client;
      endpoints[row] = server;
      sessions[row] = session.id;
      if (clients.isEmpty) return;
      const blocked = clients.get(key);
      if (blocked !== undefined && blocked.other === null && blocked.client === session.client.address) {
        blocked.other = server;
        blocked.otherSession = session.id;
      }
    },
    finish: () =>
      [...clients.values()]
        .filter(
          ({ failing, answering, other }) =>
            other !== null && failing.size >= FEWEST_SERVERS && answering.size <= MOST_ANSWERING,
        )
        .sort((a, b) => b.failing.size - a.failing.size)
        .slice(0, MOST)
        .map(({ client, failing, ids, attempts, other, otherSession }) =>
          crossFinding(port25Blocked, {
            data: { client, servers: [...failing], attempts, answering: other as Endpoint },
            sessions: [...ids, otherSession],
          }),
        ),
  };
}

function isFailure({ rule }: Finding): boolean {
  return FAILURES.has(rule);
}
