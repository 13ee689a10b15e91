import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { bare, half } from '../support/sessions.ts';
import { wire } from '../support/wire.ts';

const START = 'S: 220 mx.example\nC: EHLO a.example\nS: 250 mx.example';

testRule(
  'gap',
  [
    {
      name: 'a hole of the client',
      session: wire(`${START}\n--gap 1460 C--\nC: QUIT\nS: 221 bye`),
      severity: 'warning',
      confidence: 'certain',
      message: /^1,460 bytes of the client’s side were on the wire and were not captured$/,
      also: ({ evidence }) => expect(evidence).toMatchObject([{ turn: 3, direction: 'client', length: 1460 }]),
    },
    {
      name: 'holes of both',
      session: wire(`${START}\n--gap 10 C--\n--gap 1 S--\nC: QUIT\nS: 221 bye`),
      message: /10 bytes of the client’s side and 1 byte of the server’s side/,
    },
    {
      name: 'a hole beside what the snapshot length cut',
      session: bare(['gap', 'truncated'], { client: half({ bytes: 9, missingBytes: 30, truncatedBytes: 20 }) }),
      message: /^10 bytes of the client/,
    },
  ],
  [
    { name: 'nothing is missing', session: wire(`${START}\nC: QUIT\nS: 221 bye`) },
    {
      name: 'all that is missing was cut by the snapshot length',
      session: bare(['gap', 'truncated'], { client: half({ bytes: 9, missingBytes: 20, truncatedBytes: 20 }) }),
    },
  ],
);
