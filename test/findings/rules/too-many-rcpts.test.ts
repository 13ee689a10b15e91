import { atRcpt, DATA, GOOD, HELLO, lines, MAIL, QUIT, RCPT, testDialogues } from '../support/refused.ts';

const MANY = '452 4.5.3 Error: too many recipients';

testDialogues(
  'too-many-rcpts',
  [
    {
      name: 'after accepted ones, and they get the mail',
      text: lines(
        HELLO,
        MAIL,
        GOOD,
        RCPT,
        `S: ${MANY}`,
        'C: RCPT TO:<c@mx.example>',
        `S: ${MANY}`,
        DATA,
        'S: 250 ok',
        QUIT,
      ),
      severity: 'notice',
      confidence: 'certain',
      message: /no more than 1 recipient of this mail at a time and puts off 2 of them: 452 4\.5\.3/,
    },
    {
      name: '452 without a word, after an accepted one',
      text: lines(HELLO, MAIL, GOOD, RCPT, 'S: 452 no more', DATA, 'S: 250 ok', QUIT),
      severity: 'notice',
    },
    {
      name: 'the first already',
      text: atRcpt('452 4.5.3 Recipients belong to multiple regions ATTR38'),
      severity: 'notice',
    },
  ],
  [
    { name: '452 to the first', text: atRcpt('452 not now') },
    {
      name: 'a full mailbox',
      text: lines(HELLO, MAIL, GOOD, RCPT, 'S: 452 4.2.2 mailbox full', DATA, 'S: 250 ok', QUIT),
    },
    {
      name: 'the server’s disk',
      text: lines(HELLO, MAIL, GOOD, RCPT, 'S: 452 4.3.1 Insufficient system storage', DATA, 'S: 250 ok', QUIT),
    },
    { name: 'a limit on the client', text: atRcpt('450 4.7.1 Error: too many recipients from 192.0.2.10') },
  ],
);
