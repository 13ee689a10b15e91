import { expect } from 'vitest';
import { atMail, atMessage, atRcpt, HELLO, lines, MAIL, RCPT, testDialogues } from '../support/refused.ts';

const SMALL = HELLO.replace('SIZE 10240000', 'SIZE 100');
const LONG = `C: ${'x'.repeat(120)}`;
const OPEN = lines(SMALL, MAIL, RCPT, 'S: 250 ok', 'C: DATA', 'S: 354 go', LONG);

testDialogues(
  'size-mid-data',
  [
    {
      name: '552 5.3.4 after the dot',
      text: atMessage('552 5.3.4 Error: message file too big'),
      severity: 'error',
      confidence: 'certain',
      message:
        /refuses the message after 20 octets of it; it takes 10,240,000, and the client had declared no size: 552/,
    },
    {
      name: 'within what is on offer: another limit refused it, whatever was declared',
      text: atMessage('552 5.3.4 Message size exceeds fixed maximum message size'),
      firstCause: /not the one that it offers/,
      also: ({ causes }) => expect(causes.join()).not.toMatch(/did not declare/),
    },
    { name: '552 without a word', text: atMessage('552 no') },
    {
      name: 'the server closes once more was sent than it offered to take',
      text: OPEN,
      options: { close: 'server' },
      message: /closed the connection after 122 octets of it; it takes 100/,
      firstCause: /did not declare/,
      also: ({ evidence }) => expect(evidence.at(-1)?.direction).toBe('server'),
    },
  ],
  [
    { name: 'at MAIL', text: atMail('552 5.3.4 too big') },
    {
      name: 'content',
      text: atMessage('552 5.7.0 This message was blocked because its content presents a potential security issue.'),
    },
    { name: 'a full mailbox', text: atMessage('552 5.2.2 mailbox full') },
    { name: 'the client closes', text: OPEN, options: { close: 'client' } },
    { name: 'closed within the limit', text: OPEN.replace('SIZE 100', 'SIZE 1000'), options: { close: 'server' } },
    { name: 'a hole in the message', text: lines(OPEN, '--gap 300 C--', LONG), options: { close: 'server' } },
    { name: 'accepted', text: atMessage('250 ok') },
    { name: 'a recipient', text: atRcpt('552 5.2.2 full') },
  ],
);
