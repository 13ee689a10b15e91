import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const talk = (text: string, offer = 'CHUNKING') =>
  wire(
    `S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 ${offer}\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\n${text}\nC: QUIT\nS: 221 bye`,
  );

testRule(
  'bdat-errors',
  [
    {
      name: 'no number',
      session: talk('C: BDAT ten LAST\nS: 501 5.5.4 Syntax: BDAT count [LAST]'),
      severity: 'error',
      confidence: 'certain',
      message: /^BDAT ten LAST is wrong: its size is not a plain number.*501/,
      also: (_, all) => expect(all.map(({ rule }) => rule)).not.toContain('rejected-other'),
    },
    {
      name: 'no octets, and not the last',
      session: talk('C: BDAT 0\nS: 551 5.7.1 Null BDAT request'),
      message: /no octets and is not the last/,
    },
    { name: 'no LAST', session: talk('C: BDAT 5\nC: abc\nS: 250 ok'), message: /no chunk with LAST/ },
    {
      name: 'not offered',
      session: talk('C: BDAT 5 LAST\nC: abc\nS: 500 what', 'SIZE'),
      message: /does not offer CHUNKING/,
    },
    {
      name: 'the number is too small',
      session: talk('C: BDAT 5 LAST\nC: abc\nS: 250 ok\nC: defgh\nS: 500 what'),
      message: /chunk and number do not agree/,
    },
    {
      name: 'DATA behind BDAT',
      session: talk('C: BDAT 5\nC: abc\nS: 250 ok\nC: DATA\nS: 503 no\nC: RSET\nS: 250 ok'),
      message: /^DATA is wrong: DATA and BDAT/,
    },
  ],
  [
    { name: 'two chunks', session: talk('C: BDAT 5\nC: abc\nS: 250 ok\nC: BDAT 5 LAST\nC: def\nS: 250 ok') },
    { name: 'an empty last one', session: talk('C: BDAT 5\nC: abc\nS: 250 ok\nC: BDAT 0 LAST\nS: 250 ok') },
    { name: 'given up with RSET', session: talk('C: BDAT 5\nC: abc\nS: 250 ok\nC: RSET\nS: 250 ok') },
    { name: 'refused, and so given up', session: talk('C: BDAT 5\nC: abc\nS: 452 full') },
    { name: 'a hole in the chunk', session: talk('C: BDAT 50 LAST\nC: abc\n--gap 60 C--\nC: defgh\nS: 500 what') },
  ],
);
