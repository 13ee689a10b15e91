import { describe, expect, it } from 'vitest';
import {
  HEAD_BYTES,
  type Notice,
  noticeRecord,
  RecordPipe,
  writePacketHead,
} from '../../../src/capture/live/wire-format.ts';

interface Seen {
  frame: number;
  timeUs: number;
  bytes: string;
  originalLength: number;
  linkType: number;
}

function pipe(): { records: RecordPipe; packets: Seen[]; notices: Notice[] } {
  const packets: Seen[] = [];
  const notices: Notice[] = [];
  const records: RecordPipe = new RecordPipe(
    {
      packet: (bytes, start, end, { frame, timeUs, originalLength, linkType }) =>
        packets.push({ frame, timeUs, bytes: bytes.toString('latin1', start, end), originalLength, linkType }),
    },
    (notice) => {
      notices.push(notice);
      if (notice.event === 'opened') records.linkType = notice.linkType;
    },
  );
  return { records, packets, notices };
}

function packet(timeUs: number, bytes: string, onWire = bytes.length): Buffer {
  const record = Buffer.alloc(HEAD_BYTES + bytes.length);
  writePacketHead(record, 0, timeUs, bytes.length, onWire);
  record.write(bytes, HEAD_BYTES, 'latin1');
  return record;
}

const TIME = 1_795_504_066_942_032;
const STREAM = Buffer.concat([
  noticeRecord({ event: 'opened', linkType: 113 }),
  packet(TIME, 'one'),
  packet(TIME + 1, '', 0),
  packet(TIME + 999_999, 'three', 65_549),
  noticeRecord({ event: 'opened', linkType: 1 }),
  packet(TIME + 5_000_000, 'four'),
]);

describe('the pipe from the capturing process', () => {
  it.each([1, 2, 7, 15, 16, 17, 33, 1_000])('gives the same records in chunks of %d bytes', (size) => {
    const { records, packets, notices } = pipe();
    for (let at = 0; at < STREAM.length; at += size) {
      records.take(STREAM.subarray(at, at + size));
      expect(records.handOn()).toBe(true);
    }
    expect(packets).toEqual([
      { frame: 1, timeUs: TIME, bytes: 'one', originalLength: 3, linkType: 113 },
      { frame: 2, timeUs: TIME + 1, bytes: '', originalLength: 0, linkType: 113 },
      { frame: 3, timeUs: TIME + 999_999, bytes: 'three', originalLength: 65_549, linkType: 113 },
      { frame: 4, timeUs: TIME + 5_000_000, bytes: 'four', originalLength: 4, linkType: 1 },
    ]);
    expect(notices.map(({ event }) => event)).toEqual(['opened', 'opened']);
    expect(records).toMatchObject({ packets: 4, bytes: 12, lastUs: TIME + 5_000_000 });
  });

  it('gives them for so long at a time, however many there are, and the rest later', () => {
    let handedOn = 0;
    const records = new RecordPipe(
      {
        packet: () => {
          handedOn++;
          for (const until = performance.now() + 1; performance.now() < until; );
        },
      },
      () => {},
    );
    records.take(Buffer.concat(Array.from({ length: 500 }, () => packet(TIME, 'slow'))));
    expect(records.handOn(performance.now() - 1)).toBe(false);
    // The clock is looked at only every few records.
    expect(handedOn).toBeLessThan(10);
    records.take(packet(TIME, 'late'));
    expect(records.handOn()).toBe(true);
    expect(handedOn).toBe(501);
  });

  it('does not wait for a record that cannot be', () => {
    const { records } = pipe();
    const record = packet(TIME, 'one');
    record.writeUInt32LE(0x7fffffff, 8);
    records.take(record);
    expect(() => records.handOn()).toThrow(/a record of 2147483647 bytes/);
  });
});
