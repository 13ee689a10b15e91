/**
 * Dialogues as text, through the whole pipeline:
 *
 *     S: 220 mx.example ESMTP       one segment, CRLF added
 *     C: EHLO client.example
 *     --gap 40 C--                  40 bytes of the client that the capture missed
 *     C: \x16\x03\x01\-             any byte; `\-` at the end: no CRLF
 */
import { newPacketMeta } from '../../src/capture/packet-sink.ts';
import { type AnalysisOptions, createAnalysis, DEFAULT_PORTS } from '../../src/inspect.ts';
import type { ReassemblyLimits } from '../../src/reassembly/limits.ts';
import { type SessionRecord, sessionRecord, type TurnRecord } from '../../src/report/record.ts';
import {
  type Addresses,
  type Close,
  coalesce,
  connectionOf,
  packetOf,
  type Said,
  type Segment,
  type Side,
  split,
} from './segments.ts';

export interface DialogueOptions extends Addresses {
  /** Payloads are cut after so many bytes. */
  readonly splitBytes?: number;
  /** Lines of one side in a row travel in one segment. */
  readonly pipelined?: boolean;
  readonly close?: Close;
  /** What happens to the segments on their way into the capture; see segments.ts. */
  readonly onTheWay?: (segments: readonly Segment[]) => readonly Segment[];
  readonly limits?: Partial<ReassemblyLimits>;
  readonly ports?: AnalysisOptions['ports'];
}

const START_US = 1_700_000_000_000_000;
/** Between packets. */
const STEP_US = 1_000;
const RAW_IP = 101;

/** The records of the sessions in a dialogue, nothing masked and message texts whole. */
export function dialogue(text: string, options: DialogueOptions = {}): SessionRecord[] {
  return recordsOf(segmentsOf(text, options), options);
}

/** The same where there is to be one session. */
export function oneSession(text: string, options: DialogueOptions = {}): SessionRecord {
  return onlyOne(dialogue(text, options));
}

export function onlyOne(records: readonly SessionRecord[]): SessionRecord {
  const [record] = records;
  if (record === undefined || records.length !== 1) throw new Error(`${records.length} sessions, not one`);
  return record;
}

/** The segments of a dialogue, in order. */
export function segmentsOf(text: string, options: DialogueOptions = {}): Segment[] {
  const said = saidIn(text);
  const segments = connectionOf(options.pipelined ? coalesce(said) : said, options.close);
  return options.splitBytes === undefined ? segments : split(segments, options.splitBytes);
}

/** What the pipeline makes of the segments, captured in this order a millisecond apart. */
export function recordsOf(segments: readonly Segment[], options: DialogueOptions = {}): SessionRecord[] {
  const records: SessionRecord[] = [];
  const view = { captures: ['dialogue.pcap'], severalCaptures: false, body: 'full', reveal: true } as const;
  const analysis = createAnalysis(
    {
      ports: options.ports ?? DEFAULT_PORTS,
      keepBodies: true,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    },
    (report) => records.push(sessionRecord(report, view)),
  );
  const meta = newPacketMeta();
  meta.linkType = RAW_IP;
  analysis.beginCapture('dialogue.pcap');
  for (const segment of options.onTheWay?.(segments) ?? segments) {
    const packet = packetOf(segment, options);
    meta.timeUs = START_US + meta.frame * STEP_US;
    meta.frame++;
    meta.originalLength = packet.length;
    analysis.packet(packet, 0, packet.length, meta);
  }
  analysis.finish();
  return records;
}

const LINE = /^([SC]): ?(.*)$/;
const GAP = /^--gap (\d+) ([SC])--$/;

export function saidIn(text: string): Said[] {
  return text
    .split('\n')
    .map((line) => line.trimStart())
    .filter((line) => line !== '')
    .map((line): Said => {
      const gap = GAP.exec(line);
      if (gap !== null) return { from: sideOf(gap[2]), missing: Number(gap[1]) };
      const spoken = LINE.exec(line);
      if (spoken === null) throw new Error(`not a line of a dialogue: ${line}`);
      return { from: sideOf(spoken[1]), bytes: bytesOf(spoken[2] ?? '') };
    });
}

function sideOf(letter: string | undefined): Side {
  return letter === 'C' ? 'client' : 'server';
}

function bytesOf(text: string): Buffer {
  const isOpen = text.endsWith('\\-');
  const line = isOpen ? text.slice(0, -2) : `${text}\r\n`;
  const unescaped = line.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(unescaped, 'latin1');
}

/** What was said, without what depends on packets: when, in which frame, and how the two directions interleave. */
export interface Content {
  readonly client: readonly object[];
  readonly server: readonly object[];
  /** `reply 2 answers client 1`, each counted in its direction. */
  readonly answers: readonly string[];
  readonly transactions: readonly object[];
  readonly outcome: string;
  readonly findings: readonly string[];
}

export function contentOf(record: SessionRecord): Content {
  const ordinals = ordinalsOf(record.dialogue);
  const spokenBy = (side: Side) => record.dialogue.filter(({ from }) => from === side).map(wordsOf);
  const answers = record.dialogue.flatMap((turn) =>
    turn.answers === null ? [] : [`${ordinals[turn.index]} answers ${ordinals[turn.answers]}`],
  );
  const findings = record.findings.map(({ rule, severity, confidence, actor, evidence }) => {
    const places = evidence.map(({ turn, direction, offset, length }) =>
      [turn === null ? 'no turn' : ordinals[turn], direction, offset, length].join(' '),
    );
    return `${rule} ${severity} ${confidence} ${actor}: ${places.join('; ')}`;
  });
  return {
    client: spokenBy('client'),
    server: spokenBy('server'),
    answers: answers.sort(),
    transactions: record.transactions,
    outcome: record.outcome,
    findings: findings.sort(),
  };
}

function wordsOf({ kind, lines, verb, argument, code, enhancedCode, bytes }: TurnRecord): object {
  return { kind, lines, verb, argument, code, enhancedCode, bytes };
}

function ordinalsOf(turns: readonly TurnRecord[]): string[] {
  const spoken: Record<Side, number> = { client: 0, server: 0 };
  return turns.map(({ from }) => `${from} ${spoken[from]++}`);
}
