import { atMail, atRcpt, DATA, GOOD, HELLO, lines, MAIL, QUIT, RCPT, testDialogues } from '../support/refused.ts';

const BYE = '421 4.3.2 mx.example: Server shutdown in progress';

testDialogues(
  '421-mid-session',
  [
    {
      name: 'in reply to RCPT',
      text: atRcpt(BYE),
      severity: 'warning',
      confidence: 'certain',
      message: /ends the session with 421 in reply to RCPT: 421 4\.3\.2/,
      firstCause: /stopped or restarted/,
    },
    {
      name: 'in reply to nothing',
      text: lines(HELLO, MAIL, GOOD, `S: ${BYE}`),
      options: { close: 'server' },
      message: /ends the session with 421: 421/,
    },
    {
      name: 'too many errors',
      text: lines(HELLO, MAIL, RCPT, 'S: 421 4.7.0 mx.example Error: too many errors'),
      firstCause: /too many errors in this session/,
    },
    {
      name: 'a timeout',
      text: lines(HELLO, MAIL, GOOD, 'S: 421 4.4.2 mx.example Error: timeout exceeded'),
      firstCause: /silent for longer than this server waits/,
    },
    {
      name: 'user complaints: it is about reputation',
      text: atMail('421 4.7.0 [TS01] Messages from 192.0.2.10 temporarily deferred due to user complaints'),
      firstCause: /bad name with that provider/,
      actor: 'client',
      also: ({ remedies }) => {
        if (remedies[0]?.applies !== 'the address’s reputation') throw new Error(remedies[0]?.applies);
      },
    },
    { name: 'in reply to RSET', text: lines(HELLO, MAIL, GOOD, 'C: RSET', `S: ${BYE}`), message: /in reply to RSET/ },
    {
      name: 'after all was delivered: a notice',
      text: lines(HELLO, MAIL, GOOD, DATA, 'S: 250 ok', 'S: 421 4.4.2 idle for too long'),
      severity: 'notice',
      message: /all mail had been delivered/,
    },
  ],
  [
    { name: 'the greeting', text: 'S: 421 too many connections\nC: QUIT\nS: 221 bye' },
    { name: 'to EHLO, before any was accepted', text: 'S: 220 mx.example\nC: EHLO client.example\nS: 421 closing' },
    { name: 'to QUIT', text: lines(HELLO, 'C: QUIT', 'S: 421 bye') },
    { name: 'to STARTTLS', text: lines(HELLO, 'C: STARTTLS', 'S: 421 no') },
    { name: 'to AUTH', text: lines(HELLO, 'C: AUTH PLAIN AGEAYmJiYg==', 'S: 421 too many errors') },
    { name: 'greylisting', text: atRcpt('421 4.7.1 greylisted') },
    { name: 'a limit on rate', text: atMail('421 4.7.0 [TSS04] temporarily deferred due to unexpected volume') },
    { name: 'a blocklist', text: atMail('421 4.7.1 blocked using zen.spamhaus.org') },
    {
      name: 'a bare LF',
      text: lines(
        HELLO,
        MAIL,
        GOOD,
        'C: DATA',
        'S: 354 go',
        'C: x',
        'C: .',
        'S: 421 4.5.0 Bare linefeed (LF) not allowed',
        QUIT,
      ),
    },
    { name: 'a farewell behind QUIT', text: lines(HELLO, QUIT, 'S: 421 bye') },
  ],
);
