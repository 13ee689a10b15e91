import { describe, expect, it } from 'vitest';
import { displayFilter } from '../../src/report/display-filter.ts';
import { session } from '../support/reports.ts';

describe('the display filter', () => {
  it('spells out both directions', () => {
    expect(displayFilter(session([]))).toBe(
      '(ip.src == 192.0.2.222 && ip.dst == 198.51.100.123 && tcp.srcport == 34131 && tcp.dstport == 25) || ' +
        '(ip.src == 198.51.100.123 && ip.dst == 192.0.2.222 && tcp.srcport == 25 && tcp.dstport == 34131)',
    );
  });

  it('bounds the frames where ports were used again, and speaks IPv6', () => {
    const text = displayFilter(
      session([], {
        client: { address: '2001:db8::1', port: 40000 },
        server: { address: '2001:db8::25', port: 25 },
        portsReused: true,
      }),
    );
    expect(text).toMatch(/^\(\(ipv6\.src == 2001:db8::1 && .*\)\) && frame\.number >= 7 && frame\.number <= 20$/);
  });

  it('leaves the upper bound away where the session ends in another capture', () => {
    const text = displayFilter(session([], { portsReused: true, frames: { first: 900, last: 12, count: 20 } }));
    expect(text).toMatch(/&& frame\.number >= 900$/);
  });
});
