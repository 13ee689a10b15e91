/** What each server of a run offered in its EHLO replies: the rows of the capability matrix. */
import type { SessionRecord } from '../../report/record.ts';
import type { Offer, ServerEntry } from './embedded.ts';

/** Servers that are kept apart, and different offers of each. A load balancer has two or three; chance, thousands. */
const MAX_SERVERS = 500;
const MAX_OFFERS = 6;

export class Servers {
  readonly #entries = new Map<string, { readonly entry: ServerEntry; readonly offers: Map<string, Offer> }>();
  readonly #omitted = new Set<string>();

  add(record: SessionRecord): void {
    const { greeting, extensions, encryption } = record;
    if (greeting === null && Object.keys(extensions).length === 0) return;
    const { address, port } = record.server;
    const key = `${address} ${port}`;
    let known = this.#entries.get(key);
    if (known === undefined) {
      if (this.#entries.size >= MAX_SERVERS) {
        if (this.#omitted.size < 100_000) this.#omitted.add(key);
        return;
      }
      known = { entry: { address, port, sessions: 0, greeting: null, tlsSessions: 0, offers: [] }, offers: new Map() };
      this.#entries.set(key, known);
    }
    const { entry, offers } = known;
    entry.sessions++;
    if (greeting !== null) entry.greeting = (greeting.lines[0] ?? '').slice(4, 204);
    if (encryption?.outcome === 'established') entry.tlsSessions++;
    if (Object.keys(extensions).length === 0) return;
    const text = JSON.stringify(extensions);
    const offer = offers.get(text);
    if (offer !== undefined) offer.sessions++;
    else if (offers.size < MAX_OFFERS) offers.set(text, { extensions, sessions: 1, session: record.id });
  }

  /** Most sessions first. */
  entries(): { servers: ServerEntry[]; serversOmitted: number } {
    const servers = [...this.#entries.values()].map(({ entry, offers }) => ({
      ...entry,
      offers: [...offers.values()].sort((a, b) => b.sessions - a.sessions),
    }));
    return { servers: servers.sort((a, b) => b.sessions - a.sessions), serversOmitted: this.#omitted.size };
  }
}
