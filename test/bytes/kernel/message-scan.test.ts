import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fingerprint,
  fingerprintInScript,
  LENT_BYTES,
  MARK,
  MessageScan,
  RunningPrint,
  releaseScannable,
  scanInScript,
  scanMessage,
  scannableBuffer,
} from '../../../src/bytes/kernel/message-scan.ts';

/** Octets that matter to the scan, and runs of those that do not. */
const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('\r\n', '\r\n.', '\r\n.\r\n', '\n', '\r', '.', '\0', '\r\n..', '\r\n.\r', '\n.\n'),
  },
  {
    weight: 3,
    arbitrary: fc.string({ minLength: 0, maxLength: 40, unit: fc.constantFrom('a', 'b', '=', ' ', '\t', '.') }),
  },
  { weight: 1, arbitrary: fc.constantFrom('é', '\xff', 'x'.repeat(1200)) },
);
const message = fc.array(piece, { maxLength: 60 }).map((parts) => Buffer.from(parts.join(''), 'latin1'));

describe('the scan of a message', () => {
  it.each([
    ['a\r\n.\r\nQUIT\r\n', 6, { done: true, stuffed: 0, feeds: 2, marks: 0, longest: 3 }],
    ['.\r\nQUIT\r\n', 3, { done: true, stuffed: 0, feeds: 1, marks: 0, longest: 3 }],
    ['..a\r\n.b\r\n', 9, { done: false, stuffed: 2, feeds: 2, marks: 0, longest: 5 }],
    ['a\n.\n', 4, { done: false, stuffed: 0, feeds: 2, marks: MARK.bareLf, longest: 2 }],
    ['a\r\n.\rb', 6, { done: false, stuffed: 1, feeds: 1, marks: MARK.bareCr, longest: 3 }],
    ['a\0\xe9\r\r\n', 6, { done: false, feeds: 1, marks: MARK.nul | MARK.eightBit | MARK.bareCr, longest: 6 }],
  ])('%j', (text, stop, wanted) => {
    for (const run of [scanMessage, scanInScript]) {
      const bytes = Buffer.from(text, 'latin1');
      const scan = new MessageScan();
      expect(run(scan, bytes, 0, bytes.length)).toBe(stop);
      expect(scan).toMatchObject(wanted);
    }
  });

  it('is the same in the kernel and in script, however the bytes are cut and wherever they lie', () => {
    const lent = scannableBuffer();
    fc.assert(
      fc.property(message, fc.array(fc.nat(80), { maxLength: 12 }), fc.nat(40), (bytes, cuts, shift) => {
        const reference = new MessageScan();
        const end = scanInScript(reference, bytes, 0, bytes.length);
        for (const place of ['own', 'lent'] as const) {
          const home = place === 'own' ? Buffer.concat([Buffer.alloc(shift), bytes]) : lent;
          if (place === 'lent') bytes.copy(lent, shift);
          const scan = new MessageScan();
          const stops = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
          let at = 0;
          for (const stop of stops) {
            if (scan.done || stop <= at) continue;
            at = scanMessage(scan, home, shift + at, shift + stop) - shift;
          }
          expect({ place, at, ...scan }).toEqual({ place, at: end, ...reference });
        }
      }),
      { numRuns: 400 },
    );
    releaseScannable(lent);
  });

  it('has a fingerprint, the same in the kernel and in script', () => {
    const lent = scannableBuffer();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(20), (octets, shift) => {
        const bytes = Buffer.concat([Buffer.alloc(shift), octets]);
        bytes.copy(lent);
        const wanted = fingerprintInScript(bytes, shift, bytes.length);
        expect(fingerprint(bytes, shift, bytes.length)).toBe(wanted);
        expect(fingerprint(lent, shift, bytes.length)).toBe(wanted);
        if (octets.length === 0) return;
        const other = Buffer.from(bytes);
        other[bytes.length - 1] = (other[bytes.length - 1] as number) ^ 1;
        expect(fingerprint(other, shift, bytes.length)).not.toBe(wanted);
      }),
    );
    releaseScannable(lent);
  });

  it('has a fingerprint of bytes in pieces, wherever they are cut, the same in the kernel and in script', () => {
    const lent = scannableBuffer();
    const text = fc
      .uint8Array({ maxLength: 300 })
      .chain((octets) =>
        fc.tuple(fc.constant(Buffer.concat(Array<Uint8Array>(20).fill(octets))), fc.array(fc.nat(octets.length * 20))),
      );
    fc.assert(
      fc.property(text, (made) => {
        const [bytes, cuts] = made;
        bytes.copy(lent);
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const printOf = (push: (print: RunningPrint, from: number, to: number) => void): number => {
          const print = new RunningPrint();
          for (let i = 1; i < places.length; i++) push(print, places[i - 1] as number, places[i] as number);
          return print.value;
        };
        const whole = new RunningPrint();
        whole.push(bytes, 0, bytes.length, null);
        expect(printOf((print, from, to) => print.push(bytes, from, to))).toBe(whole.value);
        expect(printOf((print, from, to) => print.push(lent, from, to))).toBe(whole.value);
        expect(printOf((print, from, to) => print.push(bytes, from, to, null))).toBe(whole.value);
        if (bytes.length < 2) return;
        const other = Buffer.from(bytes);
        other[1] = (other[1] as number) ^ 1;
        const changed = new RunningPrint();
        changed.push(other, 0, other.length);
        expect(changed.value).not.toBe(whole.value);
      }),
    );
    releaseScannable(lent);
  });

  it('reads pieces larger than what is copied at once', () => {
    const bytes = Buffer.concat([Buffer.alloc(200_000, 'x'), Buffer.from('\r\n.\r\nQUIT')]);
    const scan = new MessageScan();
    expect(scanMessage(scan, bytes, 0, bytes.length)).toBe(200_005);
    expect(scan).toMatchObject({ done: true, longest: 200_002 });
  });

  it('lends its memory to one reader at a time', () => {
    const first = scannableBuffer();
    const second = scannableBuffer();
    expect(second.buffer).not.toBe(first.buffer);
    expect([first.length, second.length]).toEqual([LENT_BYTES, LENT_BYTES]);
    releaseScannable(second);
    releaseScannable(first);
    const again = scannableBuffer();
    expect(again.buffer).toBe(first.buffer);
    releaseScannable(again);
  });
});
