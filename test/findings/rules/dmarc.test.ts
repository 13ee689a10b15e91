import { atMessage, atRcpt, testDialogues } from '../support/refused.ts';

testDialogues(
  'dmarc',
  [
    {
      name: 'Gmail names the policy',
      text: atMessage(
        "550-5.7.26 Unauthenticated email from client.example is not accepted due to domain's",
        '550-5.7.26 DMARC policy. Please contact the administrator of',
        '550 5.7.26 client.example domain. - gsmtp',
      ),
      severity: 'error',
      confidence: 'certain',
      message: /its DMARC policy matters here/,
    },
    {
      name: '5.7.26 alone',
      text: atMessage('550 5.7.26 authentication checks failed'),
      confidence: 'likely',
      message: /neither SPF nor DKIM/,
    },
    {
      name: 'neither of the two',
      text: atMessage(
        '550 5.7.26 This mail has been blocked because the sender is unauthenticated. DKIM = did not pass, SPF = did not pass',
      ),
      confidence: 'likely',
    },
    { name: 'Orange', text: atMessage('501 5.0.2 Mail rejected. DMARC check failed. OFR_515'), confidence: 'certain' },
    { name: 'for now', text: atMessage('421 4.7.26 this mail is unauthenticated email'), severity: 'warning' },
  ],
  [
    { name: 'SPF alone', text: atRcpt('550 5.7.23 SPF validation failed') },
    { name: 'a lookup that failed', text: atRcpt('450 4.4.0 Temporary DMARC DNS lookup failure') },
    { name: '5.7.1 alone', text: atMessage('550 5.7.1 rejected') },
  ],
);
