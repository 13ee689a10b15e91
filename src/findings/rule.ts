/**
 * The shape of a rule: what it looks for, and what it says. Detection gives numbers and evidence; sentences live
 * beside it, and layout and colour elsewhere. `explain` and docs/rules are printed from the same object.
 *
 * A rule sees one session and what earlier sessions showed (`History`). What spans sessions or is about a capture has
 * the same words (`RuleText`) and its detection in across/.
 */
import type { FactName, Outcome, Session, SignName } from '../smtp/session.ts';
import type { History } from './history.ts';
import type { RefusalKind } from './refusal-kinds.ts';

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
export interface Detection<Data> {
  readonly evidence: readonly Evidence[];
  readonly data: Data;
  /** Where it differs from the rule's default. */
  readonly severity?: Severity;
  readonly confidence?: Confidence;
  readonly actor?: Actor;
  /** Why the rule itself is less sure than its default; told in the message. */
  readonly doubts?: readonly string[];
}

/**
 * What a rule does where bytes it looked at, or past, were not captured: `any`: nothing, it does not matter; `lower`:
 * one step less sure, and a hint where a hole touches the evidence itself, with the reason in the message; `withhold`:
 * no finding.
 */
export type Need = 'any' | 'lower' | 'withhold';

/** Which bytes must have been captured for a rule to be sure of what it says. */
export interface Needs {
  /** Bytes of this direction up to the evidence. */
  readonly client: Need;
  readonly server: Need;
  /** The connection's start (SYN). `any` when absent. */
  readonly start?: Need;
  /** The rule concludes from what was not said later: bytes count to the session's end, not to the evidence. */
  readonly absence?: boolean;
}

/** What is said of a rule, whatever finds it. `Data` is null where no case is at hand: `explain`, the docs. */
export interface RuleText<Data> {
  /** Stable, kebab-case, never reused. */
  readonly id: string;
  /** One line, for lists. */
  readonly title: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly actor: Actor | null;
  /** One sentence without its full stop: what was seen, with its numbers. */
  message(data: Data): string;
  /** What it means, why it matters, how sure it is. Paragraphs, parted by an empty line. */
  readonly explanation: string;
  /** Harmless look-alikes: when this finding is a false alarm, or is not raised. */
  readonly falseAlarms: readonly string[];
  /** Likeliest first; what was seen may change the order. */
  causes(data: Data | null): readonly string[];
  remedies(data: Data | null): readonly Remedy[];
  readonly references: readonly Reference[];
}

export interface Rule<Data> extends RuleText<Data> {
  readonly scope: 'session';
  /** The rule is run only on sessions that show at least one of these facts or signs … */
  readonly triggers: readonly (FactName | SignName)[];
  /** … and on those with a refusal of one of these kinds. None when absent. */
  readonly refusals?: readonly RefusalKind[];
  readonly needs: Needs;
  /** Outcomes that this finding explains: it then heads the session … */
  readonly explains: readonly Outcome[];
  /** … where it is at least this severe. `notice` (always) when absent. */
  readonly explainsFrom?: Severity;
  /** Pure: same session, same history, same findings. */
  detect(session: Session, history: History): readonly Detection<Data>[];
}

/** A rule whose findings span sessions (`sessions`) or are about a capture (`capture`). */
export interface CrossRule<Data> extends RuleText<Data> {
  readonly scope: 'sessions' | 'capture';
}

// biome-ignore lint/suspicious/noExplicitAny: a list of rules holds rules of different data
export type AnyRule = Rule<any>;
// biome-ignore lint/suspicious/noExplicitAny: as above
export type AnyCrossRule = CrossRule<any>;

/** Gives a rule its type; its data stays inferred. */
export function defineRule<Data>(rule: Omit<Rule<Data>, 'scope'>): Rule<Data> {
  return { scope: 'session', ...rule };
}

export function defineCrossRule<Data>(rule: CrossRule<Data>): CrossRule<Data> {
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

/** The empty answer of a detector: one object, so that a rule that finds nothing allocates nothing. */
export const NOTHING: readonly never[] = [];

export function rfc(number: number, section?: string): Reference {
  return {
    title: section === undefined ? `RFC ${number}` : `RFC ${number} §${section}`,
    url: `https://www.rfc-editor.org/rfc/rfc${number}${section === undefined ? '' : `#section-${section}`}`,
  };
}

/** A parameter of postconf(5). */
export function postconf(parameter: string): Reference {
  return { title: `Postfix: ${parameter}`, url: `https://www.postfix.org/postconf.5.html#${parameter}` };
}

/** A guide that comes with Postfix: `SASL_README`. */
export function postfixGuide(name: string): Reference {
  return { title: `Postfix: ${name}`, url: `https://www.postfix.org/${name}.html` };
}
