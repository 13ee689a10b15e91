import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { opening, tls12Good, tls13 } from '../support/handshakes.ts';
import { say, wire } from '../support/spoken.ts';

const STARTTLS =
  'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go';
const MAIL =
  'C: EHLO client.example\nS: 250 mx.example\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: QUIT\nS: 221 bye';
const rulesOf = (all: readonly { rule: string }[]) => all.map(({ rule }) => rule);

testRule(
  'tls-then-plaintext',
  [
    {
      name: 'all of it is decrypted in place',
      session: wire(say(STARTTLS, MAIL)),
      severity: 'notice',
      confidence: 'certain',
      message: /all that follows is in clear: something decrypted it/,
      firstCause: /device that takes TLS off/,
      also: ({ actor }) => expect(actor).toBe('network'),
    },
    {
      name: 'the client goes on in clear, and nobody answers',
      session: wire(say(STARTTLS, 'C: MAIL FROM:<a@client.example>')),
      severity: 'warning',
      message: /the client went on in clear with MAIL/,
    },
    {
      name: 'the server answers the hello in clear',
      session: wire(say(STARTTLS, tls13.slice(0, 1), 'S: 454 4.7.0 TLS not available'), { close: 'server' }),
      severity: 'warning',
      message: /answered the client’s TLS hello in clear: 454/,
      firstCause: /could not begin/,
      also: (finding, all) => {
        expect(all[0]).toBe(finding);
        expect(rulesOf(all)).not.toContain('starttls-response-injection');
      },
    },
    {
      name: 'the client leaves TLS',
      session: wire(say(STARTTLS, tls13.slice(0, 4), 'C: MAIL FROM:<a@client.example>')),
      severity: 'warning',
      message: /^The client went on in clear after TLS had begun$/,
    },
    {
      name: 'both leave TLS: decrypted behind the handshake',
      session: wire(say(STARTTLS, opening(tls12Good), 'C: EHLO client.example\nS: 250 mx.example')),
      severity: 'notice',
    },
  ],
  [
    { name: 'TLS', session: wire(say(STARTTLS, tls13)) },
    { name: 'no TLS', session: wire(say('S: 220 mx.example\nC: QUIT\nS: 221 bye')) },
    { name: 'refused, and goes on', session: wire(say(STARTTLS.replace('220 go', '454 no'), MAIL)) },
    { name: 'the client leaves at once', session: wire(say(STARTTLS)) },
    { name: 'noise in TLS that is no SMTP', session: wire(say(STARTTLS, tls13.slice(0, 4), 'C: \\x00\\x01\\x02')) },
    { name: 'TLS from the first byte towards a greeting', session: wire(say(tls13.slice(0, 1), 'S: 220 mx.example')) },
    {
      name: 'holes in TLS',
      session: wire(say(STARTTLS, tls13.slice(0, 3), '--gap 300 C--', 'C: MAIL FROM:<a@b.example>')),
    },
  ],
);
