/**
 * The packets of chosen sessions as they may be shown. They are built anew, as plain Ethernet frames: whatever link,
 * tunnel or fragment a segment came in, only what was decoded of it goes on. So nothing gets into the new capture that
 * was not looked at: addresses are replaced, TTL, identification, ports, sequence numbers, flags, windows and the known
 * TCP options stay, payload is replaced by its place in the session (shared-session.ts), checksums are made anew.
 */
import type { PacketMeta, PacketSink } from '../capture/packet-sink.ts';
import { ConnectionFollower } from '../capture/write/connection-follower.ts';
import { IpFragments } from '../reassembly/ip-fragments.ts';
import { formatAddress } from '../wire/addresses.ts';
import {
  decodeFrame,
  decodeTransport,
  FrameView,
  ICMP_ERROR,
  IP_FRAGMENT,
  TCP,
  TCP_SYN,
  watchPorts,
} from '../wire/frame.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import type { SharedSession } from './shared-session.ts';

const ETHERNET_BYTES = 14;
const TCP_BYTES = 20;
/** MSS, window scale, SACK permitted, SACK, timestamps. */
const KNOWN_OPTIONS: ReadonlySet<number> = new Set([2, 3, 4, 5, 8]);
const LINKTYPE_ETHERNET = 1;

/** A packet that may be shown. */
export type OnPacket = (packet: Buffer, meta: PacketMeta, originalFrame: number) => void;

/** The two readings have their segments in common. */
abstract class Reading implements PacketSink {
  protected readonly view: FrameView;
  protected readonly follower: ConnectionFollower<SharedSession>;
  readonly #fragments = new IpFragments();

  constructor(sessions: readonly SharedSession[]) {
    this.follower = new ConnectionFollower(sessions);
    this.view = new FrameView(watchPorts(sessions.map(({ server }) => server.port)));
  }

  beginCapture(): void {
    this.follower.beginCapture();
  }

  packet(bytes: Buffer, start: number, end: number, meta: PacketMeta): void {
    const { view } = this;
    const kind = decodeFrame(bytes, start, end, meta.linkType, meta.originalLength, view);
    if (kind === TCP) this.#take(bytes, meta);
    else if (kind === ICMP_ERROR) this.icmp(meta);
    else if (kind === IP_FRAGMENT) {
      const whole = this.#fragments.add(bytes, view, meta.timeUs);
      if (whole !== null && decodeTransport(whole, 0, whole.length, view) === TCP) this.#take(whole, meta);
    }
  }

  protected abstract segment(session: SharedSession, isClient: boolean, bytes: Buffer, meta: PacketMeta): void;

  protected icmp(_meta: PacketMeta): void {}

  #take(bytes: Buffer, meta: PacketMeta): void {
    const session = this.follower.of(this.view, meta.frame);
    if (session !== null) this.segment(session, this.#isFromClient(session), bytes, meta);
  }

  #isFromClient({ client, server }: SharedSession): boolean {
    const { sourcePort, destinationPort } = this.view;
    if (client.port !== server.port) return sourcePort === client.port;
    return sourcePort === destinationPort && addressText(this.view) === client.address;
  }
}

/** The first reading: what is in the streams. */
export class StreamReading extends Reading {
  protected override segment(session: SharedSession, isClient: boolean, bytes: Buffer, meta: PacketMeta): void {
    const { seq, flags, payloadStart, payloadEnd } = this.view;
    const payload = bytes.subarray(payloadStart, payloadEnd);
    session.see(isClient ? 'client' : 'server', meta.frame, seq, (flags & TCP_SYN) !== 0, payload);
  }
}

/** The second: packets that may be shown. */
export class SharedPackets extends Reading {
  readonly #names: Pseudonyms;
  readonly #onPacket: OnPacket;
  readonly #meta: PacketMeta = {
    frame: 0,
    timeUs: 0,
    timeNanos: 0,
    timeDigits: 6,
    linkType: LINKTYPE_ETHERNET,
    originalLength: 0,
  };

  constructor(sessions: readonly SharedSession[], names: Pseudonyms, onPacket: OnPacket) {
    super(sessions);
    this.#names = names;
    this.#onPacket = onPacket;
  }

  protected override segment(session: SharedSession, isClient: boolean, bytes: Buffer, meta: PacketMeta): void {
    const { view } = this;
    const { seq, flags, optionsStart, optionsEnd, payloadStart, payloadEnd, payloadLength } = view;
    const header = Buffer.from(bytes.subarray(optionsStart - TCP_BYTES, optionsEnd));
    blankOptions(header);
    header.writeUInt16BE(0, 18); // the urgent pointer: nobody uses it
    const from = isClient ? 'client' : 'server';
    const payload = session.shown(
      from,
      seq,
      (flags & TCP_SYN) !== 0,
      bytes.subarray(payloadStart, payloadEnd),
      this.#names,
    );
    const headerLength = ((header[12] as number) >> 4) << 2;
    const wireLength = headerLength + payloadLength;
    const body = Buffer.concat([header, payload]);
    const isWhole = body.length === wireLength;
    const ip = this.#ipHeader(6, wireLength, view.ipVersion, addressesOf(view));
    if (isWhole) writeTcpChecksum(body, ip, view.ipVersion);
    else body.writeUInt16BE(0, 16);
    this.#emit(Buffer.concat([ip, body]), ip.length + wireLength, meta);
  }

  protected override icmp(meta: PacketMeta): void {
    const { view } = this;
    if (this.follower.quotedIn(view, meta.frame) === null) return;
    const quotedIp = this.#ipHeader(6, TCP_BYTES, view.ipVersion, [
      [view.embeddedSource0, view.embeddedSource1, view.embeddedSource2, view.embeddedSource3],
      [view.embeddedDestination0, view.embeddedDestination1, view.embeddedDestination2, view.embeddedDestination3],
    ]);
    const message = Buffer.alloc(16);
    message[0] = view.icmpType;
    message[1] = view.icmpCode;
    if (view.ipVersion === 4) message.writeUInt16BE(view.icmpMtu & 0xffff, 6);
    else message.writeUInt32BE(view.icmpMtu >>> 0, 4);
    message.writeUInt16BE(view.embeddedSourcePort, 8);
    message.writeUInt16BE(view.embeddedDestinationPort, 10);
    message.writeInt32BE(view.embeddedSeq, 12);
    const body = Buffer.concat([message.subarray(0, 8), quotedIp, message.subarray(8)]);
    const ip = this.#ipHeader(view.ipVersion === 4 ? 1 : 58, body.length, view.ipVersion, addressesOf(view));
    const start = view.ipVersion === 4 ? 0 : sumOf(ip.subarray(8, 40), body.length + 58);
    body.writeUInt16BE(checksum(sumOf(body, start)), 2);
    this.#emit(Buffer.concat([ip, body]), ip.length + body.length, meta);
  }

  #emit(datagram: Buffer, wireLength: number, meta: PacketMeta): void {
    const { ipVersion } = this.view;
    const [source, destination] = addressesOf(this.view);
    const ethernet = Buffer.concat([
      this.#mac(destination),
      this.#mac(source),
      Buffer.from(ipVersion === 4 ? [8, 0] : [0x86, 0xdd]),
    ]);
    const out = this.#meta;
    out.frame++;
    out.timeUs = meta.timeUs;
    out.timeNanos = meta.timeNanos;
    out.timeDigits = meta.timeDigits;
    out.originalLength = ETHERNET_BYTES + wireLength;
    this.#onPacket(Buffer.concat([ethernet, datagram]), out, meta.frame);
  }

  /** One for each address, locally administered: nothing is left of the original ones. */
  #mac(address: readonly number[]): Buffer {
    const mac = Buffer.from(this.#names.bytes(`mac ${address.join(' ')}`, 6));
    mac[0] = 2;
    return mac;
  }

  #ipHeader(protocol: number, length: number, version: number, [source, destination]: Addresses): Buffer {
    const { ttl, ipId, dontFragment } = this.view;
    if (version === 6) {
      const header = Buffer.alloc(40);
      header[0] = 0x60;
      header.writeUInt16BE(length > 0xffff ? 0 : length, 4);
      header[6] = protocol;
      header[7] = ttl;
      this.#names.ipv6(source).forEach((int, at) => {
        header.writeInt32BE(int, 8 + 4 * at);
      });
      this.#names.ipv6(destination).forEach((int, at) => {
        header.writeInt32BE(int, 24 + 4 * at);
      });
      return header;
    }
    const header = Buffer.alloc(20);
    header[0] = 0x45;
    // A segment longer than IP can say was captured before it was cut; the frame knows its length.
    header.writeUInt16BE(length + 20 > 0xffff ? 0 : length + 20, 2);
    header.writeUInt16BE(Math.max(0, ipId), 4);
    header.writeUInt16BE(dontFragment << 14, 6);
    header[8] = ttl;
    header[9] = protocol;
    header.writeInt32BE(this.#names.ipv4(source[3]), 12);
    header.writeInt32BE(this.#names.ipv4(destination[3]), 16);
    header.writeUInt16BE(checksum(sumOf(header, 0)), 10);
    return header;
  }
}

type Ints = readonly [number, number, number, number];
type Addresses = readonly [Ints, Ints];

function addressesOf(view: FrameView): Addresses {
  return [
    [view.source0, view.source1, view.source2, view.source3],
    [view.destination0, view.destination1, view.destination2, view.destination3],
  ];
}

/** What is no option that everybody sends becomes as many no-operations. */
function blankOptions(header: Buffer): void {
  for (let at = TCP_BYTES; at < header.length; ) {
    const kind = header[at] as number;
    if (kind === 0) {
      header.fill(0, at);
      return;
    }
    if (kind === 1) {
      at++;
      continue;
    }
    const length = header[at + 1] ?? 0;
    if (length < 2 || at + length > header.length) {
      header.fill(1, at);
      return;
    }
    if (!KNOWN_OPTIONS.has(kind)) header.fill(1, at, at + length);
    at += length;
  }
}

/** RFC 9293 §3.1: over addresses, protocol, length and segment. */
function writeTcpChecksum(segment: Buffer, ip: Buffer, version: number): void {
  segment.writeUInt16BE(0, 16);
  const addresses = version === 4 ? ip.subarray(12, 20) : ip.subarray(8, 40);
  segment.writeUInt16BE(checksum(sumOf(segment, sumOf(addresses, segment.length + 6))), 16);
}

function sumOf(bytes: Buffer, start: number): number {
  let sum = start;
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  return bytes.length % 2 === 1 ? sum + ((bytes[bytes.length - 1] as number) << 8) : sum;
}

function checksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

function addressText(view: FrameView): string {
  return formatAddress(view.ipVersion, view.source0, view.source1, view.source2, view.source3);
}
