/** A part of sessions as JSON, grown session by session; what findings of a rule have in common is told once in it. */
import type { SessionRecord } from '../../report/record.ts';
import type { EmbeddedFinding, EmbeddedSession, Explanation } from './embedded.ts';

export class SessionsPartText {
  count = 0;
  /** Characters so far. */
  length = 0;
  #sessions: string[] = [];
  readonly #explanations = new Map<string, number>();

  add(record: SessionRecord): void {
    const embedded: EmbeddedSession = { ...record, findings: record.findings.map((found) => this.#embedded(found)) };
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
