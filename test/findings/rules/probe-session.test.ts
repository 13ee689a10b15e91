import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const GREETING = 'S: 220 mx.example ESMTP';
const HELLO = `${GREETING}\nC: EHLO client.example\nS: 250-mx.example\nS: 250 HELP`;

testRule(
  'probe-session',
  [
    {
      name: 'opened and closed',
      session: wire('', {}),
      severity: 'notice',
      confidence: 'likely',
      message: /opened the connection and closed it \d+ ms later without a single byte$/,
      firstCause: /health check/,
    },
    { name: 'opened and reset', session: wire('', { reset: true }) },
    { name: 'greeted, and gone', session: wire(GREETING), message: /though it was greeted/ },
    {
      name: 'EHLO and QUIT in one go',
      session: wire(`${GREETING}\nC: EHLO monitor.example\nC*: QUIT\nS: 250-mx.example\nS: 250 HELP\nS: 221 bye`),
      message: /QUIT before the reply to its EHLO/,
      also: (finding, all) => expect(all[0]).toBe(finding),
    },
    {
      name: 'a scanner that asks for more than EHLO',
      session: wire(
        `${GREETING}\nC: EHLO nmap.scanme.org\nS: 250 mx.example\nC: HELP\nS: 214 no help\nC: QUIT\nS: 221 bye`,
      ),
      message: /“nmap\.scanme\.org”/,
      firstCause: /scanner/,
    },
    {
      name: 'a scanner that looks at the certificate',
      session: wire(
        `${GREETING}\nC: EHLO x.internet-census.org\nS: 250-mx.example\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nC: \\x16\\x03\\x01\\x00\\x01x\\-\nS: \\x16\\x03\\x03\\x00\\x01x\\-`,
      ),
    },
  ],
  [
    { name: 'a client that looks at the offer and leaves', session: wire(`${HELLO}\nC: QUIT\nS: 221 bye`) },
    {
      name: 'a scanner of which another finding tells',
      session: wire(`${GREETING}\nC: EHLO nmap.scanme.org\nS: 250 mx.example\nC: QUIT\nS: 221 bye`),
    },
    {
      name: 'a greeting that went wrong, with all replies one off',
      session: wire('C*: EHLO client.example\nS: 220-mx.example\nS: 250-mx.example\nS: 250 HELP\nC: QUIT\nS: 221 bye'),
    },
    { name: 'refused in the greeting', session: wire('S: 554 5.7.1 no') },
    { name: 'the server closes', session: wire('', { close: 'server' }) },
    { name: 'gave up after waiting', session: wire('--10 s--') },
    {
      name: 'mail under a monitor’s name',
      session: wire(
        `${GREETING}\nC: EHLO monitor.client.example\nS: 250 mx.example\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: QUIT\nS: 221 bye`,
      ),
    },
    {
      name: 'TLS under a monitor’s name: what is inside nobody sees',
      session: wire(
        `${GREETING}\nC: EHLO monitor.client.example\nS: 250-mx.example\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nC: \\x16\\x03\\x01\\x00\\x01x\\-\nS: \\x16\\x03\\x03\\x00\\x01x\\-`,
      ),
    },
    { name: 'the client’s bytes were not captured', session: wire(`${GREETING}\n--gap 30 C--\nS: 250 ok`) },
    {
      name: 'a scanner’s name, and a hole in which mail may have been',
      session: wire(
        `${GREETING}\nC: EHLO nmap.scanme.org\nS: 250 mx.example\n--gap 40 C--\nS: 250 ok\nC: RSET\nS: 250 ok\nC: QUIT\nS: 221 bye`,
      ),
    },
    { name: 'the connection is still open', session: wire(GREETING, { close: 'none' }) },
    { name: 'the capture began later', session: wire('S: 250 ok', { midStream: true }) },
  ],
);
