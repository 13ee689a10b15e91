/**
 * Which packets of a run belong to chosen connections. The captures are read once more, and each packet is asked for its
 * addresses and ports; a connection takes as many segments as it was counted to have, from its first frame on, so that
 * one that uses the same four ends later has its own. With them go the pieces of a fragmented segment, and ICMP errors
 * about one of them.
 */

import { IpFragments } from '../../reassembly/ip-fragments.ts';
import { decodeFrame, decodeTransport, FrameView, ICMP_ERROR, IP_FRAGMENT, TCP, watchPorts } from '../../wire/frame.ts';
import type { PacketMeta, PacketSink } from '../packet-sink.ts';
import { ConnectionFollower } from './connection-follower.ts';
import { FrameSet } from './frame-set.ts';

/** A connection as a session has it. */
export interface WantedConnection {
  /** Index of the capture in which it began. */
  readonly capture: number;
  readonly client: { readonly address: string; readonly port: number };
  readonly server: { readonly address: string; readonly port: number };
  readonly frames: { readonly first: number; readonly last: number; readonly count: number };
}

/** Datagrams of which pieces were seen, remembered at a time. */
const MAX_DATAGRAMS = 4096;

/** Of one datagram: its frames so far, and whether it is known to be wanted. */
interface Pieces {
  frames: number[];
  wanted: boolean;
}

/** Bytes of a TLS record and a handshake header in front of a ClientHello's random (RFC 8446 §4.1.2), and of that. */
const BEFORE_RANDOM = 11;
const RANDOM_BYTES = 32;

export class WantedFrames implements PacketSink {
  /** By index of the capture. */
  readonly #sets: FrameSet[] = [];
  readonly #follower: ConnectionFollower<WantedConnection>;
  /** Random values of the ClientHellos in them, in hexadecimal: a key log names its secrets by these. */
  readonly #clientRandoms = new Set<string>();
  readonly #view: FrameView;
  #fragments = new IpFragments();
  #pieces = new Map<string, Pieces>();
  #frames = new FrameSet();

  constructor(wanted: readonly WantedConnection[]) {
    this.#follower = new ConnectionFollower(wanted);
    this.#view = new FrameView(watchPorts(wanted.map(({ server }) => server.port)));
  }

  /** The packets that follow are of the next capture. */
  beginCapture(): void {
    this.#follower.beginCapture();
    this.#frames = new FrameSet();
    this.#sets.push(this.#frames);
    // Fragments are put together over the end of a capture, but frames are numbered anew.
    this.#pieces.clear();
  }

  /** Frames of the capture with that index. */
  of(capture: number): FrameSet {
    return this.#sets[capture] ?? new FrameSet();
  }

  get count(): number {
    return this.#sets.reduce((sum, { count }) => sum + count, 0);
  }

  /** The lines of a key log that open one of the connections; null for none. Known once all captures were read. */
  secretsIn(keyLog: Buffer): Buffer | null {
    if (this.#clientRandoms.size === 0) return null;
    const lines = keyLog
      .toString('latin1')
      .split(/\r?\n/)
      .filter((line) => this.#clientRandoms.has((line.split(' ', 2)[1] ?? '').toLowerCase()));
    return lines.length === 0 ? null : Buffer.from(`${lines.join('\n')}\n`, 'latin1');
  }

  packet(bytes: Buffer, start: number, end: number, meta: PacketMeta): void {
    const view = this.#view;
    const kind = decodeFrame(bytes, start, end, meta.linkType, meta.originalLength, view);
    if (kind === TCP) {
      if (this.#follower.of(view, meta.frame) !== null) {
        this.#frames.add(meta.frame);
        this.#lookForHello(bytes);
      }
    } else if (kind === IP_FRAGMENT) {
      this.#fragment(bytes, meta);
    } else if (kind === ICMP_ERROR) {
      if (this.#follower.quotedIn(view, meta.frame) !== null) this.#frames.add(meta.frame);
    }
  }

  #fragment(bytes: Buffer, meta: PacketMeta): void {
    const view = this.#view;
    const key = this.#datagramKey();
    let pieces = this.#pieces.get(key);
    if (pieces === undefined) {
      pieces = { frames: [], wanted: false };
      this.#pieces.set(key, pieces);
      if (this.#pieces.size > MAX_DATAGRAMS) this.#pieces.delete(this.#pieces.keys().next().value as string);
    }
    pieces.frames.push(meta.frame);
    // The first piece shows the ports: it and the others are kept though the rest may never come.
    if (view.fragmentOffset === 0 && view.protocol === 6 && view.payloadEnd - view.payloadStart >= 4) {
      view.sourcePort = bytes.readUInt16BE(view.payloadStart);
      view.destinationPort = bytes.readUInt16BE(view.payloadStart + 2);
      pieces.wanted ||= this.#follower.of(view, meta.frame, false) !== null;
    }
    const whole = this.#fragments.add(bytes, view, meta.timeUs);
    if (whole !== null && decodeTransport(whole, 0, whole.length, view) === TCP) {
      pieces.wanted = this.#follower.of(view, meta.frame) !== null;
      if (pieces.wanted) this.#lookForHello(whole);
    }
    if (!pieces.wanted) return;
    for (const frame of pieces.frames) this.#frames.add(frame);
    pieces.frames = [];
    if (whole !== null) this.#pieces.delete(key);
  }

  #lookForHello(bytes: Buffer): void {
    const { payloadStart: at, payloadEnd: end } = this.#view;
    if (bytes[at] !== 22 || bytes[at + 1] !== 3 || bytes[at + 5] !== 1) return;
    if (at + BEFORE_RANDOM + RANDOM_BYTES > end) return;
    this.#clientRandoms.add(bytes.toString('hex', at + BEFORE_RANDOM, at + BEFORE_RANDOM + RANDOM_BYTES));
  }

  #datagramKey(): string {
    const view = this.#view;
    const source = [view.source0, view.source1, view.source2, view.source3];
    const target = [view.destination0, view.destination1, view.destination2, view.destination3];
    return [...source, ...target, view.fragmentId, view.ipVersion === 4 ? view.protocol : 0].join(' ');
  }
}
