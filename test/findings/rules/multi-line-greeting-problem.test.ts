import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const OFFER = 'S: 250-mx.example\nS: 250 HELP';
const END = 'C: QUIT\nS: 221 bye';

testRule(
  'multi-line-greeting-problem',
  [
    {
      name: 'the last line never comes',
      session: wire('S: 220-mx.example ESMTP\n--20 s--'),
      severity: 'notice',
      confidence: 'certain',
      message: /began with 220- and its last line never came/,
    },
    {
      name: 'postscreen answers the EHLO of an early talker instead',
      session: wire(`C*: EHLO client.example\nS: 220-mx.example ESMTP\n--6 s--\n${OFFER}\n${END}`),
      message: /instead of its last line the server went on with 250/,
      firstCause: /postscreen/,
    },
    {
      name: 'EHLO between the lines',
      session: wire(`S: 220-mx.example ESMTP\nC: EHLO client.example\nS: 220 no spam\n${OFFER}\n${END}`),
      message: /The client sent EHLO after the first line of the greeting/,
      firstCause: /takes the first line of the greeting for all of it/,
    },
  ],
  [
    { name: 'one line', session: wire(`S: 220 mx.example\nC: EHLO client.example\n${OFFER}\n${END}`) },
    {
      name: 'two lines, and a client that waits',
      session: wire(`S: 220-mx.example\nS: 220 no spam\nC: EHLO client.example\n${OFFER}\n${END}`),
    },
    {
      name: 'EHLO before any line: early-talker alone',
      session: wire(`C*: EHLO client.example\nS: 220-mx.example\nS: 220 no spam\n${OFFER}\n${END}`),
    },
    { name: 'the last line lies in a hole', session: wire(`S: 220-mx.example\n--gap 20 S--\n${OFFER}\n${END}`) },
    { name: 'the capture ends', session: wire('S: 220-mx.example', { close: 'none' }) },
  ],
);
