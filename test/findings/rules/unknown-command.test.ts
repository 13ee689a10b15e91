import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const OPEN = 'S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example';
const END = 'C: QUIT\nS: 221 bye';

testRule(
  'unknown-command',
  [
    {
      name: 'a word that no standard knows',
      session: wire(`${OPEN}\nC: FOO bar\nS: 500 5.5.2 what\nC: FOO\nS: 500 5.5.2 what\n${END}`),
      severity: 'notice',
      confidence: 'certain',
      message: /^The server does not know FOO \(2 times in all\): 500 5\.5\.2 what$/,
    },
    {
      name: 'typed by hand',
      session: wire(`${OPEN}\nC: HELLP\\x08P\nS: 502 no\n${END}`),
      message: /backspaces/,
      firstCause: /by hand/,
    },
    {
      name: 'binary junk: nobody typed that',
      session: wire(`${OPEN}\nC: \\x01\\x80\\x08\\xff\\x7f\nS: 500 what\n${END}`),
      message: /500 what$/,
    },
    {
      name: 'what may be a secret is not shown',
      session: wire(`${OPEN}\nC: hunter2\nS: 500 what\n${END}`),
      message: /does not know a line of 9 octets: 500 what/,
    },
  ],
  [
    { name: 'a known one that is not carried out', session: wire(`${OPEN}\nC: VRFY a\nS: 502 disabled\n${END}`) },
    { name: 'taken', session: wire(`${OPEN}\nC: XFOO\nS: 250 ok\n${END}`) },
    {
      name: 'HTTP',
      session: wire('S: 220 mx.example\nC: GET / HTTP/1.1\nS: 500 what\nC: Host: mx.example\nS: 500 what'),
    },
    {
      name: 'lines of a message',
      session: wire(
        `${OPEN}\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 451 no\nC: Subject: x\nS: 500 what\nC: .\nS: 500 what\n${END}`,
      ),
    },
    { name: 'the line lies in a hole', session: wire(`${OPEN}\n--gap 5 C--\nS: 500 what\n${END}`) },
  ],
);
