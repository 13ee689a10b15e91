/** The index of a report as columns (`IndexPart`), grown session by session. */
import type { SessionRecord } from '../../report/record.ts';
import type { SessionReport } from '../../report/report.ts';
import type { IndexPart } from './embedded.ts';

/** Paths of one session that the list shows and searches, and characters of them. */
const PATHS = 5;
const PATHS_CHARACTERS = 400;
const HELLO_CHARACTERS = 120;
const CODES = 8;

export class IndexColumns {
  #columns = emptyColumns();
  readonly #texts = new Map<string, number>();

  get count(): number {
    return this.#columns.id.length;
  }

  add({ session }: SessionReport, record: SessionRecord, where: { part: number; place: number }): void {
    const columns = this.#columns;
    const { client, server, transport, transactions, encryption } = record;
    columns.id.push(record.id);
    columns.start.push(record.start === null ? null : session.start.us / 1000);
    columns.duration.push(record.durationSeconds);
    columns.client.push(this.#text(client.address));
    columns.clientPort.push(client.port);
    columns.server.push(this.#text(server.address));
    columns.serverPort.push(server.port);
    columns.outcome.push(this.#text(record.outcome));
    columns.findings.push(record.findings.map(({ severity, rule }) => this.#text(`${severity} ${rule}`)));
    const refusals = record.dialogue.flatMap(({ code }) => (code !== null && code >= 400 ? [code] : []));
    columns.codes.push([...new Set(refusals)].slice(0, CODES));
    columns.from.push(this.#text(few(transactions.map(({ from }) => from))));
    columns.to.push(this.#text(few(transactions.flatMap(({ recipients }) => recipients.map(({ to }) => to)))));
    columns.hello.push(this.#text((record.hello?.name ?? '').slice(0, HELLO_CHARACTERS)));
    columns.headline.push(this.#text(record.headline));
    columns.messages.push(transactions.reduce((sum, { message }) => sum + (message === null ? 0 : 1), 0));
    columns.bytes.push(transport.client.bytes + transport.server.bytes);
    columns.tls.push(encryption === null ? 0 : encryption.outcome === 'established' ? 1 : 2);
    columns.part.push(where.part);
    columns.place.push(where.place);
  }

  /** The columns as JSON; the next ones begin empty. */
  take(): string {
    const part: IndexPart = { texts: [...this.#texts.keys()], ...this.#columns };
    this.#columns = emptyColumns();
    this.#texts.clear();
    return JSON.stringify(part);
  }

  #text(text: string): number {
    let index = this.#texts.get(text);
    if (index === undefined) {
      index = this.#texts.size;
      this.#texts.set(text, index);
    }
    return index;
  }
}

/** The first few of them, each once, and how many there are. */
function few(paths: readonly string[]): string {
  const different = [...new Set(paths)];
  const shown = different.slice(0, PATHS).join(', ').slice(0, PATHS_CHARACTERS);
  return different.length > PATHS ? `${shown}, and ${different.length - PATHS} more` : shown;
}

function emptyColumns(): Omit<IndexPart, 'texts'> {
  return {
    id: [],
    start: [],
    duration: [],
    client: [],
    clientPort: [],
    server: [],
    serverPort: [],
    outcome: [],
    findings: [],
    codes: [],
    from: [],
    to: [],
    hello: [],
    headline: [],
    messages: [],
    bytes: [],
    tls: [],
    part: [],
    place: [],
  };
}
