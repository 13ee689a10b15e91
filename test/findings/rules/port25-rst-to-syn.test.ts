import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { at, bare, half } from '../support/sessions.ts';
import { wire } from '../support/wire.ts';

function refused(rstTtl: number, port = 25) {
  return bare(
    ['refused'],
    {
      opening: 'refused',
      synAckCount: 0,
      synAck: null,
      established: null,
      client: half({ packets: 1 }),
      server: half({ packets: 1, rst: at(0.002), rstFrame: 2, rstTtl, ttl: rstTtl }),
    },
    { server: { address: '192.0.2.25', port } },
  );
}

testRule(
  'port25-rst-to-syn',
  [
    {
      name: 'nobody listens',
      session: refused(60),
      severity: 'error',
      confidence: 'certain',
      message: /refused: the SYN was answered by a RST after 2 ms$/,
      firstCause: /Nothing listens/,
      also: ({ evidence, actor }) => {
        expect(evidence.map(({ frame, direction }) => [frame, direction])).toEqual([
          [1, 'client'],
          [2, 'server'],
        ]);
        expect(actor).toBe('server');
      },
    },
    {
      name: 'a RST from somewhere else, by its TTL',
      session: refused(249),
      earlier: [wire('S: 220 mx.example\nC: QUIT\nS: 221 bye', { port: 587 })],
      firstCause: /provider blocks/,
      message: /TTL of 249 where this server’s packets have 64/,
      also: ({ actor }) => expect(actor).toBe('network'),
    },
    {
      name: 'a TTL that differs by one is load balancing',
      session: refused(65),
      earlier: [wire('S: 220 mx.example\nC: QUIT\nS: 221 bye', { port: 587 })],
      firstCause: /Nothing listens/,
    },
    {
      name: 'on 587 no block of port 25 is named',
      session: refused(60, 587),
      also: ({ causes }) => expect(causes.join()).not.toMatch(/port 25/),
    },
  ],
  [
    { name: 'unanswered', session: bare(['unanswered'], { opening: 'unanswered' }) },
    { name: 'a connection that is reset later', session: wire('S: 220 mx.example', { close: 'server', reset: true }) },
  ],
);
