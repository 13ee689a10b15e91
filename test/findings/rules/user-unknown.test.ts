import {
  atRcpt,
  besideDelivery,
  DATA,
  GOOD,
  HELLO,
  lines,
  MAIL,
  QUIT,
  RCPT,
  testDialogues,
} from '../support/refused.ts';

const UNKNOWN = '550 5.1.1 <b@mx.example>: Recipient address rejected: User unknown in local recipient table';

testDialogues(
  'user-unknown',
  [
    {
      name: 'the only recipient',
      text: atRcpt(UNKNOWN),
      severity: 'error',
      confidence: 'certain',
      message: /does not know the recipient b@mx\.example: 550 5\.1\.1/,
      firstCause: /mistyped/,
    },
    {
      name: 'one of two, and the mail is delivered',
      text: besideDelivery(UNKNOWN),
      severity: 'notice',
      message: /another recipient/,
    },
    {
      name: 'one of two, and the message is refused: a recipient was left',
      text: lines(HELLO, MAIL, RCPT, `S: ${UNKNOWN}`, GOOD, DATA, 'S: 550 5.7.1 spam', QUIT),
      severity: 'notice',
      beside: ['content-rejected'],
    },
    {
      name: 'three of three are one finding',
      text: lines(
        HELLO,
        MAIL,
        RCPT,
        `S: ${UNKNOWN}`,
        'C: RCPT TO:<c@mx.example>',
        `S: ${UNKNOWN}`,
        'C: RCPT TO:<d@mx.example>',
        `S: ${UNKNOWN}`,
        QUIT,
      ),
      severity: 'error',
      message: /b@mx\.example and 2 others/,
    },
    {
      name: 'the followers of a pipelined group have none',
      text: lines(
        HELLO.replace('S: 250 SIZE', 'S: 250-PIPELINING\nS: 250 SIZE'),
        'C: MAIL FROM:<a@client.example>',
        RCPT,
        'C: DATA',
        'S: 250 ok',
        `S: ${UNKNOWN}`,
        'S: 554 5.5.1 Error: no valid recipients',
        QUIT,
      ),
    },
    {
      name: 'a lone dot behind a group whose recipients were all refused',
      text: lines(
        HELLO.replace('S: 250 SIZE', 'S: 250-PIPELINING\nS: 250 SIZE'),
        'C: MAIL FROM:<a@client.example>',
        RCPT,
        'C: DATA',
        'S: 250 ok',
        `S: ${UNKNOWN}`,
        'S: 354 go',
        'C: .',
        'S: 554 5.5.1 no valid recipients',
        QUIT,
      ),
      severity: 'error',
    },
    {
      name: 'a disabled mailbox',
      text: atRcpt('550 5.2.1 The email account that you tried to reach is disabled'),
      severity: 'error',
    },
    {
      name: 'Exchange',
      text: atRcpt('550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup'),
    },
    {
      name: 'Exchange Online, whose words do not say so',
      text: atRcpt('550 5.4.1 Recipient address rejected: Access denied. AS(201806281)'),
      confidence: 'likely',
      firstCause: /list of recipients/,
    },
  ],
  [
    { name: 'accepted', text: atRcpt('250 2.1.5 ok') },
    { name: 'for now', text: atRcpt('450 4.1.1 <b@mx.example>: Recipient address rejected: unverified address') },
    { name: 'relaying', text: atRcpt('550 5.7.1 Unknown user may not relay: relaying denied') },
    {
      name: 'an unknown sender',
      text: atRcpt('550 5.1.0 <a@client.example>: Sender address rejected: User unknown in virtual alias table'),
    },
    { name: 'nothing but 550', text: atRcpt('550 5.7.1 rejected') },
    { name: 'a null MX', text: atRcpt('556 5.1.10 Recipient address has a null MX') },
  ],
);
