import { atMail, atRcpt, besideDelivery, testDialogues } from '../support/refused.ts';

testDialogues(
  'rdns',
  [
    {
      name: '5.7.25',
      text: atRcpt('550 5.7.25 Client host rejected: cannot find your reverse hostname, [192.0.2.10]'),
      severity: 'error',
      confidence: 'certain',
      message: /reverse name of the client’s address/,
    },
    {
      name: 'Postfix before 5.7.25, for now',
      text: atRcpt('450 4.7.1 Client host rejected: cannot find your hostname, [192.0.2.10]'),
      severity: 'warning',
      confidence: 'likely',
      firstCause: /set no name/,
    },
    { name: 'Sendmail', text: atMail('550 5.7.1 Fix reverse DNS for 192.0.2.10') },
    { name: 'a PTR record', text: atRcpt('450 4.7.1 Client host 192.0.2.10 has no PTR record (G1F)') },
    {
      name: 'beside a recipient who gets the mail',
      text: besideDelivery('450 4.7.25 no reverse name'),
      severity: 'notice',
    },
  ],
  [
    {
      name: 'relaying is refused, the name is a remark',
      text: atRcpt('550 5.7.1 Relaying denied. IP name lookup failed [192.0.2.10]'),
    },
    {
      name: 'the name in EHLO',
      text: atRcpt('504 5.5.2 <client>: Helo command rejected: need fully-qualified hostname'),
    },
    { name: 'a reverse-path', text: atMail('553 5.1.7 bad reverse-path') },
  ],
);
