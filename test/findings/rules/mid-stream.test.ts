import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const TAIL = 'C: MAIL FROM:<a@client.example>\nS: 250 ok\nC: QUIT\nS: 221 bye';

testRule(
  'mid-stream',
  [
    {
      name: 'no SYN of either side',
      session: wire(TAIL, { midStream: true }),
      severity: 'notice',
      confidence: 'certain',
      message: /does not show how this connection began.*who is the client is inferred/,
    },
  ],
  [{ name: 'the start is there', session: wire(`S: 220 mx.example\n${TAIL}`) }],
);
