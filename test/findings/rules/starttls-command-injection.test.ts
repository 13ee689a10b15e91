import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { tls13 } from '../support/handshakes.ts';
import { say, wire } from '../support/spoken.ts';

const START = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250-PIPELINING\nS: 250 STARTTLS';

testRule(
  'starttls-command-injection',
  [
    {
      name: 'in one packet with STARTTLS, TLS follows',
      session: wire(say(START, 'C: STARTTLS\\x0d\\x0aRSET\\x0d\\x0aNOOP', 'S: 220 go', tls13)),
      severity: 'critical',
      confidence: 'likely',
      message:
        /^12 bytes of plain text \(RSET and NOOP\) followed STARTTLS in the same packet, before TLS began; whether/,
      also: ({ evidence }) => expect(evidence).toHaveLength(3),
    },
    { name: 'in a packet of their own', session: wire(say(START, 'C: STARTTLS\nC: RSET', 'S: 220 go', tls13)) },
    {
      name: 'behind the 220, before TLS',
      session: wire(say(START, 'C: STARTTLS\nS: 220 go\nC: RSET', tls13)),
      confidence: 'likely',
    },
    {
      name: 'and the server answers in clear',
      session: wire(say(START, 'C: STARTTLS\\x0d\\x0aNOOP', 'S: 220 go\nS: 250 ok', tls13)),
      confidence: 'certain',
      message: /and the server answered them$/,
      firstCause: /Somebody on the path/,
      also: (_finding, all) => expect(all.map(({ rule }) => rule)).not.toContain('starttls-response-injection'),
    },
    {
      name: 'a word that is no command is not shown: it may be a secret',
      session: wire(say(START, 'C: STARTTLS\\x0d\\x0aAGFubmEAc2VjcmV0', 'S: 220 go', tls13)),
      message: /\(no known command\)/,
    },
    {
      name: 'sent blindly, and no TLS follows',
      session: wire(say(START, 'C: STARTTLS\\x0d\\x0aRSET', 'S: 220 go')),
      also: (_finding, all) => expect(all.map(({ rule }) => rule)).not.toContain('tls-then-plaintext'),
    },
    {
      name: 'a hole of the server changes nothing',
      session: wire(
        say(
          'S: 220 mx.example',
          '--gap 9 S--',
          START.slice(START.indexOf('C:')),
          'C: STARTTLS\\x0d\\x0aRSET',
          'S: 220 go',
          tls13,
        ),
      ),
      confidence: 'likely',
    },
  ],
  [
    { name: 'TLS and nothing else', session: wire(say(START, 'C: STARTTLS\nS: 220 go', tls13)) },
    { name: 'refused, and pipelined', session: wire(say(START, 'C: STARTTLS\\x0d\\x0aRSET', 'S: 454 no\nS: 250 ok')) },
    {
      name: 'all is decrypted in place',
      session: wire(say(START, 'C: STARTTLS\nS: 220 go\nC: EHLO a.example\nS: 250 mx.example')),
    },
    {
      name: 'EHLO and STARTTLS together, before the greeting',
      session: wire(
        say('C: EHLO client.example\\x0d\\x0aSTARTTLS', 'S: 220 mx.example\nS: 250 STARTTLS\nS: 220 go', tls13),
      ),
    },
    {
      name: 'a hole of the client in front',
      session: wire(say(START, '--gap 10 C--', 'C: STARTTLS\\x0d\\x0aRSET', 'S: 220 go', tls13)),
    },
  ],
);
