import { atMail, atMessage, atRcpt, besideDelivery, testDialogues } from '../support/refused.ts';

testDialogues(
  'rate-limit',
  [
    {
      name: 'Postfix',
      text: atMail('450 4.7.1 Error: too much mail from 192.0.2.10'),
      severity: 'warning',
      confidence: 'likely',
      message: /refuses the sender a@client\.example for now because of a limit/,
    },
    {
      name: 'Yahoo',
      text: atMail(
        '421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1',
      ),
      firstCause: /bad name with that provider/,
    },
    {
      name: 'Gmail, one mailbox',
      text: atRcpt('450 4.2.1 The user you are trying to contact is receiving mail too quickly.'),
    },
    { name: 'after the message', text: atMessage('421 4.7.28 unusual rate of unsolicited mail'), severity: 'warning' },
    {
      name: 'beside a recipient who gets the mail',
      text: besideDelivery('450 4.7.1 Error: too many recipients from 192.0.2.10'),
      severity: 'warning',
    },
  ],
  [
    { name: 'try again later', text: atMail('450 4.7.1 Please try again later') },
    { name: 'too many errors', text: atRcpt('421 4.7.0 mx.example Error: too many errors') },
    { name: 'too many recipients', text: atRcpt('452 4.5.3 Error: too many recipients') },
    { name: 'too many hops', text: atMessage('554 5.4.6 too many hops') },
    { name: 'a full mailbox', text: atRcpt('452 4.2.2 mailbox quota exceeded') },
    { name: 'for good', text: atMail('550 5.7.1 rate limit exceeded') },
    {
      name: 'server busy',
      text: atRcpt('451 4.7.500 Server busy. Please try again later from [192.0.2.10]. (AS77712344)'),
    },
  ],
);
