import { expect, it } from 'vitest';
import { interfacesText } from '../../src/cli/commands/live-interfaces.ts';

it('lists interfaces, their link types in the words of a run that watches them', () => {
  const devices = [
    { name: 'lo', addresses: ['127.0.0.1/8'], linkType: 1, kind: 'loopback', state: 'up', ethernet: true },
    { name: 'eth0', addresses: ['192.0.2.7/24'], linkType: 1, kind: null, state: 'no carrier', ethernet: true },
    { name: 'tun0', addresses: [], linkType: 101, kind: null, state: 'down', ethernet: false },
    { name: 'ib0', addresses: [], linkType: null, kind: 'InfiniBand', state: 'up', ethernet: false },
    { name: 'x0', addresses: [], linkType: null, kind: null, state: 'unknown', ethernet: true },
  ] as const;
  expect(interfacesText(devices, 'eth0')).toBe(
    [
      'lo    up          Ethernet (loopback)  127.0.0.1/8',
      'eth0  no carrier  Ethernet             192.0.2.7/24 (default route)',
      'tun0  down        raw IP',
      'ib0   up          InfiniBand',
      'x0    unknown     unknown',
      'any   up          Linux cooked         (all of them; not with libpcap 1.10.5 and newer)',
      '',
    ].join('\n'),
  );
});
