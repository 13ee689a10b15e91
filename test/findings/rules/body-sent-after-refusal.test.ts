import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const TO_DATA =
  'S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA';
const BODY = 'C: Subject: x\nS: 500 what\nC: Hello\nS: 500 what\nC: .\nS: 500 what';
const END = 'C: QUIT\nS: 221 bye';

testRule(
  'body-sent-after-refusal',
  [
    {
      name: 'line by line',
      session: wire(`${TO_DATA}\nS: 451 4.3.0 not now\n${BODY}\n${END}`),
      severity: 'error',
      confidence: 'certain',
      message:
        /^The server refused DATA \(451 4\.3\.0 not now\); the client sent 3 lines of its message all the same, and 3 of them were answered as commands$/,
      also: (_, all) => {
        const rules = all.map(({ rule }) => rule);
        expect(rules).not.toContain('unknown-command');
        expect(rules).not.toContain('bad-sequence');
      },
    },
    {
      name: 'all at once',
      session: wire(
        `${TO_DATA}\nC*: Subject: x\nC*: Hello\nC*: .\nS: 554 no\nS: 500 what\nS: 500 what\nS: 500 what\n${END}`,
      ),
      also: (_, all) => expect(all.map(({ rule }) => rule)).not.toContain('pipelining-after-sync-command'),
    },
  ],
  [
    { name: 'a lone dot', session: wire(`${TO_DATA}\nS: 554 no\nC: .\nS: 500 what\n${END}`) },
    { name: 'RSET', session: wire(`${TO_DATA}\nS: 554 no\nC: RSET\nS: 250 ok\n${END}`) },
    { name: 'accepted', session: wire(`${TO_DATA}\nS: 354 go\nC: Subject: x\nC: .\nS: 250 ok\n${END}`) },
    {
      name: 'an unknown command long after',
      session: wire(`${TO_DATA}\nS: 554 no\nC: RSET\nS: 250 ok\nC: FOO\nS: 500 what\n${END}`),
    },
    { name: 'the reply to DATA lies in a hole', session: wire(`${TO_DATA}\n--gap 8 S--\n${BODY}\n${END}`) },
  ],
);
