/** The limits of all rooms in one: what a run is given, and what `--limit` knows by name. */
import { CAPTURE_LIMITS, type CaptureLimits } from './capture/format/limits.ts';
import { REASSEMBLY_LIMITS, type ReassemblyLimits } from './reassembly/limits.ts';
import { DIALOGUE_LIMITS, type DialogueLimits, OPEN_BYTES } from './smtp/limits.ts';
import { TLS_LIMITS, type TlsLimits } from './tls/limits.ts';
import { WIRE_LIMITS, type WireLimits } from './wire/nesting.ts';

/** What an analysis may hold and how long it waits, whatever the packets come from. */
export type AnalysisLimits = WireLimits &
  ReassemblyLimits &
  DialogueLimits &
  TlsLimits & {
    /** Bytes that open sessions keep in memory; what is over goes to a temporary file. */
    readonly openBytes: number;
  };

export type Limits = CaptureLimits & AnalysisLimits;
export type LimitName = keyof Limits;

export const ANALYSIS_LIMITS: AnalysisLimits = {
  ...WIRE_LIMITS,
  ...REASSEMBLY_LIMITS,
  ...DIALOGUE_LIMITS,
  ...TLS_LIMITS,
  openBytes: OPEN_BYTES,
};

export const LIMITS: Limits = { ...CAPTURE_LIMITS, ...ANALYSIS_LIMITS };

/** Where more than 1 Gi would not make sense: it is more than the field holds, or deeper than the call stack. */
const MOST: Partial<Record<LimitName, number>> = {
  nesting: 64,
  halfOpen: 1 << 24,
  interfaces: 1 << 24,
  plausibleDistance: 2 ** 31 - 1,
  openBytes: 2 ** 50,
  decompressedBytes: 2 ** 50,
};

/** Tables that have at least one place. */
const AT_LEAST_ONE: readonly LimitName[] = ['halfOpen', 'connections', 'plausibleDistance', 'certificatesRemembered'];

/** The lowest value of a limit. */
export function leastOf(name: LimitName): number {
  return AT_LEAST_ONE.includes(name) ? 1 : 0;
}

/** The highest value of a limit. */
export function mostOf(name: LimitName): number {
  return MOST[name] ?? (name.endsWith('Us') ? 2 ** 50 : 1 << 30);
}

/** Throws a `RangeError` that names the first limit that does not exist or is no whole number in its range. */
export function checkLimits(limits: Partial<Limits>): void {
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(LIMITS, name)) throw new RangeError(`there is no limit ${name}`);
    const least = leastOf(name as LimitName);
    const most = mostOf(name as LimitName);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(`the limit ${name} is a whole number from ${least} to ${most}`);
    }
  }
}
