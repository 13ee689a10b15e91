/**
 * What the two hello messages say (RFC 8446 §4.1, RFC 5246 §7.4.1). They are read for what is in them: a list that runs
 * past its end is read up to there, and nothing of it is an error here.
 */
import { u16be } from '../bytes/read.ts';
import { latin1 } from '../bytes/text.ts';
import { type HelloCodes, ja3, ja4 } from './fingerprint.ts';
import type { Budget } from './limits.ts';
import { cipherSuiteName, groupName, isGrease, isSignallingSuite, signatureSchemeName, versionName } from './names.ts';

export interface ClientHello {
  /** What it accepts, as listed (`TLSv1.3`, `TLSv1.2`); without such a list the one version that it names as highest. */
  readonly versions: readonly string[];
  /** The version of the record that carried it; null for a hello in the framing of SSL 2. */
  readonly recordVersion: string | null;
  /** The host that it asks for (SNI, RFC 6066 §3), each byte as Latin-1; null when it does not say. */
  readonly serverName: string | null;
  /** Protocols of ALPN (RFC 7301), in its order. */
  readonly alpn: readonly string[];
  /** Cipher suites on offer; GREASE and signalling values not counted. */
  readonly cipherSuiteCount: number;
  /** Their names, in its order, as far as kept. */
  readonly cipherSuites: readonly string[];
  /** Key exchange groups in its order, and those of them for which it sent a share at once. */
  readonly supportedGroups: readonly string[];
  readonly keyShares: readonly string[];
  /** What it takes for signatures, in its order. */
  readonly signatureAlgorithms: readonly string[];
  /** Of the handshake message, its header of 4 bytes included. */
  readonly sizeBytes: number;
  /** Records that it came in: more than one where it was fragmented. */
  readonly records: number;
  /** JA3 and JA4, worked out when asked for; null for a hello in the framing of SSL 2. */
  readonly ja3: string | null;
  readonly ja4: string | null;
}

export interface ServerHello {
  /** The version chosen: `TLSv1.3`. */
  readonly version: string;
  /** The same as a number: 0x0304. */
  readonly versionCode: number;
  /** The cipher suite chosen: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
  readonly cipherCode: number;
  /** The key exchange group: from the hello in TLS 1.3, from ServerKeyExchange before; null when none is shown. */
  readonly group: string | null;
  /** Bits of the prime of a finite-field exchange before TLS 1.3 (RFC 5246 §7.4.3); null for every other. */
  readonly dhBits: number | null;
  /** It goes on from an earlier session by a pre-shared key of TLS 1.3: no certificate is sent. */
  readonly preSharedKey: boolean;
}

/** A ServerHello, or the HelloRetryRequest that looks like one. */
interface ServerHelloMessage {
  readonly hello: ServerHello;
  readonly isRetryRequest: boolean;
}

const Extension = {
  serverName: 0,
  supportedGroups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  alpn: 16,
  preSharedKey: 41,
  supportedVersions: 43,
  keyShare: 51,
} as const;

/** RFC 8446 §4.1.3: the SHA-256 of "HelloRetryRequest" in place of the random bytes. */
const RETRY_RANDOM = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

/** A hello in its numbers; names and fingerprints are made when somebody asks. */
class NumberedHello implements ClientHello {
  readonly recordVersion: string;
  readonly serverName: string | null;
  readonly alpn: readonly string[];
  readonly cipherSuiteCount: number;
  readonly keyShares: readonly string[];
  readonly sizeBytes: number;
  readonly records: number;
  readonly codes: HelloCodes;

  constructor(
    codes: HelloCodes,
    rest: Pick<ClientHello, 'serverName' | 'alpn' | 'cipherSuiteCount' | 'keyShares' | 'sizeBytes' | 'records'>,
    recordVersion: number,
  ) {
    this.codes = codes;
    this.serverName = rest.serverName;
    this.alpn = rest.alpn;
    this.cipherSuiteCount = rest.cipherSuiteCount;
    this.keyShares = rest.keyShares;
    this.sizeBytes = rest.sizeBytes;
    this.records = rest.records;
    this.recordVersion = versionName(recordVersion);
  }

  get versions(): readonly string[] {
    const listed = named(this.codes.versions, versionName);
    return listed.length > 0 ? listed : [versionName(this.codes.legacyVersion)];
  }

  get cipherSuites(): readonly string[] {
    return this.codes.cipherSuites
      .filter((suite) => !isGrease(suite) && !isSignallingSuite(suite))
      .map(cipherSuiteName);
  }

  get supportedGroups(): readonly string[] {
    return named(this.codes.groups, groupName);
  }

  get signatureAlgorithms(): readonly string[] {
    return named(this.codes.signatureAlgorithms, signatureSchemeName);
  }

  get ja3(): string {
    return ja3(this.codes);
  }

  get ja4(): string {
    return ja4(this.codes);
  }
}

function named(codes: readonly number[], name: (code: number) => string): string[] {
  return codes.filter((code) => !isGrease(code)).map(name);
}

/** How a hello came. */
interface Carriage {
  /** What the message announced for its body. */
  readonly length: number;
  readonly records: number;
  readonly recordVersion: number;
}

/** Reads the body `bytes[start, end)`. Null when it does not reach its list of cipher suites. */
export function readClientHello(
  bytes: Buffer,
  start: number,
  end: number,
  carriage: Carriage,
  budget: Budget,
): ClientHello | null {
  const { helloEntries, helloCodes } = budget.limits;
  // legacy_version(2) random(32) session_id<0..32> cipher_suites<2..2^16-2> compression<1..2^8-1> extensions<..>
  if (end - start < 35) return null;
  const suites = start + 35 + (bytes[start + 34] as number);
  if (suites + 2 > end) return null;
  const suitesEnd = Math.min(end, suites + 2 + u16be(bytes, suites));
  let cipherSuiteCount = 0;
  for (let at = suites + 2; at + 2 <= suitesEnd; at += 2) {
    const suite = u16be(bytes, at);
    if (!isGrease(suite) && !isSignallingSuite(suite)) cipherSuiteCount++;
  }

  let versions: readonly number[] = [];
  let serverName: string | null = null;
  const alpn: string[] = [];
  let groups: readonly number[] = [];
  let pointFormats: readonly number[] = [];
  let signatureAlgorithms: readonly number[] = [];
  const extensions: number[] = [];
  const keyShares: string[] = [];
  const compressionEnd = suitesEnd < end ? suitesEnd + 1 + (bytes[suitesEnd] as number) : end;
  eachExtension(bytes, compressionEnd, end, (type, from, to) => {
    if (budget.hasRoom(extensions.length, helloCodes)) extensions.push(type);
    if (type === Extension.supportedVersions) versions = numbers(bytes, from + 1, to, helloEntries, budget);
    else if (type === Extension.supportedGroups) groups = numbers(bytes, from + 2, to, helloEntries, budget);
    else if (type === Extension.signatureAlgorithms)
      signatureAlgorithms = numbers(bytes, from + 2, to, helloEntries, budget);
    else if (type === Extension.pointFormats) pointFormats = [...bytes.subarray(from + 1, Math.min(to, from + 9))];
    else if (type === Extension.serverName) serverName = readServerName(bytes, from, to, budget);
    else if (type === Extension.alpn) {
      for (let at = from + 2; at < to && budget.hasRoom(alpn.length, helloEntries); at += 1 + (bytes[at] as number)) {
        alpn.push(latin1(bytes, at + 1, Math.min(to, at + 1 + (bytes[at] as number))));
      }
    } else if (type === Extension.keyShare) {
      for (
        let at = from + 2;
        at + 4 <= to && budget.hasRoom(keyShares.length, helloEntries);
        at += 4 + u16be(bytes, at + 2)
      ) {
        const group = u16be(bytes, at);
        if (!isGrease(group)) keyShares.push(groupName(group));
      }
    }
  });
  const codes: HelloCodes = {
    legacyVersion: u16be(bytes, start),
    versions,
    cipherSuites: numbers(bytes, suites + 2, suitesEnd, helloCodes, budget),
    extensions,
    groups,
    pointFormats,
    signatureAlgorithms,
    alpn: alpn[0] ?? null,
  };
  const { length, records, recordVersion } = carriage;
  const rest = { serverName, alpn, cipherSuiteCount, keyShares, sizeBytes: 4 + length, records };
  return new NumberedHello(codes, rest, recordVersion);
}

/** Reads the body `bytes[start, end)`. Null when it does not reach its cipher suite. */
export function readServerHello(bytes: Buffer, start: number, end: number): ServerHelloMessage | null {
  // legacy_version(2) random(32) session_id<0..32> cipher_suite(2) compression(1) extensions<..>
  if (end - start < 35) return null;
  const suite = start + 35 + (bytes[start + 34] as number);
  if (suite + 2 > end) return null;
  let versionCode = u16be(bytes, start);
  let group: string | null = null;
  let preSharedKey = false;
  eachExtension(bytes, suite + 3, end, (type, from, to) => {
    if (type === Extension.preSharedKey) preSharedKey = true;
    if (from + 2 > to) return;
    if (type === Extension.supportedVersions) versionCode = u16be(bytes, from);
    else if (type === Extension.keyShare) group = groupName(u16be(bytes, from));
  });
  const cipherCode = u16be(bytes, suite);
  return {
    hello: {
      version: versionName(versionCode),
      versionCode,
      cipher: cipherSuiteName(cipherCode),
      cipherCode,
      group,
      dhBits: null,
      preSharedKey,
    },
    isRetryRequest: bytes.compare(RETRY_RANDOM, 0, 32, start + 2, start + 34) === 0,
  };
}

/** A hello in the framing of SSL 2 (RFC 5246 §E.2), which has no extensions: `version` is the highest that it takes. */
export function sslv2ClientHello(version: number, cipherSuiteCount: number, sizeBytes: number): ClientHello {
  return {
    versions: [versionName(version)],
    recordVersion: null,
    serverName: null,
    alpn: [],
    cipherSuiteCount,
    cipherSuites: [],
    supportedGroups: [],
    keyShares: [],
    signatureAlgorithms: [],
    sizeBytes,
    records: 1,
    ja3: null,
    ja4: null,
  };
}

/** The group of a ServerKeyExchange by elliptic curve (RFC 8422 §5.4); null for an unnamed curve or too few bytes. */
export function readKeyExchangeGroup(bytes: Buffer, start: number, end: number): string | null {
  return end - start >= 3 && bytes[start] === 3 ? groupName(u16be(bytes, start + 1)) : null;
}

/** Bits of the prime that a ServerKeyExchange by finite field begins with: opaque dh_p<1..2^16-1>; null for too few bytes. */
export function readKeyExchangeBits(bytes: Buffer, start: number, end: number): number | null {
  if (end - start < 3) return null;
  const length = u16be(bytes, start);
  return length === 0 ? null : length * 8 - (Math.clz32(bytes[start + 2] as number) - 24);
}

/** Calls `visit` with type and range of each extension of the list whose length stands at `at`. */
function eachExtension(
  bytes: Buffer,
  at: number,
  end: number,
  visit: (type: number, from: number, to: number) => void,
): void {
  if (at + 2 > end) return;
  const listEnd = Math.min(end, at + 2 + u16be(bytes, at));
  let next = at + 2;
  while (next + 4 <= listEnd) {
    const from = next + 4;
    next = from + u16be(bytes, next + 2);
    visit(u16be(bytes, from - 4), from, Math.min(next, listEnd));
  }
}

function numbers(bytes: Buffer, from: number, to: number, limit: number, budget: Budget): number[] {
  const values: number[] = [];
  for (let at = from; at + 2 <= to && budget.hasRoom(values.length, limit); at += 2) values.push(u16be(bytes, at));
  return values;
}

/** RFC 6066 §3: list length(2), then name type(1) = 0, length(2), name. */
function readServerName(bytes: Buffer, from: number, to: number, budget: Budget): string | null {
  if (from + 5 > to || bytes[from + 2] !== 0) return null;
  const name = latin1(bytes, from + 5, Math.min(to, from + 5 + u16be(bytes, from + 3)));
  return budget.within(name, budget.limits.tlsNameBytes);
}
