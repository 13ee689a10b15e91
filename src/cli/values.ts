/** Values of options, from their text. Each throws a plain Error whose message says what is wrong and what would do. */
import { isIP } from 'node:net';
import { SEVERITIES, type Severity } from '../findings/rule.ts';
import { LIMITS, type LimitName, leastOf, mostOf } from '../limits.ts';
import { nearest } from './nearest.ts';

/** `25,587`, or `any`. */
export function portsValue(text: string): readonly number[] | 'any' {
  if (text.trim().toLowerCase() === 'any') return 'any';
  return parts(text, 'ports').map((part) => {
    const port = Number(part);
    if (!/^\d{1,5}$/.test(part) || port < 1 || port > 65535) {
      throw new Error(`'${part}' is no port: give numbers from 1 to 65535 with commas between, or any`);
    }
    return port;
  });
}

/** `3`, `3,7`. */
export function sessionsValue(text: string): readonly number[] {
  return parts(text, 'session numbers').map((part) => {
    if (!/^[1-9]\d{0,14}$/.test(part)) throw new Error(`'${part}' is no session number: give one from 1 up`);
    return Number(part);
  });
}

/** `550`, `450,451`. */
export function codesValue(text: string): readonly number[] {
  return parts(text, 'reply codes').map((part) => {
    if (!/^\d{3}$/.test(part)) throw new Error(`'${part}' is no reply code: give three digits`);
    return Number(part);
  });
}

/** Addresses in the form in which sessions have them (RFC 5952). */
export function hostsValue(text: string): readonly string[] {
  return parts(text, 'addresses').map((part) => {
    const bare = part.replace(/^\[(.*)\]$/, '$1');
    const family = isIP(bare);
    if (family === 0) throw new Error(`'${part}' is no address: give an IPv4 or IPv6 address, not a name`);
    return family === 4 ? bare : new URL(`http://[${bare.split('%')[0]}]`).hostname.slice(1, -1);
  });
}

export function severityValue(text: string): Severity {
  const severity = SEVERITIES.find((known) => known === text);
  if (severity === undefined) throw new Error(`'${text}' is no severity: give one of ${SEVERITIES.join(', ')}`);
  return severity;
}

/** A file to write. Elsewhere `-` is standard output: here that is the report's, where no file is named. */
export function fileValue(text: string): string {
  if (text === '-') throw new Error("'-' is no file: name one; standard output has the report when -o is left out");
  return text;
}

export function listValue(text: string): readonly string[] {
  return parts(text, 'values');
}

/** RFC 3339, or local time without a zone, or a day; in microseconds since 1970. */
export function timeValue(text: string): number {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(\.\d{1,9})?)?\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(
    text.trim(),
  );
  if (match !== null) {
    const [, day, clock = '00:00:00', fraction = '', zone = ''] = match;
    const whole = Date.parse(`${day}T${clock}${zone.toUpperCase()}`);
    // The day must exist: Date takes 31 February for 3 March.
    const isDay = new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day as string) === true;
    if (!Number.isNaN(whole) && isDay) return whole * 1000 + Math.floor(Number(`0${fraction}`) * 1e6);
  }
  throw new Error(`'${text}' is no time: give 2007-08-12T22:17:23+09:00, or local time as 2007-08-12 22:17:23`);
}

/** `openBytes=512M`, `connections=1k`, `idleUs=4h`; k, M and G are powers of 1024. */
export function limitValue(text: string): readonly [LimitName, number] {
  const [given = '', value = ''] = text.split(/=(.*)/s, 2);
  const name = given.trim() as LimitName;
  if (!Object.hasOwn(LIMITS, name)) {
    const known = Object.keys(LIMITS);
    const near = nearest(name, known, 3);
    const rest = near === null ? `give one of ${known.join(', ')}` : `did you mean ${near}?`;
    throw new Error(`'${text}' names no limit: ${rest}`);
  }
  const isTime = name.endsWith('Us');
  const [, digits = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,6})?)([a-zA-Z]{0,2})$/.exec(value.trim()) ?? [];
  const factor = (isTime ? TIMES : SIZES).get(unit);
  const number = factor === undefined || digits === '' ? Number.NaN : Number(digits) * factor;
  const [least, most] = [leastOf(name), mostOf(name)];
  if (!Number.isInteger(number) || number < least || number > most) {
    const units = isTime ? 'microseconds, or 500ms, 90s, 10m, 2h, 1d' : 'a whole number, or 64k, 16M, 2G';
    throw new Error(`'${text}' will not do: give ${units}, from ${least} to ${most}`);
  }
  return [name, number];
}

const SIZES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1024],
  ['K', 1024],
  ['M', 1024 ** 2],
  ['G', 1024 ** 3],
]);
const TIMES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['us', 1],
  ['ms', 1e3],
  ['s', 1e6],
  ['m', 60e6],
  ['h', 3_600e6],
  ['d', 86_400e6],
]);

function parts(text: string, what: string): string[] {
  const found = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (found.length === 0) throw new Error(`no ${what} given`);
  return found;
}
