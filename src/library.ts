/**
 * The pipeline for programs: captures in, records out, without the command line. Records are plain objects that may be
 * kept; schema.json describes them.
 */

import { newPacketMeta } from './capture/packet-sink.ts';
import { readCapture } from './capture/source/file.ts';
import { SpillFile } from './capture/source/spill-file.ts';
import { readCaptureStream } from './capture/source/stream.ts';
import { type Analysis, createAnalysis, DEFAULT_PORTS } from './inspect.ts';
import { checkLimits, type Limits } from './limits.ts';
import {
  type BodyView,
  type SessionRecord,
  type SummaryRecord,
  sessionRecord,
  summaryRecord,
} from './report/record.ts';
import type { SessionReport } from './report/report.ts';

export interface InspectOptions {
  /** Server ports; `any` finds SMTP on every port by what is said. Default: 24, 25, 465, 587, 2525. */
  readonly ports?: readonly number[] | 'any';
  /** How much of each message the records hold. Default: `headers`. */
  readonly body?: BodyView;
  /** Show credentials. Default: every secret is `****`. */
  readonly reveal?: boolean;
  /** Where memory and time are bounded otherwise than by default (docs/reading.md has the defaults). */
  readonly limits?: InspectLimits;
  /** What the records call the capture. Default: the path, or `-`. */
  readonly name?: string;
}

/**
 * What an analysis may hold and how long it waits; what is not given has its default. A name that does not exist, and a
 * value that is no whole number in its range, is a `RangeError`.
 */
export type InspectLimits = Partial<Limits>;

/** A path, a stream of a capture's bytes, or the bytes themselves. */
export type CaptureSource = string | URL | Uint8Array | NodeJS.ReadableStream | AsyncIterable<Uint8Array>;

export interface InspectResult {
  readonly sessions: readonly SessionRecord[];
  readonly summary: SummaryRecord;
}

/**
 * Analyses one capture and gives all its records, sessions in the order in which they end. For a large capture use
 * `inspectEach`, which keeps none. Throws `CaptureError` for what is no capture or cannot be read.
 */
export async function inspect(source: CaptureSource, options: InspectOptions = {}): Promise<InspectResult> {
  const sessions: SessionRecord[] = [];
  const summary = await inspectEach(source, (session) => sessions.push(session), options);
  return { sessions, summary };
}

/** Analyses one capture and hands on each session as it ends; what `onSession` throws ends the run. */
export async function inspectEach(
  source: CaptureSource,
  onSession: (session: SessionRecord) => void,
  options: InspectOptions = {},
): Promise<SummaryRecord> {
  const isPath = typeof source === 'string' || source instanceof URL;
  const name = options.name ?? (isPath ? String(source) : '-');
  const analysis = analysisFor(options, name, onSession);
  analysis.beginCapture(name);
  const readOptions = { limits: options.limits };
  if (isPath) {
    const { fileURLToPath } = await import('node:url');
    const path = source instanceof URL ? fileURLToPath(source) : source;
    analysis.endCapture(await readCapture(path, analysis, readOptions));
  } else {
    const { Readable } = await import('node:stream');
    const stream =
      source instanceof Uint8Array
        ? Readable.from([source], { objectMode: false })
        : 'pipe' in source
          ? source
          : Readable.from(source, { objectMode: false });
    analysis.endCapture((await readCaptureStream(stream, analysis, readOptions)).facts);
  }
  return summaryRecord(analysis.finish());
}

/** What a program knows of a packet that it pushes in. */
export interface PacketFacts {
  /** Since 1970. */
  readonly timeUs: number;
  /** 0–999, beyond `timeUs`. */
  readonly timeNanos?: number;
  /** LINKTYPE_ value; default 1, Ethernet. */
  readonly linkType?: number;
  /** On the wire, where it was longer than what was captured. */
  readonly originalLength?: number;
}

export interface Inspector {
  /** One packet; its bytes are not kept. */
  packet(bytes: Uint8Array, facts: PacketFacts): void;
  /** No packet came, but time stands here now: sessions age and are handed on. */
  tick(timeUs: number): void;
  /** Hands on what is still open. */
  finish(): SummaryRecord;
}

/** An analysis into which a program pushes packets; `onSession` is called as sessions end. */
export function createInspector(onSession: (session: SessionRecord) => void, options: InspectOptions = {}): Inspector {
  const name = options.name ?? 'packets';
  const analysis = analysisFor(options, name, onSession);
  const meta = newPacketMeta();
  const linkTypes: number[] = [];
  let bytesPushed = 0;
  analysis.beginCapture(name);
  return {
    packet(bytes, facts) {
      meta.frame++;
      meta.timeUs = facts.timeUs;
      meta.timeNanos = facts.timeNanos ?? 0;
      if (facts.timeNanos !== undefined) meta.timeDigits = 9;
      meta.linkType = facts.linkType ?? 1;
      meta.originalLength = facts.originalLength ?? bytes.length;
      if (!linkTypes.includes(meta.linkType)) linkTypes.push(meta.linkType);
      bytesPushed += bytes.length;
      const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      analysis.packet(buffer, 0, buffer.length, meta);
    },
    tick: (timeUs) => analysis.tick(timeUs),
    finish() {
      analysis.endCapture({
        format: 'packets',
        compression: null,
        linkTypes,
        packets: meta.frame,
        bytes: bytesPushed,
        cutShort: false,
        dropped: 0,
        warnings: [],
      });
      return summaryRecord(analysis.finish());
    },
  };
}

function analysisFor(options: InspectOptions, name: string, onSession: (session: SessionRecord) => void): Analysis {
  const body = options.body ?? 'headers';
  const recordOptions = { captures: [name], severalCaptures: false, body, reveal: options.reveal ?? false };
  const { limits = {} } = options;
  checkLimits(limits);
  return createAnalysis(
    {
      ports: options.ports ?? DEFAULT_PORTS,
      keepBodies: body === 'full',
      store: new SpillFile(),
      limits,
    },
    (report: SessionReport) => onSession(sessionRecord(report, recordOptions)),
  );
}
