/**
 * The one contract that every source of packets meets: files, streams, live capture, packets pushed in by a program.
 *
 * Bytes are lent: `bytes` and `meta` belong to the source and are overwritten after the call returns. A sink that
 * wants to keep something copies it. Nothing here is asynchronous, so that a packet costs a plain call.
 */

/** What a capture says about one packet. One object is reused for every packet of a source. */
export interface PacketMeta {
  /** 1-based position in its capture, as Wireshark numbers it. */
  frame: number;
  /** Microseconds since 1970, whole; NaN where the capture gives no time (pcapng simple packet blocks). */
  timeUs: number;
  /** 0–999: the nanoseconds beyond `timeUs`. Apart, because nanoseconds since 1970 do not fit a double. */
  timeNanos: number;
  /** Digits after the second that the capture's clock gives: 6, or 9 where its resolution is finer than a microsecond. */
  timeDigits: 6 | 9;
  /** LINKTYPE_ value of the tcpdump group's registry. */
  linkType: number;
  /** Length on the wire; `end - start` is what was captured of it. */
  originalLength: number;
}

export interface PacketSink {
  /** One packet: `bytes[start, end)`, lent until the call returns. */
  packet(bytes: Buffer, start: number, end: number, meta: PacketMeta): void;
  /** Somebody wrote `text` about the packet that is handed over next; untrusted, as everything in a capture. */
  comment?(frame: number, text: string): void;
  /** TLS secrets in the form of SSLKEYLOGFILE, in front of the packets that they open. Not lent: the sink may keep it. */
  keyLog?(text: Buffer): void;
}

export function newPacketMeta(): PacketMeta {
  return { frame: 0, timeUs: 0, timeNanos: 0, timeDigits: 6, linkType: 1, originalLength: 0 };
}

/** The kinds of file that are told apart by their first bytes. */
export type CaptureFormat = 'pcap' | 'pcap-nanosecond' | 'pcapng' | 'snoop' | 'netmon';

/** What is known of a capture once it has been read (or read as far as it goes). */
export interface CaptureFacts {
  format: CaptureFormat | 'live' | 'packets';
  /** What the capture was compressed with. */
  compression: 'gzip' | 'zstd' | 'xz' | 'lz4' | null;
  /** LINKTYPE_ values in order of first appearance. */
  linkTypes: number[];
  /** Packet records read. */
  packets: number;
  /** Bytes of the capture consumed, after decompression. */
  bytes: number;
  /** The last record is incomplete, or the compressed stream ends early. */
  cutShort: boolean;
  /** The packets got their times from a program in user space, not from the kernel. */
  userlandTimes?: boolean;
  /** Packets that the capture's own counters say were dropped (pcapng statistics, snoop); 0 when it does not say. */
  dropped: number;
  /** Frame number to what was written about that packet, several comments with a line end between; untrusted text. */
  comments?: Map<number, string>;
  /** TLS key logs that the capture brings along (pcapng decryption secrets), in order. Secrets: never to be shown. */
  keyLogs?: Buffer[];
  /** Sentences for the user: what was odd about the file and at which byte offset. */
  warnings: string[];
}

export type CaptureErrorCode =
  | 'not-a-capture'
  | 'empty'
  | 'unsupported-version'
  | 'unsupported-format'
  | 'bad-length'
  | 'bad-block'
  | 'limit'
  | 'unreadable';

/** A capture that cannot be read further. `message` says what, where, and what to do; `offset` is the byte offset. */
export class CaptureError extends Error {
  readonly code: CaptureErrorCode;
  readonly offset: number;
  /** What had been read of the capture until then; null where the error came before its first byte. */
  facts: CaptureFacts | null = null;

  constructor(code: CaptureErrorCode, offset: number, message: string) {
    super(message);
    this.name = 'CaptureError';
    this.code = code;
    this.offset = offset;
  }
}
