import { expect } from 'vitest';
import type { TransportFacts } from '../../../src/reassembly/transport-facts.ts';
import { testRule } from '../support/expect.ts';
import { at, bare, half } from '../support/sessions.ts';
import { wire } from '../support/wire.ts';

function dropped(seconds: number, facts: Partial<TransportFacts> = {}, port = 25) {
  return bare(
    ['noServerBytes'],
    { closing: 'server-fin', closed: at(0.01 + seconds), closedFrame: 4, client: half({ packets: 2 }), ...facts },
    { server: { address: '192.0.2.25', port }, outcome: 'no-greeting' },
  );
}

testRule(
  'drop-before-greeting',
  [
    {
      name: 'a close after about a second: a mail process that died',
      session: dropped(1.004),
      severity: 'error',
      confidence: 'certain',
      message: /took the connection and closed it 1 s later without a single byte, before any greeting/,
      firstCause: /no SASL authentication mechanisms/,
      also: ({ evidence }, all) => {
        expect(evidence.map(({ frame, direction }) => [frame, direction])).toEqual([
          [3, 'client'],
          [4, 'server'],
        ]);
        expect(all[0]?.rule).toBe('drop-before-greeting');
      },
    },
    { name: 'a close at once', session: dropped(0.004), firstCause: /tcp_wrappers/ },
    { name: 'a close after a round time', session: dropped(30), firstCause: /no healthy server/ },
    { name: 'a reset', session: dropped(0.5, { closing: 'server-rst' }), message: /and reset it/ },
    {
      name: 'the client spoke first',
      session: dropped(0.2, { client: half({ packets: 3, bytes: 16 }) }),
      message: /after 16 bytes of the client/,
      firstCause: /The client spoke first/,
    },
    {
      name: 'on 465 the port expects TLS',
      session: dropped(2, {}, 465),
      firstCause: /Port 465 expects TLS/,
      also: ({ causes }) => expect(causes.join()).not.toMatch(/port-25/),
    },
  ],
  [
    { name: 'the client closes first: a health check', session: dropped(0.1, { closing: 'client-fin' }) },
    { name: 'nobody closes', session: dropped(0.1, { closing: 'none', closed: null }) },
    {
      name: 'the greeting was on the wire and not captured',
      session: dropped(1, { server: half({ missingBytes: 40 }) }),
    },
    { name: 'the client acknowledged bytes of the server', session: dropped(1, { server: half({ ackedBytes: 40 }) }) },
    { name: 'the handshake is not complete', session: dropped(1, { opening: 'half-open' }) },
    { name: 'a greeting came', session: wire('S: 220 mx.example', { close: 'server' }) },
  ],
);
