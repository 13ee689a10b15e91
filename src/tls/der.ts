/**
 * The few places of a certificate that Node does not tell: its signature algorithm and what kind of key it holds
 * (RFC 5280 §4.1). The structure is walked by tag and length; what does not fit gives null and never throws.
 *
 *     Certificate    ::= SEQUENCE { tbsCertificate, signatureAlgorithm AlgorithmIdentifier, signature BIT STRING }
 *     TBSCertificate ::= SEQUENCE { [0] version OPTIONAL, serial, signature, issuer, validity, subject, spki, … }
 */

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_IDENTIFIER = 0x06;
const VERSION = 0xa0;

export interface KeyFacts {
  /** `RSA`, `EC`, `Ed25519`, …; the dotted OID of what is not in the table. */
  readonly type: string;
  /** Bits of the modulus or of the curve’s field; null when not known. */
  readonly bits: number | null;
  /** Of an EC key; null for others. */
  readonly curve: string | null;
}

export interface DerFacts {
  /** `sha256WithRSAEncryption`; the dotted OID of what is not in the table. Null when the certificate is no DER. */
  readonly signatureAlgorithm: string | null;
  readonly key: KeyFacts | null;
}

interface Element {
  readonly tag: number;
  /** Of the contents. */
  readonly start: number;
  readonly end: number;
}

export function readDer(bytes: Buffer): DerFacts {
  const certificate = elementAt(bytes, 0, bytes.length);
  if (certificate?.tag !== SEQUENCE) return { signatureAlgorithm: null, key: null };
  const body = elementAt(bytes, certificate.start, certificate.end);
  const algorithm = body === null ? null : elementAt(bytes, body.end, certificate.end);
  return {
    signatureAlgorithm: algorithm === null ? null : algorithmName(bytes, algorithm),
    key: body === null ? null : readKey(bytes, body),
  };
}

/** The element whose tag stands at `at`; null when it does not lie whole before `end`. */
function elementAt(bytes: Buffer, at: number, end: number): Element | null {
  if (at + 2 > end) return null;
  const tag = bytes[at] as number;
  let length = bytes[at + 1] as number;
  let start = at + 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 3 || start + count > end) return null;
    length = 0;
    for (let i = 0; i < count; i++) length = (length << 8) | (bytes[start++] as number);
  }
  return start + length > end ? null : { tag, start, end: start + length };
}

function readKey(bytes: Buffer, body: Element): KeyFacts | null {
  let at = body.start;
  // Serial, signature, issuer, validity and subject stand before the key, and perhaps a version before them.
  let before = 5;
  let element = elementAt(bytes, at, body.end);
  if (element?.tag === VERSION) before++;
  for (let i = 0; i < before; i++) {
    if (element === null) return null;
    at = element.end;
    element = elementAt(bytes, at, body.end);
  }
  if (element?.tag !== SEQUENCE) return null;
  const algorithm = elementAt(bytes, element.start, element.end);
  if (algorithm?.tag !== SEQUENCE) return null;
  const name = algorithmName(bytes, algorithm);
  if (name === null) return null;
  const key = elementAt(bytes, algorithm.end, element.end);
  if (name === 'EC') {
    const identifier = elementAt(bytes, algorithm.start, algorithm.end);
    const parameters = identifier === null ? null : elementAt(bytes, identifier.end, algorithm.end);
    const oid = parameters === null ? null : objectIdentifier(bytes, parameters);
    const [curve, bits] = oid === null ? [null, null] : (curves[oid] ?? [oid, null]);
    return { type: name, bits, curve };
  }
  const bits = name === 'RSA' || name === 'RSA-PSS' ? modulusBits(bytes, key) : (fixedBits[name] ?? null);
  return { type: name, bits, curve: null };
}

/** RFC 8017 §A.1.1, inside of a BIT STRING: SEQUENCE { modulus INTEGER, publicExponent INTEGER } */
function modulusBits(bytes: Buffer, key: Element | null): number | null {
  if (key?.tag !== BIT_STRING) return null;
  const pair = elementAt(bytes, key.start + 1, key.end);
  const modulus = pair?.tag === SEQUENCE ? elementAt(bytes, pair.start, pair.end) : null;
  if (modulus?.tag !== INTEGER) return null;
  let at = modulus.start;
  while (at < modulus.end && bytes[at] === 0) at++;
  if (at === modulus.end) return null;
  return (modulus.end - at) * 8 - Math.clz32(bytes[at] as number) + 24;
}

function algorithmName(bytes: Buffer, algorithm: Element): string | null {
  if (algorithm.tag !== SEQUENCE) return null;
  const identifier = elementAt(bytes, algorithm.start, algorithm.end);
  const oid = identifier === null ? null : objectIdentifier(bytes, identifier);
  return oid === null ? null : (algorithms[oid] ?? oid);
}

/** X.690 §8.19: base 128, the first two numbers in one. Longer ones than any in use are none. */
function objectIdentifier(bytes: Buffer, { tag, start, end }: Element): string | null {
  if (tag !== OBJECT_IDENTIFIER || start === end || end - start > 20) return null;
  const parts: number[] = [];
  let value = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    value = value * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    if (parts.length > 0) parts.push(value);
    else parts.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    value = 0;
  }
  return parts.join('.');
}

/** Signature and key algorithms (RFC 3279, 4055, 5480, 5758, 8410), as OpenSSL prints them. */
const algorithms: Record<string, string> = {
  '1.2.840.113549.1.1.1': 'RSA',
  '1.2.840.113549.1.1.2': 'md2WithRSAEncryption',
  '1.2.840.113549.1.1.4': 'md5WithRSAEncryption',
  '1.2.840.113549.1.1.5': 'sha1WithRSAEncryption',
  '1.2.840.113549.1.1.10': 'RSA-PSS',
  '1.2.840.113549.1.1.11': 'sha256WithRSAEncryption',
  '1.2.840.113549.1.1.12': 'sha384WithRSAEncryption',
  '1.2.840.113549.1.1.13': 'sha512WithRSAEncryption',
  '1.2.840.113549.1.1.14': 'sha224WithRSAEncryption',
  '1.2.840.10040.4.1': 'DSA',
  '1.2.840.10040.4.3': 'dsa-with-SHA1',
  '2.16.840.1.101.3.4.3.2': 'dsa_with_SHA256',
  '1.2.840.10045.2.1': 'EC',
  '1.2.840.10045.4.1': 'ecdsa-with-SHA1',
  '1.2.840.10045.4.3.1': 'ecdsa-with-SHA224',
  '1.2.840.10045.4.3.2': 'ecdsa-with-SHA256',
  '1.2.840.10045.4.3.3': 'ecdsa-with-SHA384',
  '1.2.840.10045.4.3.4': 'ecdsa-with-SHA512',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
};

const fixedBits: Record<string, number> = { Ed25519: 255, Ed448: 448 };

const curves: Record<string, readonly [name: string, bits: number]> = {
  '1.2.840.10045.3.1.1': ['secp192r1', 192],
  '1.2.840.10045.3.1.7': ['secp256r1', 256],
  '1.3.132.0.33': ['secp224r1', 224],
  '1.3.132.0.10': ['secp256k1', 256],
  '1.3.132.0.34': ['secp384r1', 384],
  '1.3.132.0.35': ['secp521r1', 521],
  '1.3.36.3.3.2.8.1.1.7': ['brainpoolP256r1', 256],
  '1.3.36.3.3.2.8.1.1.11': ['brainpoolP384r1', 384],
  '1.3.36.3.3.2.8.1.1.13': ['brainpoolP512r1', 512],
};
