import { u16be, u32le } from '../../bytes/read.ts';
import { CaptureError } from '../packet-sink.ts';

/**
 * What a file is that is none of those that are read, as far as its first bytes tell, and how to turn it into one that is.
 * A name and a command are worth more to a user than "unknown magic".
 */

interface ForeignFormat {
  name: string;
  magic: Buffer;
  command: string;
}

const EDITCAP = 'editcap -F pcapng IN OUT.pcapng';

const FOREIGN: readonly ForeignFormat[] = [
  { name: 'a NetXRay or Windows Sniffer capture', magic: Buffer.from('XCP\0', 'latin1'), command: EDITCAP },
  { name: 'a Sniffer capture', magic: Buffer.from('TRSNIFF data', 'latin1'), command: EDITCAP },
  { name: 'an AIX iptrace capture', magic: Buffer.from('iptrace ', 'latin1'), command: EDITCAP },
  {
    name: 'Zstandard data inside other compressed data',
    magic: Buffer.from('28b52ffd', 'hex'),
    command: 'zstd -d IN -o OUT',
  },
  {
    name: 'xz data inside other compressed data',
    magic: Buffer.from('fd377a585a00', 'hex'),
    command: 'xz -dc IN > OUT',
  },
  {
    name: 'LZ4 data inside other compressed data',
    magic: Buffer.from('04224d18', 'hex'),
    command: 'lz4 -d IN OUT',
  },
  { name: 'compressed with bzip2', magic: Buffer.from('BZh', 'latin1'), command: 'bzip2 -dc IN > OUT' },
  { name: 'compressed with compress', magic: Buffer.from('1f9d', 'hex'), command: 'gzip -dc IN > OUT' },
  { name: 'gzip data inside gzip data', magic: Buffer.from('1f8b', 'hex'), command: 'gzip -dc IN > OUT' },
  { name: 'a zip archive', magic: Buffer.from('PK\u0003\u0004', 'latin1'), command: 'unzip IN' },
];

/** As many first bytes as a verdict wants to see; with fewer it is given all the same once the input has ended. */
export const VERDICT_BYTES = 16;

/** The error for input whose first bytes are `bytes[start, end)` and announce no format that is read here. */
export function notReadable(bytes: Buffer, start: number, end: number): CaptureError {
  const foreign = FOREIGN.find(({ magic }) => startsWith(bytes, start, end, magic));
  if (foreign) return unsupported(foreign.name, foreign.command);
  if (looksLikeErf(bytes, start, end)) return unsupported('by all appearances an Endace ERF capture', EDITCAP);
  const shown = bytes.subarray(start, Math.min(end, start + 8));
  const text = end - start >= VERDICT_BYTES && shown.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a);
  return new CaptureError(
    'not-a-capture',
    0,
    `Not a packet capture: at byte offset 0 it begins with ${shown.toString('hex').replace(/(..)\B/g, '$1 ')}` +
      `${text ? ', which is text' : ''}. pcap, pcapng, snoop and Network Monitor are read, as \`tcpdump -w FILE\` and Wireshark write them.`,
  );
}

function unsupported(name: string, command: string): CaptureError {
  return new CaptureError(
    'unsupported-format',
    0,
    `This is ${name} (byte offset 0), which is not read here. Convert it first: \`${command}\`.`,
  );
}

function startsWith(bytes: Buffer, start: number, end: number, magic: Buffer): boolean {
  return end - start >= magic.length && bytes.compare(magic, 0, magic.length, start, start + magic.length) === 0;
}

/**
 * ERF has no magic number. A record is 8 bytes of little-endian time (the upper four are seconds), type, flags, record
 * length, loss counter, wire length: two in a row whose clocks agree to a day, or a single one that fills the input,
 * are hardly chance.
 */
function looksLikeErf(bytes: Buffer, start: number, end: number): boolean {
  const record = erfRecordBytes(bytes, start, end);
  if (record === 0) return false;
  const second = start + record;
  if (second === end) return true;
  if (erfRecordBytes(bytes, second, end) === 0) return false;
  return Math.abs(u32le(bytes, second + 4) - u32le(bytes, start + 4)) <= 86_400;
}

function erfRecordBytes(bytes: Buffer, at: number, end: number): number {
  if (end - at < 16) return 0;
  const type = bytes.readUInt8(at + 8) & 0x7f;
  const length = u16be(bytes, at + 10);
  return type >= 1 && type <= 48 && length >= 16 ? length : 0;
}
