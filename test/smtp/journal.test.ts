import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteChains, Chain } from '../../src/bytes/byte-chains.ts';
import { Entry, JournalBase, JournalReader, KIND, Opening, writeEntry } from '../../src/smtp/journal.ts';

const far = fc.oneof(fc.nat(300), fc.nat(), fc.nat({ max: 2 ** 50 }));
const record = fc.record({
  number: fc.oneof(fc.nat(50), fc.nat()),
  frame: fc.nat(),
  timeUs: fc.oneof(far, fc.constantFrom(Number.NaN, 2 ** 53, 1.8e19, 4.3e15)),
  endLater: far,
  timeNanos: fc.oneof(fc.constant(0), fc.nat(999)),
  endTimeNanos: fc.oneof(fc.constant(0), fc.nat(999)),
  capture: fc.oneof(fc.constant(0), fc.nat(70_000)),
  offset: far,
  acked: fc.oneof(fc.constant(-1), far),
  kind: fc.nat(6),
  side: fc.nat(1),
  bytes: far,
  answersBefore: fc.oneof(fc.constant(null), fc.integer({ min: -20, max: 20 })),
  code: fc.nat(999),
  complete: fc.boolean(),
  cut: fc.boolean(),
  step: fc.nat(6),
  messageBytes: fc.oneof(far, fc.constant(-3)),
  messageLines: fc.oneof(far, fc.constant(-1)),
  messageMissing: far,
  messageMarks: fc.nat(15),
  messageLongest: far,
  text: fc.uint8Array({ maxLength: 700 }),
  chained: fc.boolean(),
});

describe('the journal', () => {
  it('gives back what was written, whatever follows what', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), (records) => {
        const chains = new ByteChains();
        const journal = new Chain();
        const base = new JournalBase();
        const wanted = records.map((r) => {
          const opening = new Opening();
          const entry = new Entry();
          const endTimeUs = r.timeUs + r.endLater;
          Object.assign(opening, {
            number: r.number,
            frame: r.frame,
            timeUs: r.timeUs,
            timeNanos: r.timeNanos,
            capture: r.capture,
            offset: r.offset,
            acked: r.acked,
          });
          Object.assign(entry, {
            kind: r.kind,
            side: r.side,
            endTimeUs: Number.isNaN(r.timeUs) ? Number.NaN : endTimeUs,
            endTimeNanos: r.endTimeNanos,
            bytes: r.bytes,
            answers: r.answersBefore === null ? -1 : Math.max(0, r.number - r.answersBefore),
            code: r.code,
            complete: r.complete,
            cut: r.cut,
            step: r.step,
          });
          if (r.kind === KIND.message) {
            Object.assign(entry, {
              messageBytes: r.messageBytes,
              messageLines: r.messageLines,
              messageMissing: r.messageMissing,
              messageMarks: r.messageMarks,
              messageLongest: r.messageLongest,
            });
          }
          const text = Buffer.from(r.text);
          const chain = new Chain();
          if (r.chained) chains.append(chain, text, 0, text.length);
          writeEntry(chains, journal, base, opening, entry, text, 0, text.length, r.chained ? chain : null);
          return { kind: r.kind, opening: { ...opening }, entry: { ...entry }, text };
        });

        const bytes = Buffer.alloc(journal.length);
        chains.copy(journal, bytes, 0);
        const reader = new JournalReader();
        reader.begin(bytes, 0, bytes.length);
        for (const one of wanted) {
          expect(reader.next()).toBe(true);
          const entry: Record<string, unknown> = { ...reader.entry };
          if (one.kind !== KIND.message)
            for (const key of Object.keys(entry))
              if (key.startsWith('message')) entry[key] = one.entry[key as keyof Entry];
          expect({ ...reader.opening }).toEqual(one.opening);
          expect(entry).toEqual(one.entry);
          expect(bytes.subarray(reader.textStart, reader.textEnd)).toEqual(one.text);
        }
        expect(reader.next()).toBe(false);
      }),
    );
  });

  it('takes a dozen bytes for the head of an ordinary turn', () => {
    const chains = new ByteChains();
    const journal = new Chain();
    const base = new JournalBase();
    const opening = new Opening();
    const entry = new Entry();
    const text = Buffer.from('250 2.1.0 Ok\r\n');
    for (let i = 0; i < 10; i++) {
      Object.assign(opening, { number: i, frame: 100 + 2 * i, timeUs: 1.2e15 + 900 * i, offset: 14 * i, acked: 0 });
      Object.assign(entry, {
        kind: KIND.reply,
        side: 1,
        endTimeUs: opening.timeUs,
        bytes: 14,
        code: 250,
        answers: i - 1,
      });
      writeEntry(chains, journal, base, opening, entry, text, 0, text.length, null);
    }
    expect(journal.length / 10).toBeLessThan(14 + 15);
  });
});
