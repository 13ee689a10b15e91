import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const V1 = 'C*: PROXY TCP4 203.0.113.9 192.0.2.25 51234 25';
const V2 =
  'C*: \\x0d\\x0a\\x0d\\x0a\\x00\\x0d\\x0aQUIT\\x0a\\x21\\x11\\x00\\x0c\\xcb\\x00\\x71\\x09\\xc0\\x00\\x02\\x19\\xc8\\x22\\x00\\x19\\-';
const GREETING = 'S: 220 mx.example ESMTP';
const TALK = 'C: EHLO client.example\nS: 250-mx.example\nS: 250 HELP\nC: QUIT\nS: 221 bye';

testRule(
  'proxy-protocol-mismatch',
  [
    {
      name: 'version 1, not wanted',
      session: wire(`${V1}\n${GREETING}\nS: 502 5.5.2 Error: command not recognized\n${TALK}`),
      severity: 'error',
      confidence: 'certain',
      message: /PROXY header \(version 1\), and the server took it for a command: 502 5\.5\.2/,
      firstCause: /load balancer sends the header/,
    },
    {
      name: 'and the client went on before the refusal came',
      session: wire(
        `${V1}\n${GREETING}\nC: EHLO client.example\nS: 502 5.5.2 no\nS: 250 mx.example\nC: QUIT\nS: 221 bye`,
      ),
    },
    { name: 'refused in the greeting', session: wire(`${V1}\nS: 554 SMTP synchronization error`, { close: 'server' }) },
    {
      name: 'version 2, not wanted: the server even reads a QUIT',
      session: wire(`${V2}\n${GREETING}\nS: 500 5.5.2 bad\nS: 500 5.5.2 bad\nS: 500 5.5.2 bad\nS: 221 bye`, {
        close: 'server',
      }),
      message: /version 2/,
    },
    {
      name: 'wanted, and not sent',
      session: wire(
        `${GREETING}\nC: EHLO client.example\nS: 503 Command refused, required Proxy negotiation failed\nC: QUIT\nS: 221 bye`,
      ),
      message: /The server wants a PROXY header before anything else/,
      firstCause: /expects the header/,
    },
  ],
  [
    { name: 'version 1, wanted', session: wire(`${V1}\n${GREETING}\n${TALK}`) },
    { name: 'version 2, wanted', session: wire(`${V2}\n${GREETING}\n${TALK}`) },
    { name: 'none', session: wire(`${GREETING}\n${TALK}`) },
    {
      name: 'a header that was taken, and later a refusal of the mail',
      session: wire(
        `${V1}\n${GREETING}\nC: EHLO client.example\nS: 250 mx.example\nC: MAIL FROM:<a@x.example>\nS: 550 no\nC: QUIT\nS: 221 bye`,
      ),
    },
    {
      name: 'an ordinary refusal',
      session: wire(`${GREETING}\nC: EHLO client.example\nS: 503 no\nC: QUIT\nS: 221 bye`),
    },
    {
      name: 'the greeting lies in a hole',
      session: wire(
        `${V1}\n--gap 22 S--\nC: EHLO client.example\nS: 250 mx.example\nC: MAIL FROM:<a@x.example>\nS: 550 no`,
      ),
    },
    {
      name: 'the reply that shows that it was taken lies in a hole',
      session: wire(
        `${V1}\n${GREETING}\nC: EHLO client.example\n--gap 18 S--\nC: MAIL FROM:<a@x.example>\nS: 550 no\nC: QUIT\nS: 221 bye`,
      ),
    },
    { name: 'dropped without a word: drop-before-greeting', session: wire(V1, { close: 'server' }) },
  ],
);
