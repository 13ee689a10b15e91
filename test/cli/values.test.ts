import { describe, expect, it } from 'vitest';
import {
  codesValue,
  fileValue,
  hostsValue,
  limitValue,
  portsValue,
  sessionsValue,
  severityValue,
  timeValue,
} from '../../src/cli/values.ts';

describe('values of options', () => {
  it('are read', () => {
    expect(portsValue('25, 587')).toEqual([25, 587]);
    expect(portsValue('ANY')).toBe('any');
    expect(sessionsValue('3,12')).toEqual([3, 12]);
    expect(codesValue('550,451')).toEqual([550, 451]);
    expect(limitValue('openBytes=512M')).toEqual(['openBytes', 512 << 20]);
    expect(limitValue('connections = 1k')).toEqual(['connections', 1024]);
    expect(limitValue('idleUs=1.5h')).toEqual(['idleUs', 5_400_000_000]);
    expect(limitValue('idleUs=250')).toEqual(['idleUs', 250]);
    expect(severityValue('warning')).toBe('warning');
    expect(fileValue('./-')).toBe('./-');
    expect(hostsValue('192.0.2.1,[2001:DB8:0:0::1]')).toEqual(['192.0.2.1', '2001:db8::1']);
  });

  it.each([
    [portsValue, '0'],
    [portsValue, '65536'],
    [portsValue, '25;26'],
    [portsValue, ','],
    [portsValue, '2.5e1'],
    [sessionsValue, '0'],
    [sessionsValue, '-1'],
    [codesValue, '55'],
    [codesValue, '5xx'],
    [hostsValue, 'mail.example'],
    [hostsValue, '192.0.2.300'],
    [severityValue, 'bad'],
    [fileValue, '-'],
    [limitValue, 'openBytes'],
    [limitValue, 'openBytes='],
    [limitValue, 'openBytes=-1'],
    [limitValue, 'openBytes=1x'],
    [limitValue, 'openBytes=1.5'],
    [limitValue, 'openBytes=9999999G'],
    [limitValue, 'connections=0'],
    [limitValue, 'idleUs=1k'],
    [limitValue, 'toString=1'],
    [timeValue, 'yesterday'],
    [timeValue, '2007-02-31'],
    [timeValue, '2007-08-12T25:00:00Z'],
    [timeValue, '12:00'],
  ])('%o refuses %s with a sentence', (parse: (text: string) => unknown, text) => {
    expect(() => parse(text)).toThrow(/^('|no )/);
  });

  it('reads times with a zone to the microsecond', () => {
    expect(timeValue('2007-08-12T22:17:23.316204+09:00')).toBe(1_186_924_643_316_204);
    expect(timeValue('2007-08-12T13:17:23Z')).toBe(1_186_924_643_000_000);
    expect(timeValue('2007-08-12 13:17Z')).toBe(1_186_924_620_000_000);
  });

  it('takes a time without a zone as local, a day as its beginning', () => {
    expect(timeValue('2007-08-12 22:17:23')).toBe(new Date(2007, 7, 12, 22, 17, 23).getTime() * 1000);
    expect(timeValue('2007-08-12')).toBe(new Date(2007, 7, 12).getTime() * 1000);
  });
});
