import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { tls13 } from '../support/handshakes.ts';
import { say, wire } from '../support/spoken.ts';

const START = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 STARTTLS\nC: STARTTLS';

testRule(
  'starttls-response-injection',
  [
    {
      name: 'in one packet with the 220',
      session: wire(say(START, 'S: 220 go\\x0d\\x0a250-mx.example\\x0d\\x0a250 AUTH PLAIN', tls13)),
      severity: 'critical',
      confidence: 'certain',
      message:
        /^32 bytes of plain text followed the server’s 220 to STARTTLS in the same packet, before TLS began: 250 mx\.example AUTH PLAIN$/,
      also: ({ evidence }) => expect(evidence).toHaveLength(2),
    },
    { name: 'in a packet of their own', session: wire(say(START, 'S: 220 go\nS: 250 ok', tls13)) },
    {
      name: 'and the session is encrypted all the same',
      session: wire(say(START, 'S: 220 go\nS: 250 ok', tls13)),
      also: (_finding, all) => {
        const session = wire(say(START, 'S: 220 go\nS: 250 ok', tls13));
        expect(session.encryption).toMatchObject({ outcome: 'established', decrypted: false });
        expect(session.outcome).toBe('encrypted');
        expect(all.map(({ rule }) => rule)).not.toContain('tls-then-plaintext');
      },
    },
    {
      name: 'in one packet with the 220, and the client leaves',
      session: wire(say(START, 'S: 220 go\\x0d\\x0a250 ok')),
      also: (_finding, all) => expect(all.map(({ rule }) => rule)).not.toContain('tls-then-plaintext'),
    },
  ],
  [
    { name: 'TLS and nothing else', session: wire(say(START, 'S: 220 go', tls13)) },
    { name: 'all is decrypted in place', session: wire(say(START, 'S: 220 go\nC: EHLO a.example\nS: 250 mx.example')) },
    {
      name: 'the server loses patience',
      session: wire(say(START, 'S: 220 go\nS: 421 timeout'), { pauses: { 8: 300 } }),
    },
    {
      name: 'a hole of the server behind the 220',
      session: wire(say(START, '--gap 8 S--', 'S: 220 go\nS: 250 ok', tls13)),
    },
  ],
);
