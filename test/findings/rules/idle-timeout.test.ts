import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const OPEN = 'S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example';

testRule(
  'idle-timeout',
  [
    {
      name: '421 after five minutes',
      session: wire(`${OPEN}\n--300 s--\nS: 421 4.4.2 Error: timeout exceeded`, { close: 'server' }),
      severity: 'notice',
      confidence: 'certain',
      message: /^The client sent no command for 5 min, and the server left: 421 4\.4\.2/,
    },
    {
      name: 'the client speaks again, to nobody',
      session: wire(`${OPEN}\n--300 s--\nS: 421 4.4.2 Error: timeout exceeded\n--5 s--\nC: NOOP`, { close: 'server' }),
    },
    {
      name: 'FIN alone',
      session: wire(`${OPEN}\n--310 s--`, { close: 'server' }),
      message: /and the server closed the connection$/,
    },
  ],
  [
    { name: 'too early', session: wire(`${OPEN}\n--200 s--\nS: 421 4.4.2 timeout`, { close: 'server' }) },
    { name: 'the client leaves', session: wire(`${OPEN}\n--400 s--`, { close: 'client' }) },
    { name: 'the server is the one who is silent', session: wire(`${OPEN}\nC: NOOP\n--400 s--`, { close: 'server' }) },
    {
      name: 'inside a message',
      session: wire(
        `${OPEN}\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: text\n--400 s--\nS: 421 timeout`,
        { close: 'server' },
      ),
    },
    { name: 'the client goes on after all', session: wire(`${OPEN}\n--400 s--\nC: QUIT\nS: 221 bye`) },
  ],
);
