import { expect } from 'vitest';
import {
  atMail,
  atMessage,
  atRcpt,
  besideDelivery,
  HELLO,
  lines,
  QUIT,
  RCPT,
  testDialogues,
} from '../support/refused.ts';

testDialogues(
  'sender-rejected',
  [
    {
      name: 'at MAIL',
      text: atMail('550 5.7.1 <a@client.example>... Sender rejected'),
      severity: 'error',
      confidence: 'certain',
      message: /refuses the sender a@client\.example, at MAIL: 550/,
    },
    {
      name: 'Postfix, at RCPT',
      text: atRcpt('553 5.7.1 <a@client.example>: Sender address rejected: not owned by user anna'),
      message: /at RCPT/,
      firstCause: /has not logged in/,
    },
    {
      name: 'a callout',
      text: atRcpt('550-Callback setup failed while verifying <a@client.example>', '550 Sender verify failed'),
      firstCause: /asked the sender’s domain/,
    },
    {
      name: 'a callout: the sender’s domain is to mend it',
      text: atRcpt('550-Callback setup failed while verifying <a@client.example>', '550 Sender verify failed'),
      also: ({ remedies }) => expect(remedies[0]?.applies).toBe('the server of the sender’s domain'),
    },
    {
      name: 'Exchange Online shuts out an account that sent spam',
      text: atMail('550 5.1.8 Access denied, bad outbound sender AS(42004)'),
      firstCause: /shut the account that sends out/,
      also: ({ remedies }) => expect(remedies[0]?.commands[1]).toMatch(/^Remove-BlockedSenderAddress/),
    },
    {
      name: 'another owner: nothing is to be released',
      text: atRcpt('553 5.7.1 <a@client.example>: Sender address rejected: not owned by user anna'),
      also: ({ remedies }) => expect(remedies[0]?.applies).toBe('the client’s side'),
    },
    {
      name: 'Exchange Online, no Send As',
      text: atMessage('554 5.2.252 SendAsDenied; a@client.example not allowed to send as b@client.example'),
      firstCause: /one of the server’s own users|belongs to somebody else/,
    },
    {
      name: 'Amazon SES: an address that was not verified there',
      text: atMessage(
        '554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: a@client.example',
      ),
      firstCause: /verified there, and this one was not/,
      also: ({ remedies }) => expect(remedies[0]?.text).toMatch(/^Verify the domain/),
    },
    {
      name: 'SendGrid',
      text: atMessage(
        '550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.',
      ),
      firstCause: /verified there/,
    },
    {
      name: 'Mimecast: on a list of the recipient',
      text: atRcpt('550 Envelope blocked - User Entry - https://community.mimecast.com/docs/DOC-1369#550'),
      confidence: 'likely',
      firstCause: /on a list/,
      also: ({ remedies }) => expect(remedies[0]?.applies).toBe('the recipient’s side'),
    },
    {
      name: 'for now',
      text: atRcpt('450 4.1.7 <a@client.example>: Sender address rejected: unverified address'),
      severity: 'warning',
      message: /a@client\.example for now, at RCPT/,
    },
    {
      name: 'Exchange, after the message',
      text: atMessage('550 5.7.60 SMTP; Client does not have permissions to send as this sender'),
      message: /at the end of the message/,
    },
    {
      name: 'beside a recipient who gets the mail',
      text: besideDelivery('554 5.7.1 Sender address rejected: Access denied'),
      severity: 'notice',
    },
  ],
  [
    { name: 'the sender’s domain', text: atRcpt('450 4.1.8 Sender address rejected: Domain not found') },
    {
      name: 'a list',
      text: atRcpt('554 5.7.1 Service unavailable; Sender address [a@client.example] blocked using dbl.spamhaus.org'),
    },
    { name: 'the size', text: atMail('552 5.3.4 Message size exceeds fixed limit') },
    { name: 'the protocol', text: atMail('550 5.5.1 Protocol error') },
    { name: 'the recipient', text: atRcpt('550 5.1.1 User unknown') },
    {
      name: 'the sender of a login that may not send as him: another finding',
      text: lines(
        HELLO,
        'C: AUTH PLAIN AGFubmEAdGVzdC1vbmx5LXNlY3JldA==',
        'S: 235 2.7.0 ok',
        'C: MAIL FROM:<boss@client.example>',
        'S: 250 ok',
        RCPT,
        'S: 553 5.7.1 <boss@client.example>: Sender address rejected: not owned by user anna',
        QUIT,
      ),
    },
    { name: 'MAIL refused without a reason', text: atMail('550 5.7.1 Access denied') },
  ],
);
