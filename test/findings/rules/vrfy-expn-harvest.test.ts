import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const ask = (number: number, reply: string, verb = 'VRFY') =>
  Array.from({ length: number }, (_, i) => `C: ${verb} user${i}\nS: ${reply}`).join('\n');
const talk = (middle: string) =>
  `S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250 mx.example\n${middle}\nC: QUIT\nS: 221 bye`;

testRule(
  'vrfy-expn-harvest',
  [
    {
      name: 'five questions, refused',
      session: wire(talk(ask(5, '550 5.1.1 unknown'))),
      severity: 'warning',
      confidence: 'likely',
      message: /asked 5 times for mailboxes with VRFY: none confirmed, 5 refused/,
    },
    {
      name: 'some are told',
      session: wire(talk(`${ask(4, '250 Anna <anna@mx.example>')}\n${ask(3, '252 try it')}`)),
      message: /7 times .* 4 mailboxes confirmed$/,
    },
    {
      name: 'lists too',
      session: wire(talk(`${ask(3, '252 maybe')}\n${ask(2, '250 a <a@mx.example>', 'EXPN')}`)),
      message: /VRFY and EXPN/,
    },
  ],
  [
    { name: 'four', session: wire(talk(ask(4, '550 no'))) },
    { name: 'other rare commands', session: wire(talk(ask(6, '214 help', 'HELP'))) },
    {
      name: 'words of VRFY in a message',
      session: wire(
        talk(
          'C: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: VRFY a\nC: VRFY b\nC: VRFY c\nC: VRFY d\nC: VRFY e\nC: .\nS: 250 ok',
        ),
      ),
    },
    { name: 'the questions lie in a hole', session: wire(talk('--gap 60 C--\nS: 550 no\nS: 550 no\nS: 550 no')) },
  ],
);
