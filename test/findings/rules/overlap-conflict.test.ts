import { expect } from 'vitest';
import { Fact } from '../../../src/smtp/session.ts';
import { talk } from '../support/dialogue.ts';
import { testRule } from '../support/expect.ts';

const PLAIN = talk('S: 220 mx.example\nC: EHLO a.example\nS: 250 mx.example\nC: QUIT\nS: 221 bye');
const CONFLICT = {
  ...PLAIN,
  facts: PLAIN.facts | Fact.conflict,
  transport: {
    ...PLAIN.transport,
    client: { ...PLAIN.transport.client, conflicts: [{ frame: 9, offset: 5, length: 4 }], conflictCount: 1 },
  },
};

testRule(
  'overlap-conflict',
  [
    {
      name: 'four bytes of EHLO came twice',
      session: CONFLICT,
      severity: 'warning',
      confidence: 'certain',
      message: /^1 range of the stream \(4 bytes\) came twice with different content.*the client’s side/,
      also: ({ evidence }) => expect(evidence).toMatchObject([{ turn: 1, frame: 9, offset: 5, length: 4 }]),
    },
  ],
  [{ name: 'a plain session', session: PLAIN }],
);
