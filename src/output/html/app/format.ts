/** Numbers, times and outcomes as a person reads them. Times are UTC, as in every other output. */
import { OUTCOME_WORDS } from '../../outcome-words.ts';

const INTEGER = new Intl.NumberFormat('en-US');

export function grouped(value: number): string {
  return INTEGER.format(value);
}

export function counted(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? '' : 's'}`;
}

export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(bytes < 1e4 ? 1 : 0)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

export function durationText(seconds: number | null): string {
  if (seconds === null || Number.isNaN(seconds)) return '–';
  if (seconds < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1) return `${(seconds * 1e3).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
  if (seconds < 120) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

/** `2007-08-12 13:17:23.316` */
export function instantText(ms: number): string {
  return Number.isNaN(ms) ? 'no time' : new Date(ms).toISOString().slice(0, 23).replace('T', ' ');
}

/** A span as `2007-08-12 13:17:23 – 13:19:02 UTC`; the date is said again only where it changes. */
export function spanText(from: number, to: number): string {
  const first = instantText(from).slice(0, 19);
  const last = instantText(to).slice(0, 19);
  return `${first} – ${last.slice(0, 10) === first.slice(0, 10) ? last.slice(11) : last} UTC`;
}

export function endpointText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** An outcome in words. */
export function outcomeText(outcome: string): string {
  return (OUTCOME_WORDS as Readonly<Record<string, string>>)[outcome] ?? outcome;
}

/** How an outcome is to be taken: nothing went wrong, something did, or it cannot be told. */
export function toneOf(outcome: string): 'good' | 'bad' | 'mixed' | 'plain' {
  if (outcome === 'delivered' || outcome === 'encrypted') return 'good';
  if (outcome === 'idle' || outcome === 'incomplete' || outcome === 'not-smtp') return 'plain';
  return outcome === 'deferred' || outcome === 'partly-delivered' ? 'mixed' : 'bad';
}

/** How a connection ended, of the record's words. */
export const CLOSINGS: Readonly<Record<string, string>> = {
  'client-fin': 'the client closed',
  'server-fin': 'the server closed',
  'client-rst': 'the client reset the connection',
  'server-rst': 'the server reset the connection',
  none: 'no end was captured',
};

export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
