import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const talk = (body: string, end = 'C: QUIT\nS: 221 bye') =>
  wire(
    `S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\n${body}\nC: .\nS: 250 ok\n${end}`,
  );

testRule(
  'dot-stuffing-missing',
  [
    {
      name: 'a line with one dot',
      session: talk('C: Subject: x\nC: .net is a framework'),
      severity: 'error',
      confidence: 'certain',
      message: /^1 line of the message begins with one dot and something else/,
      also: ({ evidence }) => expect(evidence[0]?.length).toBe(2),
    },
    {
      name: 'a line of one dot ends the message too early',
      session: talk(
        'C: Date: x\nC: From: a@client.example\nC: \nC: one',
        'C: two\nS: 500 what\nC: three\nS: 500 what\nC: .\nS: 500 what\nC: QUIT\nS: 221 bye',
      ),
      confidence: 'likely',
      message: /ended the message too early: 3 further lines/,
      also: (_, all) => expect(all.map(({ rule }) => rule)).not.toContain('unknown-command'),
    },
  ],
  [
    { name: 'doubled, as it should be', session: talk('C: Subject: x\nC: ..net is a framework') },
    {
      name: 'a line with one dot in the text, which is not kept',
      session: talk('C: Subject: x\nC: \nC: .net is a framework'),
    },
    { name: 'no dots', session: talk('C: Subject: x') },
    { name: 'a dot behind a bare LF', session: talk('C: Subject: x\\x0a.net') },
    {
      name: 'one unknown command after the message',
      session: talk('C: Subject: x', 'C: FOO\nS: 500 what\nC: QUIT\nS: 221 bye'),
    },
    { name: 'a hole before the line', session: talk('C: Subject: x\n--gap 30 C--\nC: .net') },
  ],
);
