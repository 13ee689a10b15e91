import { expect } from 'vitest';
import type { IcmpError } from '../../../src/reassembly/transport-facts.ts';
import { testRule } from '../support/expect.ts';
import { at, bare } from '../support/sessions.ts';

function icmp(version: 4 | 6, type: number, code: number, from = '203.0.113.1') {
  const error: IcmpError = { version, type, code, mtu: 0, from, frame: 2, time: at(0.01) };
  return bare(['unreachable'], {
    opening: 'unreachable',
    synAckCount: 0,
    established: null,
    synAck: null,
    icmp: error,
  });
}

testRule(
  'connect-icmp-unreachable',
  [
    {
      name: 'IPv4 3/13 from a router',
      session: icmp(4, 3, 13),
      severity: 'error',
      confidence: 'certain',
      message: /turned down by 203\.0\.113\.1 with an ICMP error: communication is administratively prohibited/,
      firstCause: /access list or firewall/,
      also: ({ actor, evidence }) => {
        expect(actor).toBe('network');
        expect(evidence.map(({ frame }) => frame)).toEqual([1, 2]);
      },
    },
    {
      name: 'IPv4 3/3 from the server itself',
      session: icmp(4, 3, 3, '192.0.2.25'),
      message: /the server 192\.0\.2\.25 itself.*port unreachable/,
      also: ({ actor }) => expect(actor).toBe('server'),
    },
    { name: 'IPv4 3/1', session: icmp(4, 3, 1), firstCause: /The server is down/ },
    { name: 'IPv6 1/0', session: icmp(6, 1, 0, '2001:db8::1'), firstCause: /No route/ },
    { name: 'IPv6 1/1', session: icmp(6, 1, 1, '2001:db8::1'), message: /administratively prohibited/ },
    { name: 'IPv6 1/5', session: icmp(6, 1, 5, '2001:db8::1'), firstCause: /source address/ },
  ],
  [
    { name: 'fragmentation needed', session: icmp(4, 3, 4) },
    { name: 'time exceeded', session: icmp(4, 11, 0) },
    { name: 'IPv6 packet too big', session: icmp(6, 2, 0) },
    {
      name: 'an error that a handshake follows',
      session: bare(['unreachable'], {
        opening: 'complete',
        icmp: { version: 4, type: 3, code: 1, mtu: 0, from: '203.0.113.1', frame: 2, time: at(0.01) },
      }),
    },
  ],
);
