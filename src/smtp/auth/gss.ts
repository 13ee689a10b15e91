/**
 * GSSAPI (RFC 4752) and GSS-SPNEGO: which mechanism is within, and for which service a Kerberos ticket is. The first
 * token of a client is framed (RFC 2743 §3.1), what follows is whatever the mechanism sends; the last steps of GSSAPI
 * negotiate a security layer inside wrapped tokens and cannot be read.
 */

import { decodeWireText } from '../wire-text.ts';
import { child, children, descend, objectIdentifier, readTlv, type Tlv } from './der.ts';
import { type GssToken, type Reading, reading } from './model.ts';
import { isNtlm } from './ntlm.ts';

const OID = 0x06;
const SEQUENCE = 0x30;
const OCTETS = 0x04;

const MECHANISMS: Readonly<Record<string, string>> = {
  '1.2.840.113554.1.2.2': 'Kerberos 5',
  '1.2.840.48018.1.2.2': 'Kerberos 5 (Microsoft)',
  '1.2.840.113554.1.2.2.3': 'Kerberos 5 user-to-user',
  '1.3.6.1.5.2.5': 'IAKERB',
  '1.3.6.1.5.5.2': 'SPNEGO',
  '1.3.6.1.4.1.311.2.2.10': 'NTLM',
  '1.3.6.1.4.1.311.2.2.30': 'NegoEx',
};

/** Token identifiers of the Kerberos mechanism (RFC 4121 §4.1, RFC 1964 §1.1). */
const KERBEROS: Readonly<Record<number, string>> = {
  256: 'AP-REQ',
  512: 'AP-REP',
  768: 'KRB-ERROR',
  1284: 'wrap',
  513: 'wrap',
};

export function readGss(bytes: Buffer): Reading {
  return reading(tokenOf(bytes));
}

function tokenOf(bytes: Buffer): GssToken {
  const token = { kind: 'gss', proposed: [], message: null, service: null, realm: null, bytes: bytes.length } as const;
  if (isNtlm(bytes)) return { ...token, framing: 'ntlm', inner: 'NTLM' };
  const outer = readTlv(bytes, 0, bytes.length);
  if (outer?.tag === 0x60) {
    const oid = child(bytes, outer, OID);
    if (oid === null) return { ...token, framing: 'unknown', inner: null };
    const name = mechanism(bytes, oid);
    if (name === 'SPNEGO') return { ...token, ...readProposal(bytes, descend(bytes, outer, 0xa0, SEQUENCE)) };
    return { ...token, framing: 'kerberos', inner: name, ...readKerberos(bytes, oid.end, outer.end) };
  }
  if (outer?.tag === 0xa1) return { ...token, ...readAnswer(bytes, descend(bytes, outer, SEQUENCE)) };
  const message = KERBEROS[bytes.length < 2 ? 0 : bytes.readUInt16BE(0)] ?? null;
  if (message === 'wrap') return { ...token, framing: 'kerberos', inner: 'Kerberos 5', message };
  return { ...token, framing: 'unknown', inner: null };
}

function mechanism(bytes: Buffer, oid: Tlv): string {
  const dotted = objectIdentifier(bytes, oid);
  return MECHANISMS[dotted] ?? dotted;
}

/** `NegTokenInit` (RFC 4178 §4.2.1). */
function readProposal(bytes: Buffer, init: Tlv | null): Partial<GssToken> & Pick<GssToken, 'framing' | 'inner'> {
  const proposed = children(bytes, descend(bytes, init, 0xa0, SEQUENCE), OID)
    .slice(0, 16)
    .map((oid) => mechanism(bytes, oid));
  return {
    framing: 'spnego',
    inner: proposed[0] ?? null,
    proposed,
    ...innerOf(bytes, descend(bytes, init, 0xa2, OCTETS)),
  };
}

/** `NegTokenResp` (RFC 4178 §4.2.2). */
function readAnswer(bytes: Buffer, answer: Tlv | null): Partial<GssToken> & Pick<GssToken, 'framing' | 'inner'> {
  const chosen = descend(bytes, answer, 0xa1, OID);
  const inner = innerOf(bytes, descend(bytes, answer, 0xa2, OCTETS));
  return { framing: 'spnego', inner: chosen === null ? null : mechanism(bytes, chosen), ...inner };
}

/** What the first token within SPNEGO tells of itself, where it comes with the proposal. */
function innerOf(bytes: Buffer, octets: Tlv | null): Partial<GssToken> {
  if (octets === null) return {};
  const within = tokenOf(bytes.subarray(octets.start, octets.end));
  if (within.framing === 'spnego') return {};
  const { inner, message, service, realm } = within;
  return inner === null ? {} : { inner, message, service, realm };
}

/** The token behind the identifier of Kerberos; of an AP-REQ the ticket's service (RFC 4120 §5.3, §5.5.1), in clear. */
function readKerberos(bytes: Buffer, at: number, end: number): Partial<GssToken> {
  if (at + 2 > end) return {};
  const message = KERBEROS[bytes.readUInt16BE(at)] ?? null;
  if (message !== 'AP-REQ') return { message };
  const request = readTlv(bytes, at + 2, end);
  const ticket = request?.tag === 0x6e ? descend(bytes, request, SEQUENCE, 0xa3, 0x61, SEQUENCE) : null;
  const realm = descend(bytes, ticket, 0xa1, 0x1b);
  const names = children(bytes, descend(bytes, ticket, 0xa2, SEQUENCE, 0xa1, SEQUENCE), 0x1b).slice(0, 4);
  const text = ({ start, end: last }: Tlv): string => decodeWireText(bytes, start, Math.min(last, start + 256));
  return {
    message,
    realm: realm === null ? null : text(realm),
    service: names.length === 0 ? null : names.map(text).join('/'),
  };
}
