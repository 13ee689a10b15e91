/**
 * Session reports made by hand, for tests of what shows them. A dialogue is text (`S: 220 …`, `C: EHLO …`); what each
 * reply answers is set in the order of the dialogue.
 */
import type { Finding } from '../../src/findings/rule.ts';
import type { HalfFacts, TransportFacts } from '../../src/reassembly/transport-facts.ts';
import type { SessionReport, SummaryReport } from '../../src/report/report.ts';
import type { Message, Session } from '../../src/smtp/session.ts';
import { Turn } from '../../src/smtp/turn.ts';

/** 2007-08-12T13:17:23.316204Z */
export const START_US = 1_186_924_643_316_204;

export function half(facts: Partial<HalfFacts> = {}): HalfFacts {
  return {
    packets: 5,
    bytes: 100,
    retransmissions: 0,
    missingBytes: 0,
    truncatedBytes: 0,
    conflicts: [],
    conflictCount: 0,
    ackedBytes: -1,
    finFrame: 0,
    fin: null,
    rstFrame: 0,
    rst: null,
    firstPayload: null,
    firstPayloadFrame: 0,
    lastPayload: null,
    ttl: 64,
    rstTtl: -1,
    lastIpId: -1,
    rstIpId: -1,
    rstIsExact: false,
    rstAhead: 0,
    dataSegments: 0,
    largestSegment: 0,
    duplicates: 0,
    selectiveAcks: 0,
    mostRepeated: null,
    retransmissionKinds: null,
    zeroWindow: null,
    ...facts,
  };
}

export function transport(facts: Partial<TransportFacts> = {}): TransportFacts {
  return {
    opening: 'complete',
    closing: 'client-fin',
    roundTripSeconds: 0.013558,
    client: half(),
    server: half(),
    synCount: 1,
    synAckCount: 1,
    firstSyn: { us: START_US, nanos: 0 },
    lastSyn: { us: START_US, nanos: 0 },
    synFrame: 7,
    lastSynFrame: 7,
    synAck: null,
    established: { us: START_US + 13_558, nanos: 0 },
    establishedFrame: 9,
    closed: { us: START_US + 80_498, nanos: 0 },
    closedFrame: 16,
    icmp: null,
    clientWindowScale: -1,
    clientMss: -1,
    serverWindowScale: -1,
    serverMss: -1,
    clientSackPermitted: false,
    serverSackPermitted: false,
    rolesInferred: false,
    ...facts,
  };
}

/** Turns of a text dialogue. A line that continues the reply above (`S: 250-…`) joins it; `at` gives times by turn. */
export function turns(dialogue: string, kinds: Readonly<Record<number, Partial<Turn>>> = {}): Turn[] {
  const made: Turn[] = [];
  let open = false;
  for (const row of dialogue.split('\n')) {
    const line = /^\s*([CS]): ?(.*)$/s.exec(row);
    if (line === null) continue;
    const text = line[2] as string;
    const bytes = Buffer.from(`${text}\r\n`, 'utf8');
    const before = made.at(-1);
    if (open && line[1] === 'S' && before !== undefined) {
      before.raw = Buffer.concat([before.raw, bytes]);
      before.bytes = before.raw.length;
    } else {
      made.push(turn(made, line[1] === 'C', text, bytes));
    }
    open = line[1] === 'S' && /^\d{3}-/.test(text);
  }
  for (const [index, facts] of Object.entries(kinds)) Object.assign(made[Number(index)] as Turn, facts);
  return made;
}

function turn(made: readonly Turn[], isClient: boolean, text: string, bytes: Buffer): Turn {
  const next = new Turn();
  next.index = made.length;
  next.from = isClient ? 'client' : 'server';
  next.kind = isClient ? 'command' : 'reply';
  next.timeUs = START_US + 61_000 + made.length * 10_000;
  next.endTimeUs = next.timeUs;
  next.frame = 10 + made.length;
  next.raw = bytes;
  next.bytes = bytes.length;
  if (isClient) {
    next.verb = (text.split(' ')[0] as string).toUpperCase();
  } else {
    next.code = Number(text.slice(0, 3));
    const before = made.at(-1);
    next.answers = before?.from === 'client' ? before.index : -1;
    if (before !== undefined && next.answers >= 0) before.answeredBy = next.index;
  }
  return next;
}

export function session(all: Turn[], facts: Partial<Session> = {}): Session {
  const greeting = all[0]?.kind === 'reply' ? all[0] : null;
  const hello = all.find(({ verb }) => verb === 'EHLO' || verb === 'HELO');
  const offer = all[hello?.answeredBy ?? -1];
  return {
    id: 2,
    capture: 0,
    client: { address: '192.0.2.222', port: 34131 },
    server: { address: '198.51.100.123', port: 25 },
    start: { us: START_US, nanos: 0 },
    end: { us: START_US + 95_035, nanos: 0 },
    timeDigits: 6,
    frames: { first: 7, last: 20, count: 14 },
    transport: transport(),
    service: 'smtp',
    facts: 0,
    signs: 0xffff,
    turns: all,
    greeting,
    hello:
      hello === undefined
        ? null
        : { verb: hello.verb as string, name: hello.argument ?? '', turn: hello, accepted: offer?.code === 250 },
    exchanges: [],
    offers:
      hello === undefined || offer === undefined
        ? []
        : [{ command: hello, reply: offer, complete: true, extensions: extensionsOf(offer) }],
    authentication: [],
    encryption: null,
    transactions: [],
    anomalies: [],
    outcome: 'idle',
    ended: true,
    startCaptured: true,
    endCaptured: true,
    quietSeconds: 60,
    portsReused: false,
    turnedAt: -1,
    ...facts,
  };
}

function extensionsOf(reply: Turn): ReadonlyMap<string, readonly string[]> {
  return new Map(
    reply.lines.slice(1).map((line) => {
      const [keyword = '', ...parameters] = line.slice(4).split(' ');
      return [keyword.toUpperCase(), parameters];
    }),
  );
}

export function message(all: Turn[], index: number, text: string, facts: Partial<Message> = {}): Message {
  const carrier = all[index] as Turn;
  carrier.kind = 'message';
  carrier.verb = null;
  const bytes = Buffer.from(text, 'latin1');
  carrier.raw = bytes;
  carrier.bytes = bytes.length + 3;
  const reply = all[index + 1];
  return {
    bytes: bytes.length,
    lines: null,
    complete: true,
    missing: 0,
    marks: 0,
    longestLine: 0,
    bodyPrint: 0,
    suspects: [],
    code: reply?.code ?? null,
    enhancedCode: reply?.enhancedCode ?? null,
    turns: [carrier],
    head: bytes,
    text: null,
    replies: reply === undefined ? [] : [reply],
    ...facts,
  };
}

export function finding(facts: Partial<Finding> = {}): Finding {
  return {
    rule: 'ehlo-quit-auth-offered',
    severity: 'error',
    confidence: 'certain',
    title: 'AUTH offered, and the client left without using it',
    message: 'The server offered AUTH CRAM-MD5 LOGIN PLAIN and the client said QUIT 3.4 ms later, without trying one.',
    actor: 'client',
    evidence: [
      { turn: 2, frame: 12, direction: 'server', offset: 92, length: 30, note: 'AUTH on offer' },
      { turn: 3, frame: 13, direction: 'client', offset: 12, length: 6, note: 'QUIT' },
    ],
    causes: [
      'The client has no SASL mechanism that the server offers: the plugins are not installed.',
      'A mechanism filter of the client leaves none of those on offer.',
    ],
    remedies: [
      {
        applies: 'Postfix on Debian and Ubuntu',
        text: 'Install the SASL mechanism plugins and send the queue again.',
        commands: ['apt-get install libsasl2-modules', 'postqueue -f'],
      },
    ],
    references: [{ title: 'RFC 4954 §4', url: 'https://www.rfc-editor.org/rfc/rfc4954#section-4' }],
    ...facts,
  };
}

export const FOUNDING_DIALOGUE = `
  S: 220 mail.example.ne.jp SMTP-Gateway Version 2.05 at Sun, 12 Aug 2007 22:17:23 +0900 (JST)
  C: EHLO local
  S: 250-mail.example.ne.jp Hello local [222.222.222.222], pleased to meet you
  S: 250-AUTH CRAM-MD5 LOGIN PLAIN
  S: 250-ENHANCEDSTATUSCODES
  S: 250-PIPELINING
  S: 250-8BITMIME
  S: 250-SIZE 104857600
  S: 250-DSN
  S: 250-DELIVERBY
  S: 250 HELP
  C: QUIT
  S: 221 2.0.0 mail.example.ne.jp closing connection`;

/** The dialogue of August 2007 with its finding and a notice. */
export function foundingReport(): SessionReport {
  const found = finding();
  return {
    session: session(turns(FOUNDING_DIALOGUE), { outcome: 'aborted' }),
    findings: [
      found,
      finding({
        rule: 'helo-name',
        severity: 'notice',
        title: 'The name in EHLO is not a full host name',
        message: 'The client calls itself "local", which is no fully qualified name.',
        evidence: [{ turn: 1, frame: 11, direction: 'client', offset: 0, length: 12, note: 'EHLO local' }],
      }),
    ],
    headline: found.message,
  };
}

export function report(
  dialogue: string,
  facts: Partial<Session> = {},
  findings: readonly Finding[] = [],
): SessionReport {
  return { session: session(turns(dialogue), facts), findings, headline: findings[0]?.message ?? 'No mail asked for.' };
}

export function summary(facts: Partial<SummaryReport> = {}): SummaryReport {
  return {
    captures: [
      {
        name: 'relay.pcap',
        format: 'pcap',
        compression: null,
        linkTypes: [1],
        packets: 20,
        bytes: 1930,
        cutShort: false,
        dropped: 0,
        lastUs: Number.NaN,
        unread: [],
        timeBack: null,
        warnings: [],
      },
    ],
    sessions: 1,
    selected: 1,
    outcomes: new Map([['aborted', 1]]),
    findings: new Map([['ehlo-quit-auth-offered', 1]]),
    crossFindings: [],
    warnings: [],
    ...facts,
  };
}
