import { HELLO, lines, MAIL, QUIT, RCPT, testDialogues } from '../support/refused.ts';

const OFFERS = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 SMTPUTF8';
/** `jürgen@mx.example` in UTF-8. */
const UMLAUT = 'C: RCPT TO:<j\\xc3\\xbcrgen@mx.example>';

testDialogues(
  'smtputf8-missing',
  [
    {
      name: '5.6.7',
      text: lines(HELLO, MAIL, RCPT, 'S: 553 5.6.7 Must declare SMTPUTF8 to permit unicode address', QUIT),
      severity: 'error',
      confidence: 'certain',
      message: /is refused: 553 5\.6\.7/,
    },
    {
      name: 'not offered, and refused with a plain 501',
      text: lines(HELLO, MAIL, UMLAUT, 'S: 501 5.5.4 Syntax error', QUIT),
      message: /The recipient jürgen@mx\.example needs SMTPUTF8, which the server does not offer, and is refused/,
    },
    {
      name: 'the parameter is refused',
      text: lines(HELLO, 'C: MAIL FROM:<a@client.example> SMTPUTF8', 'S: 555 5.5.4 Unsupported option', QUIT),
      message: /^The sender a@client\.example/,
    },
    {
      name: 'offered, and refused for one address',
      text: lines(OFFERS, MAIL, UMLAUT, 'S: 553 5.6.7 no', QUIT),
      message: /which the server offers/,
    },
  ],
  [
    {
      name: 'offered and accepted',
      text: lines(
        OFFERS,
        'C: MAIL FROM:<a@client.example> SMTPUTF8',
        'S: 250 ok',
        UMLAUT,
        'S: 250 ok',
        'C: DATA',
        'S: 354 go',
        'C: x',
        'C: .',
        'S: 250 ok',
        QUIT,
      ),
    },
    { name: 'an unknown user with an umlaut', text: lines(HELLO, MAIL, UMLAUT, 'S: 550 5.1.1 User unknown', QUIT) },
    { name: 'ASCII', text: lines(HELLO, MAIL, RCPT, 'S: 501 5.5.4 Syntax error', QUIT) },
    {
      name: 'not offered, and accepted',
      text: lines(HELLO, MAIL, UMLAUT, 'S: 250 ok', 'C: DATA', 'S: 354 go', 'C: x', 'C: .', 'S: 250 ok', QUIT),
    },
  ],
);
