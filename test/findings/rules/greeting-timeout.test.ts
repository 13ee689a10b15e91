import type { TransportFacts } from '../../../src/reassembly/transport-facts.ts';
import { testRule } from '../support/expect.ts';
import { at, bare, half } from '../support/sessions.ts';

function silent(seconds: number, facts: Partial<TransportFacts> = {}, port = 25) {
  return bare(
    ['noServerBytes'],
    { closing: 'client-fin', closed: at(0.01 + seconds), closedFrame: 4, client: half({ packets: 2 }), ...facts },
    { server: { address: '192.0.2.25', port }, outcome: 'no-greeting' },
  );
}

testRule(
  'greeting-timeout',
  [
    {
      name: 'the client gives up after 30 s',
      session: silent(30),
      severity: 'error',
      confidence: 'likely',
      message: /said nothing for 30 s; then the client gave up/,
    },
    { name: 'the client waits five minutes', session: silent(300), confidence: 'certain', message: /5 min/ },
    {
      name: 'the client still waits',
      session: bare(
        ['noServerBytes'],
        { client: half({ packets: 2 }) },
        { ended: false, quietSeconds: 45, outcome: 'incomplete' },
      ),
      message: /still waits/,
      confidence: 'likely',
    },
    {
      name: 'the server repeats its SYN/ACK: the way to it is cut',
      session: silent(60, { synAckCount: 4 }),
      firstCause: /repeated its SYN\/ACK/,
    },
  ],
  [
    { name: 'the client gives up sooner', session: silent(10) },
    { name: 'both wait on 465: plaintext-on-465 says it', session: silent(60, {}, 465) },
    { name: 'the server ends it', session: silent(60, { closing: 'server-fin' }) },
    { name: 'bytes of the server are missing', session: silent(60, { server: half({ missingBytes: 10 }) }) },
    { name: 'the capture ends', session: bare(['noServerBytes'], {}, { quietSeconds: 5 }) },
    {
      name: 'how long the capture went on is unknown',
      session: bare(['noServerBytes'], {}, { quietSeconds: Number.NaN }),
    },
  ],
);
