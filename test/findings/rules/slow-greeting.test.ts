import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const TALK = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250 mx.example\nC: QUIT\nS: 221 bye';
const TEASER = 'S: 220-mx.example ESMTP\n--6 s--\nS: 220 mx.example ESMTP\nC: QUIT\nS: 221 bye';

testRule(
  'slow-greeting',
  [
    {
      name: 'twelve seconds',
      session: wire(`--12 s--\n${TALK}`),
      severity: 'notice',
      confidence: 'certain',
      message: /The greeting came 12 s after the handshake$/,
      firstCause: /on purpose/,
    },
    {
      name: 'two resolver timeouts',
      session: wire(`--10 s--\n${TALK}`),
      message: /multiple of the 5 s/,
      firstCause: /DNS/,
    },
    { name: 'half a minute', session: wire(`--31 s--\n${TALK}`), severity: 'warning' },
    {
      name: 'the teaser of postscreen',
      session: wire(TEASER),
      severity: 'notice',
      message: /the teaser of postscreen, on purpose/,
      also: (finding) => expect(finding.causes).toHaveLength(1),
    },
    { name: 'a late refusal', session: wire('--8 s--\nS: 554 no') },
  ],
  [
    { name: 'at once', session: wire(TALK) },
    { name: 'four seconds', session: wire(`--4 s--\n${TALK}`) },
    { name: 'no greeting at all', session: wire('--20 s--') },
    {
      name: 'a teaser whose client talked out of turn',
      session: wire('C*: EHLO c.example\nS: 220-mx.example ESMTP\n--6 s--\nS: 250-mx.example\nS: 250 HELP\nC: QUIT'),
    },
    {
      name: 'the beginning of the greeting was not captured',
      session: wire('--gap 20 S--\n--10 s--\nS: 220 mx.example'),
    },
    { name: 'the capture began later', session: wire(`--10 s--\n${TALK}`, { midStream: true }) },
  ],
);
