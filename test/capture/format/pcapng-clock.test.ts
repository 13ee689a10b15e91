import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockOf, setTime } from '../../../src/capture/format/pcapng-clock.ts';
import { newPacketMeta } from '../../../src/capture/packet-sink.ts';

/** The same in whole numbers of any size, straight from the definition. */
function expected(ticks: bigint, resolution: number, offsetSeconds: bigint) {
  const exponent = BigInt(resolution & 0x7f);
  const perSecond = resolution & 0x80 ? 2n ** exponent : 10n ** exponent;
  const nanos = (ticks * 1_000_000_000n) / perSecond + offsetSeconds * 1_000_000_000n;
  const micros = nanos >= 0n || nanos % 1000n === 0n ? nanos / 1000n : nanos / 1000n - 1n;
  return { timeUs: Number(micros), timeNanos: Number(nanos - micros * 1000n) };
}

function timeOf(ticks: bigint, resolution: number, offsetSeconds = 0n) {
  const meta = newPacketMeta();
  const ok = setTime(meta, clockOf(resolution, offsetSeconds), Number(ticks >> 32n), Number(ticks & 0xffff_ffffn));
  return { ok, timeUs: meta.timeUs, timeNanos: meta.timeNanos, timeDigits: meta.timeDigits };
}

describe('the clock of a pcapng interface', () => {
  it.each([
    { resolution: 6, ticks: 1_704_164_645_678_901n, timeUs: 1_704_164_645_678_901, timeNanos: 0, timeDigits: 6 },
    { resolution: 9, ticks: 1_704_164_645_678_901_234n, timeUs: 1_704_164_645_678_901, timeNanos: 234, timeDigits: 9 },
    { resolution: 0, ticks: 1_704_164_645n, timeUs: 1_704_164_645_000_000, timeNanos: 0, timeDigits: 6 },
    { resolution: 3, ticks: 1_704_164_645_678n, timeUs: 1_704_164_645_678_000, timeNanos: 0, timeDigits: 6 },
    { resolution: 7, ticks: 17_041_646_456_789_019n, timeUs: 1_704_164_645_678_901, timeNanos: 900, timeDigits: 9 },
    {
      resolution: 10,
      ticks: 17_041_646_456_789_012_349n,
      timeUs: 1_704_164_645_678_901,
      timeNanos: 234,
      timeDigits: 9,
    },
    { resolution: 12, ticks: 1_000_000_001_999n, timeUs: 1_000_000, timeNanos: 1, timeDigits: 9 },
    { resolution: 0x80 | 10, ticks: 1536n, timeUs: 1_500_000, timeNanos: 0, timeDigits: 6 },
    { resolution: 0x80 | 19, ticks: 2n ** 19n, timeUs: 1_000_000, timeNanos: 0, timeDigits: 6 },
    { resolution: 0x80 | 20, ticks: 2n ** 20n + 1n, timeUs: 1_000_000, timeNanos: 953, timeDigits: 9 },
    { resolution: 0x80 | 32, ticks: 2n ** 31n, timeUs: 500_000, timeNanos: 0, timeDigits: 9 },
    { resolution: 127, ticks: 2n ** 64n - 1n, timeUs: 0, timeNanos: 0, timeDigits: 9 },
    { resolution: 255, ticks: 2n ** 64n - 1n, timeUs: 0, timeNanos: 0, timeDigits: 9 },
  ])('counts in units of if_tsresol $resolution', ({ resolution, ticks, ...time }) => {
    expect(timeOf(ticks, resolution)).toEqual({ ok: true, ...time });
  });

  it('adds if_tsoffset, also a negative one', () => {
    expect(timeOf(1_500_000n, 6, 1_700_000_000n)).toMatchObject({ ok: true, timeUs: 1_700_000_001_500_000 });
    expect(timeOf(1_500_000n, 6, -2n)).toMatchObject({ ok: true, timeUs: -500_000 });
  });

  it('gives no time where there is no such date', () => {
    const year10000 = 253_402_300_800_000_000n;
    expect(timeOf(year10000 - 1000n, 6).ok).toBe(true);
    const none = { ok: false, timeUs: Number.NaN, timeNanos: 0 };
    expect(timeOf(year10000, 6)).toMatchObject(none);
    expect(timeOf(2n ** 64n - 1n, 6)).toMatchObject(none);
    expect(timeOf(0n, 6, -(2n ** 63n))).toMatchObject(none);
    expect(timeOf(0n, 6, 2n ** 63n - 1n)).toMatchObject(none);
  });

  it('is exact for every unit', () => {
    const seconds = fc.bigInt({ min: 0n, max: 4_000_000_000n });
    const fraction = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const resolution = fc.oneof(fc.constantFrom(6, 9), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(seconds, fraction, resolution, (whole, part, unit) => {
        const exponent = BigInt(unit & 0x7f);
        const perSecond = unit & 0x80 ? 2n ** exponent : 10n ** exponent;
        const ticks = BigInt.asUintN(64, whole * perSecond + (part % perSecond));
        const want = expected(ticks, unit, 0n);
        const got = timeOf(ticks, unit);
        if (want.timeUs >= 253_402_300_800_000_000) expect(got.ok).toBe(false);
        else expect(got).toMatchObject({ ok: true, ...want });
      }),
      { numRuns: 2000 },
    );
  });
});
