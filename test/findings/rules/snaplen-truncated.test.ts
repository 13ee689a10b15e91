import { testRule } from '../support/expect.ts';
import { bare, half } from '../support/sessions.ts';
import { wire } from '../support/wire.ts';

testRule(
  'snaplen-truncated',
  [
    {
      name: 'the client’s long packets are cut',
      session: bare(['gap', 'truncated'], { client: half({ bytes: 96, missingBytes: 1364, truncatedBytes: 1364 }) }),
      severity: 'warning',
      confidence: 'certain',
      message: /1,364 bytes of the client’s side were cut off/,
    },
  ],
  [{ name: 'a hole of another kind', session: wire('S: 220 mx.example\n--gap 10 C--\nC: QUIT\nS: 221 bye') }],
);
