import { atMail, atMessage, atRcpt, besideDelivery, testDialogues } from '../support/refused.ts';

testDialogues(
  'temp-local-error',
  [
    {
      name: '451 4.3.0',
      text: atRcpt('451 4.3.0 <b@mx.example>: Temporary lookup failure'),
      severity: 'warning',
      confidence: 'certain',
      actor: 'server',
      firstCause: /lookup failed/,
    },
    { name: '452 4.3.1', text: atMail('452 4.3.1 Insufficient system storage'), firstCause: /disk/ },
    { name: 'after the message', text: atMessage('451 4.3.0 Error: queue file write error') },
    { name: 'Exim, without an enhanced code', text: atRcpt('451 Temporary local problem - please try later') },
    {
      name: 'beside a recipient who gets the mail',
      text: besideDelivery('451 4.3.5 Server configuration error'),
      severity: 'warning',
    },
  ],
  [
    { name: 'a milter that says try again', text: atMessage('451 4.7.1 Service unavailable - try again later') },
    { name: '451 alone', text: atRcpt('451 try later') },
    { name: 'greylisting', text: atRcpt('451 4.3.0 greylisted') },
    { name: '5xx', text: atRcpt('554 5.3.0 system error') },
  ],
);
