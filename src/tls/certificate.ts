/**
 * What a certificate chain says that was sent in clear (TLS 1.2 and earlier, RFC 5246 §7.4.2). Nobody checks here whether
 * it is to be trusted: that depends on the client. Node's X509Certificate reads names and dates; der.ts the rest.
 *
 * Servers show the same certificates again and again, so what was read is remembered by the bytes' hash, boundedly.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { readDer } from './der.ts';
import { Budget, type TlsLimits } from './limits.ts';

export interface Certificate {
  /** `CN=mail.example, O=Example`, in the certificate's order. */
  readonly subject: string;
  readonly issuer: string;
  /** The subject's common name; null when it has none. */
  readonly commonName: string | null;
  /** Host names and addresses of the subject alternative names, as written; `*.example` too. */
  readonly names: readonly string[];
  /** Microseconds since 1970; NaN when the date cannot be read. */
  readonly notBeforeUs: number;
  readonly notAfterUs: number;
  /** `RSA`, `EC`, `Ed25519`; null when it cannot be read. */
  readonly keyType: string | null;
  readonly keyBits: number | null;
  readonly curve: string | null;
  /** `sha256WithRSAEncryption`; null when it cannot be read. */
  readonly signatureAlgorithm: string | null;
  /** Issued by its own subject: it vouches for itself alone. */
  readonly selfSigned: boolean;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

export interface CertificateChain {
  /** In the order sent, the server's own first; those that are no certificate are left out. */
  readonly certificates: readonly Certificate[];
  /** Entries of the list as sent, also those not read. */
  readonly count: number;
  readonly unreadable: number;
  /** Each certificate is followed by that of its issuer (RFC 5246 §7.4.2), as far as they were read. */
  readonly ordered: boolean;
}

/** Reads the body of a Certificate message: certificate_list<0..2^24-1> of ASN.1Cert<1..2^24-1>. */
export function readCertificates(bytes: Buffer, start: number, end: number, budget = new Budget()): CertificateChain {
  const certificates: Certificate[] = [];
  let count = 0;
  let unreadable = 0;
  for (let at = start + 3; at + 3 <= end; ) {
    const length = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    const from = at + 3;
    at = from + length;
    count++;
    if (!budget.hasRoom(count - 1, budget.limits.chainCertificates)) continue;
    const certificate = at > end ? null : remembered(bytes.subarray(from, at), budget);
    if (certificate === null) unreadable++;
    else certificates.push(certificate);
  }
  let ordered = true;
  for (let i = 1; i < certificates.length; i++) {
    if (certificates[i - 1]?.issuer !== certificates[i]?.subject) ordered = false;
  }
  return { certificates, count, unreadable, ordered };
}

/** Whether the certificate is for this host (RFC 6125 §6.4): by its names, or by its common name where it has none. */
export function isForHost({ names, commonName }: Certificate, host: string): boolean {
  const wanted = host.toLowerCase().replace(/\.$/, '');
  const all = names.length > 0 || commonName === null ? names : [commonName];
  return all.some((name) => {
    const pattern = name.toLowerCase();
    if (!pattern.startsWith('*.')) return pattern === wanted;
    const dot = wanted.indexOf('.');
    return dot > 0 && wanted.slice(dot) === pattern.slice(1);
  });
}

interface Remembered {
  /** Null for what is no certificate. */
  readonly certificate: Certificate | null;
  readonly isCut: boolean;
}

/** Hash, and the limits that it was read with, to what was read. The old half is dropped when the young one is full. */
let young = new Map<string, Remembered>();
let old = new Map<string, Remembered>();

function remembered(der: Buffer, budget: Budget): Certificate | null {
  const sha256 = createHash('sha256').update(der).digest('hex');
  const { limits } = budget;
  const key = `${sha256} ${limits.certificateNames} ${limits.subjectBytes} ${limits.tlsNameBytes}`;
  let known = young.get(key);
  if (known === undefined) {
    known = old.get(key) ?? read(der, sha256, limits);
    if (young.size >= limits.certificatesRemembered) {
      old = young;
      young = new Map();
    }
    young.set(key, known);
  }
  if (known.isCut) budget.isCut = true;
  return known.certificate;
}

function read(der: Buffer, sha256: string, limits: TlsLimits): Remembered {
  const budget = new Budget(limits);
  const certificate = readCertificate(der, sha256, budget);
  return { certificate, isCut: budget.isCut };
}

function readCertificate(der: Buffer, sha256: string, budget: Budget): Certificate | null {
  // PEM would be taken too, and is nothing that TLS sends.
  if (der[0] !== 0x30) return null;
  try {
    const x509 = new X509Certificate(der);
    // Node says `undefined` for an empty name, whatever its types say.
    const subject = (x509.subject as string | undefined) ?? '';
    const issuer = (x509.issuer as string | undefined) ?? '';
    const { signatureAlgorithm, key } = readDer(der);
    const { subjectBytes, tlsNameBytes } = budget.limits;
    const commonName = /^CN=(.*)$/m.exec(subject)?.[1];
    return {
      subject: distinguishedName(budget.within(subject, subjectBytes)),
      issuer: distinguishedName(budget.within(issuer, subjectBytes)),
      commonName: commonName === undefined ? null : budget.within(commonName, tlsNameBytes),
      names: alternativeNames((x509.subjectAltName as string | undefined) ?? '', budget),
      notBeforeUs: Date.parse(x509.validFrom) * 1000,
      notAfterUs: Date.parse(x509.validTo) * 1000,
      keyType: key?.type ?? null,
      keyBits: key?.bits ?? null,
      curve: key?.curve ?? null,
      signatureAlgorithm,
      selfSigned: subject === issuer && x509.checkIssued(x509),
      sha256,
      sizeBytes: der.length,
    };
  } catch {
    return null;
  }
}

/** Node puts each attribute on a line of its own. */
function distinguishedName(lines: string): string {
  return lines.split('\n').join(', ');
}

/** `DNS:mail.example, IP Address:192.0.2.1, DNS:"a, b"` */
function alternativeNames(text: string, budget: Budget): string[] {
  const { certificateNames, tlsNameBytes } = budget.limits;
  const names: string[] = [];
  let at = 0;
  while (at < text.length && budget.hasRoom(names.length, certificateNames)) {
    const end = entryEnd(text, at);
    const [, kind = '', value = ''] = /^([^:]{1,32}):([\s\S]*)$/.exec(text.slice(at, end)) ?? [];
    if (kind === 'DNS' || kind === 'IP Address') names.push(budget.within(unquoted(value), tlsNameBytes));
    at = end + 2;
  }
  return names;
}

/** The comma behind the entry that begins at `at`, those in quotes not counted; the text's end when there is none. */
function entryEnd(text: string, at: number): number {
  let quoted = false;
  for (let i = at; i < text.length; i++) {
    const character = text[i];
    if (character === '\\' && quoted) i++;
    else if (character === '"') quoted = !quoted;
    else if (character === ',' && !quoted) return i;
  }
  return text.length;
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}
