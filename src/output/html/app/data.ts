/** Reads what the page carries (../embedded.ts). Parts of sessions are unpacked when one of theirs is opened. */
import type { FindingRecord, TurnRecord } from '../../../report/record.ts';
import {
  type EmbeddedDialogue,
  type EmbeddedSession,
  type IndexPart,
  KIND_LETTERS,
  type SessionsPart,
  type SummaryPart,
} from '../embedded.ts';

export interface ShownTurn extends Pick<TurnRecord, 'index' | 'from' | 'kind' | 'frame' | 'lines' | 'code' | 'bytes'> {
  /** Seconds from the session's start to its first byte and to its last; null for a packet without time. */
  begun: number | null;
  ended: number | null;
  /** Index in the summary's captures; null where the run has one. */
  capture: number | null;
}

export type ShownSession = Omit<EmbeddedSession, 'findings' | 'dialogue'> & {
  dialogue: ShownTurn[];
  findings: FindingRecord[];
};

export const SEVERITIES = ['critical', 'error', 'warning', 'notice'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** All sessions as columns; a session is its row's number. Text columns hold indices into `texts`. */
export class SessionTable {
  readonly count: number;
  readonly texts: string[] = [];
  readonly id: Int32Array;
  /** Milliseconds since 1970; NaN for none. */
  readonly start: Float64Array;
  readonly duration: Float64Array;
  readonly client: Int32Array;
  readonly clientPort: Int32Array;
  readonly server: Int32Array;
  readonly serverPort: Int32Array;
  readonly outcome: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly hello: Int32Array;
  readonly headline: Int32Array;
  readonly messages: Int32Array;
  readonly bytes: Float64Array;
  readonly tls: Uint8Array;
  readonly part: Int32Array;
  readonly place: Int32Array;
  /** Texts: `severity rule`. */
  readonly findings: number[][] = [];
  readonly codes: number[][] = [];
  /** Index into SEVERITIES of the worst finding; 4 for none. */
  readonly worst: Uint8Array;
  /** First and last start; NaN where no session has a time. */
  readonly firstStart: number;
  readonly lastStart: number;
  readonly #rows = new Map<number, number>();
  readonly #ranks = new Map<Int32Array, Int32Array>();
  #haystack: string[] | null = null;

  constructor(parts: readonly IndexPart[]) {
    this.count = parts.reduce((sum, { id }) => sum + id.length, 0);
    const indices = new Map<string, number>();
    const remaps = parts.map(({ texts }) =>
      texts.map((text) => {
        let index = indices.get(text);
        if (index === undefined) {
          index = this.texts.push(text) - 1;
          indices.set(text, index);
        }
        return index;
      }),
    );
    const integers = (pick: (part: IndexPart) => readonly number[]): Int32Array => Int32Array.from(parts.flatMap(pick));
    const floats = (pick: (part: IndexPart) => readonly (number | null)[]): Float64Array =>
      Float64Array.from(parts.flatMap(pick).map((value) => value ?? Number.NaN));
    const named = (pick: (part: IndexPart) => readonly number[]): Int32Array =>
      Int32Array.from(parts.flatMap((part, at) => pick(part).map((text) => remaps[at]?.[text] as number)));
    this.id = integers(({ id }) => id);
    this.start = floats(({ start }) => start);
    this.duration = floats(({ duration }) => duration);
    this.client = named(({ client }) => client);
    this.clientPort = integers(({ clientPort }) => clientPort);
    this.server = named(({ server }) => server);
    this.serverPort = integers(({ serverPort }) => serverPort);
    this.outcome = named(({ outcome }) => outcome);
    this.from = named(({ from }) => from);
    this.to = named(({ to }) => to);
    this.hello = named(({ hello }) => hello);
    this.headline = named(({ headline }) => headline);
    this.messages = integers(({ messages }) => messages);
    this.bytes = floats(({ bytes }) => bytes);
    this.tls = Uint8Array.from(parts.flatMap(({ tls }) => tls));
    this.part = integers(({ part }) => part);
    this.place = integers(({ place }) => place);
    this.worst = new Uint8Array(this.count).fill(SEVERITIES.length);
    parts.forEach((part, at) => {
      for (const found of part.findings) this.findings.push(found.map((text) => remaps[at]?.[text] as number));
      for (const codes of part.codes) this.codes.push(codes);
    });
    const severityOf = new Map<number, number>();
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < this.count; row++) {
      this.#rows.set(this.id[row] as number, row);
      const start = this.start[row] as number;
      if (start < first) first = start;
      if (start > last) last = start;
      for (const text of this.findings[row] as number[]) {
        let severity = severityOf.get(text);
        if (severity === undefined) {
          severity = SEVERITIES.indexOf((this.texts[text] as string).split(' ')[0] as Severity);
          severityOf.set(text, severity);
        }
        if (severity < (this.worst[row] as number)) this.worst[row] = severity;
      }
    }
    this.firstStart = Number.isFinite(first) ? first : Number.NaN;
    this.lastStart = Number.isFinite(last) ? last : Number.NaN;
  }

  rowOf(id: number): number | undefined {
    return this.#rows.get(id);
  }

  text(column: Int32Array, row: number): string {
    return this.texts[column[row] as number] as string;
  }

  /** Where each row's text of that column stands in the order of texts; worked out once a column. */
  ranks(column: Int32Array): Int32Array {
    let ranks = this.#ranks.get(column);
    if (ranks === undefined) {
      const collator = new Intl.Collator('en', { numeric: true });
      const used = [...new Set(column)];
      used.sort((a, b) => collator.compare(this.texts[a] as string, this.texts[b] as string));
      const rankOf = new Int32Array(this.texts.length);
      used.forEach((text, rank) => {
        rankOf[text] = rank;
      });
      ranks = column.map((text) => rankOf[text] as number);
      this.#ranks.set(column, ranks);
    }
    return ranks;
  }

  /** What a search looks through, in small letters; made at the first search. */
  haystack(): readonly string[] {
    if (this.#haystack !== null) return this.#haystack;
    const lower = this.texts.map((text) => text.toLowerCase());
    const made: string[] = [];
    for (let row = 0; row < this.count; row++) {
      const found = (this.findings[row] as number[]).map((text) => lower[text]).join(' ');
      const codes = (this.codes[row] as number[]).join(' ');
      made.push(
        `#${this.id[row]} ${lower[this.client[row] as number]}:${this.clientPort[row]} ` +
          `${lower[this.server[row] as number]}:${this.serverPort[row]} ${lower[this.outcome[row] as number]} ` +
          `${found} ${codes} ${lower[this.from[row] as number]} ${lower[this.to[row] as number]} ` +
          `${lower[this.hello[row] as number]} ${lower[this.headline[row] as number]}`,
      );
    }
    this.#haystack = made;
    return made;
  }
}

export interface Report {
  readonly summary: SummaryPart;
  readonly table: SessionTable;
}

export async function readReport(): Promise<Report> {
  const [summary] = elementsOf('summary');
  if (summary === undefined) throw new Error('The report is incomplete: its end is missing.');
  const parts = await Promise.all(elementsOf('index').map((element) => unpack<IndexPart>(element)));
  return { summary: await unpack<SummaryPart>(summary), table: new SessionTable(parts) };
}

/** Parts that are kept unpacked: neighbours are looked at one after another. */
const KEPT_PARTS = 6;
const unpacked = new Map<number, Promise<SessionsPart>>();

export async function readSession(part: number, place: number): Promise<ShownSession> {
  const { explanations, sessions } = await sessionsPart(part);
  const session = sessions[place];
  if (session === undefined) throw new Error('The report is damaged: this session is missing.');
  const findings = session.findings.map(({ explanation, ...found }) => {
    const common = explanations[explanation];
    if (common === undefined) throw new Error('The report is damaged: an explanation is missing.');
    return { ...found, ...common };
  });
  return { ...session, findings, dialogue: dialogueOf(session.dialogue) };
}

const KINDS = new Map(Object.entries(KIND_LETTERS).map(([kind, letter]) => [letter, kind as ShownTurn['kind']]));

function dialogueOf(columns: EmbeddedDialogue): ShownTurn[] {
  let frame = 0;
  let us = 0;
  return [...columns.kind].map((letter, index) => {
    frame += columns.frame[index] as number;
    const offset = columns.offset[index] as number | null;
    us += offset ?? 0;
    return {
      index,
      from: columns.from[index] === 'c' ? 'client' : 'server',
      kind: KINDS.get(letter as never) ?? 'unparsed',
      frame,
      begun: offset === null ? null : us / 1e6,
      ended: offset === null ? null : (us + (columns.lasted[index] as number)) / 1e6,
      code: columns.code[index] as number | null,
      bytes: columns.bytes[index] as number,
      lines: columns.lines[index]?.split('\n') ?? [],
      capture: columns.capture?.[index] ?? null,
    };
  });
}

/** All sessions, part by part, until `see` says no: for a search. `share` is how much of all it has seen, 0 to 1. */
export async function eachPart(
  see: (part: number, share: number, sessions: readonly EmbeddedSession[]) => boolean,
): Promise<void> {
  const all = elementsOf('sessions');
  for (let part = 0; part < all.length; part++) {
    const { sessions } = await unpack<SessionsPart>(all[part] as Element);
    if (!see(part, (part + 1) / all.length, sessions)) return;
  }
}

function sessionsPart(part: number): Promise<SessionsPart> {
  const known = unpacked.get(part);
  if (known !== undefined) return known;
  const element = elementsOf('sessions')[part];
  if (element === undefined) return Promise.reject(new Error('The report is damaged: a part of it is missing.'));
  const made = unpack<SessionsPart>(element);
  unpacked.set(part, made);
  for (const old of unpacked.keys()) if (unpacked.size > KEPT_PARTS) unpacked.delete(old);
  return made;
}

const elements = new Map<string, readonly Element[]>();

function elementsOf(part: string): readonly Element[] {
  let found = elements.get(part);
  if (found === undefined) {
    found = [...document.querySelectorAll(`script[data-part="${part}"]`)];
    elements.set(part, found);
  }
  return found;
}

async function unpack<Part>(element: Element): Promise<Part> {
  const text = atob(element.textContent ?? '');
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return (await new Response(stream).json()) as Part;
}
