/** Types of the corpora, for tests that use their small form. */

export type CorpusKind = 'dense' | 'mixed' | 'open' | 'hostile' | 'hostile-quiet';

/**
 * How much of a session must come out as it went in. `exact`: all of it. The next five: all of it but the order of
 * turns across directions. `lost`: its missing bytes, and no finding that the whole session would not have had.
 * `mid-start`: the latter.
 */
export type Fidelity =
  | 'exact'
  | 'duplicated'
  | 'reordered-within'
  | 'reordered-across'
  | 'overlap-pending'
  | 'overlap-delivered'
  | 'lost'
  | 'mid-start';

/** What must be found of one session. Pairs are [client, server]. */
export interface SessionTruth {
  /** Name of the script that it follows; says nothing about the program's output. */
  script: string;
  promise: Fidelity;
  /** `address port` */
  clientEnd: string;
  serverEnd: string;
  /** Frame of its first packet. */
  firstFrame: number;
  opening: 'complete' | 'unanswered' | 'refused' | 'not-captured';
  closing: 'client-fin' | 'server-fin' | 'client-rst' | 'server-rst' | 'none';
  service: string;
  outcome: string;
  /** Bytes of payload in order, those that were lost included. */
  bytes: number[];
  /** Bytes of payload that were removed from the capture. */
  missing: number[];
  /** Verb → commands. */
  commands: Record<string, number>;
  /** Code → replies. */
  replies: Record<string, number>;
  /** `mechanism outcome identity` */
  auth: string[];
  /** Answered messages: [bytes, lines, code]. */
  messages: number[][];
  /** Hash of their subjects, one a line. */
  subjects: string;
  /** Code → recipients. */
  recipients: Record<string, number>;
  /** Rules raised, of the judged ones, sorted. */
  findings: string[];
  /** Fingerprints of the turns; see signature.js. null where the session breaks off inside a message. */
  client: string | null;
  server: string;
  order: string | null;
}

export interface CorpusTruth {
  generator: number;
  kind: CorpusKind;
  seed: number;
  /** Of the capture file. */
  bytes: number;
  packets: number;
  /** SYNs that nobody answered, each on a connection of its own; they are not among `sessions`. */
  halfOpenSyns: number;
  judgedRules: readonly string[];
  totals: {
    sessions: number;
    exactSessions: number;
    sessionsWithPayload: number;
    messages: number;
    messageBytes: number;
    promises: Record<string, number>;
    outcomes: Record<string, number>;
    commands: Record<string, number>;
    replies: Record<string, number>;
    recipients: Record<string, number>;
    authentication: Record<string, number>;
    findings: Record<string, number>;
  };
  sessions: SessionTruth[];
}

export interface CorpusOptions {
  /** Wanted size of the capture; what comes out is within a few per cent of it. */
  bytes: number;
  seed?: number;
  /** SYNs of the flood; by default a million at 1 GB and in proportion below. */
  syns?: number;
}

export const CORPUS_KINDS: readonly CorpusKind[];
export const GENERATOR_VERSION: number;
export function generateCorpus(kind: CorpusKind, options: CorpusOptions): { capture: Buffer; truth: CorpusTruth };
export function writeCorpus(kind: CorpusKind, path: string, options: CorpusOptions): CorpusTruth;
