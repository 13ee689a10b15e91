/**
 * Packets in, connections with ordered streams out.
 *
 * The fast path is a segment of a known connection whose bytes are the next ones and whose acknowledgment is not ahead
 * of what the other side was seen to send: it is delivered at once, without a copy. Everything else takes `#slow`:
 *
 *   1. bytes seen before are compared with what was kept and dropped (the first win);
 *   2. what comes too early is copied and waits, behind a hole in its own stream or because it acknowledges bytes of
 *      the peer that have not come yet. So a reply is never delivered before its command, in whatever order the
 *      capture has them;
 *   3. what waits is delivered as soon as it may be. When the missing piece was acknowledged and still does not come
 *      (limits.ts: packets and capture time), it was not captured: a gap is reported, and reading goes on behind it.
 *
 * There is no clock: time is that of the packets, or of `tick`.
 */
import type { PacketMeta, PacketSink } from '../capture/packet-sink.ts';
import { formatAddress } from '../wire/addresses.ts';
import {
  CUT_SHORT,
  decodeFrame,
  decodeTransport,
  FrameView,
  ICMP_ERROR,
  IP_FRAGMENT,
  MALFORMED,
  NOTHING,
  TCP,
  TCP_ACK,
  TCP_FIN,
  TCP_RST,
  TCP_SYN,
  UNREAD_LINK_TYPE,
} from '../wire/frame.ts';
import type { WireLimits } from '../wire/nesting.ts';
import { readTcpOptions, TcpOptions } from '../wire/tcp.ts';
import { CapturedCopies, NO_IDENTITY, type Sight } from './captured-copies.ts';
import { Connection } from './connection.ts';
import { ConnectionTable } from './connection-table.ts';
import { ForgottenServers } from './forgotten-servers.ts';
import { HalfOpenAttempt, HalfOpenTable, isCopyOfSyn } from './half-open.ts';
import type { HalfStream, Pending } from './half-stream.ts';
import { IpFragments } from './ip-fragments.ts';
import { REASSEMBLY_LIMITS, type ReassemblyLimits } from './limits.ts';
import { Resends } from './resends.ts';
import { distance } from './seq.ts';
import type { SegmentInfo, Side, StreamListener } from './stream-listener.ts';
import type { Closing } from './transport-facts.ts';

/** Whoever is told of connections. */
export interface ConnectionHandler {
  /** The first payload is about to be delivered. */
  open(connection: Connection): StreamListener;
  /** Whether these first bytes of one side are what a server says. Asked only when neither SYN nor port tells. */
  speaksLikeServer(bytes: Buffer): boolean;
  /** Nothing more of it will come. `known`: the rest of the run has been read, so nothing later can contradict. */
  closed(connection: Connection, known: boolean): void;
}

export interface AssemblerOptions {
  /** Indexed by port: 1 = watched. */
  readonly ports: Uint8Array;
  /** Connections get their numbers from `assignId` alone (SMTP on any port). */
  readonly numberLater: boolean;
  readonly limits?: Partial<ReassemblyLimits & WireLimits>;
}

/** What was met that no connection can tell. */
export interface AssemblerCounters {
  /** Link type to packets that were not read for it. */
  readonly unreadLinkTypes: Map<number, number>;
  malformed: number;
  /** Packets that the snapshot length cut before the end of their headers. */
  cutHeaders: number;
  /** Segments whose sequence numbers are too far from their stream to be of it. */
  implausible: number;
  /** Connections without payload that fell out of the table of half-open ones. */
  readonly forgotten: ForgottenServers;
  /** Packets with IP fragments that never became whole. */
  readonly fragments: IpFragments;
  /** Connections ended because there were too many. */
  evicted: number;
  /** Holes given up because too many bytes waited. */
  forced: number;
  /** 802.11 frames that were encrypted, and packets inside more headers than are unwrapped. */
  encryptedFrames: number;
  tooDeep: number;
}

/** Bytes of timestamps, or of SACK with one block, behind two fillers: the least there is of either. */
const PADDED_OPTION = 12;
/** Their kind (RFC 7323 §3.2). */
const TIMESTAMPS = 8;

/** Packets of several queues of a card are out of order by less. */
const BACK_US = 1_000;

const SEGMENT_START: SegmentInfo = { frame: 0, timeUs: Number.NaN, timeNanos: 0, capture: 0, acked: -1 };

/** Within this part of the handshake's round trip no sender can know that something is missing. */
const TOO_SOON = 0.25;

const FINS: readonly [Closing, Closing] = ['client-fin', 'server-fin'];

/** Nobody is much older than before: to look at each of a hundred thousand costs milliseconds. */
const LOOK_US = 5_000_000;

/** Connections that are handed on one after the other. */
const HANDED_ON_TOGETHER = 16;

function isOver({ closed }: Connection, timeUs: number, lingerUs: number): boolean {
  return closed !== null && Math.abs(timeUs - closed.us) > lingerUs;
}

export class Assembler implements PacketSink {
  readonly counters: AssemblerCounters;
  readonly #handler: ConnectionHandler;
  readonly #limits: ReassemblyLimits;
  readonly #numberLater: boolean;
  readonly #ports: Uint8Array;
  readonly #view: FrameView;
  readonly #table = new ConnectionTable();
  readonly #fragments: IpFragments;
  readonly #segmentInfo: SegmentInfo = { ...SEGMENT_START };
  /** Of what only SYNs were seen. */
  readonly #attempts: HalfOpenTable;
  readonly #attempt = new HalfOpenAttempt();
  readonly #options = new TcpOptions();
  readonly #copies = new CapturedCopies();
  readonly #sight: Sight = { identity: NO_IDENTITY, ack: 0, window: 0, ttl: 0, timeUs: Number.NaN };
  /** Connections that are more than SYNs, and yet without payload: oldest first, as a ring. */
  readonly #halfOpen: (Connection | null)[] = [];
  #halfOpenAt = 0;
  /** Closed connections in the order in which they closed. */
  #lingering: (Connection | null)[] = [];
  #lingeringFrom = 0;
  /** Connections in which something waits. */
  readonly #waiting = new Set<Connection>();
  #pendingTotal = 0;
  #serial = 0;
  #ids = 0;
  #capture = 0;
  #sweepUs = Number.NaN;
  #sinceSweep = 0;
  /** When all connections were looked at for their age. */
  #lookedUs = Number.NaN;
  #untilAge = 0;

  constructor(handler: ConnectionHandler, options: AssemblerOptions) {
    this.#handler = handler;
    this.#limits = { ...REASSEMBLY_LIMITS, ...options.limits };
    this.#fragments = new IpFragments(this.#limits);
    this.#numberLater = options.numberLater;
    this.#ports = options.ports;
    this.#view = new FrameView(options.ports);
    if (options.limits?.nesting !== undefined) this.#view.maxDepth = options.limits.nesting;
    this.#attempts = new HalfOpenTable(this.#limits.halfOpen);
    this.counters = {
      unreadLinkTypes: new Map(),
      malformed: 0,
      cutHeaders: 0,
      implausible: 0,
      forgotten: new ForgottenServers(),
      fragments: this.#fragments,
      evicted: 0,
      forced: 0,
      encryptedFrames: 0,
      tooDeep: 0,
    };
  }

  /** Connections that are not handed on yet. */
  get openConnections(): number {
    return this.#table.size + this.#attempts.count;
  }

  /** Attempts to connect that stand still for `quietUs` are connections from now on, `most` of them, oldest first. */
  showAttempts(timeUs: number, quietUs: number, most: number): void {
    for (const entry of this.#attempts.quiet(timeUs, quietUs).slice(0, most)) this.#promote(entry);
  }

  /** Connections, without attempts, for which `wanted` holds, in the order of their first packets. */
  open(wanted: (connection: Connection) => boolean): Connection[] {
    return this.#table.all(wanted);
  }

  /** The packets that follow are of this capture. */
  beginCapture(index: number): void {
    this.#capture = index;
  }

  /** Gives the connection its number, if it has none. */
  assignId(connection: Connection): void {
    if (connection.id === 0) connection.id = ++this.#ids;
  }

  packet(bytes: Buffer, start: number, end: number, meta: PacketMeta): void {
    const view = this.#view;
    const kind = decodeFrame(bytes, start, end, meta.linkType, meta.originalLength, view);
    if (kind === TCP) {
      this.#segment(bytes, view, meta);
      return;
    }
    if (kind === NOTHING) {
      // Time goes on in what is not ours too.
      if (++this.#untilAge >= 4096) {
        this.#untilAge = 0;
        this.#age(meta.timeUs);
      }
      return;
    }
    if (kind === IP_FRAGMENT) {
      const whole = this.#fragments.add(bytes, view, meta.timeUs);
      if (whole !== null && decodeTransport(whole, 0, whole.length, view) === TCP) this.#segment(whole, view, meta);
    } else if (kind === ICMP_ERROR) {
      this.#icmp(view, meta);
    } else if (kind === UNREAD_LINK_TYPE) {
      const { unreadLinkTypes } = this.counters;
      unreadLinkTypes.set(meta.linkType, (unreadLinkTypes.get(meta.linkType) ?? 0) + 1);
    } else if (kind === MALFORMED) {
      this.counters.malformed++;
    } else if (kind === CUT_SHORT) {
      this.counters.cutHeaders++;
    }
  }

  /** The capture's clock stands at `timeUs`, and no packet came. */
  tick(timeUs: number): void {
    for (const connection of [...this.#waiting]) {
      if (Math.abs(timeUs - connection.endUs) > this.#limits.holdUs) this.#settle(connection, true);
    }
    this.#age(timeUs);
    this.#sweep(timeUs);
  }

  /** Ends everything that is open; `closed` is called in the order in which connections ended, then by number. */
  finish(): void {
    this.counters.encryptedFrames = this.#view.encrypted;
    this.counters.tooDeep = this.#view.tooDeep;
    this.#flushLingering(this.#lingering.length, true);
    this.#closeAll(
      this.#table.all(() => true),
      this.#attempts.all(),
      true,
    );
  }

  /** Closes connections and attempts, each in the order of their first packets, as one row. */
  #closeAll(connections: readonly Connection[], attempts: readonly number[], known: boolean): void {
    let next = 0;
    for (const connection of connections) {
      for (; next < attempts.length; next++) {
        const entry = attempts[next] as number;
        if (this.#attempts.serial(entry) > connection.serial) break;
        this.#close(this.#promote(entry), known);
      }
      if (!connection.done) this.#close(connection, known);
    }
    for (; next < attempts.length; next++) this.#close(this.#promote(attempts[next] as number), known);
  }

  #segment(bytes: Buffer, view: FrameView, meta: PacketMeta): void {
    if (++this.#sinceSweep >= 65_536 || this.#isTimeToHandOn(meta)) this.#age(meta.timeUs);
    const flags = view.flags;
    const hash = this.#table.hash(view);
    let connection = this.#table.find(view, hash);
    let side: Side;
    if (connection === null) {
      connection = this.#unknown(bytes, view, hash, meta);
      if (connection === null) return;
      side = connection.sideOf(view) as Side;
    } else {
      side = this.#table.side;
    }
    if ((flags & TCP_SYN) !== 0) {
      const next = this.#reuse(connection, side, view, meta);
      if (next !== connection) {
        connection = next;
        side = connection.sideOf(view) as Side;
      }
    }

    connection.packets++;
    connection.lastFrame = meta.frame;
    connection.endUs = meta.timeUs;
    connection.endNanos = meta.timeNanos;
    if (connection.ignored) {
      if ((flags & (TCP_FIN | TCP_RST)) !== 0) this.#remove(connection);
      return;
    }

    const half = side === 0 ? connection.clientHalf : connection.serverHalf;
    const peer = side === 0 ? connection.serverHalf : connection.clientHalf;
    if (half !== null && peer !== null && (flags & (TCP_SYN | TCP_FIN | TCP_RST)) === 0) {
      half.packets++;
      if (half.ttl < 0) half.ttl = view.ttl;
      if ((view.window === 0) !== half.windowClosed) half.turnWindow(meta.frame, meta.timeUs);
      let isSameAck = false;
      if ((flags & TCP_ACK) !== 0) {
        isSameAck = peer.acknowledge(view.ack, this.#limits.plausibleDistance);
        if (connection.establishedFrame === 0 && side === 0 && connection.completesHandshake(view.ack)) {
          connection.establish(meta);
        }
      }
      if (view.payloadLength === 0) {
        const isSelective =
          view.optionsEnd - view.optionsStart >= PADDED_OPTION && this.#selective(half, peer, bytes, view, meta);
        if (isSameAck || peer.resends !== null) this.#pureAck(half, peer, isSameAck, isSelective, view, meta);
        if (connection.forming) this.#see(connection, half, view.seq);
        else if (half.pending !== null || peer.pending !== null) this.#settle(connection, false);
        return;
      }
      // The fast path.
      if (
        half.pending === null &&
        view.seq === half.nextSeq &&
        !connection.forming &&
        half.synced &&
        (!peer.synced || ((view.ack - peer.nextSeq) | 0) <= 0 || (flags & TCP_ACK) === 0)
      ) {
        this.#takeNext(connection, side, half, peer, bytes, view, meta);
        if (peer.pending !== null) this.#settle(connection, false);
        return;
      }
      this.#slow(connection, side, bytes, view, meta, view.seq);
      return;
    }
    this.#flagged(connection, side, bytes, view, meta);
  }

  /** The next bytes of a stream, which acknowledge nothing that is yet to come: they are delivered as they are. */
  #takeNext(
    connection: Connection,
    side: Side,
    half: HalfStream,
    peer: HalfStream,
    bytes: Buffer,
    view: FrameView,
    meta: PacketMeta,
  ): void {
    const { nextSeq } = half;
    const segment = this.#segmentInfo;
    segment.frame = meta.frame;
    segment.timeUs = meta.timeUs;
    segment.timeNanos = meta.timeNanos;
    segment.capture = this.#capture;
    segment.acked = peer.synced && (view.flags & TCP_ACK) !== 0 ? peer.offset + ((view.ack - peer.nextSeq) | 0) : -1;
    half.countSegment(nextSeq, view.payloadLength, view.ipId);
    if (connection.hasCopies) this.#remember(connection, side, half, nextSeq, bytes, view, meta.timeUs);
    this.#deliver(
      connection,
      half,
      side,
      bytes,
      view.payloadStart,
      view.payloadEnd,
      view.payloadLength - (view.payloadEnd - view.payloadStart),
    );
  }

  /** An acknowledgment with options: whether it names what came behind a hole. */
  #selective(half: HalfStream, peer: HalfStream, bytes: Buffer, view: FrameView, meta: PacketMeta): boolean {
    // Nearly always it is timestamps behind two fillers.
    if (view.optionsEnd - view.optionsStart === PADDED_OPTION && bytes[view.optionsStart + 2] === TIMESTAMPS) {
      return false;
    }
    const options = this.#options;
    readTcpOptions(bytes, view, options);
    if (options.sackBlocks === 0) return false;
    half.trouble.selectiveAcks++;
    for (let block = 0; block < options.sackBlocks; block++) {
      const edge = options.sackEdges[block * 2 + 1] as number;
      const ahead = distance(view.ack, edge);
      // What is not ahead is what came twice (RFC 2883 §4).
      if (ahead <= 0 || ahead > this.#limits.plausibleDistance) continue;
      peer.resends ??= new Resends();
      peer.resends.select(edge, meta.timeUs);
    }
    return true;
  }

  /** An acknowledgment alone, of what `peer` sent: perhaps it is there because something is missing. */
  #pureAck(
    half: HalfStream,
    peer: HalfStream,
    isSame: boolean,
    isSelective: boolean,
    view: FrameView,
    meta: PacketMeta,
  ): void {
    // Of what was captured at two places, one of them is heard.
    if (half.isDoubled && view.ttl !== half.ttl) return;
    if (!isSame) peer.resends?.rememberAck(view.window, view.ipId, meta.timeUs);
    else if (peer.nextSeq !== view.ack || peer.pending !== null) {
      peer.resends ??= new Resends();
      const hasCopies = half.duplicates + peer.duplicates > 0;
      peer.resends.repeatAck(view.window, view.ipId, meta.timeUs, isSelective, hasCopies);
    }
  }

  /** Segments with SYN, FIN or RST, and those of connections that had no payload yet. */
  #flagged(connection: Connection, from: Side, bytes: Buffer, view: FrameView, meta: PacketMeta): void {
    const flags = view.flags;
    const isSyn = (flags & TCP_SYN) !== 0;
    const isRst = (flags & TCP_RST) !== 0;
    let side = from;
    if (isSyn && !isRst && !connection.startCaptured && connection.listener === null) {
      // Whoever sends the SYN is the client, whatever was guessed before.
      if (((flags & TCP_ACK) === 0) !== (side === 0)) {
        connection.swapRoles();
        side = side === 0 ? 1 : 0;
      }
    }
    const known = side === 0 ? connection.clientHalf : connection.serverHalf;
    if (known === null) {
      if (side === 0) {
        connection.clientPackets++;
        if (connection.clientTtl < 0 && !isRst) connection.clientTtl = view.ttl;
      } else {
        connection.serverPackets++;
        if (connection.serverTtl < 0 && !isRst) connection.serverTtl = view.ttl;
      }
    } else {
      known.packets++;
      if (known.ttl < 0 && !isRst) known.ttl = view.ttl;
    }
    if (isSyn && !isRst) this.#synchronise(connection, side, bytes, view, meta);
    if (
      !isSyn &&
      !isRst &&
      side === 0 &&
      connection.establishedFrame === 0 &&
      (flags & TCP_ACK) !== 0 &&
      connection.completesHandshake(view.ack)
    ) {
      connection.establish(meta);
      this.#leaveRing(connection);
    }
    const hasPayload = view.payloadLength > 0 && !isRst;
    if (!hasPayload && (flags & (TCP_FIN | TCP_RST)) === 0 && known === null) return;

    const halves = connection.openHalves();
    this.#leaveRing(connection);
    const half = halves[side];
    const peer = halves[1 - side] as HalfStream;
    if (connection.forming) this.#waiting.add(connection);
    if ((flags & TCP_ACK) !== 0 && !isRst) peer.acknowledge(view.ack, this.#limits.plausibleDistance);
    const seq = isSyn ? (view.seq + 1) | 0 : view.seq;
    const isNext =
      half.pending === null &&
      seq === half.nextSeq &&
      !connection.forming &&
      half.synced &&
      (!peer.synced || ((view.ack - peer.nextSeq) | 0) <= 0 || (flags & TCP_ACK) === 0);
    if (hasPayload && isNext) this.#takeNext(connection, side, half, peer, bytes, view, meta);
    else if (hasPayload) this.#slow(connection, side, bytes, view, meta, seq);
    else if (connection.forming && !isRst && !isSyn) this.#see(connection, half, seq);
    if (isRst) this.#reset(connection, side, half, view, meta);
    else if ((flags & TCP_FIN) !== 0) this.#finished(connection, side, half, (seq + view.payloadLength) | 0, meta);
    if (half.pending !== null || peer.pending !== null) this.#settle(connection, false);
  }

  #synchronise(connection: Connection, side: Side, bytes: Buffer, view: FrameView, meta: PacketMeta): void {
    const time = { us: meta.timeUs, nanos: meta.timeNanos };
    const isAnswer = (view.flags & TCP_ACK) !== 0;
    if (isAnswer !== (side === 1)) return;
    const halves = connection.halves;
    if (!isAnswer) {
      if (connection.clientIsnKnown && connection.clientIsn !== view.seq) return;
      // Nobody sends it again who was answered and went on.
      const wentOn = connection.establishedFrame > 0 || (halves !== null && halves[0].firstPayloadFrame > 0);
      if (connection.lastSyn !== null && (wentOn || isCopyOfSyn(meta.timeUs, connection.lastSyn.us))) {
        this.#double(connection, side, view.ttl);
        return;
      }
      connection.rolesInferred = false;
      connection.clientIsnKnown = true;
      connection.clientIsn = view.seq;
      if (connection.synCount === 0) {
        readTcpOptions(bytes, view, this.#options);
        connection.clientWindowScale = this.#options.windowScale;
        connection.clientMss = this.#options.mss;
        connection.clientSackPermitted = this.#options.sackPermitted === 1;
        connection.firstSyn = time;
        connection.synFrame = meta.frame;
      }
      connection.synCount++;
      connection.lastSyn = time;
      connection.lastSynFrame = meta.frame;
      if (halves !== null && connection.forming) this.#sync(connection, halves[0], view.seq);
      return;
    }
    if (connection.synAckCount > 0) {
      if (connection.serverIsn !== view.seq) return;
      // What acknowledges it may have been lost; a server that speaks has it, and so it is where its SYN has come twice.
      const wentOn =
        (halves !== null && halves[1].firstPayloadFrame > 0) ||
        (connection.hasCopies && connection.establishedFrame > 0);
      if (wentOn || isCopyOfSyn(meta.timeUs, connection.lastSynAckUs)) {
        this.#double(connection, side, view.ttl);
        return;
      }
    }
    connection.lastSynAckUs = meta.timeUs;
    connection.rolesInferred = false;
    if (connection.synAckCount === 0) {
      readTcpOptions(bytes, view, this.#options);
      connection.serverWindowScale = this.#options.windowScale;
      connection.serverMss = this.#options.mss;
      connection.serverSackPermitted = this.#options.sackPermitted === 1;
      connection.synAck = time;
      connection.serverIsn = view.seq;
    }
    connection.synAckCount++;
    if (!connection.clientIsnKnown) {
      // It acknowledges the SYN: the client's first byte is known too.
      connection.clientIsnKnown = true;
      connection.clientIsn = (view.ack - 1) | 0;
    }
    if (halves !== null && connection.forming) {
      this.#sync(connection, halves[1], view.seq);
      if (!halves[0].synced) this.#sync(connection, halves[0], connection.clientIsn);
    }
  }

  /** A SYN that was sent once came twice: so does everything else. */
  #double(connection: Connection, side: Side, ttl: number): void {
    connection.hasCopies = true;
    const { clientHalf, serverHalf } = connection;
    if (clientHalf === null || serverHalf === null) return;
    const isSameHop = ttl === (side === 0 ? clientHalf : serverHalf).ttl;
    clientHalf.double(isSameHop);
    serverHalf.double(isSameHop);
  }

  #sync(connection: Connection, half: HalfStream, isn: number): void {
    half.synced = true;
    half.nextSeq = (isn + 1) | 0;
    const halves = connection.openHalves();
    if (halves[0].synced && halves[1].synced) this.#settle(connection, false);
  }

  /** A packet without payload tells where its sender stands. */
  #see(connection: Connection, half: HalfStream, seq: number): void {
    const { trouble } = half;
    if (!trouble.hasSeenSeq || distance(trouble.seenSeq, seq) < 0) trouble.seenSeq = seq;
    trouble.hasSeenSeq = true;
    this.#settle(connection, false);
  }

  #reset(connection: Connection, side: Side, half: HalfStream, view: FrameView, meta: PacketMeta): void {
    const inWindow = !half.synced || Math.abs(distance(half.nextSeq, view.seq)) < this.#limits.plausibleDistance;
    const toSyn = side === 1 && connection.synCount > 0 && connection.synAckCount === 0 && !connection.hasPayload;
    if (!inWindow && !toSyn) return;
    if (half.rst === null) {
      half.trouble.reset = {
        time: { us: meta.timeUs, nanos: meta.timeNanos },
        frame: meta.frame,
        ttl: view.ttl,
        ipId: view.ipId,
        isExact: !half.synced || half.nextSeq === view.seq,
        ahead: half.synced ? Math.max(0, distance(half.nextSeq, view.seq)) : 0,
      };
    }
    if (toSyn) {
      connection.refused = true;
      this.#linger(connection, 'none', meta);
    } else this.#linger(connection, side === 0 ? 'client-rst' : 'server-rst', meta);
  }

  #finished(connection: Connection, side: Side, half: HalfStream, seq: number, meta: PacketMeta): void {
    if (half.fin !== null && half.synced && half.finIsBetterAt(seq)) this.#withdrawFin(connection, side, half);
    if (half.fin === null) {
      half.fin = { us: meta.timeUs, nanos: meta.timeNanos };
      half.finFrame = meta.frame;
      half.finSeq = seq;
    }
    if (connection.closing === 'none' || wentOnBehindReset(connection)) {
      connection.closing = FINS[side];
      connection.closed = { us: meta.timeUs, nanos: meta.timeNanos };
      connection.closedFrame = meta.frame;
    }
    const halves = connection.openHalves();
    if (halves[0].fin !== null && halves[1].fin !== null) this.#linger(connection, connection.closing, meta);
  }

  /** A FIN that its stream does not have: forged, or mangled. */
  #withdrawFin(connection: Connection, side: Side, half: HalfStream): void {
    if (connection.closedFrame === half.finFrame && connection.closing === FINS[side]) {
      const other = connection.openHalves()[1 - side] as HalfStream;
      connection.closing = other.fin === null ? 'none' : FINS[(1 - side) as Side];
      connection.closed = other.fin;
      connection.closedFrame = other.finFrame;
    }
    half.fin = null;
    half.finFrame = 0;
  }

  /** It is closed: it waits a little for stragglers, then it is handed on. */
  #linger(connection: Connection, closing: Closing, meta: PacketMeta): void {
    if (connection.closing === 'none') connection.closing = closing;
    if (connection.closed === null) {
      connection.closed = { us: meta.timeUs, nanos: meta.timeNanos };
      connection.closedFrame = meta.frame;
    }
    if (connection.lingering) return;
    connection.lingering = true;
    this.#lingering.push(connection);
    const waiting = this.#lingering.length - this.#lingeringFrom;
    if (waiting > this.#limits.lingering) this.#flushLingering(this.#lingeringFrom + 1, false);
  }

  #slow(connection: Connection, side: Side, bytes: Buffer, view: FrameView, meta: PacketMeta, seq: number): void {
    const half = connection.openHalves()[side];
    let start = view.payloadStart;
    const end = view.payloadEnd;
    const length = view.payloadLength;
    let from = seq;
    if (half.synced) {
      const late = distance(from, half.nextSeq);
      if (late > this.#limits.plausibleDistance || -late > this.#limits.plausibleDistance) {
        this.counters.implausible++;
        return;
      }
      if (late > 0) {
        const known = Math.min(late, end - start);
        const offset = half.offset - late;
        // One byte before the next one, or none, is a keep-alive (RFC 9293 §3.8.4), and its byte may be any.
        const isKeepAlive = late === 1 && length <= 1;
        if (
          !isKeepAlive &&
          offset >= 0 &&
          known > 0 &&
          connection.listener?.differs(side, bytes, start, start + known, offset)
        ) {
          half.addConflict({ frame: meta.frame, offset, length: known }, this.#limits.conflicts);
        }
        if (late >= length) {
          if (!isKeepAlive) this.#repeat(connection, side, half, from, length, bytes, view, meta);
          if (half.pending !== null) this.#settle(connection, false);
          return;
        }
        start += known;
        from = half.nextSeq;
      }
    }
    const piece: Pending = {
      seq: from,
      bytes: Buffer.from(bytes.subarray(start, end)),
      truncated: length - distance(seq, from) - (end - start),
      frame: meta.frame,
      timeUs: meta.timeUs,
      timeNanos: meta.timeNanos,
      capture: this.#capture,
      ack: view.ack,
      hasAck: (view.flags & TCP_ACK) !== 0,
      arrival: connection.packets,
    };
    const pendingBefore = half.pendingBytes;
    const fresh = half.insert(piece, (at, count) => {
      const offset = half.synced ? half.offset + distance(half.nextSeq, at) : distance(seq, at);
      half.addConflict({ frame: meta.frame, offset, length: count }, this.#limits.conflicts);
    });
    if (half.firstPayloadFrame === 0) this.#firstPayload(half, meta.timeUs, meta.timeNanos, meta.frame);
    if (fresh === 0) this.#repeat(connection, side, half, from, length, bytes, view, meta);
    else {
      half.countSegment(seq, length, view.ipId);
      if (connection.hasCopies) this.#remember(connection, side, half, seq, bytes, view, meta.timeUs);
    }
    this.#pendingTotal += half.pendingBytes - pendingBefore;
    if (half.pending !== null) this.#waiting.add(connection);
    this.#settle(connection, false);
  }

  /** A segment with nothing new in it. */
  #repeat(
    connection: Connection,
    side: Side,
    half: HalfStream,
    seq: number,
    length: number,
    bytes: Buffer,
    view: FrameView,
    meta: PacketMeta,
  ): void {
    const key = keyOf(connection, side);
    const { roundTripSeconds, hasCopies } = connection;
    const peer = connection.openHalves()[1 - side] as HalfStream;
    // Until now only its SYN can have told.
    if (hasCopies && half.retransmissions + half.duplicates + peer.retransmissions + peer.duplicates === 0) {
      half.double();
      peer.double();
    }
    const sight = this.#sightOf(half, bytes, view, meta.timeUs);
    // What came earlier than what is known already was not sent again: a second capture was joined to the first.
    const isEarlier = meta.timeUs - half.lastPayloadUs < (hasCopies ? 0 : -BACK_US);
    const soonUs = half.isDoubled ? (roundTripSeconds ?? 0) * 1e6 * TOO_SOON : 0;
    const likeness = hasCopies ? this.#copies.compare(key, seq, sight, soonUs) : 'unknown';
    const hasOtherTtl = view.ttl !== half.ttl;
    const isElsewhere =
      likeness === 'same-elsewhere' || likeness === 'like-elsewhere' || (likeness === 'unknown' && hasOtherTtl);
    // Its sender had acknowledged more before: it was sent before that.
    const isOld = likeness === 'unknown' && (view.flags & TCP_ACK) !== 0 && distance(view.ack, peer.maxAck) > 0;
    const isShown = likeness !== 'same' && this.#copies.see(key, seq, sight, half.ttl) && half.isDoubled;
    const isLast = half.isLastOnceMore(seq, view.ipId, meta.timeUs);
    const isDue = (likeness === 'unknown' || likeness === 'different') && half.isDoubled && half.isDueCopy(seq, length);
    const isCopy =
      isShown ||
      isDue ||
      (isOld && half.isDoubled) ||
      // By the clocks of two places it may seem to be something earlier, or to follow at once.
      (!(isElsewhere && half.isDoubled) &&
        (isEarlier || likeness === 'same' || likeness === 'same-elsewhere' || isLast));
    connection.hasCopies = true;
    const mayTell = isElsewhere && hasOtherTtl && !half.isDoubled;
    let isProof: boolean;
    if (isCopy) {
      half.countCopy();
      isProof = mayTell && likeness === 'same-elsewhere';
    } else {
      half.countResent(seq, length, meta.frame, meta.timeUs, roundTripSeconds);
      // It may have been captured twice, too.
      this.#copies.sentAgain(key, seq, sight);
      const isWitness = likeness === 'like-elsewhere' || isOld;
      isProof = mayTell && half.suspect(seq, length, view.ttl, isWitness);
    }
    if (isProof) {
      half.double();
      peer.double();
    }
  }

  /** A segment with something new in it, of a connection in which segments came twice. */
  #remember(
    connection: Connection,
    side: Side,
    half: HalfStream,
    seq: number,
    bytes: Buffer,
    view: FrameView,
    timeUs: number,
  ): void {
    this.#copies.remember(keyOf(connection, side), seq, this.#sightOf(half, bytes, view, timeUs));
  }

  #sightOf(half: HalfStream, bytes: Buffer, view: FrameView, timeUs: number): Sight {
    const sight = this.#sight;
    sight.identity = this.#identityOf(half, bytes, view);
    sight.ack = view.ack;
    sight.window = view.window;
    sight.ttl = view.ttl;
    sight.timeUs = timeUs;
    return sight;
  }

  #identityOf(half: HalfStream, bytes: Buffer, view: FrameView): number {
    if (view.ipId > 0) return half.idsRepeat ? NO_IDENTITY : view.ipId;
    readTcpOptions(bytes, view, this.#options);
    return this.#options.hasTimestamps === 1 ? this.#options.timestampValue : NO_IDENTITY;
  }

  #firstPayload(half: HalfStream, us: number, nanos: number, frame: number): void {
    half.firstPayloadUs = us;
    half.firstPayloadNanos = nanos;
    half.firstPayloadFrame = frame;
  }

  /** Hands bytes on; `#segmentInfo` says of which packet. `truncated` bytes behind them were cut off. */
  #deliver(
    connection: Connection,
    half: HalfStream,
    side: Side,
    bytes: Buffer,
    start: number,
    end: number,
    truncated: number,
  ): void {
    const segment = this.#segmentInfo;
    if (half.firstPayloadFrame === 0) this.#firstPayload(half, segment.timeUs, segment.timeNanos, segment.frame);
    half.lastPayloadUs = segment.timeUs;
    half.lastPayloadNanos = segment.timeNanos;
    let listener = connection.listener;
    if (listener === null) {
      listener = this.#handler.open(connection);
      connection.listener = listener;
    }
    const count = end - start;
    if (count > 0) {
      const offset = half.offset;
      half.nextSeq = (half.nextSeq + count) | 0;
      half.offset = offset + count;
      half.bytes += count;
      listener.data(side, bytes, start, end, offset, segment);
    }
    if (truncated > 0) {
      half.trouble.truncatedBytes += truncated;
      this.#gap(connection, half, side, truncated);
    }
  }

  #gap(connection: Connection, half: HalfStream, side: Side, length: number): void {
    const offset = half.offset;
    half.nextSeq = (half.nextSeq + length) | 0;
    half.offset = offset + length;
    half.trouble.missingBytes += length;
    if (connection.listener === null) connection.listener = this.#handler.open(connection);
    connection.listener.gap(side, length, offset, this.#segmentInfo);
  }

  /**
   * Delivers what may be delivered, and gives up what has been missing for too long. With `force` nothing is left
   * waiting, but for what both ends deny, which waits for their end.
   */
  #settle(connection: Connection, force: boolean, isEnd = false): void {
    const halves = connection.openHalves();
    if (connection.forming && !this.#formed(connection, halves, force)) return;
    for (;;) {
      while (this.#release(connection, halves, 0) || this.#release(connection, halves, 1)) {
        // Each delivery may free the other side's bytes.
      }
      if (halves[0].pending === null && halves[1].pending === null) break;
      if (!this.#giveUp(connection, halves, force, isEnd)) return;
    }
    this.#waiting.delete(connection);
  }

  /** Chooses the first byte of the directions whose start was not seen, once enough is known. */
  #formed(connection: Connection, halves: [HalfStream, HalfStream], force: boolean): boolean {
    const known = halves[0].synced && halves[1].synced;
    if (!known && !force) {
      const old = Math.abs(connection.endUs - connection.startUs) > this.#limits.holdUs;
      const many = connection.packets >= this.#limits.formingPackets;
      const large = halves[0].pendingBytes + halves[1].pendingBytes > this.#limits.pendingBytes;
      if (!old && !many && !large) return false;
    }
    if (!connection.startCaptured && this.#ports[connection.clientPort] === this.#ports[connection.serverPort]) {
      const first = halves[0].pending?.[0];
      if (first !== undefined && this.#handler.speaksLikeServer(first.bytes)) {
        connection.swapRoles();
        halves.reverse();
      }
    }
    for (const half of halves) {
      if (half.synced) continue;
      const first = half.pending?.[0];
      if (first === undefined && !half.trouble.hasSeenSeq) continue;
      half.synced = true;
      half.nextSeq = first?.seq ?? half.trouble.seenSeq;
      // The capture shows the connection's start: what the peer acknowledged before is missing, not earlier.
      if (connection.startCaptured && half.trouble.hasSeenSeq && distance(half.trouble.seenSeq, half.nextSeq) > 0) {
        half.nextSeq = half.trouble.seenSeq;
      }
    }
    connection.forming = false;
    return true;
  }

  /** Delivers the first waiting piece of a side if it is next. */
  #release(connection: Connection, halves: [HalfStream, HalfStream], side: Side): boolean {
    const half = halves[side];
    const head = half.pending?.[0];
    if (head === undefined) return false;
    if (!half.synced) {
      half.synced = true;
      half.nextSeq = head.seq;
    }
    let ahead = distance(half.nextSeq, head.seq);
    // Bytes behind a FIN, against RFC 9293 §3.10.4: the number that the FIN has is no byte that is missing.
    if (ahead === 1 && half.fin !== null && half.finSeq === half.nextSeq) {
      if (half.finIsAcked) {
        // The peer has taken the end: it reads nothing behind it.
        half.shift();
        this.#pendingTotal -= head.bytes.length;
        this.counters.implausible++;
        return true;
      }
      half.nextSeq = head.seq;
      half.trouble.finIsPassed = true;
      ahead = 0;
    }
    const peer = halves[1 - side] as HalfStream;
    if (ahead > 0 || this.#waitsForPeer(head, peer)) return false;
    half.shift();
    this.#pendingTotal -= head.bytes.length;
    const segment = this.#segmentInfo;
    segment.frame = head.frame;
    segment.timeUs = head.timeUs;
    segment.timeNanos = head.timeNanos;
    segment.capture = head.capture;
    segment.acked = head.hasAck && peer.synced ? peer.offset + distance(peer.nextSeq, head.ack) : -1;
    // Not -ahead: V8 keeps -0 as a double, and whatever is added to it, in every object that it is written to.
    const known = 0 - ahead;
    const skip = Math.min(known, head.bytes.length);
    // What is behind a hole that was given up may have been cut in part.
    const truncated = Math.max(0, head.truncated - (known - skip));
    this.#deliver(connection, half, side, head.bytes, skip, head.bytes.length, truncated);
    return true;
  }

  #waitsForPeer(piece: Pending, peer: HalfStream): boolean {
    if (!piece.hasAck || !peer.synced) return false;
    const missing = distance(peer.nextSeq, piece.ack);
    if (missing <= 0 || missing > this.#limits.plausibleDistance) return false;
    // Its FIN counts one.
    return !(missing === 1 && peer.fin !== null && distance(peer.finSeq, piece.ack) === 1);
  }

  /** Reports one hole that has been waited for long enough. False when there is none. */
  #giveUp(connection: Connection, halves: [HalfStream, HalfStream], force: boolean, isEnd: boolean): boolean {
    const a = halves[0].pending?.[0];
    const b = halves[1].pending?.[0];
    // The piece that came first tells which hole is oldest.
    const side: Side = a !== undefined && (b === undefined || a.arrival <= b.arrival) ? 0 : 1;
    return (
      this.#giveUpSide(connection, halves, side, force, isEnd) ||
      this.#giveUpSide(connection, halves, side === 0 ? 1 : 0, force, isEnd)
    );
  }

  #giveUpSide(
    connection: Connection,
    halves: [HalfStream, HalfStream],
    side: Side,
    force: boolean,
    isEnd: boolean,
  ): boolean {
    const half = halves[side];
    const head = half.pending?.[0];
    if (head === undefined) return false;
    const limits = this.#limits;
    const peer = halves[1 - side] as HalfStream;
    const ahead = distance(half.nextSeq, head.seq);
    // A hole of its own, or bytes of the peer that it acknowledges.
    const missing = ahead > 0 ? half : peer;
    const missingSide: Side = ahead > 0 ? side : side === 0 ? 1 : 0;
    let mustGo = isEnd;
    if (!force) {
      const acknowledged = ahead <= 0 || !peer.synced || peer.packets === 0 || distance(half.nextSeq, half.maxAck) > 0;
      const old =
        connection.packets - head.arrival >= limits.holdPackets ||
        Math.abs(connection.endUs - head.timeUs) > limits.holdUs;
      const full =
        half.pendingBytes > limits.pendingBytes ||
        (half.pending?.length ?? 0) > limits.pendingSegments ||
        this.#pendingTotal > limits.pendingTotal;
      mustGo = full;
      if (full) this.counters.forced++;
      else if (!acknowledged || !old) return false;
    }
    if (ahead > 0 && half.holeIsDenied) {
      // While more may come, it may be proven yet.
      if (!mustGo) return false;
      half.shift();
      this.#pendingTotal -= head.bytes.length;
      this.counters.implausible++;
      return true;
    }
    const segment = this.#segmentInfo;
    segment.frame = head.frame;
    segment.timeUs = head.timeUs;
    segment.timeNanos = head.timeNanos;
    segment.capture = head.capture;
    segment.acked = -1;
    let until = ahead > 0 ? head.seq : head.ack;
    const next = missing.pending?.[0];
    if (ahead <= 0 && next !== undefined && distance(next.seq, until) > 0) until = next.seq;
    if (ahead <= 0 && missing.fin !== null && distance(missing.finSeq, until) > 0) until = missing.finSeq;
    const length = distance(missing.nextSeq, until);
    // One more than was seen, and nothing behind it: a FIN that was not captured.
    const isFin = ahead <= 0 && length === 1 && missing.fin === null && missing.pending === null;
    if (length > 0 && !isFin) this.#gap(connection, missing, missingSide, length);
    else if (ahead <= 0) head.hasAck = false;
    return true;
  }

  /** A segment of no connection that is known: an attempt, or more of one (null), or a connection from now on. */
  #unknown(bytes: Buffer, view: FrameView, hash: number, meta: PacketMeta): Connection | null {
    const { flags } = view;
    const isSyn = (flags & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST)) === TCP_SYN && view.payloadLength === 0;
    const attempts = this.#attempts;
    const entry = attempts.find(view, hash);
    if (entry >= 0) {
      if (isSyn && attempts.isn(entry) === view.seq && attempts.isFromClient(entry, view)) {
        attempts.repeat(entry, meta.frame, meta.timeUs, meta.timeNanos);
        return null;
      }
      return this.#promote(entry);
    }
    if (isSyn) {
      this.#begin(bytes, view, hash, meta);
      return null;
    }
    // A bare acknowledgment of something unknown is not the beginning of anything.
    if ((flags & (TCP_SYN | TCP_FIN | TCP_RST)) === 0 && view.payloadLength === 0) return null;
    const connection = this.#make(view, hash, meta);
    this.#table.add(connection);
    return connection;
  }

  /** The first SYN of an attempt. */
  #begin(bytes: Buffer, view: FrameView, hash: number, meta: PacketMeta): void {
    const oldest = this.#attempts.oldest();
    if (oldest >= 0) {
      const { version, server0, server1, server2, server3, serverPort } = this.#attempts.read(oldest, this.#attempt);
      this.counters.forgotten.count(version, server0, server1, server2, server3, serverPort);
      this.#attempts.remove(oldest);
    }
    const attempt = this.#attempt;
    attempt.version = view.ipVersion;
    attempt.client0 = view.source0;
    attempt.client1 = view.source1;
    attempt.client2 = view.source2;
    attempt.client3 = view.source3;
    attempt.server0 = view.destination0;
    attempt.server1 = view.destination1;
    attempt.server2 = view.destination2;
    attempt.server3 = view.destination3;
    attempt.clientPort = view.sourcePort;
    attempt.serverPort = view.destinationPort;
    attempt.hash = hash;
    attempt.isn = view.seq;
    attempt.synCount = 1;
    attempt.firstFrame = meta.frame;
    attempt.lastFrame = meta.frame;
    attempt.firstUs = meta.timeUs;
    attempt.firstNanos = meta.timeNanos;
    attempt.lastUs = meta.timeUs;
    attempt.lastNanos = meta.timeNanos;
    attempt.timeDigits = meta.timeDigits;
    attempt.ttl = view.ttl;
    attempt.serial = ++this.#serial;
    attempt.id = this.#numberLater ? 0 : ++this.#ids;
    attempt.capture = this.#capture;
    readTcpOptions(bytes, view, this.#options);
    attempt.windowScale = this.#options.windowScale;
    attempt.mss = this.#options.mss;
    attempt.sackPermitted = this.#options.sackPermitted === 1;
    this.#attempts.add(attempt);
  }

  /** More than SYNs is known of an attempt: it is a connection from now on. */
  #promote(entry: number): Connection {
    const connection = Connection.ofAttempt(this.#attempts.read(entry, this.#attempt));
    this.#attempts.remove(entry);
    this.#table.add(connection);
    const oldest = this.#enterRing(connection);
    if (oldest !== null) this.#forget(oldest);
    this.#makeRoom();
    return connection;
  }

  #make(view: FrameView, hash: number, meta: PacketMeta): Connection {
    const flags = view.flags;
    let sourceIsClient: boolean;
    if ((flags & TCP_SYN) !== 0) sourceIsClient = (flags & TCP_ACK) === 0;
    else {
      const source = this.#ports[view.sourcePort] as number;
      const target = this.#ports[view.destinationPort] as number;
      sourceIsClient = source === target ? view.sourcePort > view.destinationPort : target === 1;
    }
    const connection = Connection.of(++this.#serial, hash, view, sourceIsClient);
    if (!this.#numberLater) connection.id = ++this.#ids;
    connection.capture = this.#capture;
    connection.timeDigits = meta.timeDigits;
    connection.startUs = meta.timeUs;
    connection.startNanos = meta.timeNanos;
    connection.firstFrame = meta.frame;
    const oldest = this.#enterRing(connection);
    if (oldest !== null) this.#forget(oldest);
    this.#makeRoom();
    return connection;
  }

  #forget(connection: Connection): void {
    // A second SYN, an answer: more than a flood's random address. Once it is let pass.
    if (!connection.spared && (connection.synCount > 1 || connection.synAckCount > 0)) {
      connection.spared = true;
      const next = this.#enterRing(connection);
      if (next === null) return;
      connection = next;
    }
    this.#remove(connection);
    const { version, server0, server1, server2, server3, serverPort } = connection;
    this.counters.forgotten.count(version, server0, server1, server2, server3, serverPort);
  }

  /** Puts a half-open connection into the ring; returns the one whose place it takes. */
  #enterRing(connection: Connection): Connection | null {
    const at = this.#halfOpenAt;
    // It grows up to its limit, and goes round from then on.
    const oldest = this.#halfOpen[at] ?? null;
    this.#halfOpen[at] = connection;
    connection.slot = at;
    this.#halfOpenAt = at + 1 === this.#limits.halfOpen ? 0 : at + 1;
    if (oldest !== null) oldest.slot = -1;
    return oldest;
  }

  /** It is half-open no longer: nothing may hold it beyond its end. */
  #leaveRing(connection: Connection): void {
    if (connection.slot < 0) return;
    this.#halfOpen[connection.slot] = null;
    connection.slot = -1;
  }

  /**
   * Too many: the tenth that was silent longest is handed on. Those of the ring, which has a limit of its own, are in the
   * table too, and stay.
   */
  #makeRoom(): void {
    if (this.#table.size <= this.#limits.connections + this.#limits.halfOpen) return;
    const all = this.#table.all((connection) => !isHalfOpen(connection));
    all.sort((a, b) => a.endUs - b.endUs || a.serial - b.serial);
    const count = Math.ceil(all.length / 10);
    this.counters.evicted += count;
    for (const connection of all.slice(0, count)) if (!connection.done) this.#close(connection, false);
  }

  /** A SYN on the ports of a known connection: the same once more, or another connection. */
  #reuse(connection: Connection, side: Side, view: FrameView, meta: PacketMeta): Connection {
    const isAnswer = (view.flags & TCP_ACK) !== 0;
    const successor = connection.successor;
    if (isAnswer) {
      if (successor === null || side !== 1 || distance(successor.clientIsn, view.ack) !== 1) return connection;
      // The server took the new SYN: the old connection was over.
      connection.successor = null;
      return this.#succeed(connection, successor);
    }
    if (side === 0 && connection.clientIsnKnown && connection.clientIsn === view.seq) return connection;
    // Nothing was delivered yet, and no SYN seen: its own, late.
    if (!connection.startCaptured && connection.listener === null) return connection;
    const idle = Math.abs(meta.timeUs - connection.endUs) > 30_000_000;
    // Both sent their SYN before the other's came (RFC 9293 §3.5): one connection, of whoever was first.
    if (side === 1 && connection.clientHalf === null && connection.synAckCount === 0 && connection.synCount > 0) {
      return connection;
    }
    if (connection.lingering || connection.ignored || connection.clientHalf === null || idle) {
      return this.#succeed(connection, this.#make(view, connection.hash, meta));
    }
    if (side === 1) return connection;
    // The old one is alive as far as can be seen: a SYN alone, perhaps forged, does not end it (RFC 5961 §4).
    if (successor === null || successor.clientIsn !== view.seq) {
      const next = this.#make(view, connection.hash, meta);
      next.portsReused = true;
      // Making room for the new one may have ended the old one.
      if (connection.done) {
        this.#table.add(next);
        return next;
      }
      connection.successor = next;
    }
    return connection.successor as Connection;
  }

  #succeed(connection: Connection, next: Connection): Connection {
    connection.portsReused = true;
    next.portsReused = true;
    if (connection.lingering) this.#flushLingering(this.#lingering.indexOf(connection, this.#lingeringFrom) + 1, false);
    else if (!connection.done) this.#close(connection, false);
    this.#table.add(next);
    return next;
  }

  #icmp(view: FrameView, meta: PacketMeta): void {
    // Only what says that the other end cannot be reached: RFC 792 type 3, RFC 4443 §3.1.
    const unreachable = view.ipVersion === 4 ? view.icmpType === 3 && view.icmpCode !== 4 : view.icmpType === 1;
    if (!unreachable) return;
    const from = formatAddress(view.ipVersion, view.source0, view.source1, view.source2, view.source3);
    view.source0 = view.embeddedSource0;
    view.source1 = view.embeddedSource1;
    view.source2 = view.embeddedSource2;
    view.source3 = view.embeddedSource3;
    view.destination0 = view.embeddedDestination0;
    view.destination1 = view.embeddedDestination1;
    view.destination2 = view.embeddedDestination2;
    view.destination3 = view.embeddedDestination3;
    view.sourcePort = view.embeddedSourcePort;
    view.destinationPort = view.embeddedDestinationPort;
    const hash = this.#table.hash(view);
    let connection = this.#table.find(view, hash);
    if (connection === null) {
      const entry = this.#attempts.find(view, hash);
      if (entry >= 0) connection = this.#promote(entry);
    }
    if (connection === null || connection.icmp !== null) return;
    connection.icmp = {
      version: view.ipVersion === 4 ? 4 : 6,
      type: view.icmpType,
      code: view.icmpCode,
      mtu: view.icmpMtu,
      from,
      frame: meta.frame,
      time: { us: meta.timeUs, nanos: meta.timeNanos },
    };
  }

  /**
   * True when a few connections are over by the capture's time, or one has been for long. What is done with them is
   * other code and other data than the packets': to go back and forth for each one costs more than it does itself.
   */
  #isTimeToHandOn({ timeUs }: PacketMeta): boolean {
    const from = this.#lingeringFrom;
    if (from === this.#lingering.length) return false;
    if (this.#isTimeToSweep(timeUs)) return true;
    const { lingerUs } = this.#limits;
    const last = from + HANDED_ON_TOGETHER - 1;
    if (last < this.#lingering.length && isOver(this.#lingering[last] as Connection, timeUs, lingerUs)) return true;
    return isOver(this.#lingering[from] as Connection, timeUs, 2 * lingerUs);
  }

  /** Hands on what is over by the capture's time. */
  #age(timeUs: number): void {
    const { lingerUs } = this.#limits;
    let until = this.#lingeringFrom;
    while (until < this.#lingering.length && isOver(this.#lingering[until] as Connection, timeUs, lingerUs)) until++;
    if (until > this.#lingeringFrom) this.#flushLingering(until, false);
    if (this.#sinceSweep >= 65_536 || this.#isTimeToSweep(timeUs)) this.#sweep(timeUs);
  }

  #isTimeToSweep(timeUs: number): boolean {
    return !(Math.abs(timeUs - this.#sweepUs) < 30_000_000);
  }

  #sweep(timeUs: number): void {
    this.#sinceSweep = 0;
    this.#sweepUs = timeUs;
    const { unansweredUs, idleUs, holdUs } = this.#limits;
    for (const connection of [...this.#waiting]) {
      if (Math.abs(timeUs - connection.endUs) > holdUs) this.#settle(connection, true);
    }
    if (Math.abs(timeUs - this.#lookedUs) < Math.min(LOOK_US, unansweredUs / 8)) return;
    this.#lookedUs = timeUs;
    const over = this.#table.all((connection) => {
      const quiet = Math.abs(timeUs - connection.endUs);
      return (
        quiet > idleUs || (quiet > unansweredUs && connection.clientHalf === null && connection.establishedFrame === 0)
      );
    });
    this.#closeAll(over, this.#attempts.quiet(timeUs, unansweredUs), false);
  }

  #flushLingering(until: number, known: boolean): void {
    while (this.#lingeringFrom < until) {
      const connection = this.#lingering[this.#lingeringFrom] as Connection;
      // Whoever was handed on is held by nothing here.
      this.#lingering[this.#lingeringFrom++] = null;
      if (!connection.done) this.#close(connection, known);
    }
    if (this.#lingeringFrom > 1024 && this.#lingeringFrom * 2 > this.#lingering.length) {
      this.#lingering = this.#lingering.slice(this.#lingeringFrom);
      this.#lingeringFrom = 0;
    }
  }

  #remove(connection: Connection): void {
    connection.done = true;
    this.#leaveRing(connection);
    if (connection.listed) this.#table.delete(connection);
    this.#waiting.delete(connection);
  }

  #close(connection: Connection, known: boolean): void {
    if (connection.clientHalf !== null && !connection.ignored) {
      this.#settle(connection, true, true);
      const halves = connection.openHalves();
      this.#trailing(connection, halves, 0);
      this.#trailing(connection, halves, 1);
      for (const half of halves) if (half.windowClosed) half.closeStall(connection.endUs);
    }
    this.#remove(connection);
    const successor = connection.successor;
    // FIN or RST alone, of something that began before: nothing can be said of it.
    if (connection.startCaptured || connection.hasPayload) this.#handler.closed(connection, known);
    if (successor !== null) {
      connection.successor = null;
      if (!successor.done) this.#close(successor, known);
    }
  }

  /** Bytes at the end that a FIN or the peer's acknowledgment implies. */
  #trailing(connection: Connection, halves: [HalfStream, HalfStream], side: Side): void {
    const half = halves[side];
    if (!connection.hasPayload) return;
    if (!half.synced) {
      // A direction that was never seen: no gap in what was read, but bytes that were not captured.
      if (half.hasAck && half.packets === 0)
        half.trouble.missingBytes += Math.max(0, distance(half.firstAck, half.maxAck));
      return;
    }
    if (half.finIsDenied) this.#withdrawFin(connection, side, half);
    let missing = half.fin === null ? 0 : distance(half.nextSeq, half.finSeq);
    if (half.hasAck) {
      const acked = distance(half.nextSeq, half.maxAck);
      // One more than was seen is the FIN, captured or not.
      if (half.fin === null && acked > 1) missing = acked;
    }
    if (missing <= 0 || missing > this.#limits.plausibleDistance) return;
    const segment = this.#segmentInfo;
    segment.frame = connection.lastFrame;
    segment.timeUs = connection.endUs;
    segment.timeNanos = connection.endNanos;
    segment.capture = connection.capture;
    segment.acked = -1;
    this.#gap(connection, half, side, missing);
  }
}

function keyOf(connection: Connection, side: Side): number {
  return (connection.serial * 2 + side) | 0;
}

/** Both sides said something new after the RST: it was forged, or out of place, and neither obeyed (RFC 5961 §3.2). */
function wentOnBehindReset({ closing, closed, clientHalf, serverHalf }: Connection): boolean {
  if ((closing !== 'client-rst' && closing !== 'server-rst') || closed === null) return false;
  const { us } = closed;
  return clientHalf !== null && serverHalf !== null && clientHalf.lastPayloadUs > us && serverHalf.lastPayloadUs > us;
}

/** Its handshake is not complete, as far as was seen: it may fall out of the table. */
function isHalfOpen(connection: Connection): boolean {
  return connection.clientHalf === null && connection.establishedFrame === 0 && !connection.done;
}
