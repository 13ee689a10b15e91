/** The shape of what gathers findings across sessions, and how such a finding is put together. */
import type { Session } from '../../smtp/session.ts';
import type { Actor, Confidence, CrossFinding, Evidence, Finding, RuleText, Severity } from '../rule.ts';
import type { Story } from './story.ts';

/** What the capture itself tells of its quality; a `CaptureReport` is one. */
export interface CaptureQuality {
  readonly name: string;
  readonly packets: number;
  readonly cutShort: boolean;
  /** Packets dropped by the file's own counters; 0 when it does not say. */
  readonly dropped: number;
  /** Time of its last packet, whatever it was. */
  readonly lastUs?: number;
  /** Taken live by a program that stamps packets itself, after the kernel handed them over. */
  readonly userlandTimes?: boolean;
  /** Link types of which packets were passed over, with their names in the registry. */
  readonly unread?: readonly UnreadLinkType[];
  /** Where the time of a packet lies more than 1 ms before that of the packet before it. */
  readonly timeBack?: TimeBack | null;
}

export interface UnreadLinkType {
  readonly linkType: number;
  readonly name: string;
  readonly packets: number;
}

export interface TimeBack {
  /** How often. */
  readonly count: number;
  readonly largestUs: number;
  /** The first packet that lies before its predecessor. */
  readonly frame: number;
}

/** Hashes of a session’s two addresses, made once; two addresses of one hash are rare, and have to be told apart. */
export interface SessionKeys {
  client: number;
  server: number;
}

/** `Collector.on` of one that looks at every session. */
export const EVERY_SESSION = -1;

/** Sees sessions as they end, keeps bounded notes, and tells at the end. */
export interface Collector {
  /**
   * Bits of `Session.facts`: `see` is called for sessions that show at least one of them. What it does with a session
   * that does not concern it has to be as good as nothing: no allocation, no entry in a map.
   */
  readonly on: number;
  see(session: Session, findings: readonly Finding[], keys: SessionKeys): void;
  finish(captures: readonly CaptureQuality[]): readonly CrossFinding[];
}

/** How many sessions a finding names at most; its message counts all of them. */
export const MOST_SESSIONS = 100;

export interface CrossCase<Data> {
  readonly data: Data;
  readonly sessions: Iterable<number>;
  readonly evidence?: readonly Evidence[];
  readonly severity?: Severity;
  readonly confidence?: Confidence;
  readonly actor?: Actor;
  /** What happened to one mail, where the finding is about it. */
  readonly stories?: readonly Story[];
}

/** A finding that can tell what happened to some mails. */
export interface ToldFinding extends CrossFinding {
  readonly stories: readonly Story[];
}

export function crossFinding<Data>(rule: RuleText<Data>, found: CrossCase<Data>): ToldFinding {
  return {
    rule: rule.id,
    severity: found.severity ?? rule.severity,
    confidence: found.confidence ?? rule.confidence,
    title: rule.title,
    message: rule.message(found.data),
    actor: found.actor ?? rule.actor,
    evidence: found.evidence ?? [],
    causes: rule.causes(found.data),
    remedies: rule.remedies(found.data),
    references: rule.references,
    sessions: [...new Set(found.sessions)].sort((a, b) => a - b).slice(0, MOST_SESSIONS),
    stories: found.stories ?? [],
  };
}
