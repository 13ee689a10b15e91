import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const fields = (number: number) =>
  'C: Received: from a.example by b.example; Tue, 14 Nov 2023 22:13:20 +0000\n'.repeat(number);
const talk = (body: string, reply: string) =>
  wire(
    `S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\n${body}C: Date: x\nC: From: a@client.example\nC: \nC: text\nC: .\nS: ${reply}\nC: QUIT\nS: 221 bye`,
  );

testRule(
  'received-loop',
  [
    {
      name: 'Exim’s words speak of headers, and are about no form',
      session: talk(fields(31), '550 Too many "Received" headers - suspected mail loop'),
      severity: 'error',
      message: /goes in a circle \(31 Received fields\)/,
      also: (_, all) => expect(all.map(({ rule }) => rule)).not.toContain('content-rejected'),
    },
    {
      name: 'refused',
      session: talk(fields(30), '554 5.4.6 Error: too many hops'),
      severity: 'error',
      confidence: 'certain',
      message: /refuses the message because it goes in a circle \(30 Received fields\): 554 5\.4\.6/,
      also: (_, all) =>
        expect(all.filter(({ rule }) => rule === 'received-loop' || rule === 'rejected-other')).toHaveLength(1),
    },
    {
      name: 'many fields',
      session: talk(fields(25), '250 ok'),
      severity: 'error',
      confidence: 'likely',
      message: /^The message has 25 Received fields/,
    },
  ],
  [
    {
      name: 'Zoho, which gives that code to an account that it has stopped',
      session: talk(fields(2), '550 5.4.6 Unusual sending activity detected. Please try after sometime. learn more.'),
    },
    { name: 'a few', session: talk(fields(24), '250 ok') },
    { name: 'in the text', session: talk(`C: Date: x\nC: From: a@client.example\nC: \n${fields(30)}`, '250 ok') },
    { name: 'refused for something else', session: talk(fields(3), '554 5.7.1 no') },
  ],
);
