import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

testRule(
  'greeting-4xx',
  [
    {
      name: 'too many connections',
      session: wire('S: 421 4.7.0 mx.example Too many connections from your host\nC: QUIT\nS: 221 bye'),
      severity: 'warning',
      confidence: 'certain',
      message: /turn the client away for now: 421 4\.7\.0 mx\.example Too many connections/,
      firstCause: /limits connections/,
      also: ({ remedies }) => expect(remedies[0]?.text).toMatch(/^Fewer connections/),
    },
    {
      name: 'a reason that nobody knows',
      session: wire('S: 450 no', { close: 'server' }),
      firstCause: /blocklist or has a bad reputation/,
      also: ({ remedies }) => expect(remedies[0]?.applies).toBe('the client’s side'),
    },
    {
      name: 'an antivirus program in front of the server',
      session: wire('S: 421 Cannot connect to SMTP server 198.51.100.25 (198.51.100.25:25), connect error 10060', {
        close: 'server',
      }),
      firstCause: /something in front of it that cannot reach it/,
      also: ({ remedies }) => expect(remedies[0]?.applies).toBe('the client’s machine and network'),
    },
    {
      name: 'several lines',
      session: wire('S: 421-mx.example\nS: 421 service not available, closing transmission channel'),
      message: /421 mx\.example service not available/,
    },
  ],
  [
    { name: '220', session: wire('S: 220 mx.example\nC: QUIT\nS: 221 bye') },
    { name: '554', session: wire('S: 554 no\nC: QUIT\nS: 221 bye') },
    { name: '421 later on', session: wire('S: 220 mx.example\nC: EHLO a.example\nS: 421 closing') },
  ],
);
