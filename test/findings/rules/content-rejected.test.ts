import { atMessage, atRcpt, testDialogues } from '../support/refused.ts';

testDialogues(
  'content-rejected',
  [
    {
      name: 'spam',
      text: atMessage('550 This message scored 17.2 spam points and was rejected'),
      severity: 'error',
      confidence: 'likely',
      message: /for its content \(spam\): 550/,
      firstCause: /for spam/,
    },
    {
      name: 'a virus',
      text: atMessage('550 5.7.1 message contains malware (Eicar-Test-Signature)'),
      firstCause: /virus scanner/,
    },
    {
      name: 'an attachment',
      text: atMessage('552 5.7.0 This message was blocked because its attachment type is not allowed'),
      firstCause: /attachment/,
    },
    {
      name: 'Mimecast: a header that is forged is not one that is malformed',
      text: atMessage(
        '550 Rejected by header based Anti-Spoofing policy: a@client.example - https://community.mimecast.com/docs/DOC-1369#550',
      ),
      firstCause: /its own domain in From/,
    },
    { name: 'a header', text: atMessage('550 5.6.0 Missing From: header'), firstCause: /form/ },
    {
      name: 'a policy',
      text: atMessage('550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy'),
    },
    { name: 'for now', text: atMessage('451 4.7.1 message looks like spam, deferred'), severity: 'warning' },
  ],
  [
    { name: 'before the message', text: atRcpt('550 5.7.1 rejected as spam source') },
    { name: '5.7.1 alone', text: atMessage('554 5.7.1 rejected') },
    { name: 'the size', text: atMessage('552 5.3.4 message too big') },
    { name: 'authentication', text: atMessage('550 5.7.26 blocked because the sender is unauthenticated') },
    { name: 'the recipient', text: atMessage('550 5.1.1 RESOLVER.ADR.RecipNotFound; not found') },
    { name: 'the server’s trouble', text: atMessage('451 4.3.0 Error: queue file write error') },
  ],
);
