import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { bare, half } from '../support/sessions.ts';
import { wire } from '../support/wire.ts';

function oneSided(side: 'client' | 'server') {
  const seen = half({ packets: 5, bytes: 300, ackedBytes: -1 });
  const unseen = half({ missingBytes: 410, ackedBytes: 410 });
  return bare(
    ['oneSided', 'gap'],
    { opening: 'half-open', client: side === 'client' ? unseen : seen, server: side === 'server' ? unseen : seen },
    { outcome: 'incomplete', service: 'smtp' },
  );
}

testRule(
  'one-side-missing',
  [
    {
      name: 'the server is not heard',
      session: oneSided('server'),
      severity: 'warning',
      confidence: 'certain',
      message: /Nothing that the server said was captured, though 410 bytes of it were acknowledged/,
      firstCause: /dst port 25/,
      also: (_finding, all) => expect(all.map(({ rule }) => rule)).toEqual(['one-side-missing']),
    },
    { name: 'the client is not heard', session: oneSided('client'), message: /Nothing that the client said/ },
  ],
  [{ name: 'both are heard', session: wire('S: 220 mx.example\nC: QUIT\nS: 221 bye') }],
);
