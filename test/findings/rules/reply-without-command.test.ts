import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const OPEN = 'S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example';

testRule(
  'reply-without-command',
  [
    {
      name: 'one too many',
      session: wire(`${OPEN}\nS: 250 once more\nC: QUIT\nS: 221 bye`),
      severity: 'error',
      confidence: 'certain',
      message: /^A reply came that answers nothing: 250 once more$/,
    },
    {
      name: 'two',
      session: wire(`${OPEN}\nS: 250 once\nS: 250 twice\nC: QUIT\nS: 221 bye`),
      message: /^2 replies came/,
    },
  ],
  [
    { name: 'one reply each', session: wire(`${OPEN}\nC: NOOP\nS: 250 ok\nC: QUIT\nS: 221 bye`) },
    { name: '421 may come at any time', session: wire(`${OPEN}\nS: 421 4.3.2 going down`, { close: 'server' }) },
    {
      name: 'the server says why it closes',
      session: wire(`${OPEN}\n--400 s--\nS: 451 4.4.2 timeout`, { close: 'server' }),
    },
    { name: 'the command lies in a hole', session: wire(`${OPEN}\n--gap 6 C--\nS: 250 ok\nC: QUIT\nS: 221 bye`) },
    {
      name: 'the capture begins later',
      session: wire('S: 250 ok\nS: 250 ok\nC: QUIT\nS: 221 bye', { midStream: true }),
    },
    {
      name: 'pipelined commands',
      session: wire(`${OPEN}\nC: NOOP\nC: NOOP\nS: 250 ok\nS: 250 ok\nC: QUIT\nS: 221 bye`),
    },
    {
      name: 'a line that ends in CR, and a server that takes it',
      session: wire(`${OPEN}\nC: NOOP\\x0d\\-\nS: 250 ok`),
    },
  ],
);
