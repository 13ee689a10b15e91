import type { PacketMeta } from '../packet-sink.ts';

/**
 * The clock of a pcapng interface: timestamps are 64-bit counts of a unit that the interface chooses (if_tsresol, any
 * power of 10 or of 2), from a second that it chooses (if_tsoffset). Nanoseconds since 1970 do not fit a double, so
 * the two units in common use are split with exact arithmetic on doubles, and all others with BigInt.
 */
export interface PcapngClock {
  /** 1 or 1000 where a double will do; 0 for every other unit. */
  ticksPerMicrosecond: 0 | 1 | 1000;
  ticksPerSecond: bigint;
  /** if_tsoffset, in microseconds: added to every time. */
  offsetUs: number;
  digits: 6 | 9;
}

/** The years 1 to 9999, in microseconds: what a date can be written for. */
const YEAR_1_US = -62_135_596_800_000_000;
const YEAR_10000_US = 253_402_300_800_000_000;

const TWO_32 = 4_294_967_296;

/**
 * `resolution` is if_tsresol: with the top bit clear the unit is 10^-n seconds, with it set 2^-n. Without the option it
 * is 6. `offsetSeconds` is if_tsoffset.
 */
export function clockOf(resolution: number, offsetSeconds: bigint): PcapngClock {
  const exponent = BigInt(resolution & 0x7f);
  const ticksPerSecond = (resolution & 0x80) === 0 ? 10n ** exponent : 1n << exponent;
  return {
    ticksPerMicrosecond: ticksPerSecond === 1_000_000n ? 1 : ticksPerSecond === 1_000_000_000n ? 1000 : 0,
    ticksPerSecond,
    offsetUs: Number(offsetSeconds) * 1e6,
    digits: ticksPerSecond > 1_000_000n ? 9 : 6,
  };
}

/** Puts a timestamp into `meta`. False, and NaN as time, where it is no date between the years 1 and 9999. */
export function setTime(meta: PacketMeta, clock: PcapngClock, high: number, low: number): boolean {
  let timeUs: number;
  let timeNanos = 0;
  if (clock.ticksPerMicrosecond === 1) {
    timeUs = high * TWO_32 + low;
  } else if (clock.ticksPerMicrosecond === 1000) {
    // (high * 2^32 + low) / 1000 by long division: each step stays below 2^53, so it is exact.
    const quotient = Math.floor(high / 1000);
    const rest = (high - quotient * 1000) * TWO_32 + low;
    const micros = Math.floor(rest / 1000);
    timeUs = quotient * TWO_32 + micros;
    timeNanos = rest - micros * 1000;
  } else {
    const nanos = (((BigInt(high) << 32n) | BigInt(low)) * 1_000_000_000n) / clock.ticksPerSecond;
    timeUs = Number(nanos / 1000n);
    timeNanos = Number(nanos % 1000n);
  }
  timeUs += clock.offsetUs;
  meta.timeDigits = clock.digits;
  if (timeUs >= YEAR_1_US && timeUs < YEAR_10000_US) {
    meta.timeUs = timeUs;
    meta.timeNanos = timeNanos;
    return true;
  }
  meta.timeUs = Number.NaN;
  meta.timeNanos = 0;
  return false;
}
