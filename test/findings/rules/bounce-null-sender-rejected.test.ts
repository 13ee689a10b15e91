import { atMail, HELLO, lines, QUIT, RCPT, testDialogues } from '../support/refused.ts';

const bounceAtMail = (reply: string) => lines(HELLO, 'C: MAIL FROM:<>', `S: ${reply}`, QUIT);
const bounceAtRcpt = (reply: string) => lines(HELLO, 'C: MAIL FROM:<>', 'S: 250 ok', RCPT, `S: ${reply}`, QUIT);

testDialogues(
  'bounce-null-sender-rejected',
  [
    {
      name: 'at MAIL',
      text: bounceAtMail('550 5.7.1 we do not accept bounces'),
      severity: 'warning',
      confidence: 'certain',
      actor: 'server',
      message: /empty sender, a bounce or receipt, at MAIL: 550/,
    },
    { name: 'at MAIL, as a bad sender', text: bounceAtMail('553 5.1.7 <>: Sender address rejected') },
    {
      name: 'at RCPT',
      text: bounceAtRcpt('550 5.7.1 Empty envelope senders not allowed'),
      message: /at RCPT \(to b@mx\.example\)/,
    },
    {
      name: 'at RCPT, by Postfix’s own words',
      text: bounceAtRcpt('554 5.7.1 <>: Sender address rejected: Access denied'),
      message: /at RCPT/,
    },
    {
      name: 'for now',
      text: bounceAtRcpt('450 4.7.1 too many bounces for this user'),
      severity: 'warning',
      message: /for now at RCPT/,
    },
  ],
  [
    { name: 'an unknown recipient of a bounce', text: bounceAtRcpt('550 5.1.1 User unknown') },
    { name: 'relaying of a bounce', text: bounceAtRcpt('554 5.7.1 Relay access denied') },
    { name: 'another sender', text: atMail('550 5.7.1 we do not accept bounces') },
    { name: 'a blocklist', text: bounceAtMail('550 5.7.1 blocked using zen.spamhaus.org') },
    { name: 'accepted', text: bounceAtRcpt('250 ok') },
  ],
);
