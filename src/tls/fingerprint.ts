/**
 * Fingerprints of a ClientHello, as other tools make them, so that a client can be found again there. JA3: Salesforce's
 * specification. JA4: FoxIO's, technical_details/JA4.md, for TLS over TCP. GREASE is left out of everything.
 */
import { createHash } from 'node:crypto';
import { isGrease } from './names.ts';

/** The numbers of a ClientHello, in its order, GREASE included. */
export interface HelloCodes {
  readonly legacyVersion: number;
  /** Of supported_versions; empty when it has none. */
  readonly versions: readonly number[];
  readonly cipherSuites: readonly number[];
  readonly extensions: readonly number[];
  readonly groups: readonly number[];
  readonly pointFormats: readonly number[];
  readonly signatureAlgorithms: readonly number[];
  /** The first protocol of ALPN, each byte as Latin-1; null when it offers none. */
  readonly alpn: string | null;
}

const SERVER_NAME = 0;
const ALPN = 16;

/** MD5 of `version,ciphers,extensions,groups,point formats`, in decimal. */
export function ja3(hello: HelloCodes): string {
  const lists = [hello.cipherSuites, hello.extensions, hello.groups, hello.pointFormats];
  const text = [hello.legacyVersion, ...lists.map((codes) => withoutGrease(codes).join('-'))].join(',');
  return createHash('md5').update(text).digest('hex');
}

/** `t13d1516h2_8daaf6152771_e5627efa2ab1` */
export function ja4(hello: HelloCodes): string {
  const ciphers = withoutGrease(hello.cipherSuites);
  const extensions = withoutGrease(hello.extensions);
  const hashed = extensions.filter((code) => code !== SERVER_NAME && code !== ALPN).map(hex4);
  const signatures = withoutGrease(hello.signatureAlgorithms).map(hex4).join(',');
  const ending = hashed.length === 0 ? '' : hashed.sort().join(',') + (signatures === '' ? '' : `_${signatures}`);
  return [
    `t${versionCode(hello)}${extensions.includes(SERVER_NAME) ? 'd' : 'i'}` +
      `${twoDigits(ciphers.length)}${twoDigits(extensions.length)}${alpnEnds(hello.alpn)}`,
    hash12(ciphers.map(hex4).sort().join(',')),
    hash12(ending),
  ].join('_');
}

function withoutGrease(codes: readonly number[]): number[] {
  return codes.filter((code) => !isGrease(code));
}

const versionCodes: Record<number, string> = {
  2: 's2',
  768: 's3',
  769: '10',
  770: '11',
  771: '12',
  772: '13',
};

function versionCode({ legacyVersion, versions }: HelloCodes): string {
  const offered = withoutGrease(versions);
  return versionCodes[offered.length === 0 ? legacyVersion : Math.max(...offered)] ?? '00';
}

/** First and last character; where one of them is no letter or digit, those of the bytes in hexadecimal. */
function alpnEnds(alpn: string | null): string {
  if (alpn === null || alpn === '') return '00';
  const ends = `${alpn[0]}${alpn.at(-1)}`;
  if (/^[0-9A-Za-z]{2}$/.test(ends)) return ends;
  const hex = Buffer.from(alpn, 'latin1').toString('hex');
  return `${hex[0]}${hex.at(-1)}`;
}

function hash12(text: string): string {
  return text === '' ? '000000000000' : createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function hex4(code: number): string {
  return code.toString(16).padStart(4, '0');
}

function twoDigits(count: number): string {
  return String(Math.min(99, count)).padStart(2, '0');
}
