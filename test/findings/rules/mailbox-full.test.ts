import { atMail, atMessage, atRcpt, besideDelivery, testDialogues } from '../support/refused.ts';

testDialogues(
  'mailbox-full',
  [
    {
      name: '4.2.2',
      text: atRcpt('452 4.2.2 <b@mx.example>: Recipient address rejected: Mailbox is full'),
      severity: 'warning',
      confidence: 'certain',
      message: /the recipient b@mx\.example for now because the mailbox is full/,
    },
    { name: '5.2.2', text: atRcpt('552 5.2.2 over quota'), severity: 'error', firstCause: /Nobody empties/ },
    {
      name: 'Exchange Online: the mailbox that sends',
      text: atMessage(
        '554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded',
      ),
      message: /because the sender’s own mailbox is full/,
      firstCause: /Sent Items/,
    },
    { name: 'words alone', text: atRcpt('550 Quota exceeded (mailbox for user is full)'), severity: 'error' },
    {
      name: 'LMTP and others, after the message',
      text: atMessage('552 5.2.2 <b@mx.example> Quota exceeded (mailbox for user is full)'),
    },
    {
      name: 'beside a recipient who gets the mail',
      text: besideDelivery('552 5.2.2 mailbox full'),
      severity: 'notice',
    },
  ],
  [
    { name: 'the server’s disk', text: atMail('452 4.3.1 Insufficient system storage') },
    { name: 'the message is too large', text: atMessage('552 5.3.4 Message size exceeds fixed limit') },
    { name: 'a sender’s quota', text: atRcpt('550 5.4.5 Daily sending quota exceeded') },
    { name: 'a list’s quota', text: atRcpt('554 5.7.1 blocked using zen.spamhaus.org; query limit exceeded') },
  ],
);
