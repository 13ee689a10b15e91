/** How many attempts to each server fell out of the table of half-open ones: numbers alone, since it may be millions. */
import { formatIpv4, formatIpv6 } from '../wire/addresses.ts';
import type { Endpoint } from './transport-facts.ts';

/** Servers that are counted apart. */
const SERVERS = 1_000;
const SLOTS = 2_048;
const WORDS = 7;

export class ForgottenServers {
  readonly #words = new Int32Array(SLOTS * WORDS);
  #servers = 0;
  /** Attempts to further servers. */
  others = 0;

  count(version: number, a: number, b: number, c: number, d: number, port: number): void {
    const words = this.#words;
    const mixed = Math.imul(d ^ Math.imul(c ^ Math.imul(b ^ Math.imul(a, 31), 31), 31) ^ (port << 8), 0x9e3779b1);
    for (let slot = mixed >>> 21; ; slot = (slot + 1) & (SLOTS - 1)) {
      const at = slot * WORDS;
      if (words[at] === 0) {
        if (this.#servers === SERVERS) {
          this.others++;
          return;
        }
        this.#servers++;
        words[at] = 1;
        words[at + 1] = a;
        words[at + 2] = b;
        words[at + 3] = c;
        words[at + 4] = d;
        words[at + 5] = (version << 16) | port;
        words[at + 6] = 0;
      } else if (
        words[at + 4] !== d ||
        words[at + 5] !== ((version << 16) | port) ||
        words[at + 3] !== c ||
        words[at + 2] !== b ||
        words[at + 1] !== a
      ) {
        continue;
      }
      words[at + 6] = (words[at + 6] as number) + 1;
      return;
    }
  }

  /** The servers, those that lost most first. */
  list(): { readonly server: Endpoint; readonly attempts: number }[] {
    const words = this.#words;
    const found = [];
    for (let at = 0; at < words.length; at += WORDS) {
      if (words[at] === 0) continue;
      const [, a, b, c, d, port, attempts] = words.subarray(at, at + WORDS) as unknown as number[];
      const isV4 = (port as number) >> 16 === 4;
      const address = isV4 ? formatIpv4(d as number) : formatIpv6(a as number, b as number, c as number, d as number);
      found.push({ server: { address, port: (port as number) & 0xffff }, attempts: attempts as number });
    }
    return found.sort((x, y) => y.attempts - x.attempts);
  }
}
