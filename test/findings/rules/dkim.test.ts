import { atMessage, atRcpt, testDialogues } from '../support/refused.ts';

testDialogues(
  'dkim',
  [
    {
      name: '5.7.20',
      text: atMessage('550 5.7.20 No passing DKIM signature found'),
      severity: 'error',
      confidence: 'certain',
      firstCause: /not signed/,
    },
    {
      name: '5.7.22',
      text: atMessage('550 5.7.22 No valid author-matched signature found'),
      confidence: 'certain',
      firstCause: /public key/,
    },
    {
      name: 'by its words',
      text: atMessage('550 5.7.30 Your email has been blocked because DKIM authentication did not pass'),
      confidence: 'likely',
    },
    { name: 'for now', text: atMessage('451 4.7.1 DKIM key could not be fetched'), severity: 'warning' },
  ],
  [
    { name: 'DMARC', text: atMessage('550 5.7.1 DMARC: DKIM did not pass') },
    { name: 'a host name', text: atRcpt('550 5.7.1 rejected by dkim.provider.example') },
    { name: 'accepted', text: atMessage('250 ok dkim=pass') },
  ],
);
