/**
 * What a report page carries: the contract between the program that writes the page and the page that reads it.
 *
 *     <script type="application/x-smtpscope" data-part="sessions">   one or more: `SessionsPart`
 *     <script type="application/x-smtpscope" data-part="index">      one or more: `IndexPart`
 *     <script type="application/x-smtpscope" data-part="summary">    one: `SummaryPart`
 *
 * Each holds JSON, deflated (raw, RFC 1951), in base64: nothing of it can close a script element, and what a reader
 * never opens is never parsed. Index parts and the summary are read when the page opens, sessions when one is shown.
 */
import type {
  CrossFindingRecord,
  FindingRecord,
  SessionRecord,
  SummaryRecord,
  TurnRecord,
} from '../../report/record.ts';

export const PART_TYPE = 'application/x-smtpscope';

/** What findings of one rule have in common, told once a part. */
export type Explanation = Pick<FindingRecord, 'title' | 'causes' | 'remedies' | 'references'>;

export type EmbeddedFinding = Omit<FindingRecord, keyof Explanation> & {
  /** Index in the part's explanations. */
  explanation: number;
};

/** The turns of a session as columns: entry `i` of each is the same turn. What its lines say as well is left out. */
export interface EmbeddedDialogue {
  /** One letter a turn: `c` client, `s` server. */
  from: string;
  /** One letter a turn, of KIND_LETTERS. */
  kind: string;
  /** Each as the difference to the one before; the first to 0. */
  frame: number[];
  /** Microseconds from the session's start to the turn's first byte, as the difference to the one before. */
  offset: (number | null)[];
  /** Microseconds from the turn's first byte to its last. */
  lasted: number[];
  code: (number | null)[];
  /** On the wire; of a gap, the bytes missing. */
  bytes: number[];
  /** Joined by line feeds: no line holds one. A turn without lines is null. */
  lines: (string | null)[];
  /** Index in the summary's captures; null where the run has one. */
  capture: number[] | null;
}

export const KIND_LETTERS = {
  command: 'c',
  reply: 'r',
  message: 'm',
  auth: 'a',
  tls: 't',
  gap: 'g',
  unparsed: 'u',
} as const satisfies Record<TurnRecord['kind'], string>;

/** The record, but for what the turns show as well. */
export type EmbeddedSession = Omit<SessionRecord, 'findings' | 'dialogue' | 'greeting' | 'extensions'> & {
  dialogue: EmbeddedDialogue;
  findings: EmbeddedFinding[];
};

/** Some sessions in the order of the run. */
export interface SessionsPart {
  explanations: Explanation[];
  sessions: EmbeddedSession[];
}

/** What the list of sessions shows, filters and sorts, as columns: entry `i` of each is the same session. */
export interface IndexPart {
  /** Texts that the columns below name by index. */
  texts: string[];
  id: number[];
  /** Milliseconds since 1970, with fraction; null for a session without times. */
  start: (number | null)[];
  duration: (number | null)[];
  /** Texts: an address. */
  client: number[];
  clientPort: number[];
  server: number[];
  serverPort: number[];
  /** Text: the outcome. */
  outcome: number[];
  /** Texts: `severity rule` of each finding, in the order to be read. */
  findings: number[][];
  /** Reply codes from 400 on, each once. */
  codes: number[][];
  /** Texts: reverse-paths and forward-paths, the first few; the name in EHLO; the headline. */
  from: number[];
  to: number[];
  hello: number[];
  headline: number[];
  messages: number[];
  /** TCP payload of both sides. */
  bytes: number[];
  /** 0 in clear, 1 TLS, 2 TLS that was asked for and did not come about. */
  tls: number[];
  /** Number of the part that holds the session, and its place in it. */
  part: number[];
  place: number[];
}

/** One set of extensions that a server offered, and in how many sessions. */
export interface Offer {
  extensions: Record<string, string[]>;
  sessions: number;
  /** The lowest-numbered session that shows it. */
  session: number;
}

export interface ServerEntry {
  address: string;
  port: number;
  sessions: number;
  /** Text of the latest greeting, without its code. */
  greeting: string | null;
  /** Sessions in which it said it would start TLS and did. */
  tlsSessions: number;
  offers: Offer[];
}

export interface SummaryPart {
  program: string;
  summary: Omit<SummaryRecord, 'crossFindings'>;
  /** The most serious first. */
  crossFindings: CrossFindingRecord[];
  /** Rule id to its title. */
  titles: Record<string, string>;
  servers: ServerEntry[];
  /** Servers that are not among them, for there were too many. */
  serversOmitted: number;
  /** How times are shown at first. */
  time: 'offset' | 'delta' | 'clock';
  /** Credentials are shown. */
  reveal: boolean;
}
