import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const GREETING = 'S: 220 mx.example ESMTP\nC: EHLO client.example';
const CLEAR = `${GREETING}\nS: 250-mx.example\nS: 250-STARTTLS\nS: 250 8BITMIME`;
const AUTH = 'C: AUTH PLAIN AGFubmEAc2VjcmV0';
const END = 'C: QUIT\nS: 221 bye';

testRule(
  'auth-only-after-tls',
  [
    {
      name: '530: STARTTLS first',
      session: wire(`${CLEAR}\n${AUTH}\nS: 530 5.7.0 Must issue a STARTTLS command first\n${END}`, { port: 587 }),
      severity: 'error',
      confidence: 'certain',
      message: /sent AUTH PLAIN in clear though the server offered only STARTTLS, and was refused: 530/,
    },
    { name: '503', session: wire(`${CLEAR}\n${AUTH}\nS: 503 5.5.1 Error: authentication not enabled\n${END}`) },
    { name: '538', session: wire(`${CLEAR}\n${AUTH}\nS: 538 5.7.11 Encryption required\n${END}`) },
    {
      name: 'refused with another code, and on offer inside TLS, which is readable',
      session: wire(
        `${CLEAR}\n${AUTH}\nS: 502 5.5.1 not implemented\nC: STARTTLS\nS: 220 go\nC: EHLO client.example\nS: 250-mx.example\nS: 250 AUTH PLAIN\n${END}`,
      ),
      message: /inside TLS the server offers AUTH$/,
    },
  ],
  [
    {
      name: 'AUTH was on offer in clear',
      session: wire(`${GREETING}\nS: 250-mx.example\nS: 250-STARTTLS\nS: 250 AUTH PLAIN\n${AUTH}\nS: 503 no\n${END}`),
    },
    { name: 'neither was on offer', session: wire(`${GREETING}\nS: 250 mx.example\n${AUTH}\nS: 503 no\n${END}`) },
    { name: 'another refusal', session: wire(`${CLEAR}\n${AUTH}\nS: 535 5.7.8 wrong password\n${END}`) },
    {
      name: 'the right order, seen because TLS is opened on the way',
      session: wire(
        `${CLEAR}\nC: STARTTLS\nS: 220 go\nC: EHLO client.example\nS: 250-mx.example\nS: 250 AUTH PLAIN\n${AUTH}\nS: 235 ok\n${END}`,
      ),
    },
    {
      name: 'the offer has a hole',
      session: wire(
        `${GREETING}\nS: 250-mx.example\nS: 250-STARTTLS\n--gap 18 S--\nS: 250 HELP\n${AUTH}\nS: 503 no\n${END}`,
      ),
    },
  ],
);
