import {
  atMessage,
  atRcpt,
  besideDelivery,
  DATA,
  HELLO,
  lines,
  MAIL,
  QUIT,
  RCPT,
  testDialogues,
} from '../support/refused.ts';

const GREY =
  '450 4.2.0 <b@mx.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/mx.example.html';

testDialogues(
  'greylisting',
  [
    {
      name: 'Postgrey',
      text: atRcpt(GREY),
      severity: 'notice',
      confidence: 'likely',
      message: /puts the recipient b@mx\.example off on purpose: greylisting: 450/,
    },
    {
      name: 'Exim, with the time to wait',
      text: atRcpt('451 Greylisted, please try again in 5 minutes'),
      message: /greylisting, for 5 minutes:/,
    },
    {
      name: 'milter-greylist',
      text: atRcpt('451 4.7.1 Greylisting in action, please come back in 00:05:00'),
      message: /for 00:05:00/,
    },
    { name: 'after the message', text: atMessage('451 4.7.1 greylisted, try again later'), severity: 'notice' },
    { name: 'one of two', text: besideDelivery(GREY), severity: 'notice', confidence: 'likely' },
    {
      name: 'accepted at a later try in the session: certain',
      text: lines(
        HELLO,
        MAIL,
        RCPT,
        `S: ${GREY}`,
        'C: RSET',
        'S: 250 ok',
        MAIL,
        RCPT,
        'S: 250 ok',
        DATA,
        'S: 250 ok',
        QUIT,
      ),
      severity: 'notice',
      confidence: 'certain',
      message: /a later try in this session was accepted/,
    },
    {
      name: 'another recipient is accepted later: not certain',
      text: lines(
        HELLO,
        MAIL,
        RCPT,
        `S: ${GREY}`,
        'C: RSET',
        'S: 250 ok',
        MAIL,
        'C: RCPT TO:<c@mx.example>',
        'S: 250 ok',
        DATA,
        'S: 250 ok',
        QUIT,
      ),
      confidence: 'likely',
    },
  ],
  [
    { name: 'relaying refused for now', text: atRcpt('454 4.7.1 <b@mx.example>: Relay access denied') },
    { name: 'try again later', text: atRcpt('450 4.7.1 Please try again later') },
    { name: 'for good', text: atRcpt('550 5.7.1 greylisted forever') },
    { name: 'a limit', text: atRcpt('450 4.7.1 Error: too much mail from 192.0.2.10') },
    { name: 'in an address', text: atRcpt('450 4.7.1 <greylist@mx.example>: no') },
  ],
);
