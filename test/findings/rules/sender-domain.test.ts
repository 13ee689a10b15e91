import { atMail, atRcpt, besideDelivery, DATA, HELLO, lines, QUIT, RCPT, testDialogues } from '../support/refused.ts';

testDialogues(
  'sender-domain',
  [
    {
      name: 'Postfix, at RCPT, for now',
      text: atRcpt('450 4.1.8 <a@client.example>: Sender address rejected: Domain not found'),
      severity: 'warning',
      confidence: 'certain',
      message: /for now because it does not find the sender’s domain client\.example in DNS/,
      firstCause: /local name/,
    },
    {
      name: 'Sendmail, for good',
      text: atMail('553 5.1.8 <a@client.example>... Domain of sender address a@client.example does not exist'),
      severity: 'error',
    },
    { name: 'qmail', text: atMail("553 sorry, can't find a valid MX for sender domain (#5.1.8 - chkuser)") },
    {
      name: 'Exim',
      text: atRcpt(
        '550-Verification failed for <a@client.example>',
        '550-Unrouteable address',
        '550 Sender verify failed',
      ),
    },
    {
      name: 'one recipient of two',
      text: besideDelivery('450 4.1.8 Sender address rejected: Domain not found'),
      severity: 'notice',
    },
    {
      name: 'and at a second try not',
      text: lines(
        HELLO,
        'C: MAIL FROM:<a@client.example>',
        'S: 451 4.1.8 Domain of sender address does not resolve',
        'C: MAIL FROM:<a@client.example>',
        'S: 250 ok',
        RCPT,
        'S: 250 ok',
        DATA,
        'S: 250 ok',
        QUIT,
      ),
      severity: 'notice',
    },
  ],
  [
    {
      name: 'the recipient’s domain',
      text: atRcpt('450 4.1.2 <b@mx.example>: Recipient address rejected: Domain not found'),
    },
    {
      name: 'a blocked account of Microsoft 365 with the same code',
      text: atMail('550 5.1.8 Access denied, bad outbound sender AS(42004)'),
    },
    {
      name: 'a sender that is unknown',
      text: atRcpt('550 5.1.0 Sender address rejected: User unknown in local recipient table'),
    },
  ],
);
