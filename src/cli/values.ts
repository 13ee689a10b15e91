/** Values of options, from their text. Each throws a plain Error whose message says what is wrong and what would do. */
import { isIP } from 'node:net';
import { SEVERITIES, type Severity } from '../findings/rule.ts';

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

function parts(text: string, what: string): string[] {
  const found = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (found.length === 0) throw new Error(`no ${what} given`);
  return found;
}
