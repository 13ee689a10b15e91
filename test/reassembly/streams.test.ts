/** Segment in, turns out: what the pipeline makes of sequence numbers that are not in order. */
import { describe, expect, it } from 'vitest';
import type { SessionRecord } from '../../src/report/record.ts';
import { oneSession, onlyOne, recordsOf, segmentsOf } from '../support/dialogue.ts';
import { drop, duplicate, type Segment } from '../support/segments.ts';

const TEXT = `
  S: 220 mx.example ESMTP
  C: EHLO client.example
  S: 250 mx.example
  C: MAIL FROM:<a@client.example>
  S: 250 Ok
  C: QUIT
  S: 221 bye`;
const SEGMENTS = segmentsOf(TEXT);
/** Of `MAIL`, in the segments of the dialogue. */
const MAIL = 6;

const spoken = ({ dialogue }: SessionRecord) =>
  dialogue.map(({ from, kind, lines, bytes }) => `${from} ${kind} ${kind === 'gap' ? bytes : lines.join('|')}`);

const WHOLE = [
  'server reply 220 mx.example ESMTP',
  'client command EHLO client.example',
  'server reply 250 mx.example',
  'client command MAIL FROM:<a@client.example>',
  'server reply 250 Ok',
  'client command QUIT',
  'server reply 221 bye',
];

function changed(index: number, change: (segment: Segment) => readonly Segment[]): Segment[] {
  return SEGMENTS.flatMap((segment, at) => (at === index ? change(segment) : [segment]));
}

describe('segments', () => {
  it('in order, over the wrap of the sequence number', () => {
    const record = onlyOne(recordsOf(SEGMENTS));
    expect(spoken(record)).toEqual(WHOLE);
    expect(record.transport).toMatchObject({ opening: 'complete', closing: 'client-fin' });
    expect(record.transport.client).toMatchObject({ bytes: 57, missingBytes: 0, retransmissions: 0 });
  });

  it('sent again are counted and said once', () => {
    const record = onlyOne(recordsOf(duplicate(SEGMENTS, [{ index: MAIL, distance: 3 }])));
    expect(spoken(record)).toEqual(WHOLE);
    expect(record.transport.client).toMatchObject({ bytes: 57, missingBytes: 0, retransmissions: 1 });
  });

  it('sent again in other pieces add only what is new', () => {
    const record = onlyOne(
      recordsOf(
        changed(MAIL, (mail) => [
          { ...mail, payload: mail.payload.subarray(0, 20) },
          { ...mail, seq: mail.seq + 10, payload: mail.payload.subarray(10) },
        ]),
      ),
    );
    expect(spoken(record)).toEqual(WHOLE);
    expect(record.transport.client).toMatchObject({ bytes: 57, missingBytes: 0 });
  });

  it('with one lost leave a gap of its size, and the rest stands', () => {
    const record = onlyOne(recordsOf(drop(SEGMENTS, MAIL)));
    expect(spoken(record)).toEqual(WHOLE.with(3, 'client gap 30'));
    expect(record.transport.client).toMatchObject({ bytes: 27, missingBytes: 30 });
  });
});

describe('a gap that the notation asks for', () => {
  it('is a turn of its own', () => {
    const record = oneSession(`
      S: 220 mx.example ESMTP
      C: EHLO client.example
      --gap 40 S--
      C: QUIT
      S: 221 bye`);
    expect(spoken(record)).toEqual([
      'server reply 220 mx.example ESMTP',
      'client command EHLO client.example',
      'server gap 40',
      'client command QUIT',
      'server reply 221 bye',
    ]);
    expect(record.transport.server.missingBytes).toBe(40);
  });
});

describe('the end of a connection', () => {
  it.each([
    ['client', 'client-fin'],
    ['server', 'server-fin'],
    ['none', 'none'],
  ] as const)('by %s is %s', (close, closing) => {
    expect(oneSession(TEXT, { close }).transport.closing).toBe(closing);
  });
});
