/**
 * What the capture missed may weaken a finding and never makes one. Every segment of every dialogue is lost in turn:
 * whole, and its head, middle or tail.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { PacketMeta } from '../../src/capture/packet-sink.ts';
import { readCapture } from '../../src/capture/source/file.ts';
import { CAPTURE_RULES } from '../../src/findings/families/capture.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../src/inspect.ts';
import { type SessionRecord, sessionRecord } from '../../src/report/record.ts';
import { FIXTURES } from '../smtp/dialogues.ts';
import { recordsOf, segmentsOf } from '../support/dialogue.ts';
import { cutAway, drop, type Segment } from '../support/segments.ts';

/** Of the rules whose subject is the capture: a lost segment is what they report. */
const CAPTURE_QUALITY: readonly string[] = CAPTURE_RULES.map(({ id }) => id);
const CONFIDENCES = ['hint', 'likely', 'certain'];

interface Loss {
  readonly what: string;
  readonly segments: readonly Segment[];
}

/** Every way in which a piece of one segment is lost. */
function* lossesOf(segments: readonly Segment[]): Generator<Loss> {
  for (let index = 0; index < segments.length; index++) {
    yield { what: `segment ${index}`, segments: drop(segments, index) };
    const { length } = (segments[index] as Segment).payload;
    const third = Math.floor(length / 3);
    const pieces: Record<string, [number, number]> = {
      'first byte': [0, 1],
      'first four bytes': [0, 4],
      head: [0, third],
      'first half': [0, Math.floor(length / 2)],
      middle: [third, length - third],
      'second half': [Math.floor(length / 2), length],
      tail: [length - third, length],
      'last two bytes': [length - 2, length],
      'last byte': [length - 1, length],
    };
    for (const [name, [from, to]] of Object.entries(pieces)) {
      const isPart = from >= 0 && from < to && to <= length && to - from < length;
      if (isPart) yield { what: `${name} of segment ${index}`, segments: cutAway(segments, index, from, to) };
    }
  }
}

/** How sure each rule is, at its surest. */
function surestOf(records: readonly SessionRecord[]): Map<string, number> {
  const surest = new Map<string, number>();
  for (const { rule, confidence } of records.flatMap(({ findings }) => findings)) {
    if (CAPTURE_QUALITY.includes(rule)) continue;
    surest.set(rule, Math.max(surest.get(rule) ?? 0, CONFIDENCES.indexOf(confidence)));
  }
  return surest;
}

/** Findings surer than those of the whole: none but a hint may come from a loss. */
function inventedIn(records: readonly SessionRecord[], whole: ReadonlyMap<string, number>): string[] {
  const invented = [...surestOf(records)].filter(([rule, level]) => level > (whole.get(rule) ?? 0));
  return invented.map(([rule, level]) => `${rule}, ${CONFIDENCES[level]}`);
}

describe('a lost piece of a segment', () => {
  it.each(FIXTURES)('makes no finding: $name', (one) => {
    const segments = segmentsOf(one.text, one);
    const whole = surestOf(recordsOf(segments, one));
    const invented: string[] = [];
    for (const { what, segments: left } of lossesOf(segments)) {
      for (const finding of inventedIn(recordsOf(left, one), whole)) invented.push(`${finding}, without ${what}`);
    }
    expect(invented).toEqual([]);
  });
});

/** Every packet of a capture. */
interface Packet {
  readonly bytes: Buffer;
  readonly meta: PacketMeta;
}

async function packetsOf(path: string): Promise<Packet[]> {
  const packets: Packet[] = [];
  await readCapture(path, {
    packet(bytes, start, end, meta) {
      packets.push({ bytes: Buffer.from(bytes.subarray(start, end)), meta: { ...meta } });
    },
  });
  return packets;
}

/** The records of a capture of which `lost` is missing, or has but its first `kept` bytes. */
function recordsWithout(packets: readonly Packet[], lost: number, kept: number): SessionRecord[] {
  const records: SessionRecord[] = [];
  const view = { captures: ['capture'], severalCaptures: false, body: 'none', reveal: false } as const;
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: false }, (report) =>
    records.push(sessionRecord(report, view)),
  );
  analysis.beginCapture('capture');
  for (const [index, { bytes, meta }] of packets.entries()) {
    const length = index === lost ? kept : bytes.length;
    if (length > 0) analysis.packet(bytes, 0, length, meta);
  }
  analysis.finish();
  return records;
}

/**
 * Losses that nothing in the capture tells of, as far as it is kept: of a connection without any payload, what was
 * acknowledged before its end is not counted, and a RST may acknowledge nothing.
 */
const UNTOLD: Readonly<Record<string, readonly string[]>> = {
  'rules/plaintext-on-465.pcap': ['drop-before-greeting, certain'],
  'rules/tls-then-plaintext.pcap': ['server-closes-first, certain'],
};

/**
 * What is true of the whole capture as well, and is not told there because another finding says more: that one is gone
 * with the packet.
 */
const TRUE_OF_THE_WHOLE: Readonly<Record<string, readonly string[]>> = {
  // The refusal that tells of the mechanism is lost; that it was not on offer is still seen.
  'rules/auth-504-mechanism-not-listed.pcap': ['auth-not-offered-but-sent, certain'],
  'rules/auth-538-encryption-required.pcap': ['auth-not-offered-but-sent, certain'],
  // Who logged in is lost; that the sender is refused to him is still seen.
  'rules/auth-success-then-not-owner.pcap': ['sender-rejected, likely'],
  // The last of the logins that the 421 counts is lost, or the beginning of the message that stalled.
  'rules/auth-too-many-errors.pcap': ['421-mid-session, likely'],
  'rules/data-stall-client-stopped.pcap': ['421-mid-session, likely'],
  // The dots that ended the message too early are lost; the lines taken for commands are still seen.
  'rules/dot-stuffing-missing.pcap': ['unknown-command, certain', 'unknown-command, likely'],
  // A part of the message is lost, and with it that the server waited; the octets at its end are still seen.
  'rules/eod-never-sent-bare-lf.pcap': ['smtp-smuggling, likely'],
  // What EHLO offered is lost, and the refusal is quoted in the server’s own words.
  'rules/pipelining-not-offered.pcap': ['rejected-other, likely'],
  // The refusal is lost; the octets that it was for are still seen.
  'rules/smtputf8-missing-nodemailer.pcap': ['non-ascii-in-command, certain'],
};

/** Ethernet, IPv4 and TCP with timestamps: what every packet here has in front of its payload. */
const HEADERS = 14 + 20 + 32;

describe('a lost packet of a capture', () => {
  const root = fileURLToPath(new URL('../../captures', import.meta.url));
  const names = ['founding', 'healthy', 'rules'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name)),
  );

  it.each(names.sort())('makes no finding: %s', async (name) => {
    const packets = await packetsOf(join(root, name));
    const whole = surestOf(recordsWithout(packets, -1, 0));
    const invented = new Map<string, string>();
    for (const [index, { bytes }] of packets.entries()) {
      const payload = bytes.length - HEADERS;
      if (payload <= 0) continue;
      for (const kept of [0, HEADERS + Math.floor(payload / 2), bytes.length - 2]) {
        for (const finding of inventedIn(recordsWithout(packets, index, kept), whole)) {
          invented.set(finding, `with ${kept} of ${bytes.length} bytes of packet ${index + 1}`);
        }
      }
    }
    const known = [...(UNTOLD[name] ?? []), ...(TRUE_OF_THE_WHOLE[name] ?? [])];
    for (const finding of known) expect(invented.delete(finding), finding).toBe(true);
    expect([...invented]).toEqual([]);
  });
});
