/**
 * Stand-ins for what must not be shown: the same for the same thing all through a run, of the same length and the same
 * kinds of characters, and without any way back. Words are drawn at random, not computed from what they replace;
 * addresses are permuted octet by octet, so that each keeps its class (private stays private), its length as text, and
 * its neighbourhood: two addresses of one network stay so.
 */
import { createHmac } from 'node:crypto';
import { formatIpv4, parseAddress } from '../wire/addresses.ts';

const PAD_BYTES = 8192;

export class Pseudonyms {
  readonly #secret: Buffer;
  readonly #reserved: (word: string) => boolean;
  readonly #words = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #octets = new Map<string, readonly number[]>();
  readonly #pads = new Map<number, Buffer>();

  /**
   * @param secret drawn anew for each run, and thrown away
   * @param reserved words that mean something and therefore stand for nothing else
   */
  constructor(secret: Buffer, reserved: (word: string) => boolean) {
    this.#secret = secret;
    this.#reserved = reserved;
  }

  /** A word of the same length; case and digits where they were, octets above 127 in a form as valid as before. */
  word(original: string): string {
    // Of ASCII alone: octets above 127 are no letters of Latin-1 here.
    const key = original.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    let drawn = this.#words.get(key);
    if (drawn === undefined) {
      for (let attempt = 0; attempt < 64; attempt++) {
        drawn = this.#draw(key, `word ${attempt} ${key}`);
        if (!this.#taken.has(drawn) && !this.#reserved(drawn)) break;
      }
      this.#words.set(key, drawn as string);
      this.#taken.add(drawn as string);
    }
    return [...(drawn as string)]
      .map((letter, at) => (/[A-Z]/.test(original[at] as string) ? letter.toUpperCase() : letter))
      .join('');
  }

  /** `count` random bytes that belong to a name. */
  bytes(name: string, count: number): Buffer {
    const parts: Buffer[] = [];
    for (let at = 0, block = 0; at < count; at += 32, block++) parts.push(this.#hash(`bytes ${block} ${name}`));
    return Buffer.concat(parts).subarray(0, count);
  }

  /** The byte that stands for `byte` at a place of a text: a letter for a letter, and nothing of which one. */
  textByte(byte: number, place: number): number {
    const random = this.#padByte(place);
    if (byte >= 97 && byte <= 122) return 97 + (random % 26);
    if (byte >= 65 && byte <= 90) return 65 + (random % 26);
    if (byte >= 48 && byte <= 57) return 48 + (random % 10);
    return byte >= 0x80 && byte < 0xc0 ? 0xa0 | (random & 0x1f) : byte;
  }

  /** A byte for a place that is no text. */
  opaqueByte(place: number): number {
    return this.#padByte(place);
  }

  /** Null where the text is no address. Keeps how it is written: zeros in front, letters, `::`. */
  address(text: string): string | null {
    const parsed = parseAddress(text);
    if (parsed === null) return null;
    if (parsed.version === 4) return formatIpv4(this.ipv4(parsed.ints[3]));
    const [head, dotted] = splitDotted(text);
    const mapped = this.#groups(parsed.ints);
    const tail = dotted === null ? '' : formatIpv4(((mapped[6] as number) << 16) | (mapped[7] as number));
    const written = head.split(':');
    const count = written.filter((group) => group !== '').length;
    const groups = dotted === null ? mapped : mapped.slice(0, 6);
    const gap = head.indexOf('::');
    const before =
      gap < 0
        ? count
        : head
            .slice(0, gap)
            .split(':')
            .filter((group) => group !== '').length;
    let seen = 0;
    return (
      written
        .map((group) => {
          if (group === '') return '';
          const index = seen < before ? seen : groups.length - (count - seen);
          seen++;
          const hex = (groups[index] as number).toString(16).padStart(group.length, '0');
          return /[A-F]/.test(group) ? hex.toUpperCase() : hex;
        })
        .join(':') + tail
    );
  }

  ipv4(address: number): number {
    const octets = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255);
    const [a, b] = octets as [number, number];
    const kept =
      a === 10 || a === 127 || a === 0 || a >= 224
        ? a === 10
          ? 1
          : 4
        : (a === 192 && b === 168) || (a === 169 && b === 254)
          ? 2
          : 0;
    const isCarrier = a === 100 && isSpecialSecond(a, b);
    const isTwelve = a === 172 && isSpecialSecond(a, b);
    const mapped = octets.map((octet, place) => {
      if (place < kept) return octet;
      const prefix = octets.slice(0, place).join('.');
      if (place === 0) return isCarrier || isTwelve ? octet : this.#permuted(prefix, octet, PUBLIC_FIRST);
      if (place === 1 && isCarrier) return this.#permuted(prefix, octet, (value) => value >= 64 && value < 128);
      if (place === 1 && isTwelve) return this.#permuted(prefix, octet, (value) => value >= 16 && value < 32);
      if (place === 1) return this.#permuted(prefix, octet, (value) => !isSpecialSecond(a, value));
      return this.#permuted(prefix, octet, () => true);
    });
    return (
      ((mapped[0] as number) << 24) |
      ((mapped[1] as number) << 16) |
      ((mapped[2] as number) << 8) |
      (mapped[3] as number)
    );
  }

  /** Four integers, as addresses.ts has them. */
  ipv6(ints: readonly [number, number, number, number]): [number, number, number, number] {
    const groups = this.#groups(ints);
    const int = (at: number): number => ((groups[at] as number) << 16) | (groups[at + 1] as number);
    return [int(0), int(2), int(4), int(6)];
  }

  #groups(ints: readonly [number, number, number, number]): number[] {
    const groups = ints.flatMap((int) => [int >>> 16, int & 0xffff]);
    const [a, b, c, d] = ints;
    if (a === 0 && b === 0 && (c === 0xffff || c === 0)) {
      if (c === 0 && d >>> 16 === 0) return groups; // ::, ::1
      const inner = this.ipv4(d);
      return [...groups.slice(0, 6), inner >>> 16, inner & 0xffff];
    }
    return groups.map((group, place) => {
      const prefix = groups.slice(0, place).join(':');
      if (place === 0) {
        if (group >>> 8 === 0xfd || group >>> 8 === 0xfc) return (group & 0xff00) | this.#low(prefix, group & 255);
        if (group >>> 13 !== 1 || group === 0x2001 || group === 0x2002) return group;
      }
      if (place === 1 && (groups[0] === 0x2001 || groups[0] === 0xfe80))
        return group === 0xdb8 ? group : this.#group(prefix, group);
      return this.#group(prefix, group, place === 0);
    });
  }

  /** A group with as many digits; of the first, what is global unicast. */
  #group(prefix: string, group: number, isFirst = false): number {
    if (group === 0) return 0;
    const digits = group.toString(16).length;
    const least = digits === 1 ? 1 : 16 ** (digits - 1);
    const count = 16 ** digits - least;
    for (let attempt = 0; ; attempt++) {
      const drawn = least + (this.#hash(`group ${attempt} ${prefix} ${group}`).readUInt32BE(0) % count);
      if (!isFirst) return drawn;
      const global = 0x2000 | (drawn & 0x1fff);
      if (global !== 0x2001 && global !== 0x2002) return global;
    }
  }

  #low(prefix: string, byte: number): number {
    return this.#hash(`low ${prefix} ${byte}`)[0] as number;
  }

  /** Another octet with as many digits for which `allowed` holds, as it does for `octet`; none stands for two. */
  #permuted(prefix: string, octet: number, allowed: (octet: number) => boolean): number {
    const digits = String(octet).length;
    const key = `${prefix} ${digits}`;
    let order = this.#octets.get(key);
    const members = OCTETS.filter((value) => String(value).length === digits && allowed(value));
    if (order === undefined) {
      order = members
        .map((value) => [this.#hash(`octet ${key} ${value}`).readUInt32BE(0), value] as const)
        .sort((one, other) => one[0] - other[0])
        .map(([, value]) => value);
      this.#octets.set(key, order);
    }
    return order[members.indexOf(octet)] ?? octet;
  }

  #draw(key: string, name: string): string {
    const random = this.bytes(name, key.length);
    let lead = 0;
    return [...key]
      .map((letter, at) => {
        const code = letter.charCodeAt(0);
        const before = lead;
        lead = code;
        // Which octets may follow these four depends on them (RFC 3629 §4): what follows stays.
        if (code >= 0x80 && code < 0xc0)
          return [0xe0, 0xed, 0xf0, 0xf4].includes(before)
            ? letter
            : String.fromCharCode(0x80 | ((random[at] as number) & 0x3f));
        if (code >= 97 && code <= 122) return String.fromCharCode(97 + ((random[at] as number) % 26));
        return code >= 48 && code <= 57 ? String.fromCharCode(48 + ((random[at] as number) % 10)) : letter;
      })
      .join('');
  }

  #padByte(place: number): number {
    const number = Math.floor(place / PAD_BYTES);
    let pad = this.#pads.get(number);
    if (pad === undefined) {
      pad = this.bytes(`pad ${number}`, PAD_BYTES);
      if (this.#pads.size > 64) this.#pads.clear();
      this.#pads.set(number, pad);
    }
    return pad[place % PAD_BYTES] as number;
  }

  #hash(text: string): Buffer {
    return createHmac('sha256', this.#secret).update(text, 'latin1').digest();
  }
}

const OCTETS = Array.from({ length: 256 }, (_, octet) => octet);

/** First octets of public unicast addresses that share theirs with no special network. */
const PUBLIC_FIRST = (octet: number): boolean =>
  octet > 0 && octet < 224 && ![10, 100, 127, 169, 172, 192].includes(octet);

/** Second octets behind which a network of its own kind begins. */
function isSpecialSecond(first: number, second: number): boolean {
  if (first === 100) return second >= 64 && second < 128;
  if (first === 172) return second >= 16 && second < 32;
  return (first === 169 && second === 254) || (first === 192 && second === 168);
}

function splitDotted(text: string): [string, string | null] {
  const at = text.lastIndexOf(':') + 1;
  return text.slice(at).includes('.') ? [text.slice(0, at), text.slice(at)] : [text, null];
}
