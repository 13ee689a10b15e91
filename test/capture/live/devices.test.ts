import { describe, expect, it } from 'vitest';
import {
  defaultRoute4,
  defaultRoute6,
  deviceExists,
  isEthernet,
  linkOf,
  listDevices,
  stateOf,
} from '../../../src/capture/live/devices.ts';

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';

describe('the default route', () => {
  it('of IPv4: the lowest metric, only what is usable', () => {
    const table = [
      'eth1\t00000000\t010200C0\t0003\t0\t0\t200\t00000000\t0\t0\t0',
      'eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0',
      'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
      'eth2\t00000000\t00000000\t0200\t0\t0\t1\t00000000\t0\t0\t0',
      'eth3\t00000000\t00000000\t0001\t0\t0\t1\t00000080\t0\t0\t0',
    ];
    expect(defaultRoute4(HEAD + table.join('\n'))).toBe('eth0');
    expect(defaultRoute4(HEAD)).toBe(null);
    expect(defaultRoute4(null)).toBe(null);
  });

  it('of IPv6: not the unreachable one of the loopback', () => {
    const zero = '0'.repeat(32);
    const line = (metric: string, flags: string, name: string): string =>
      `${zero} 00 ${zero} 00 ${zero} ${metric} 00000001 00000000 ${flags} ${name.padStart(8)}`;
    const table = [
      line('ffffffff', '00200200', 'lo'),
      line('00000400', '00450003', 'eth0'),
      line('00000100', '00450003', 'wlan0'),
    ];
    expect(defaultRoute6(table.join('\n'))).toBe('wlan0');
    expect(defaultRoute6(line('ffffffff', '00200200', 'lo'))).toBe(null);
  });
});

describe('interfaces', () => {
  it.each([
    ['1', { linkType: 1, kind: null }],
    ['772', { linkType: 1, kind: 'loopback' }],
    ['778', { linkType: 101, kind: 'GRE tunnel' }],
    ['32', { linkType: null, kind: 'InfiniBand' }],
    ['999', { linkType: null, kind: 'hardware type 999' }],
    [null, { linkType: null, kind: null }],
  ])('of hardware type %s have their link type', (hardwareType, link) => {
    expect(linkOf(hardwareType)).toEqual(link);
  });

  it('are there with their state and link type', () => {
    const lo = listDevices().find(({ name }) => name === 'lo');
    expect(lo).toMatchObject({ linkType: 1, kind: 'loopback', ethernet: true });
    expect(deviceExists('lo')).toBe(true);
    expect(deviceExists('any')).toBe(true);
    expect(deviceExists('no-such-device')).toBe(false);
    expect(isEthernet('any')).toBe(false);
  });

  it('never lead out of their folder', () => {
    expect(stateOf('../../../etc')).toBe('unknown');
    expect(stateOf('..')).toBe('unknown');
  });
});
