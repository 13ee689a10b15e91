import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const talk = (command: string, reply: string) =>
  `S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 XCLIENT NAME ADDR\nC: ${command}\nS: ${reply}\nC: QUIT\nS: 221 bye`;
const XCLIENT = 'XCLIENT NAME=trusted.example ADDR=192.0.2.10';

testRule(
  'xclient-xforward-abuse',
  [
    {
      name: 'from a public address',
      session: wire(talk(XCLIENT, '220 mx.example ESMTP')),
      severity: 'critical',
      confidence: 'certain',
      message: /accepted XCLIENT \(NAME=trusted\.example ADDR=192\.0\.2\.10\): whoever can connect/,
    },
    {
      name: 'between private addresses',
      session: wire(talk(XCLIENT, '250 2.0.0 ok'), { client: '10.0.0.5', server: '10.0.0.25' }),
      severity: 'notice',
      message: /between private addresses/,
      firstCause: /proxy or content filter/,
    },
  ],
  [
    { name: 'refused', session: wire(talk(XCLIENT, '550 5.7.0 insufficient authorization')) },
    { name: 'XFORWARD', session: wire(talk('XFORWARD NAME=x.example', '250 ok')) },
    { name: 'only on offer', session: wire(talk('NOOP', '250 ok')) },
    {
      name: 'the reply lies in a hole',
      session: wire(
        `S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250 mx.example\nC: ${XCLIENT}\n--gap 40 S--\nC: EHLO a.example\nS: 250 ok`,
      ),
    },
  ],
);
