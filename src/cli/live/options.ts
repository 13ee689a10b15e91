/** What `live` was asked for beyond what `inspect` knows. */
import type { Severity } from '../../findings/rule.ts';
import { type InspectOptions, inspectOptions, type RawOptions } from '../options.ts';
import type { Rotation } from './rotating-capture.ts';

export interface LiveCommandOptions extends InspectOptions {
  /** Sessions are printed whole when they end. */
  readonly group: boolean;
  /** A pcap-filter expression. */
  readonly filter: string | null;
  readonly user: string | null;
  readonly wait: boolean;
  readonly durationMs: number | null;
  /** Sessions after which it ends. */
  readonly count: number | null;
  readonly untilFinding: Severity | null;
  readonly ringBytes: number;
  /** What `--write` keeps. */
  readonly rotation: Rotation;
  /** Between two lines that say that it is alive; null for none. */
  readonly heartbeatMs: number | null;
}

export interface RawLiveOptions extends RawOptions {
  group?: boolean;
  filter?: string;
  user?: string;
  wait?: boolean;
  duration?: number;
  count?: number;
  untilFinding?: Severity;
  buffer?: number;
  writeSize?: number;
  writeFiles?: number;
  heartbeat?: number;
}

/** Megabytes of packets that the kernel holds until they are fetched. */
export const DEFAULT_RING_MIB = 128;
/** Together a gigabyte, whatever comes. */
export const DEFAULT_WRITE_MIB = 100;
export const DEFAULT_WRITE_FILES = 10;
const MIB = 1 << 20;
const HEARTBEAT_MS = 60_000;

export function liveOptions(raw: RawLiveOptions): LiveCommandOptions {
  return {
    ...inspectOptions(raw),
    group: raw.group === true,
    filter: raw.filter ?? null,
    user: raw.user ?? null,
    wait: raw.wait === true,
    durationMs: raw.duration ?? null,
    count: raw.count ?? null,
    untilFinding: raw.untilFinding ?? null,
    ringBytes: (raw.buffer ?? DEFAULT_RING_MIB) * MIB,
    rotation: {
      fileBytes: (raw.writeSize ?? DEFAULT_WRITE_MIB) * MIB,
      files: raw.writeFiles ?? DEFAULT_WRITE_FILES,
    },
    heartbeatMs: raw.heartbeat ?? (raw.verbose === true ? HEARTBEAT_MS : null),
  };
}

/** `90`, `90s`, `10m`, `2h`, `1d`: milliseconds. Throws an Error whose message says what would do. */
export function durationValue(text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)?$/.exec(text.trim());
  const ms = match === null ? 0 : Number(match[1]) * (UNITS[match[2] ?? 's'] as number);
  // Timers hold no more than 2^31 ms; nobody waits 24 days for a number that was mistyped.
  if (!(ms > 0 && ms < 2 ** 31)) throw new Error(`'${text}' is no duration up to 24 days: give 90s, 10m, 2h or 1d`);
  return ms;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A whole number from `least` to `most`. */
export function numberValue(text: string, least: number, most: number): number {
  const value = /^\d{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new Error(`'${text}' will not do: give a number from ${least} to ${most}`);
  return value;
}
