import { atMail, atMessage, atRcpt, besideDelivery, testDialogues } from '../support/refused.ts';

testDialogues(
  'spf',
  [
    {
      name: '5.7.23',
      text: atRcpt(
        '550 5.7.23 <b@mx.example>: Recipient address rejected: Message rejected due to: SPF fail - not authorized. Please see http://www.openspf.net/Why?s=mfrom;id=a@client.example;ip=192.0.2.10',
      ),
      severity: 'error',
      confidence: 'certain',
      message: /because SPF does not allow \S+ to send for a@client\.example: 550 5\.7\.23/,
      firstCause: /does not name this server/,
    },
    {
      name: 'a record that cannot be evaluated',
      text: atRcpt(
        '550 5.7.23 <b@mx.example>: Recipient address rejected: Message rejected due to: SPF permanent error: too many DNS lookups',
      ),
      message: /because the SPF record of a@client\.example cannot be evaluated: 550/,
      firstCause: /more than ten lookups/,
    },
    { name: '4.7.24', text: atMail('451 4.7.24 SPF validation error'), severity: 'warning', confidence: 'certain' },
    { name: 'by its words', text: atRcpt('550 <b@mx.example>: Reject due to SPF policy.'), confidence: 'likely' },
    {
      name: 'Gmail, under a code for several checks',
      text: atMessage(
        '550 5.7.26 The MAIL FROM domain [client.example] has an SPF record with a hard fail policy (-all) but it fails to pass SPF checks',
      ),
      confidence: 'likely',
    },
    { name: 'beside a recipient who gets the mail', text: besideDelivery('550 5.7.23 SPF'), severity: 'notice' },
  ],
  [
    { name: 'a host with spf in its name', text: atRcpt('550 5.7.1 rejected by mx-spf.provider.example') },
    { name: 'DMARC', text: atMessage('550 5.7.1 rejected by DMARC policy: SPF fail') },
    { name: 'SPF and DKIM', text: atMessage('550 5.7.26 either SPF or DKIM must pass') },
    {
      name: 'a reverse name under Google’s own meaning of the code',
      text: atMessage('421 4.7.23 The sending IP address does not have a PTR record'),
    },
  ],
);
