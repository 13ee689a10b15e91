import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const OPEN = 'S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example';

testRule(
  'command-without-reply',
  [
    {
      name: 'the next reply belongs to QUIT',
      session: wire(`${OPEN}\nC: XSTATUS\n--20 s--\nC: QUIT\nS: 221 bye`),
      severity: 'warning',
      confidence: 'certain',
      message: /^XSTATUS was never answered: the next reply, 221, belongs to the QUIT behind it$/,
    },
  ],
  [
    { name: 'all answered', session: wire(`${OPEN}\nC: NOOP\nS: 250 ok\nC: QUIT\nS: 221 bye`) },
    { name: 'QUIT without a reply', session: wire(`${OPEN}\nC: QUIT`) },
    {
      name: 'the server closes with 221 of its own',
      session: wire(`${OPEN}\nC: XSTATUS\nS: 221 I leave`, { close: 'server' }),
    },
    { name: 'QUIT crosses a 221', session: wire(`${OPEN}\nC: XSTATUS\nS: 221 I leave\nC: QUIT`, { close: 'server' }) },
    { name: 'its reply lies in a hole', session: wire(`${OPEN}\nC: XSTATUS\n--gap 10 S--\nC: QUIT\nS: 221 bye`) },
    { name: 'refused', session: wire(`${OPEN}\nC: XSTATUS\nS: 500 what\nC: QUIT\nS: 221 bye`) },
  ],
);
