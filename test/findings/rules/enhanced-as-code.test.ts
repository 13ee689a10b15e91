import { atRcpt, HELLO, lines, MAIL, QUIT, RCPT, testDialogues } from '../support/refused.ts';

testDialogues(
  'enhanced-as-code',
  [
    {
      name: 'in place of a reply',
      text: lines(HELLO, MAIL, RCPT, 'S: 4.7.0 Try again later', 'S: 250 ok', QUIT),
      severity: 'notice',
      confidence: 'certain',
      actor: 'server',
      message: /^The server’s reply to RCPT has a line without a reply code: 4\.7\.0 Try again later$/,
    },
    {
      name: 'the server’s last word: a deferral without its code',
      text: lines(HELLO, 'C: MAIL FROM:<a@client.example>', 'S: 4.7.0 [TSS04] deferred due to user complaints', QUIT),
      severity: 'warning',
      message: /user complaints; the mail was not sent: by its words it is put off$/,
      firstCause: /bad name/,
    },
    {
      name: 'the server’s last word: a refusal without its code',
      text: lines(HELLO, MAIL, RCPT, 'S: 5.7.1 not you'),
      severity: 'error',
      message: /by its words it is refused$/,
    },
    {
      name: 'inside a refusal of several lines',
      text: atRcpt('550-5.7.1 first', '5.7.1 second', '550 5.7.1 last'),
      message: /5\.7\.1 second/,
      beside: ['rejected-other'],
    },
    {
      name: 'twice: one finding',
      text: lines(HELLO, MAIL, RCPT, 'S: 5.1.1 unknown', RCPT, 'S: 5.1.1 unknown', QUIT),
      message: /\(2 times\)/,
    },
  ],
  [
    { name: 'a proper reply', text: atRcpt('450 4.7.0 Try again later') },
    { name: 'a line of something else', text: lines(HELLO, MAIL, RCPT, 'S: 4.7 is a version', QUIT) },
    {
      name: 'in the message',
      text: lines(
        HELLO,
        MAIL,
        RCPT,
        'S: 250 ok',
        'C: DATA',
        'S: 354 go',
        'C: 4.7.0 is a line of the message',
        'C: .',
        'S: 250 ok',
        QUIT,
      ),
    },
    { name: 'from the client', text: lines(HELLO, 'C: 4.7.0 what', 'S: 500 unknown', QUIT) },
  ],
);
