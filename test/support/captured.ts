/** Packets as a capture has them, each with its own time and cut, through the whole pipeline. */
import { newPacketMeta } from '../../src/capture/packet-sink.ts';
import { type AnalysisOptions, createAnalysis, DEFAULT_PORTS } from '../../src/inspect.ts';
import type { SessionReport } from '../../src/report/report.ts';
import { type TcpPacketOptions, tcpPacket } from './packet-bytes.ts';

export interface Captured {
  /** An IP datagram, as far as captured. */
  readonly bytes: Buffer;
  /** Microseconds since the first. */
  readonly atUs: number;
  /** Bytes on the wire; those of `bytes` where it is not said. */
  readonly wireBytes?: number;
}

const RAW_IP = 101;
const START_US = 1_700_000_000_000_000;

/**
 * What `pick` takes of each session as it ends, and what the summary warns of. `atEnd` is called when all packets were
 * seen, and what is open is not handed on yet.
 */
export function analysed<T>(
  packets: readonly Captured[],
  pick: (report: SessionReport) => T,
  options: Partial<AnalysisOptions> = {},
  atEnd: () => void = () => {},
): { sessions: T[]; warnings: readonly string[] } {
  const sessions: T[] = [];
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: true, ...options }, (report) =>
    sessions.push(pick(report)),
  );
  const meta = newPacketMeta();
  meta.linkType = RAW_IP;
  analysis.beginCapture('captured.pcap');
  for (const { bytes, atUs, wireBytes } of packets) {
    meta.frame++;
    meta.timeUs = START_US + atUs;
    meta.originalLength = wireBytes ?? bytes.length;
    analysis.packet(bytes, 0, bytes.length, meta);
  }
  atEnd();
  const { warnings } = analysis.finish();
  return { sessions, warnings };
}

/** `packets` as a snapshot length of `bytes` leaves them. */
export function cutTo(bytes: number, packets: readonly Captured[]): Captured[] {
  return packets.map((packet) => ({
    ...packet,
    bytes: packet.bytes.subarray(0, bytes),
    wireBytes: packet.wireBytes ?? packet.bytes.length,
  }));
}

type Sent = TcpPacketOptions & { readonly from: 'client' | 'server'; readonly atUs: number };

const CLIENT = { src: '192.0.2.1', dst: '198.51.100.2', sport: 40_000, dport: 25 };
const SERVER = { src: '198.51.100.2', dst: '192.0.2.1', sport: 25, dport: 40_000 };

/** A packet between 192.0.2.1:40000 and 198.51.100.2:25. */
export function sent({ from, atUs, ...options }: Sent): Captured {
  return { atUs, bytes: tcpPacket({ ...(from === 'client' ? CLIENT : SERVER), ...options }) };
}

/** The timestamps option (RFC 7323 §3.2) with what makes it four-byte words. */
export function timestamps(value: number, echo: number): Buffer {
  const option = Buffer.from('0101080a0000000000000000', 'hex');
  option.writeUInt32BE(value, 4);
  option.writeUInt32BE(echo, 8);
  return option;
}
