import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const talk = (offer: string, params: string, body: string) =>
  wire(
    `S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 ${offer}\nC: MAIL FROM:<a@client.example>${params}\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: Date: x\nC: From: a@client.example\nC: \nC: ${body}\nC: .\nS: 250 ok\nC: QUIT\nS: 221 bye`,
  );
const LETTER = 'gr\\xc3\\xbc\\xc3\\x9fe';

testRule(
  '8bit-without-8bitmime',
  [
    {
      name: 'offered, not used',
      session: talk('8BITMIME', '', LETTER),
      severity: 'notice',
      confidence: 'certain',
      message: /would take it/,
    },
    {
      name: 'not offered',
      session: talk('SIZE', '', LETTER),
      severity: 'warning',
      message: /the server does not offer it$/,
    },
    { name: 'announced as 7bit', session: talk('8BITMIME', ' BODY=7BIT', LETTER) },
  ],
  [
    { name: 'announced', session: talk('8BITMIME', ' BODY=8BITMIME', LETTER) },
    { name: 'with SMTPUTF8', session: talk('SMTPUTF8', ' SMTPUTF8', LETTER) },
    { name: 'ASCII', session: talk('8BITMIME', '', 'hello') },
  ],
);
