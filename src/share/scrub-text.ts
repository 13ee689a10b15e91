/**
 * Lines of a dialogue without what is in them of anybody: words of the protocol stay, everything else is replaced by as
 * many characters of the same kinds. Texts are Latin-1, a character a byte, and keep their length.
 */

import { parseAddress } from '../wire/addresses.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { scrubNtlm } from './scrub-ntlm.ts';
import { HEADER_WORDS, HOST_WORDS, MIME_WORDS, PROTOCOL_WORDS } from './words.ts';

/** Which words of a text stay. */
type Keep = (word: string) => boolean;

const KEEP_PROTOCOL: Keep = (word) => PROTOCOL_WORDS.has(word);
const KEEP_HOST: Keep = (word) => HOST_WORDS.has(word);
const KEEP_MIME: Keep = (word) => MIME_WORDS.has(word) || DATE_WORDS.has(word);
const KEEP_NOTHING: Keep = () => false;

const DATE_WORDS: ReadonlySet<string> = new Set(
  'mon tue wed thu fri sat sun jan feb mar apr may jun jul aug sep oct nov dec gmt utc'.split(' '),
);

/** Words that stand for nothing else, in any place. */
export function isReserved(word: string): boolean {
  return PROTOCOL_WORDS.has(word) || HOST_WORDS.has(word) || MIME_WORDS.has(word) || HEADER_WORDS.has(word);
}

const VERBS =
  /^(?:EHLO|HELO|LHLO|MAIL|RCPT|DATA|RSET|NOOP|QUIT|HELP|VRFY|EXPN|TURN|ETRN|ATRN|AUTH|STARTTLS|BDAT|BURL|SEND|SOML|SAML|XCLIENT|XFORWARD)$/i;
const HOST_VERBS = /^(?:EHLO|HELO|LHLO|ETRN|ATRN)$/i;
const PATH_VERBS = /^(?:MAIL|RCPT|VRFY|EXPN|SEND|SOML|SAML)$/i;

/** Digits in a row that may be a number of somebody; shorter ones are sizes, years, times. */
const LONG_NUMBER = 5;
/** Digits with hyphens between them: a telephone number. */
const LONG_TOKEN = 7;
/** An address in the name of a host: `dsl-192-0-2-7`. */
const MANY_NUMBERS = 4;

export class TextScrubber {
  readonly #names: Pseudonyms;

  constructor(names: Pseudonyms) {
    this.#names = names;
  }

  /** A command line, its line end included. */
  command(line: string): string {
    const match = /^(\s*)(\S+)([\s\S]*)$/.exec(line);
    if (match === null) return line;
    const [, space = '', verb = '', rest = ''] = match;
    if (!VERBS.test(verb)) return this.#text(line, KEEP_PROTOCOL, false);
    if (/^AUTH$/i.test(verb)) return space + verb + this.#authArguments(rest);
    if (HOST_VERBS.test(verb)) return space + verb + this.#text(rest, KEEP_HOST, false);
    if (PATH_VERBS.test(verb)) return space + verb + this.#pathArguments(rest);
    return space + verb + this.#text(rest, KEEP_PROTOCOL, true);
  }

  /** A line of a reply, its line end included. `isOffer`: numbers in it are parameters of extensions. */
  reply(line: string, isOffer: boolean, isChallenge: boolean): string {
    const [, code = '', text = ''] = /^(\d{3}[ -]?)?([\s\S]*)$/.exec(line) ?? [];
    if (isChallenge) {
      const [, content = '', end = ''] = /^(\S*)([\s\S]*)$/.exec(text) ?? [];
      const scrubbed = this.sasl(content, 'challenge');
      if (scrubbed !== null) return code + scrubbed + end;
    }
    return code + this.#text(text, KEEP_PROTOCOL, isOffer);
  }

  /** A line of the client inside of an AUTH exchange. */
  auth(line: string, step: string | null): string {
    const [, space = '', content = '', end = ''] = /^(\s*)(\S*)([\s\S]*)$/.exec(line) ?? [];
    if (content === '*' || content === '=' || content === '') return line;
    return (
      space +
      (this.sasl(content, step === 'password' ? 'secret' : 'response') ?? this.#alphabet(content)) +
      this.#text(end, KEEP_NOTHING, false)
    );
  }

  /** One line of a header section. */
  header(line: string): string {
    const match = /^([!-9;-~]+)([ \t]*:)([\s\S]*)$/.exec(line);
    if (match === null) return this.#text(line, KEEP_MIME, false);
    const [, name = '', colon = '', value = ''] = match;
    const shown = this.#text(name, (word) => HEADER_WORDS.has(word), false);
    const isDate = /^date$/i.test(name);
    return shown + colon + this.#text(value, KEEP_MIME, isDate);
  }

  /** A foreign protocol, or what could not be parsed. */
  other(text: string): string {
    return this.#text(text, KEEP_PROTOCOL, false);
  }

  /** The name of a host, wherever it stands. */
  host(name: string): string {
    return this.#text(name, KEEP_HOST, false);
  }

  #authArguments(rest: string): string {
    const match = /^(\s+)([\w-]+)(\s*)(\S*)([\s\S]*)$/.exec(rest);
    if (match === null) return this.#text(rest, KEEP_PROTOCOL, false);
    const [, space = '', mechanism = '', gap = '', response = '', end = ''] = match;
    const shown = space + this.#text(mechanism, KEEP_PROTOCOL, true) + gap;
    if (response === '' || response === '=' || response === '*') return shown + response + end;
    return shown + (this.sasl(response, 'response') ?? this.#alphabet(response)) + this.#text(end, KEEP_NOTHING, false);
  }

  /** ` FROM:<anna@mail.example> SIZE=100`: keywords and numbers stay, paths do not. */
  #pathArguments(rest: string): string {
    const match = /^(\s*(?:FROM|TO)\s*:\s*|\s+)(<[^>\r\n]*>?|[^\s<]*)([\s\S]*)$/i.exec(rest);
    if (match === null) return this.#text(rest, KEEP_PROTOCOL, true);
    const [, lead = '', path = '', parameters = ''] = match;
    const rebuilt = parameters.replace(/\S+/g, (parameter) => {
      const equals = parameter.indexOf('=');
      if (equals < 0) return this.#text(parameter, KEEP_PROTOCOL, false);
      const key = parameter.slice(0, equals);
      const value = parameter.slice(equals + 1);
      const isNumber = /^(?:SIZE|BY|HOLDFOR|MT-PRIORITY)$/i.test(key) && /^[\d;A-Z-]{1,20}$/i.test(value);
      const isWord = /^(?:BODY|RET|NOTIFY)$/i.test(key);
      const shown = isNumber ? value : this.#text(value, isWord ? KEEP_PROTOCOL : (word) => word === 'rfc822', false);
      return `${this.#text(key, KEEP_PROTOCOL, true)}=${shown}`;
    });
    return lead + this.#path(path) + rebuilt;
  }

  #path(path: string): string {
    const at = path.lastIndexOf('@');
    if (at < 0) return this.#text(path, (word) => word === 'postmaster', false);
    return (
      this.#text(path.slice(0, at), (word) => word === 'postmaster', false) +
      path[at] +
      this.#text(path.slice(at + 1), KEEP_HOST, false)
    );
  }

  /**
   * Base64 of a SASL message: taken apart, scrubbed, put together again. Null where it is not base64.
   * `secret`: nothing in it stays.
   */
  sasl(text: string, what: 'challenge' | 'response' | 'secret'): string | null {
    if (text === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
    const bytes = Buffer.from(text, 'base64');
    if (bytes.toString('base64') !== text) return null;
    const content = bytes.toString('latin1');
    if (what === 'challenge' && /^(?:user ?name|password|login|user|pass)\W*$/i.test(content)) return text;
    return Buffer.from(this.#saslContent(content, what), 'latin1').toString('base64');
  }

  #saslContent(content: string, what: 'challenge' | 'response' | 'secret'): string {
    if (what === 'secret') return this.#secret(content);
    if (content.startsWith('NTLMSSP\0')) {
      return scrubNtlm(Buffer.from(content, 'latin1'), this.#names.bytes(`ntlm ${content}`, content.length)).toString(
        'latin1',
      );
    }
    const parts = content.split('\0');
    if (parts.length === 3) {
      const [authorization = '', user = '', password = ''] = parts;
      return [this.#path(authorization), this.#path(user), this.#secret(password)].join('\0');
    }
    if (BINARY.test(content)) return this.#names.bytes(`sasl ${content}`, content.length).toString('latin1');
    // Pairs of a key and a value, in one of three ways of writing them; else a name, or a challenge like an address.
    if (content.search(PAIRS) < 0) return this.#text(content, KEEP_NOTHING, false);
    return content.replace(
      PAIRS,
      (_, lead: string, key: string, value: string) =>
        `${lead}${SASL_KEYS.has(key.toLowerCase()) ? key : this.#names.word(key)}=${this.#text(value, SASL_VALUE, false)}`,
    );
  }

  /** Of a password its length stays, and what may be wrong with it: spaces, controls, octets above 127. */
  #secret(content: string): string {
    const random = this.#names.bytes(`secret ${content}`, content.length);
    return content
      .replace(/[!-~]/g, (_, at: number) => String.fromCharCode(97 + ((random[at] as number) % 26)))
      .replace(/[\x80-\xff]+/g, (word) => this.#names.word(word));
  }

  /** What looks like base64 and is not: its alphabet stays, and nothing else. */
  #alphabet(text: string): string {
    return text.replace(/[A-Za-z0-9]+|[\x80-\xff]+/g, (word) => this.#names.word(word));
  }

  #text(text: string, keep: Keep, keepNumbers: boolean): string {
    let out = '';
    let at = 0;
    for (const { start, end, shown } of this.#addresses(text)) {
      out += this.#tokens(text.slice(at, start), keep, keepNumbers) + shown;
      at = end;
    }
    return out + this.#tokens(text.slice(at), keep, keepNumbers);
  }

  #addresses(text: string): { start: number; end: number; shown: string }[] {
    const found: { start: number; end: number; shown: string }[] = [];
    for (const match of text.matchAll(/(^|[^A-Za-z0-9.:]|IPv6:)([0-9A-Fa-f.:]{3,45})(?![A-Za-z0-9])/gi)) {
      const word = (match[2] as string).replace(/[.:]+$/, '');
      if (!/\d/.test(word) || parseAddress(word) === null) continue;
      const start = match.index + (match[1] as string).length;
      const shown = this.#names.address(word);
      if (shown !== null && shown.length === word.length) found.push({ start, end: start + word.length, shown });
    }
    return found;
  }

  #tokens(text: string, keep: Keep, keepNumbers: boolean): string {
    return text.replace(/[A-Za-z0-9._@+%~\-\x80-\xff]+/g, (token: string, at: number) =>
      // An expansion of Exim, in an address too.
      token === 'run' && text.startsWith('${', at - 2) ? token : this.#token(token, keep, keepNumbers),
    );
  }

  #token(token: string, keep: Keep, keepNumbers: boolean): string {
    if (keep === KEEP_NOTHING) return this.#words(token, keep, false);
    const at = token.lastIndexOf('@');
    if (at >= 0) {
      const local = this.#words(token.slice(0, at), (word) => word === 'postmaster', false);
      return `${local}@${this.#words(token.slice(at + 1), KEEP_HOST, false)}`;
    }
    // Versions and enhanced status codes.
    if (/^\d{1,3}(?:\.\d{1,3}){1,3}$/.test(token)) return this.#names.address(token) ?? token;
    const isHost = /[A-Za-z0-9\x80-\xff]\.[A-Za-z0-9\x80-\xff]/.test(token);
    if (isHost) return this.#words(token, KEEP_HOST, false);
    const bare = token.toLowerCase();
    if (keep(bare)) return token;
    return this.#words(token, keep, keepNumbers);
  }

  #words(token: string, keep: Keep, keepNumbers: boolean): string {
    const numbers = token.match(/\d+/g) ?? [];
    const isLong = numbers.length >= MANY_NUMBERS || numbers.join('').length >= LONG_TOKEN;
    return token.replace(/[A-Za-z0-9\x80-\xff]+/g, (word) => {
      if (keep(word.toLowerCase()) || CROSSED_OUT.test(word)) return word;
      if (/^\d+$/.test(word) && keep !== KEEP_NOTHING && (keepNumbers || (word.length < LONG_NUMBER && !isLong)))
        return word;
      return this.#names.word(word);
    });
  }
}

/** What a device on the path writes over keywords. */
const CROSSED_OUT = /^X{4,}[A-C]?$/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const BINARY = /[\0\x02-\x08\x0e-\x1f]/;
/** RFC 5801, 5802: pairs behind commas; RFC 7628: behind ^A. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: ^A parts the pairs
const PAIRS = /((?:^|[,\x01])\s*)([a-z-]{1,16})=([^,\x01]*)/gi;

const SASL_KEYS: ReadonlySet<string> = new Set(
  'user auth host port n r c s i p v e a m gs username realm nonce cnonce nc qop digest-uri response charset algorithm maxbuf cipher rspauth stale authzid'.split(
    ' ',
  ),
);
const SASL_WORDS: ReadonlySet<string> = new Set('bearer auth int conf utf 8 md5 sess smtp true false'.split(' '));
const SASL_VALUE: Keep = (word) => SASL_WORDS.has(word);
