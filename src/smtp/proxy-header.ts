/**
 * The PROXY protocol, version 2 (haproxy, doc/proxy-protocol.txt §2.2): a binary header before the first byte of the
 * client. Version 1 is a line of text and is read as a command.
 *
 *   0 signature (12 bytes)   12 version, command   13 family, transport   14 length of what follows   16 addresses, TLVs
 */

import { int32be, u16be } from '../bytes/read.ts';
import { formatIpv4, formatIpv6 } from '../wire/addresses.ts';

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const HEADER_BYTES = 16;
/** TLVs included; haproxy sends less than 600. */
const MAX_HEADER_BYTES = 4_096;

/** Whether `bytes[start, end)` may be, or is, the beginning of a header. */
export function mayBeProxyHeader(bytes: Buffer, start: number, end: number): boolean {
  const length = Math.min(end - start, SIGNATURE.length);
  for (let i = 0; i < length; i++) if (bytes[start + i] !== SIGNATURE[i]) return false;
  if (end - start < HEADER_BYTES) return true;
  return (bytes[start + 12] as number) >> 4 === 2 && u16be(bytes, start + 14) <= MAX_HEADER_BYTES - HEADER_BYTES;
}

/** Bytes of the header that `mayBeProxyHeader` took; 0 when more must come first. */
export function proxyHeaderLength(bytes: Buffer, start: number, end: number): number {
  if (end - start < HEADER_BYTES) return 0;
  const length = HEADER_BYTES + u16be(bytes, start + 14);
  return length <= end - start ? length : 0;
}

/** What a whole header says, in the words of version 1: `PROXY TCP4 192.0.2.1 198.51.100.2 56324 25`. */
export function proxyHeaderText(bytes: Buffer, start: number, length: number): string {
  const isLocal = ((bytes[start + 12] as number) & 15) === 0;
  if (isLocal) return 'PROXY LOCAL (version 2)';
  const family = bytes[start + 13] as number;
  const at = start + HEADER_BYTES;
  const room = length - HEADER_BYTES;
  const transport = (family & 15) === 1 ? 'TCP' : (family & 15) === 2 ? 'UDP' : '';
  if (family >> 4 === 1 && room >= 12) {
    return addressed(
      `${transport}4`,
      formatIpv4(int32be(bytes, at)),
      formatIpv4(int32be(bytes, at + 4)),
      bytes,
      at + 8,
    );
  }
  if (family >> 4 === 2 && room >= 36)
    return addressed(`${transport}6`, ipv6(bytes, at), ipv6(bytes, at + 16), bytes, at + 32);
  return 'PROXY UNKNOWN (version 2)';
}

function addressed(family: string, source: string, target: string, bytes: Buffer, ports: number): string {
  return `PROXY ${family} ${source} ${target} ${u16be(bytes, ports)} ${u16be(bytes, ports + 2)} (version 2)`;
}

function ipv6(bytes: Buffer, at: number): string {
  return formatIpv6(int32be(bytes, at), int32be(bytes, at + 4), int32be(bytes, at + 8), int32be(bytes, at + 12));
}
