/**
 * The shape of a rule: what it looks for, and what it says. Detection gives numbers and evidence; sentences live
 * beside it, and layout and colour elsewhere. `explain` and docs/rules are printed from the same object.
 */
import type { Fact, FactName, Outcome, Session } from '../smtp/session.ts';

export type Severity = 'critical' | 'error' | 'warning' | 'notice';
export type Confidence = 'certain' | 'likely' | 'hint';
/** Who has to act. */
export type Actor = 'client' | 'server' | 'network' | 'developer';

/** Most serious first. */
export const SEVERITIES: readonly Severity[] = ['critical', 'error', 'warning', 'notice'];
/** Surest first. */
export const CONFIDENCES: readonly Confidence[] = ['certain', 'likely', 'hint'];

/** Enough to find the bytes again in Wireshark. */
export interface Evidence {
  /** Index of the turn that shows it; null where no turn does. */
  readonly turn: number | null;
  /** Frame number; null where no single packet shows it. */
  readonly frame: number | null;
  readonly direction: 'client' | 'server';
  /** From the first payload byte after the SYN, else the first captured; gaps included. */
  readonly offset: number;
  readonly length: number;
  /** What these bytes show, in a few words. */
  readonly note: string;
}

export interface Remedy {
  /** For which software or system: `Postfix on Debian and Ubuntu`. */
  readonly applies: string;
  readonly text: string;
  /** Commands that can be pasted. */
  readonly commands: readonly string[];
}

export interface Reference {
  readonly title: string;
  readonly url: string;
}

/** What a detector returns: no sentence, only what the sentences need. */
export interface Detection<Data = Record<string, never>> {
  readonly evidence: readonly Evidence[];
  readonly data: Data;
  /** Where it differs from the rule's default. */
  readonly severity?: Severity;
  readonly confidence?: Confidence;
  readonly actor?: Actor;
}

/** Which bytes must have been captured for a rule to be sure of what it says. */
export interface Needs {
  /** `gap-free`: no byte of this direction missing up to the evidence. `any`: does not matter. */
  readonly client: 'gap-free' | 'any';
  readonly server: 'gap-free' | 'any';
  /** The connection's start (SYN) must be in the capture. */
  readonly start?: boolean;
  /** What it does when a need is not met: `lower` the confidence by one step, or `withhold` the finding. */
  readonly otherwise?: 'lower' | 'withhold';
}

// biome-ignore lint/suspicious/noExplicitAny: a list of rules holds rules of different data
export type AnyRule = Rule<any>;

export interface Rule<Data = Record<string, never>> {
  /** Stable, kebab-case, never reused. */
  readonly id: string;
  /** One line, for lists. */
  readonly title: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly actor: Actor | null;
  /** The rule is run only on sessions that show at least one of these facts. */
  readonly triggers: readonly FactName[];
  readonly needs: Needs;
  /** Outcomes that this finding explains: it then heads the session. */
  readonly explains: readonly Outcome[];
  /** Pure: same session, same findings. */
  detect(session: Session): readonly Detection<Data>[];
  /** One sentence: what was seen, with its numbers. */
  message(data: Data): string;
  /** What it means, why it matters, how sure it is, when it is harmless. Paragraphs. */
  readonly explanation: string;
  /** Harmless look-alikes: when this finding is a false alarm. */
  readonly falseAlarms: readonly string[];
  /** Likeliest first; a function where what was seen changes the order. */
  causes(data: Data): readonly string[];
  remedies(data: Data): readonly Remedy[];
  readonly references: readonly Reference[];
}

/** Gives a rule its type; its data stays inferred. */
export function defineRule<Data>(rule: Rule<Data>): Rule<Data> {
  return rule;
}

/** A finding of one session, ready to be shown. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly title: string;
  readonly message: string;
  readonly actor: Actor | null;
  readonly evidence: readonly Evidence[];
  readonly causes: readonly string[];
  readonly remedies: readonly Remedy[];
  readonly references: readonly Reference[];
}

/** A finding that spans sessions or is about a capture. */
export interface CrossFinding extends Finding {
  readonly sessions: readonly number[];
}

export type { Fact, FactName };

export function rfc(number: number, section?: string): Reference {
  return {
    title: section === undefined ? `RFC ${number}` : `RFC ${number} §${section}`,
    url: `https://www.rfc-editor.org/rfc/rfc${number}${section === undefined ? '' : `#section-${section}`}`,
  };
}
