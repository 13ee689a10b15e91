/**
 * One TCP connection as the capture shows it: who opened it, its two half-streams, how it ended.
 *
 * Until payload, FIN or RST comes it is a few numbers (a million half-open connections of a SYN flood must not cost
 * memory). While its first sequence numbers are not known (`forming`) segments wait, so that a capture that starts in
 * mid-session, or whose packets are out of order, gives the same streams.
 */

import type { PacketMeta } from '../capture/packet-sink.ts';
import { formatIpv4, formatIpv6 } from '../wire/addresses.ts';
import type { FrameView } from '../wire/frame-view.ts';
import type { HalfOpenAttempt } from './half-open.ts';
import { HalfStream } from './half-stream.ts';
import { distance } from './seq.ts';
import type { Side, StreamListener } from './stream-listener.ts';
import type { Closing, Endpoint, FrameRange, IcmpError, Instant, Opening, TransportFacts } from './transport-facts.ts';

export class Connection implements TransportFacts {
  // What each packet reads comes first, side by side: with tens of thousands of connections it is in no cache.
  /** Addresses of client and server in the form of `FrameView`; swapped when the roles turn out the other way round. */
  clientPort = 0;
  serverPort = 0;
  client3 = 0;
  server3 = 0;
  readonly version: number;
  packets = 0;
  lastFrame = 0;
  endUs = Number.NaN;
  endNanos = 0;
  /** Null until payload, FIN or RST came; then neither is. */
  clientHalf: HalfStream | null = null;
  serverHalf: HalfStream | null = null;
  listener: StreamListener | null = null;
  /** Packet that completed the handshake; 0 while there is none. */
  establishedFrame = 0;
  /** First sequence numbers are still being looked for. */
  forming = false;
  /** Neither SMTP nor ever to be looked at again (`--ports any`). */
  ignored = false;
  /** Segments of it came twice: it is worth to tell copies from what was sent again. */
  hasCopies = false;

  /** The session's number; 0 until it has one. */
  id = 0;
  /** Rises with each connection: the order of their first packets. */
  readonly serial: number;
  readonly hash: number;
  client0 = 0;
  client1 = 0;
  client2 = 0;
  server0 = 0;
  server1 = 0;
  server2 = 0;

  /** Index of the capture in which it began. */
  capture = 0;
  timeDigits: 6 | 9 = 6;
  startUs = Number.NaN;
  startNanos = 0;
  firstFrame = 0;

  synCount = 0;
  synAckCount = 0;
  clientIsn = 0;
  /** Known from the SYN, or from the SYN/ACK that acknowledges it. */
  clientIsnKnown = false;
  serverIsn = 0;
  firstSyn: Instant | null = null;
  lastSyn: Instant | null = null;
  synFrame = 0;
  lastSynFrame = 0;
  synAck: Instant | null = null;
  lastSynAckUs = Number.NaN;
  establishedUs = Number.NaN;
  establishedNanos = 0;
  refused = false;
  closed: Instant | null = null;
  closedFrame = 0;
  closing: Closing = 'none';
  icmp: IcmpError | null = null;
  rolesInferred = true;
  /** Packets and TTLs before the half-streams were needed. */
  clientPackets = 0;
  serverPackets = 0;
  clientTtl = -1;
  serverTtl = -1;
  clientWindowScale = -1;
  clientMss = -1;
  clientSackPermitted = false;
  serverWindowScale = -1;
  serverMss = -1;
  serverSackPermitted = false;

  /** It is closed and waits for stragglers. */
  lingering = false;
  /** A new SYN on the same ports, while this connection was still open. */
  successor: Connection | null = null;
  /** The same ports served another connection before. */
  portsReused = false;
  /** Passed over once when the half-open connections were too many. */
  spared = false;
  /** Its place in the assembler's ring of half-open connections; -1 once it is none. */
  slot = -1;
  /** It stands in the table (a successor does not yet). */
  listed = false;
  /** Handed on: no packet may touch it any more. */
  done = false;

  constructor(serial: number, hash: number, version: number) {
    this.serial = serial;
    this.hash = hash;
    this.version = version;
  }

  /** A connection whose first packet is in `view`. */
  static of(serial: number, hash: number, view: FrameView, sourceIsClient: boolean): Connection {
    const connection = new Connection(serial, hash, view.ipVersion);
    connection.client0 = view.source0;
    connection.client1 = view.source1;
    connection.client2 = view.source2;
    connection.client3 = view.source3;
    connection.clientPort = view.sourcePort;
    connection.server0 = view.destination0;
    connection.server1 = view.destination1;
    connection.server2 = view.destination2;
    connection.server3 = view.destination3;
    connection.serverPort = view.destinationPort;
    if (!sourceIsClient) connection.swapRoles();
    return connection;
  }

  /** What was an attempt so far: only its SYNs were seen. */
  static ofAttempt(attempt: HalfOpenAttempt): Connection {
    const connection = new Connection(attempt.serial, attempt.hash, attempt.version);
    connection.id = attempt.id;
    connection.client0 = attempt.client0;
    connection.client1 = attempt.client1;
    connection.client2 = attempt.client2;
    connection.client3 = attempt.client3;
    connection.clientPort = attempt.clientPort;
    connection.server0 = attempt.server0;
    connection.server1 = attempt.server1;
    connection.server2 = attempt.server2;
    connection.server3 = attempt.server3;
    connection.serverPort = attempt.serverPort;
    connection.capture = attempt.capture;
    connection.timeDigits = attempt.timeDigits;
    connection.startUs = attempt.firstUs;
    connection.startNanos = attempt.firstNanos;
    connection.endUs = attempt.lastUs;
    connection.endNanos = attempt.lastNanos;
    connection.firstFrame = attempt.firstFrame;
    connection.lastFrame = attempt.lastFrame;
    connection.packets = attempt.synCount + attempt.copies;
    connection.hasCopies = attempt.copies > 0;
    connection.rolesInferred = false;
    connection.clientIsnKnown = true;
    connection.clientIsn = attempt.isn;
    connection.synCount = attempt.synCount;
    connection.firstSyn = { us: attempt.firstUs, nanos: attempt.firstNanos };
    connection.synFrame = attempt.firstFrame;
    connection.lastSyn =
      attempt.synCount === 1 ? connection.firstSyn : { us: attempt.lastUs, nanos: attempt.lastNanos };
    connection.lastSynFrame = attempt.lastFrame;
    connection.clientPackets = connection.packets;
    connection.clientTtl = attempt.ttl;
    connection.clientWindowScale = attempt.windowScale;
    connection.clientMss = attempt.mss;
    connection.clientSackPermitted = attempt.sackPermitted;
    return connection;
  }

  /** 0 when the packet in `view` comes from this connection's client, 1 from its server, -1 when it is of another. */
  sideOf(view: FrameView): Side | -1 {
    if (
      view.sourcePort === this.clientPort &&
      view.destinationPort === this.serverPort &&
      view.source3 === this.client3 &&
      view.destination3 === this.server3 &&
      view.ipVersion === this.version &&
      (view.ipVersion === 4 ||
        (view.source2 === this.client2 &&
          view.source1 === this.client1 &&
          view.source0 === this.client0 &&
          view.destination2 === this.server2 &&
          view.destination1 === this.server1 &&
          view.destination0 === this.server0))
    ) {
      return 0;
    }
    if (
      view.sourcePort === this.serverPort &&
      view.destinationPort === this.clientPort &&
      view.source3 === this.server3 &&
      view.destination3 === this.client3 &&
      view.ipVersion === this.version &&
      (view.ipVersion === 4 ||
        (view.source2 === this.server2 &&
          view.source1 === this.server1 &&
          view.source0 === this.server0 &&
          view.destination2 === this.client2 &&
          view.destination1 === this.client1 &&
          view.destination0 === this.client0))
    ) {
      return 1;
    }
    return -1;
  }

  /** The client's half-stream and the server's; null until payload, FIN or RST came. */
  get halves(): [HalfStream, HalfStream] | null {
    const { clientHalf, serverHalf } = this;
    return clientHalf === null || serverHalf === null ? null : [clientHalf, serverHalf];
  }

  /** The half-streams, made when they are first needed. */
  openHalves(): [HalfStream, HalfStream] {
    if (this.clientHalf !== null && this.serverHalf !== null) return [this.clientHalf, this.serverHalf];
    const client = new HalfStream();
    const server = new HalfStream();
    client.packets = this.clientPackets;
    client.ttl = this.clientTtl;
    server.packets = this.serverPackets;
    server.ttl = this.serverTtl;
    if (this.clientIsnKnown) {
      client.synced = true;
      client.nextSeq = (this.clientIsn + 1) | 0;
    }
    if (this.synAckCount > 0) {
      server.synced = true;
      server.nextSeq = (this.serverIsn + 1) | 0;
    }
    this.clientHalf = client;
    this.serverHalf = server;
    this.forming = !client.synced || !server.synced;
    return [client, server];
  }

  get client(): HalfStream {
    return this.clientHalf ?? this.openHalves()[0];
  }

  get server(): HalfStream {
    return this.serverHalf ?? this.openHalves()[1];
  }

  /** Who was taken for the client is the server. Only before anything was delivered. */
  swapRoles(): void {
    const { client0, client1, client2, client3, clientPort } = this;
    this.client0 = this.server0;
    this.client1 = this.server1;
    this.client2 = this.server2;
    this.client3 = this.server3;
    this.clientPort = this.serverPort;
    this.server0 = client0;
    this.server1 = client1;
    this.server2 = client2;
    this.server3 = client3;
    this.serverPort = clientPort;
    const { clientPackets, clientTtl } = this;
    this.clientPackets = this.serverPackets;
    this.serverPackets = clientPackets;
    this.clientTtl = this.serverTtl;
    this.serverTtl = clientTtl;
    const { clientHalf } = this;
    this.clientHalf = this.serverHalf;
    this.serverHalf = clientHalf;
    this.closing = SWAPPED[this.closing];
  }

  get clientEndpoint(): Endpoint {
    return {
      address: formatAddress(this.version, this.client0, this.client1, this.client2, this.client3),
      port: this.clientPort,
    };
  }

  get serverEndpoint(): Endpoint {
    return {
      address: formatAddress(this.version, this.server0, this.server1, this.server2, this.server3),
      port: this.serverPort,
    };
  }

  get frames(): FrameRange {
    return { first: this.firstFrame, last: this.lastFrame, count: this.packets };
  }

  get hasPayload(): boolean {
    const { clientHalf, serverHalf } = this;
    return (clientHalf?.firstPayloadFrame ?? 0) + (serverHalf?.firstPayloadFrame ?? 0) > 0;
  }

  get startCaptured(): boolean {
    return this.synCount > 0 || this.synAckCount > 0;
  }

  get established(): Instant | null {
    return this.establishedFrame === 0 ? null : { us: this.establishedUs, nanos: this.establishedNanos };
  }

  /** This packet completes the handshake. */
  establish({ frame, timeUs, timeNanos }: PacketMeta): void {
    this.establishedFrame = frame;
    this.establishedUs = timeUs;
    this.establishedNanos = timeNanos;
  }

  get opening(): Opening {
    if (!this.startCaptured) return 'not-captured';
    if (this.establishedFrame > 0 || this.hasPayload) return 'complete';
    if (this.synAckCount > 0) return 'half-open';
    if (this.refused) return 'refused';
    if (this.icmp !== null) return 'unreachable';
    return this.serverHalf !== null && this.serverHalf.packets > 0 ? 'half-open' : 'unanswered';
  }

  get roundTripSeconds(): number | null {
    const from = this.lastSyn;
    const to = this.established;
    if (from === null || to === null || Number.isNaN(from.us) || Number.isNaN(to.us)) return null;
    const seconds = (to.us - from.us + (to.nanos - from.nanos) / 1000) / 1e6;
    return seconds >= 0 ? seconds : null;
  }

  /** Whether a packet's acknowledgment of the SYN/ACK completes the handshake. */
  completesHandshake(ack: number): boolean {
    return this.synAckCount > 0 && distance(this.serverIsn, ack) >= 1;
  }
}

const SWAPPED: Record<Closing, Closing> = {
  'client-fin': 'server-fin',
  'server-fin': 'client-fin',
  'client-rst': 'server-rst',
  'server-rst': 'client-rst',
  none: 'none',
};

function formatAddress(version: number, a: number, b: number, c: number, d: number): string {
  return version === 4 ? formatIpv4(d) : formatIpv6(a, b, c, d);
}
