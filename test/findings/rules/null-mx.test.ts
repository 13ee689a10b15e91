import { atMail, atRcpt, besideDelivery, testDialogues } from '../support/refused.ts';

testDialogues(
  'null-mx',
  [
    {
      name: '556 for a recipient',
      text: atRcpt(
        '556 5.1.10 <b@mx.example>: Recipient address rejected: Domain mx.example does not accept mail (nullMX)',
      ),
      severity: 'error',
      confidence: 'certain',
      message: /^The recipient’s domain mx\.example takes no mail/,
    },
    {
      name: '5.7.27 for a sender',
      text: atMail(
        '550 5.7.27 <a@client.example>: Sender address rejected: Domain client.example does not accept mail (nullMX)',
      ),
      message: /^The sender’s domain client\.example/,
      firstCause: /web pages only/,
    },
    { name: 'words alone', text: atRcpt('550 domain has a null MX'), severity: 'error' },
    { name: 'beside a recipient who gets the mail', text: besideDelivery('556 5.1.10 null MX'), severity: 'notice' },
  ],
  [
    { name: '550 5.1.10 of Exchange is an unknown user', text: atRcpt('550 5.1.10 RESOLVER.ADR.RecipientNotFound') },
    {
      name: '5.7.27 of Gmail is SPF',
      text: atRcpt('550 5.7.27 Your email has been blocked because SPF authentication did not pass'),
    },
    { name: 'another MX', text: atRcpt('550 no MX for that domain') },
  ],
);
