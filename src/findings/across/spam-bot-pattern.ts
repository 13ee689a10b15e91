/**
 * `spam-bot-pattern`: one host writes to many servers in a short time, in the way of software that is no mail server.
 *
 * Every session to port 25 is counted, since only their number makes the pattern: in a table of fixed size, one row a
 * client, numbers only. A closer look, with sets and fingerprints of content, begins when a client has come to CLOSER
 * servers within the time; a host that talks to a few relays never gets there.
 */
import { Fact, type Session } from '../../smtp/session.ts';
import { reachOf } from '../addresses.ts';
import { defineCrossRule, type Finding, rfc } from '../rule.ts';
import { count, list } from '../words.ts';
import { type Collector, crossFinding, EVERY_SESSION, MOST_SESSIONS } from './collector.ts';

const WINDOW_US = 600e6;
/** Servers within WINDOW_US that are too many. */
const MANY = 20;
/** Clients that are counted at a time; two that fall into one row displace each other. A power of two. */
const ROWS = 4096;
/** Servers that a row tells apart, and from which on a client is looked at closely. */
const CLOSER = 10;
/** Clients looked at closely at a time; the one looked at for longest gives way. */
const CLOSE = 64;
/** Servers, names and contents of one client that are told apart in the window. */
const NAMES = 512;
/** Findings. */
const MOST = 20;

/** Sessions that must show a mark, or it says nothing. */
const FEWEST = 10;
const MOST_PART = 0.8;
const CHANGING_NAMES = 3;

type Mark = 'names' | 'no-quit' | 'early' | 'content';

const MARK_WORDS: Readonly<Record<Mark, string>> = {
  names: 'another name in EHLO again and again',
  'no-quit': 'leaving without QUIT',
  early: 'talking before the greeting',
  content: 'one content for all',
};

interface Data {
  readonly client: string;
  readonly servers: number;
  readonly sessions: number;
  readonly marks: readonly Mark[];
}

export const spamBotPattern = defineCrossRule<Data>({
  id: 'spam-bot-pattern',
  title: 'A host behaves like spam software',
  scope: 'sessions',
  severity: 'critical',
  confidence: 'likely',
  actor: 'client',
  message: ({ client, servers, sessions, marks }) =>
    `${client} turned to ${servers} servers on port 25 within 10 min; ${count(sessions, 'session')} looked at closely had the ` +
    `marks of spam software: ${list(marks.map((mark) => MARK_WORDS[mark]))}`,
  explanation: `Mail servers talk to many others too. But they have one name, wait for the greeting, and say QUIT. A host that turns to twenty servers and more within ten minutes, and shows two of these marks at least (changing names in EHLO, no QUIT, talking before the greeting, one content for everybody), is most likely infected or misused. Its address, and often its whole network, will be blocked elsewhere.

That it behaved so is what the capture shows. What runs on it is likely, not certain.`,
  falseAlarms: [
    'A program that sends a newsletter straight to the recipients’ servers and closes without QUIT.',
    'Several mail servers of different names behind one address (NAT), together with another mark.',
    'A scanner that looks at many servers and sends no mail is not raised.',
  ],
  causes: () => [
    'The host, or one behind it (NAT), is infected by spam software.',
    'A web application on it was broken into, and a script sends by itself.',
    'A bulk mailer that does without a mail server.',
  ],
  remedies: () => [
    {
      applies: 'the network, at once',
      text: 'Let only the mail servers out on port 25; all others use a relay on 587.',
      commands: [
        'nft add rule inet filter forward ip saddr != 192.0.2.25 tcp dport 25 counter reject',
        'iptables -I FORWARD -p tcp --dport 25 ! -s 192.0.2.25 -j REJECT',
      ],
    },
    {
      applies: 'the host',
      text: 'Find the process that opens these connections, then take the host off the network and set it up anew.',
      commands: ['ss -tnp dst :25', 'lsof -nP -iTCP:25'],
    },
    {
      applies: 'the address’s reputation',
      text: 'When it has stopped, ask for removal from the blocklists that name the address.',
      commands: ['host 7.100.51.198.zen.spamhaus.org'],
    },
  ],
  references: [rfc(5068), rfc(5321, '4.1.1.10')],
});

/** A client within its window. */
interface Closer {
  readonly client: string;
  startUs: number;
  readonly servers: Set<number>;
  readonly names: Set<string>;
  readonly contents: Map<number, number>;
  readonly ids: number[];
  sessions: number;
  /** Sessions that greeted and could have said QUIT, that named themselves, that tried to send; messages. */
  greeted: number;
  named: number;
  mails: number;
  messages: number;
  withoutQuit: number;
  early: number;
}

export function collectSpamBotPattern(): Collector {
  const clients: string[] = new Array(ROWS).fill('');
  const starts = new Float64Array(ROWS);
  const seen = new Int32Array(ROWS);
  const servers = new Int32Array(ROWS * CLOSER);
  const closer = new Map<string, Closer>();
  const found = new Map<string, Data & { readonly ids: readonly number[] }>();

  /** Servers of this client so far in its window, this one included. */
  function counted(client: string, row: number, startUs: number, server: number): number {
    if (clients[row] !== client || !(startUs - (starts[row] as number) <= WINDOW_US)) {
      clients[row] = client;
      starts[row] = startUs;
      seen[row] = 0;
    }
    const first = row * CLOSER;
    const known = seen[row] as number;
    for (let i = 0; i < known; i++) if (servers[first + i] === server) return known;
    if (known < CLOSER) {
      servers[first + known] = server;
      seen[row] = known + 1;
    }
    return Math.min(known + 1, CLOSER);
  }

  function lookCloser(client: string, row: number): Closer {
    const one: Closer = {
      client,
      startUs: starts[row] as number,
      servers: new Set(servers.subarray(row * CLOSER, row * CLOSER + (seen[row] as number))),
      names: new Set(),
      contents: new Map(),
      ids: [],
      sessions: 0,
      greeted: 0,
      named: 0,
      mails: 0,
      messages: 0,
      withoutQuit: 0,
      early: 0,
    };
    if (closer.size >= CLOSE) closer.delete(closer.keys().next().value as string);
    closer.set(client, one);
    return one;
  }

  return {
    on: EVERY_SESSION,
    see(session, findings, keys) {
      if (session.server.port !== 25 || Number.isNaN(session.start.us)) return;
      const { address } = session.client;
      const { server } = keys;
      const row = keys.client & (ROWS - 1);
      const many = counted(address, row, session.start.us, server) >= CLOSER;
      if (!many && closer.size === 0) return;
      let one = closer.get(address);
      if (one !== undefined && !(session.start.us - one.startUs <= WINDOW_US)) {
        closer.delete(address);
        one = undefined;
      }
      if (one === undefined) {
        if (!many || reachOf(address) === 'loopback') return;
        one = lookCloser(address, row);
      }
      look(one, session, server, findings);
      if (one.servers.size < MANY) return;
      const marks = marksOf(one);
      if (marks.length < 2) return;
      const before = found.get(address);
      if (before === undefined ? found.size >= MOST : before.servers > one.servers.size) return;
      const data = { client: address, servers: one.servers.size, sessions: one.sessions, marks };
      found.set(address, { ...data, ids: one.ids });
    },
    finish: () => [...found.values()].map((data) => crossFinding(spamBotPattern, { data, sessions: data.ids })),
  };
}

function look(one: Closer, session: Session, server: number, findings: readonly Finding[]): void {
  one.sessions++;
  if (one.ids.length < MOST_SESSIONS) one.ids.push(session.id);
  if (one.servers.size < NAMES) one.servers.add(server);
  if ((session.facts & Fact.mailCommand) !== 0) one.mails++;
  if (findings.some(({ rule }) => rule === 'early-talker')) one.early++;
  if (session.hello !== null) {
    one.named++;
    if (one.names.size < NAMES) one.names.add(session.hello.name.toLowerCase());
  }
  // Inside TLS or in a hole the QUIT cannot be seen; a server that closes first leaves no time for it.
  const isOpen =
    (session.facts & Fact.gap) === 0 &&
    session.encryption === null &&
    session.greeting !== null &&
    session.greeting.code < 400;
  if (isOpen && session.endCaptured && session.transport.closing.startsWith('client')) {
    one.greeted++;
    if (!session.turns.some(({ verb }) => verb === 'QUIT')) one.withoutQuit++;
  }
  for (const { message } of session.transactions) {
    if (message === null || message.head.length === 0) continue;
    one.messages++;
    const content = message.bodyPrint;
    if (one.contents.size < NAMES || one.contents.has(content)) {
      one.contents.set(content, (one.contents.get(content) ?? 0) + 1);
    }
  }
}

/** None without tries to send mail: a scanner leaves without QUIT too. */
function marksOf(one: Closer): Mark[] {
  const marks: Mark[] = [];
  if (one.mails < FEWEST) return marks;
  if (one.named >= FEWEST && one.names.size >= Math.max(CHANGING_NAMES, one.named / 4)) marks.push('names');
  if (one.greeted >= FEWEST && one.withoutQuit >= one.greeted * MOST_PART) marks.push('no-quit');
  if (one.sessions >= FEWEST && one.early * 2 >= one.sessions) marks.push('early');
  if (one.messages >= FEWEST && Math.max(...one.contents.values()) >= one.messages * MOST_PART) marks.push('content');
  return marks;
}
