/** What a pcapng capture says besides packets: comments, secrets, names, drops. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CAPTURE_LIMITS } from '../../../src/capture/format/limits.ts';
import { createScanner } from '../../../src/capture/format/scan.ts';
import { PcapngWriter } from '../../support/pcap-bytes.ts';
import { scan } from './scanning.ts';

const FILE = readFileSync(
  fileURLToPath(new URL('../../../captures/format/pcapng-comments-names-secrets.pcapng', import.meta.url)),
);
const ng = new PcapngWriter();
const packet = (...comments: string[]) =>
  ng.enhanced({ data: Buffer.alloc(4), options: comments.map((text) => [1, Buffer.from(text)] as const) });
const secrets = (type: number, text: Buffer, length = text.length) => {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  return ng.block(10, Buffer.concat([head, text]));
};
const TLS = 0x544c534b;

describe('a capture with notes', () => {
  it('hands on comments, key logs and drops, whole and in chunks', () => {
    for (const size of [1, 50, FILE.length]) {
      const { facts, error } = scan(FILE, size);
      expect(error).toBeNull();
      expect(facts.comments).toEqual(
        new Map([
          [4, 'the greeting came after four seconds'],
          [8, 'first comment\nsecond comment: \u202eolleh <b>\u001b[31m'],
        ]),
      );
      expect(facts.keyLogs?.map(String)).toEqual([`CLIENT_RANDOM ${'5a'.repeat(32)} ${'a5'.repeat(48)}\n`]);
      expect(facts).toMatchObject({ dropped: 9, warnings: [] });
    }
  });

  it('tells the sink of a comment before its packet, and of a key log where it stands', () => {
    const told: string[] = [];
    const scanner = createScanner({
      packet: (_bytes, _start, _end, { frame }) => void told.push(`packet ${frame}`),
      comment: (frame, text) => void told.push(`${frame}: ${text}`),
      keyLog: (text) => void told.push(`key log of ${text.length}`),
    });
    scanner.push(
      Buffer.concat([ng.section(), ng.interface(), packet(), secrets(TLS, Buffer.from('abc')), packet('hi')]),
    );
    scanner.finish();
    expect(told).toEqual(['packet 1', 'key log of 3', '2: hi', 'packet 2']);
  });

  it('keeps only so many comments, and so much of each', () => {
    const head = Buffer.concat([ng.section(), ng.interface()]);
    const many = scan(Buffer.concat([head, ...new Array<Buffer>(CAPTURE_LIMITS.comments + 5).fill(packet('x'))]));
    expect(many.facts.comments?.size).toBe(CAPTURE_LIMITS.comments);
    expect(many.facts.warnings).toEqual([expect.stringMatching(/^Comments from that of frame 10001 on are not shown/)]);
    const long = scan(Buffer.concat([head, packet('y'.repeat(60_000), 'z'.repeat(60_000))]));
    expect(long.facts.comments?.get(1)).toHaveLength(CAPTURE_LIMITS.commentBytes);
    const total = scan(Buffer.concat([head, ...new Array<Buffer>(300).fill(packet('y'.repeat(60_000)))]));
    expect(total.facts.comments?.size).toBe(256);
  });

  it('keeps no secrets of other protocols, none that are too many, and none that run past their block', () => {
    const head = Buffer.concat([ng.section(), ng.interface()]);
    const half = Buffer.alloc(CAPTURE_LIMITS.keyLogBytes / 2 - 8);
    const bytes = Buffer.concat([
      head,
      secrets(0x5353484b, Buffer.from('ssh')),
      secrets(TLS, Buffer.from('abc'), 4000),
      secrets(TLS, half),
      secrets(TLS, half),
      secrets(TLS, half),
      secrets(TLS, Buffer.alloc(CAPTURE_LIMITS.keyLogBytes + 4)),
      ng.block(10, Buffer.alloc(8)),
      packet(),
    ]);
    const { facts, error } = scan(bytes, 4_000_000);
    expect(error).toBeNull();
    expect(facts.keyLogs?.map(({ length }) => length)).toEqual([half.length, half.length]);
    expect(facts.warnings).toEqual([
      `Only ${CAPTURE_LIMITS.keyLogBytes} bytes of the TLS secrets in the capture are kept.`,
    ]);
  });

  it('lives with options that run past their block', () => {
    const bytes = Buffer.concat([ng.section(), ng.interface(), packet('abcdefgh')]);
    bytes.writeUInt16LE(200, bytes.length - 4 - 4 - 8 - 2);
    const { facts } = scan(bytes);
    expect(facts).toMatchObject({ packets: 1, warnings: [expect.stringMatching(/run past its end/)] });
  });
});
