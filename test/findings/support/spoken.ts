/**
 * Sessions through the whole pipeline, from what each side says: text as in test/support/dialogue.ts, bytes of a recorded
 * TLS handshake, and pauses between them.
 */
import { newPacketMeta } from '../../../src/capture/packet-sink.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../../src/inspect.ts';
import type { Session } from '../../../src/smtp/session.ts';
import { saidIn } from '../../support/dialogue.ts';
import { type Addresses, type Close, connectionOf, packetOf, type Said, type Segment } from '../../support/segments.ts';

export interface SpokenOptions extends Addresses {
  readonly close?: Close;
  /** Seconds before the segment with this number (0: the SYN), beside the millisecond between all of them. */
  readonly pauses?: Readonly<Record<number, number>>;
  /** Seconds of pause before the close. */
  readonly beforeClose?: number;
  /** Seconds of other traffic behind the last segment. */
  readonly quiet?: number;
  /** The close is a RST of that side. */
  readonly reset?: boolean;
  readonly startUs?: number;
  /** What becomes of the segments before they are captured. */
  readonly onTheWay?: (segments: readonly Segment[]) => readonly Segment[];
}

const START_US = 1_700_000_000_000_000;
const RAW_IP = 101;

/** Text lines and pieces of TLS, in order. */
export function say(...parts: readonly (string | Said | readonly Said[])[]): Said[] {
  return parts.flatMap((part) => (typeof part === 'string' ? saidIn(part) : part));
}

/** The one session in it. */
export function wire(said: readonly Said[], options: SpokenOptions = {}): Session {
  const close = options.close ?? 'client';
  let segments: readonly Segment[] = connectionOf(said, close);
  if (options.reset === true) {
    const at = segments.findIndex(({ flags }) => flags.includes('F'));
    const first = segments[at] as Segment;
    segments = [...segments.slice(0, at), { ...first, flags: 'R' }];
  }
  const closing = segments.findIndex(({ flags }) => /[FR]/.test(flags));
  const sessions: Session[] = [];
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: false }, ({ session }) => sessions.push(session));
  const meta = newPacketMeta();
  meta.linkType = RAW_IP;
  analysis.beginCapture('wire.pcap');
  meta.timeUs = options.startUs ?? START_US;
  const push = (segment: Segment, addresses: Addresses): void => {
    const packet = packetOf(segment, addresses);
    meta.frame++;
    meta.originalLength = packet.length;
    analysis.packet(packet, 0, packet.length, meta);
  };
  (options.onTheWay?.(segments) ?? segments).forEach((segment, index) => {
    meta.timeUs += 1000 + (options.pauses?.[index] ?? 0) * 1e6;
    if (index === closing) meta.timeUs += (options.beforeClose ?? 0) * 1e6;
    push(segment, options);
  });
  if (options.quiet !== undefined) {
    meta.timeUs += options.quiet * 1e6;
    push({ from: 'client', flags: 'S', seq: 0, ack: 0, payload: Buffer.alloc(0) }, { client: '192.0.2.99' });
  }
  analysis.finish();
  const session = sessions.find(({ client }) => client.address !== '192.0.2.99');
  if (session === undefined) throw new Error('no session');
  return session;
}
