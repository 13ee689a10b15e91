/** A part of sessions as JSON, grown session by session; what findings of a rule have in common is told once in it. */
import type { SessionRecord, TurnRecord } from '../../report/record.ts';
import {
  type EmbeddedDialogue,
  type EmbeddedFinding,
  type EmbeddedSession,
  type Explanation,
  KIND_LETTERS,
} from './embedded.ts';

export class SessionsPartText {
  count = 0;
  /** Characters so far. */
  length = 0;
  #sessions: string[] = [];
  readonly #explanations = new Map<string, number>();

  add(record: SessionRecord): void {
    const { greeting: _greeting, extensions: _extensions, ...rest } = record;
    const embedded: EmbeddedSession = {
      ...rest,
      dialogue: dialogueOf(record),
      findings: record.findings.map((found) => this.#embedded(found)),
    };
    const text = JSON.stringify(embedded);
    this.#sessions.push(text);
    this.length += text.length;
    this.count++;
  }

  /** The part as JSON (`SessionsPart`); the next one begins empty. */
  take(): string {
    const text = `{"explanations":[${[...this.#explanations.keys()].join(',')}],"sessions":[${this.#sessions.join(',')}]}`;
    this.#sessions = [];
    this.#explanations.clear();
    this.length = 0;
    this.count = 0;
    return text;
  }

  #embedded({ title, causes, remedies, references, ...found }: SessionRecord['findings'][number]): EmbeddedFinding {
    const common: Explanation = { title, causes, remedies, references };
    const text = JSON.stringify(common);
    let explanation = this.#explanations.get(text);
    if (explanation === undefined) {
      explanation = this.#explanations.size;
      this.#explanations.set(text, explanation);
      this.length += text.length;
    }
    return { ...found, explanation };
  }
}

function dialogueOf({ dialogue }: SessionRecord): EmbeddedDialogue {
  const columns: EmbeddedDialogue = {
    from: '',
    kind: '',
    frame: [],
    offset: [],
    lasted: [],
    code: [],
    bytes: [],
    lines: [],
    capture: dialogue[0]?.capture === undefined ? null : [],
  };
  let frame = 0;
  let offset = 0;
  for (const turn of dialogue) {
    columns.from += turn.from === 'client' ? 'c' : 's';
    columns.kind += KIND_LETTERS[turn.kind];
    columns.frame.push(turn.frame - frame);
    frame = turn.frame;
    const begun = turn.offsetSeconds === null ? null : micros(turn.offsetSeconds);
    columns.offset.push(begun === null ? null : rounded(begun - offset));
    offset = begun ?? offset;
    columns.lasted.push(lastedOf(turn));
    columns.code.push(turn.code);
    columns.bytes.push(turn.bytes);
    columns.lines.push(turn.lines.length === 0 ? null : turn.lines.join('\n'));
    if (turn.capture !== undefined) columns.capture?.push(turn.capture);
  }
  return columns;
}

/** To the nanosecond, which is as exact as a capture is. */
function micros(seconds: number): number {
  return rounded(seconds * 1e6);
}

function rounded(us: number): number {
  return Math.round(us * 1000) / 1000;
}

/** Most turns came in one packet: their two times are the same text. */
function lastedOf({ time, endTime }: TurnRecord): number {
  if (time === endTime || time === null || endTime === null) return 0;
  const fraction = (text: string): number => Number(text.slice(19, -1));
  const whole = Date.parse(`${endTime.slice(0, 19)}Z`) - Date.parse(`${time.slice(0, 19)}Z`);
  return micros(whole / 1000 + fraction(endTime) - fraction(time));
}
