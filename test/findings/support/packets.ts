/**
 * Sessions from packets whose TTL, window, identification and time are chosen one by one, through the whole pipeline:
 * for what only TCP shows.
 */
import { newPacketMeta } from '../../../src/capture/packet-sink.ts';
import { TRANSPORT_RULES } from '../../../src/findings/families/transport.ts';
import type { Finding } from '../../../src/findings/rule.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../../src/inspect.ts';
import type { Session } from '../../../src/smtp/session.ts';
import { saidIn } from '../../support/dialogue.ts';
import { tcpPacket } from '../../support/packet-bytes.ts';
import { type Close, connectionOf, otherSide, type Segment, type Side } from '../../support/segments.ts';

export interface Packet extends Segment {
  /** Seconds before it, beside the millisecond between all of them. */
  readonly pause?: number;
  readonly ttl?: number;
  readonly window?: number;
  readonly ipId?: number;
}

const START_US = 1_700_000_000_000_000;
const RAW_IP = 101;
const INITIAL: Readonly<Record<Side, number>> = { client: 1_000_000, server: 2_000_000 };
const ADDRESS: Readonly<Record<Side, string>> = { client: '192.0.2.1', server: '198.51.100.2' };
const NOTHING = Buffer.alloc(0);
/** Maximum segment size 1460. */
const SYN_OPTIONS = Buffer.from([2, 4, 5, 0xb4]);

/** The packets of a dialogue in text. */
export function talk(text: string, close: Close = 'none'): Packet[] {
  return connectionOf(saidIn(text), close);
}

/** What comes next of one side: the bytes, and the acknowledgement of all that the other has sent. */
export function next(packets: readonly Packet[], from: Side, flags: string, payload: Buffer = NOTHING): Packet {
  return { from, flags, seq: sentBy(packets, from), ack: sentBy(packets, otherSide(from)), payload };
}

function sentBy(packets: readonly Packet[], side: Side): number {
  let end = 1;
  for (const { from, seq, payload, flags } of packets) {
    if (from === side) end = Math.max(end, seq + payload.length + (/F/.test(flags) ? 1 : 0));
  }
  return end;
}

/** The same packets, and more behind them: each is made from what was sent until then. */
export function extend(packets: readonly Packet[], ...more: readonly ((so: readonly Packet[]) => Packet)[]): Packet[] {
  const all = [...packets];
  for (const one of more) all.push(one(all));
  return all;
}

/** A packet sent again, so often, the pauses doubling as TCP does. */
export function again(packet: Packet, times: number, pause = 0.5): Packet[] {
  return Array.from({ length: times }, (_, i) => ({ ...packet, pause: pause * 2 ** i }));
}

/** `count` bytes of a message, in lines. */
export function textOf(count: number): Buffer {
  return Buffer.from('a line of sixteen\r\n'.repeat(Math.ceil(count / 19)).slice(0, count));
}

const OF_TRANSPORT: ReadonlySet<string> = new Set(TRANSPORT_RULES.map(({ id }) => id));

/** The rules about the message on its way and about TCP among these findings: a symptom of one is not told by another. */
export function ofTransport(all: readonly Finding[]): string[] {
  return all.map(({ rule }) => rule).filter((id) => OF_TRANSPORT.has(id) || id === '421-mid-session');
}

export interface PacketOptions {
  /** Seconds of other traffic behind the last packet. */
  readonly quiet?: number;
}

export function sessionOf(packets: readonly Packet[], { quiet }: PacketOptions = {}): Session {
  const sessions: Session[] = [];
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: false }, ({ session }) => sessions.push(session));
  const meta = newPacketMeta();
  meta.linkType = RAW_IP;
  meta.timeUs = START_US;
  analysis.beginCapture('packets.pcap');
  const push = (packet: Packet, client = ADDRESS.client) => {
    const { from, flags, payload, ttl = 64, window = 65_535, ipId = 0 } = packet;
    const isClient = from === 'client';
    const bytes = tcpPacket({
      src: isClient ? client : ADDRESS.server,
      dst: isClient ? ADDRESS.server : client,
      sport: isClient ? 40_000 : 25,
      dport: isClient ? 25 : 40_000,
      seq: INITIAL[from] + packet.seq,
      ack: flags.includes('A') ? INITIAL[otherSide(from)] + packet.ack : 0,
      flags,
      payload,
      ttl,
      window,
      ipId,
      ...(flags.includes('S') ? { options: SYN_OPTIONS } : {}),
    });
    meta.frame++;
    meta.originalLength = bytes.length;
    analysis.packet(bytes, 0, bytes.length, meta);
  };
  for (const packet of packets) {
    meta.timeUs += 1000 + Math.round((packet.pause ?? 0) * 1e6);
    push(packet);
  }
  if (quiet !== undefined) {
    meta.timeUs += quiet * 1e6;
    push({ from: 'client', flags: 'S', seq: 0, ack: 0, payload: NOTHING }, '192.0.2.99');
  }
  analysis.finish();
  const session = sessions.find(({ client }) => client.address === ADDRESS.client);
  if (session === undefined) throw new Error('no session');
  return session;
}
