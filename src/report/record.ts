/**
 * The records: a session and a run as plain typed objects, the same for JSON, NDJSON and the library. schema.json
 * describes them. Every key is always there; what is absent is null. Nothing in a record is lent: it may be kept.
 */

import type {
  Actor,
  Confidence,
  CrossFinding,
  Evidence,
  Finding,
  Reference,
  Remedy,
  Severity,
} from '../findings/rule.ts';
import { headerSectionEnd, messageIdOf, subjectOf } from '../message/header-section.ts';
import type { Closing, HalfFacts, Opening } from '../reassembly/transport-facts.ts';
import type { Direction, Message, Outcome, Service, Session, Transaction } from '../smtp/session.ts';
import { timesOf } from '../smtp/times.ts';
import type { Turn, TurnKind } from '../smtp/turn.ts';
import { decodeWireText } from '../smtp/wire-text.ts';
import { communityId } from './community-id.ts';
import { displayFilter } from './display-filter.ts';
import { instantText, rfc3339, secondsBetween } from './instant.ts';
import { shownArgument, shownLines } from './redact.ts';
import { type SessionReport, type SummaryReport, warningsOf } from './report.ts';

/** How much of each message is shown. */
export type BodyView = 'none' | 'headers' | 'full';

export interface RecordOptions {
  /** Names of the run's captures, in order; it may grow while the run goes on. */
  readonly captures: readonly string[];
  /** The run was given more than one capture: turns then say in which one they stand. */
  readonly severalCaptures: boolean;
  readonly body: BodyView;
  /** Show credentials. */
  readonly reveal: boolean;
}

export interface HalfRecord {
  packets: number;
  /** TCP payload in order, each byte counted once. */
  bytes: number;
  retransmissions: number;
  /** Why they were sent, as far as it can be told; only where there were any. */
  retransmissionKinds?: { fast: number; timeout: number; needless: number };
  missingBytes: number;
}

export interface TurnRecord {
  index: number;
  /** Index in the summary's captures; only where a run has several. */
  capture?: number;
  from: Direction;
  kind: TurnKind;
  time: string | null;
  endTime: string | null;
  /** Since the session's start. */
  offsetSeconds: number | null;
  frame: number;
  /** Without line ends, secrets masked; of a message its header lines. */
  lines: string[];
  verb: string | null;
  argument: string | null;
  code: number | null;
  enhancedCode: string | null;
  /** Index of the turn that a reply answers. */
  answers: number | null;
  /** On the wire; of a gap, the bytes missing. */
  bytes: number;
}

export interface MessageRecord {
  bytes: number;
  lines: number | null;
  subject: string | null;
  messageId: string | null;
  code: number | null;
  enhancedCode: string | null;
  text: string | null;
}

export interface TransactionRecord {
  from: string;
  recipients: { to: string; code: number | null; enhancedCode: string | null }[];
  message: MessageRecord | null;
}

export interface FindingRecord {
  rule: string;
  severity: Severity;
  confidence: Confidence;
  title: string;
  message: string;
  actor: Actor | null;
  evidence: Evidence[];
  causes: string[];
  remedies: { applies: string; text: string; commands: string[] }[];
  references: Reference[];
}

export interface CrossFindingRecord extends FindingRecord {
  sessions: number[];
}

export interface SessionRecord {
  type: 'session';
  schemaVersion: 1;
  id: number;
  capture: string;
  displayFilter: string;
  /** Community ID version 1, seed 0. */
  communityId: string;
  client: { address: string; port: number };
  server: { address: string; port: number };
  start: string | null;
  end: string | null;
  durationSeconds: number | null;
  frames: { first: number; last: number; count: number };
  transport: {
    opening: Opening;
    closing: Closing;
    roundTripSeconds: number | null;
    client: HalfRecord;
    server: HalfRecord;
  };
  /** Where the time went: together the duration. Null where packets have no times. */
  times: { clientSeconds: number; serverSeconds: number; networkSeconds: number } | null;
  service: Service;
  greeting: { code: number; enhancedCode: string | null; lines: string[] } | null;
  hello: { verb: string; name: string } | null;
  extensions: Record<string, string[]>;
  authentication: {
    mechanism: string;
    identity: string | null;
    outcome: 'accepted' | 'rejected' | 'cancelled' | 'incomplete';
    code: number | null;
  }[];
  encryption: {
    by: 'starttls' | 'implicit';
    outcome: 'established' | 'rejected' | 'failed' | 'unknown';
    version: string | null;
    cipher: string | null;
    serverName: string | null;
    alert: { from: Direction; level: string; description: string } | null;
    decrypted: boolean;
  } | null;
  transactions: TransactionRecord[];
  dialogue: TurnRecord[];
  outcome: Outcome;
  headline: string;
  findings: FindingRecord[];
}

export interface CaptureRecord {
  name: string;
  format: string;
  /** LINKTYPE_ values in order of first appearance. */
  linkTypes: number[];
  packets: number;
  bytes: number;
  cutShort: boolean;
}

export interface SummaryRecord {
  type: 'summary';
  schemaVersion: 1;
  captures: CaptureRecord[];
  sessions: number;
  selected: number;
  outcomes: Record<string, number>;
  findings: Record<string, number>;
  crossFindings: CrossFindingRecord[];
  warnings: string[];
}

export function sessionRecord(report: SessionReport, options: RecordOptions): SessionRecord {
  const { session } = report;
  const { client, server, frames, transport, greeting, hello, encryption } = session;
  const digits = session.timeDigits;
  return {
    type: 'session',
    schemaVersion: 1,
    id: session.id,
    capture: options.captures[session.capture] ?? '',
    displayFilter: displayFilter(session),
    communityId: communityId(session),
    client: { address: client.address, port: client.port },
    server: { address: server.address, port: server.port },
    start: instantText(session.start, digits),
    end: instantText(session.end, digits),
    durationSeconds: secondsBetween(session.start.us, session.start.nanos, session.end.us, session.end.nanos),
    frames: { first: frames.first, last: frames.last, count: frames.count },
    transport: {
      opening: transport.opening,
      closing: transport.closing,
      roundTripSeconds: transport.roundTripSeconds,
      client: halfRecord(transport.client),
      server: halfRecord(transport.server),
    },
    times: timesOf(session),
    service: session.service,
    greeting:
      greeting === null
        ? null
        : { code: greeting.code, enhancedCode: greeting.enhancedCode, lines: [...greeting.lines] },
    hello: hello === null ? null : { verb: hello.verb, name: hello.name },
    extensions: extensionsRecord(session),
    authentication: session.authentication.map(({ mechanism, identity, outcome, code }) => ({
      mechanism,
      identity,
      outcome,
      code,
    })),
    encryption:
      encryption === null
        ? null
        : {
            by: encryption.by,
            outcome: encryption.outcome,
            version: encryption.version,
            cipher: encryption.cipher,
            serverName: encryption.serverName,
            alert: encryption.alert === null ? null : { ...encryption.alert },
            decrypted: encryption.decrypted,
          },
    transactions: session.transactions.map((transaction) => transactionRecord(transaction, options)),
    dialogue: session.turns.map((turn) => turnRecord(session, turn, options)),
    outcome: session.outcome,
    headline: report.headline,
    findings: report.findings.map(findingRecord),
  };
}

export function summaryRecord(summary: SummaryReport): SummaryRecord {
  return {
    type: 'summary',
    schemaVersion: 1,
    captures: summary.captures.map(({ name, format, linkTypes, packets, bytes, cutShort }) => ({
      name,
      format,
      linkTypes: [...linkTypes],
      packets,
      bytes,
      cutShort,
    })),
    sessions: summary.sessions,
    selected: summary.selected,
    outcomes: Object.fromEntries(summary.outcomes),
    findings: Object.fromEntries(summary.findings),
    crossFindings: summary.crossFindings.map((finding: CrossFinding) => ({
      ...findingRecord(finding),
      sessions: [...finding.sessions],
    })),
    warnings: [...warningsOf(summary)],
  };
}

/** The header lines of a message turn, dot-stuffing undone, as far as they were kept; a later BDAT chunk has none. */
export function messageHeaderLines(session: Session, turn: Turn): readonly string[] {
  const message = messageOf(session, turn);
  if (message !== null && message.turns[0] !== turn) return [];
  const head = message?.head ?? turn.raw;
  const end = headerSectionEnd(head);
  const lines: string[] = [];
  let at = 0;
  while (at < end) {
    const feed = head.indexOf(10, at);
    const stop = feed < 0 || feed > end ? end : feed;
    lines.push(decodeWireText(head, at, stop > at && head[stop - 1] === 13 ? stop - 1 : stop));
    at = stop + 1;
  }
  return lines;
}

/** The message that a message turn carries, wholly or a chunk of it; null when no transaction holds it. */
export function messageOf(session: Session, turn: Turn): Message | null {
  for (const { message } of session.transactions) {
    if (message?.turns.includes(turn)) return message;
  }
  return null;
}

function turnRecord(session: Session, turn: Turn, options: RecordOptions): TurnRecord {
  const digits = session.timeDigits;
  const { start } = session;
  const isReply = turn.kind === 'reply';
  return {
    index: turn.index,
    ...(options.severalCaptures ? { capture: turn.capture } : {}),
    from: turn.from,
    kind: turn.kind,
    time: rfc3339(turn.timeUs, turn.timeNanos, digits),
    endTime: rfc3339(turn.endTimeUs, turn.endTimeNanos, digits),
    offsetSeconds: secondsBetween(start.us, start.nanos, turn.timeUs, turn.timeNanos),
    frame: turn.frame,
    lines: [...linesOf(session, turn, options)],
    verb: turn.verb,
    argument: shownArgument(session, turn, options.reveal),
    code: isReply ? turn.code : null,
    enhancedCode: turn.enhancedCode,
    answers: turn.answers < 0 ? null : turn.answers,
    bytes: turn.bytes,
  };
}

function linesOf(session: Session, turn: Turn, options: RecordOptions): readonly string[] {
  if (turn.kind !== 'message') return shownLines(session, turn, options.reveal);
  return options.body === 'none' ? [] : messageHeaderLines(session, turn);
}

function transactionRecord({ from, recipients, message }: Transaction, options: RecordOptions): TransactionRecord {
  return {
    from,
    recipients: recipients.map(({ to, code, enhancedCode }) => ({ to, code, enhancedCode })),
    message: message === null ? null : messageRecord(message, options),
  };
}

function messageRecord(message: Message, { body }: RecordOptions): MessageRecord {
  return {
    bytes: message.bytes,
    lines: message.lines,
    subject: body === 'none' ? null : subjectOf(message.head),
    messageId: body === 'none' ? null : messageIdOf(message.head),
    code: message.code,
    enhancedCode: message.enhancedCode,
    text: body === 'full' && message.text !== null ? decodeWireText(message.text, 0, message.text.length) : null,
  };
}

function halfRecord({ packets, bytes, retransmissions, retransmissionKinds, missingBytes }: HalfFacts): HalfRecord {
  return retransmissionKinds === null
    ? { packets, bytes, retransmissions, missingBytes }
    : { packets, bytes, retransmissions, retransmissionKinds, missingBytes };
}

/** Without a prototype: the keywords come from the wire, and one may be `__proto__`. */
function extensionsRecord(session: Session): Record<string, string[]> {
  const record: Record<string, string[]> = Object.create(null);
  for (const [keyword, parameters] of session.offers.at(-1)?.extensions ?? []) record[keyword] = [...parameters];
  return record;
}

function findingRecord(finding: Finding): FindingRecord {
  return {
    rule: finding.rule,
    severity: finding.severity,
    confidence: finding.confidence,
    title: finding.title,
    message: finding.message,
    actor: finding.actor,
    evidence: finding.evidence.map(({ turn, frame, direction, offset, length, note }) => ({
      turn,
      frame,
      direction,
      offset,
      length,
      note,
    })),
    causes: [...finding.causes],
    remedies: finding.remedies.map(({ applies, text, commands }: Remedy) => ({
      applies,
      text,
      commands: [...commands],
    })),
    references: finding.references.map(({ title, url }) => ({ title, url })),
  };
}
