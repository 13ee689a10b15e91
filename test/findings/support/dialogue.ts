/**
 * A session from the text of its dialogue, the simplest way: every line its own segment, 10 ms apart, and each side
 * has seen all before it speaks.
 *
 *     S: 220 …        C: EHLO …        a line of the server, of the client
 *     C*: QUIT                         sent before the reply above could be seen
 *     --2.5 s--                        a pause
 *     --gap client 40--                bytes of that side that were not captured
 */
import type { TransportFacts } from '../../../src/reassembly/transport-facts.ts';
import {
  type AuthAttempt,
  type EhloOffer,
  type Encryption,
  type Exchange,
  Fact,
  type Message,
  type Outcome,
  type Recipient,
  type Session,
  type Transaction,
} from '../../../src/smtp/session.ts';
import { Turn } from '../../../src/smtp/turn.ts';
import { at, half, START_US, transport } from './sessions.ts';

type Direction = 'client' | 'server';

export interface Circumstances {
  readonly id?: number;
  readonly client?: string;
  readonly server?: string;
  readonly port?: number;
  readonly startSeconds?: number;
  readonly closing?: TransportFacts['closing'];
  readonly startCaptured?: boolean;
}

interface Mutable<T> {
  value: T;
}

export function talk(text: string, circumstances: Circumstances = {}): Session {
  const turns = read(text, circumstances.startSeconds ?? 0);
  return assemble(turns, circumstances);
}

function read(text: string, startSeconds: number): Turn[] {
  const turns: Turn[] = [];
  const offsets: Record<Direction, number> = { client: 0, server: 0 };
  let seconds = startSeconds + 0.02;
  let message: Turn | null = null;
  let authOpen = false;
  for (const raw of text.split('\n')) {
    const row = raw.trim();
    if (row === '') continue;
    const pause = /^--([\d.]+) s--$/.exec(row);
    if (pause !== null) {
      seconds += Number(pause[1]);
      continue;
    }
    const hole = /^--gap (client|server) (\d+)--$/.exec(row);
    if (hole !== null) {
      const from = hole[1] as Direction;
      push(turns, from, 'gap', Buffer.alloc(0), seconds, offsets, Number(hole[2]), false);
      continue;
    }
    const [, side, early, content = ''] = /^([CS])(\*?): ?(.*)$/.exec(row) as RegExpExecArray;
    const from: Direction = side === 'C' ? 'client' : 'server';
    const bytes = Buffer.from(`${content}\r\n`);
    seconds += 0.01;
    const last = turns.at(-1);
    if (from === 'server' && last?.from === 'server' && last.kind === 'reply' && !last.complete) {
      last.raw = Buffer.concat([last.raw, bytes]);
      last.bytes += bytes.length;
      offsets.server += bytes.length;
      last.complete = !/^\d{3}-/.test(content);
      last.endTimeUs = START_US + Math.round(seconds * 1e6);
      continue;
    }
    if (from === 'server') {
      const reply = push(turns, from, 'reply', bytes, seconds, offsets, bytes.length, early !== '');
      reply.code = Number(content.slice(0, 3)) || 0;
      reply.complete = !/^\d{3}-/.test(content);
      if (reply.code === 354) message = push(turns, 'client', 'message', Buffer.alloc(0), seconds, offsets, 0, false);
      authOpen = reply.code === 334;
      continue;
    }
    if (message !== null) {
      message.raw = content === '.' ? message.raw : Buffer.concat([message.raw, bytes]);
      message.bytes += bytes.length;
      offsets.client += bytes.length;
      if (content === '.') message = null;
      continue;
    }
    const turn = push(turns, from, authOpen ? 'auth' : 'command', bytes, seconds, offsets, bytes.length, early !== '');
    if (authOpen) turn.step = content === '*' ? 'cancel' : 'response';
    else turn.verb = (/^\s*([^\s:]+)/.exec(content)?.[1] ?? '').toUpperCase();
    if (turn.verb === 'AUTH' && content.split(' ').length > 2) turn.step = 'initial';
    authOpen = false;
  }
  // A message turn that nothing filled is one that the client never began.
  return turns.filter((turn) => turn.kind !== 'message' || turn.bytes > 0).map((turn, index) => renumber(turn, index));
}

function renumber(turn: Turn, index: number): Turn {
  turn.index = index;
  turn.frame = index + 4;
  return turn;
}

function push(
  turns: Turn[],
  from: Direction,
  kind: Turn['kind'],
  raw: Buffer,
  seconds: number,
  offsets: Record<Direction, number>,
  bytes: number,
  early: boolean,
): Turn {
  const turn = new Turn();
  turn.from = from;
  turn.kind = kind;
  turn.raw = raw;
  turn.bytes = bytes;
  turn.offset = offsets[from];
  turn.timeUs = START_US + Math.round(seconds * 1e6);
  turn.endTimeUs = turn.timeUs;
  const peer: Direction = from === 'client' ? 'server' : 'client';
  const unseen = turns.findLast((other) => other.from === peer);
  turn.acked = early && unseen !== undefined ? unseen.offset : offsets[peer];
  offsets[from] += bytes;
  turns.push(turn);
  return turn;
}

function assemble(turns: readonly Turn[], circumstances: Circumstances): Session {
  const exchanges: Exchange[] = [];
  const queue: Turn[] = [];
  const greeting: Mutable<Turn | null> = { value: null };
  const midStream = circumstances.startCaptured === false;
  for (const turn of turns) {
    if (turn.from === 'client' && turn.kind !== 'gap') queue.push(turn);
    if (turn.kind !== 'reply') continue;
    if (greeting.value === null && !midStream && exchanges.length === 0) {
      greeting.value = turn;
      exchanges.push({ request: null, reply: turn });
      continue;
    }
    const request = queue.shift();
    if (request === undefined) continue;
    turn.answers = request.index;
    request.answeredBy = turn.index;
    exchanges.push({ request, reply: turn });
  }
  for (const request of queue) exchanges.push({ request, reply: null });
  const offers = offersOf(exchanges);
  const authentication = authenticationOf(exchanges);
  const transactions = transactionsOf(exchanges);
  const hello = helloOf(exchanges);
  const encryption = encryptionOf(exchanges);
  const closing = circumstances.closing ?? 'client-fin';
  const lastUs = turns.at(-1)?.endTimeUs ?? START_US;
  const closed = closing === 'none' ? null : { us: lastUs + 10_000, nanos: 0 };
  const fin = closed !== null && closing.endsWith('fin') ? closed : null;
  const rst = closed !== null && closing.endsWith('rst') ? closed : null;
  const sideOf = (direction: Direction, begins: boolean) => {
    const own = turns.filter((turn) => turn.from === direction);
    const missing = own.filter((turn) => turn.kind === 'gap').reduce((sum, turn) => sum + turn.bytes, 0);
    const all = own.reduce((sum, turn) => sum + turn.bytes, 0);
    return half({
      packets: own.length + 1,
      bytes: all - missing,
      missingBytes: missing,
      ackedBytes: all > 0 ? all : -1,
      ttl: 60,
      fin: begins ? fin : null,
      rst: begins ? rst : null,
    });
  };
  const session: Session = {
    id: circumstances.id ?? 1,
    capture: 0,
    client: { address: circumstances.client ?? '198.51.100.7', port: 40000 },
    server: { address: circumstances.server ?? '192.0.2.25', port: circumstances.port ?? 25 },
    start: at(circumstances.startSeconds ?? 0),
    end: closed ?? { us: lastUs, nanos: 0 },
    timeDigits: 6,
    frames: { first: 1, last: turns.length + 5, count: turns.length + 5 },
    transport: transport({
      opening: midStream ? 'not-captured' : 'complete',
      closing,
      closed,
      closedFrame: closed === null ? 0 : turns.length + 4,
      client: sideOf('client', closing.startsWith('client')),
      server: sideOf('server', closing.startsWith('server')),
      rolesInferred: midStream,
      ...(midStream ? { roundTripSeconds: null, established: null, firstSyn: null, lastSyn: null, synFrame: 0 } : {}),
    }),
    service: 'smtp',
    facts: 0,
    signs: 0xffff,
    turns,
    greeting: greeting.value,
    hello,
    exchanges,
    offers,
    authentication,
    encryption,
    transactions,
    anomalies: [],
    outcome: 'idle',
    ended: closing !== 'none',
    startCaptured: !midStream,
    endCaptured: closing !== 'none',
    quietSeconds: 60,
    portsReused: false,
    turnedAt: -1,
  };
  return { ...session, facts: factsOf(session), outcome: outcomeOf(session) };
}

function offersOf(exchanges: readonly Exchange[]): EhloOffer[] {
  return exchanges.flatMap(({ request, reply }) => {
    if (request?.verb !== 'EHLO' || reply === null || reply.code !== 250) return [];
    const extensions = new Map<string, readonly string[]>();
    for (const line of reply.lines.slice(1)) {
      const [, keyword = '', rest = ''] = /^\d{3}[ -](AUTH=|[^\s]+)\s*(.*)$/i.exec(line) ?? [];
      extensions.set(keyword.toUpperCase(), rest.split(/\s+/).filter(Boolean));
    }
    return [{ command: request, reply, complete: reply.complete, extensions }];
  });
}

function helloOf(exchanges: readonly Exchange[]): Session['hello'] {
  const tries = exchanges.filter(({ request }) => request?.verb === 'EHLO' || request?.verb === 'HELO');
  const best = tries.findLast(({ reply }) => reply?.code === 250) ?? tries.at(-1);
  if (best?.request == null) return null;
  const { request, reply } = best;
  return { verb: request.verb ?? '', name: request.argument ?? '', turn: request, accepted: reply?.code === 250 };
}

function encryptionOf(exchanges: readonly Exchange[]): Encryption | null {
  const asked = exchanges.findLast(({ request }) => request?.verb === 'STARTTLS');
  if (asked?.request == null) return null;
  const isRefused = (asked.reply?.code ?? 0) >= 400;
  return {
    by: 'starttls',
    outcome: isRefused ? 'rejected' : 'established',
    version: isRefused ? null : 'TLS 1.3',
    cipher: null,
    serverName: null,
    alert: null,
    decrypted: false,
    command: asked.request,
    reply: asked.reply,
  };
}

function authenticationOf(exchanges: readonly Exchange[]): AuthAttempt[] {
  const attempts: AuthAttempt[] = [];
  for (let i = 0; i < exchanges.length; i++) {
    const { request } = exchanges[i] as Exchange;
    if (request?.verb !== 'AUTH') continue;
    const steps: Turn[] = [];
    let reply = (exchanges[i] as Exchange).reply;
    for (let next = i + 1; reply?.code === 334 && next < exchanges.length; next++) {
      const step = exchanges[next] as Exchange;
      if (step.request?.kind !== 'auth') break;
      steps.push(step.request);
      reply = step.reply;
    }
    const [mechanism = '', initial] = (request.argument ?? '').split(' ');
    const carrier = initial === undefined ? (steps[0] ?? null) : request;
    const token = initial ?? steps[0]?.lines[0] ?? '';
    const parts = Buffer.from(token, 'base64').toString('latin1').split('\0');
    const isReadable = ['PLAIN', 'LOGIN', 'XOAUTH2', 'OAUTHBEARER'].includes(mechanism.toUpperCase());
    attempts.push({
      mechanism: mechanism.toUpperCase(),
      identity: mechanism.toUpperCase() === 'PLAIN' ? (parts[1] ?? null) : null,
      outcome: reply === null || reply.code === 334 ? 'incomplete' : reply.code === 235 ? 'accepted' : 'rejected',
      code: reply?.code ?? null,
      enhancedCode: reply?.enhancedCode ?? null,
      command: request,
      steps,
      reply,
      exposed: isReadable ? carrier : null,
    });
  }
  return attempts;
}

function transactionsOf(exchanges: readonly Exchange[]): Transaction[] {
  const made: { from: string; mail: Turn; mailReply: Turn | null; recipients: Recipient[]; message: Message | null }[] =
    [];
  for (const { request, reply } of exchanges) {
    const path = /<([^>]*)>/.exec(request?.lines[0] ?? '')?.[1] ?? '';
    const open = made.at(-1);
    if (request?.verb === 'MAIL')
      made.push({ from: path, mail: request, mailReply: reply, recipients: [], message: null });
    if (request?.verb === 'RCPT' && open !== undefined) {
      const enhancedCode = reply?.enhancedCode ?? null;
      open.recipients.push({ to: path, code: reply?.code ?? null, enhancedCode, command: request, reply });
    }
    if (request?.kind === 'message' && open !== undefined) {
      open.message = {
        bytes: request.raw.length,
        lines: null,
        complete: true,
        missing: 0,
        marks: 0,
        longestLine: 0,
        bodyPrint: 0,
        suspects: [],
        code: reply?.code ?? null,
        enhancedCode: reply?.enhancedCode ?? null,
        turns: [request],
        head: request.raw,
        text: null,
        replies: reply === null ? [] : [reply],
      };
    }
  }
  return made;
}

function factsOf(session: Session): number {
  let facts = 0;
  const set = (bit: number, holds: boolean) => {
    if (holds) facts |= bit;
  };
  const codes = session.exchanges.map(({ reply }) => reply?.code ?? 0);
  set(Fact.greetingRefused, (session.greeting?.code ?? 0) >= 400);
  set(
    Fact.authOffered,
    session.offers.some(({ extensions }) => extensions.has('AUTH') || extensions.has('AUTH=')),
  );
  set(Fact.ehloAccepted, session.offers.length > 0);
  set(Fact.authCommand, session.authentication.length > 0);
  set(
    Fact.authRefused,
    session.authentication.some(({ outcome }) => outcome === 'rejected'),
  );
  set(
    Fact.credentialsInClear,
    session.authentication.some(({ exposed }) => exposed !== null),
  );
  set(
    Fact.startTlsOffered,
    session.offers.some(({ extensions }) => extensions.has('STARTTLS')),
  );
  set(Fact.startTlsCommand, session.encryption !== null);
  set(Fact.mailCommand, session.transactions.length > 0);
  set(Fact.noMail, session.transactions.length === 0);
  set(
    Fact.refusal5xx,
    codes.some((code) => code >= 500),
  );
  set(
    Fact.refusal4xx,
    codes.some((code) => code >= 400 && code < 500),
  );
  set(
    Fact.message,
    session.transactions.some(({ message }) => message !== null),
  );
  set(
    Fact.gap,
    session.turns.some(({ kind }) => kind === 'gap'),
  );
  set(Fact.midStream, !session.startCaptured);
  return facts;
}

function outcomeOf(session: Session): Outcome {
  const accepted = session.transactions.filter(({ message }) => message?.code === 250).length;
  const whole = session.transactions.filter(({ message }) => message?.code !== 250).length;
  if (accepted > 0) return whole === 0 ? 'delivered' : 'partly-delivered';
  if (session.encryption?.outcome === 'established') return 'encrypted';
  const login = session.authentication.at(-1);
  if (login?.outcome === 'rejected') return 'authentication-failed';
  const refusal = session.exchanges.find(({ reply }) => (reply?.code ?? 0) >= 400)?.reply;
  if (refusal != null) return refusal.code >= 500 ? 'rejected' : 'deferred';
  if (session.turns.some(({ kind }) => kind === 'gap')) return 'incomplete';
  if (session.transactions.length > 0) return 'aborted';
  const lastOffer = session.offers.at(-1);
  return lastOffer?.extensions.has('AUTH') === true && login === undefined ? 'aborted' : 'idle';
}
