import { expect } from 'vitest';
import { atMessage, atRcpt, HELLO, lines, MAIL, QUIT, testDialogues } from '../support/refused.ts';

testDialogues(
  'code-class-mismatch',
  [
    {
      name: '550 with 4.7.1',
      text: atRcpt('550 4.7.1 no'),
      severity: 'notice',
      confidence: 'certain',
      actor: 'server',
      message: /says 550 and 4\.7\.1 in one reply/,
      beside: ['rejected-other'],
    },
    { name: '450 with 5.1.1', text: atRcpt('450 5.7.1 no'), beside: ['deferred-other'] },
    {
      name: 'accepted with 5.x',
      text: lines(
        HELLO,
        MAIL,
        'C: RCPT TO:<b@mx.example>',
        'S: 250 5.1.1 ok',
        'C: DATA',
        'S: 354 go',
        'C: x',
        'C: .',
        'S: 250 ok',
        QUIT,
      ),
      message: /says 250 and 5\.1\.1/,
    },
    { name: 'a message accepted with 4.x', text: atMessage('250 4.0.0 ok') },
    {
      name: 'twice: one finding',
      text: lines(
        HELLO,
        MAIL,
        'C: RCPT TO:<b@mx.example>',
        'S: 550 4.7.1 no',
        'C: RCPT TO:<c@mx.example>',
        'S: 550 4.7.1 no',
        QUIT,
      ),
      message: /\(2 replies\)/,
      beside: ['rejected-other'],
      also: ({ evidence }) => expect(evidence).toHaveLength(2),
    },
  ],
  [
    { name: 'alike', text: atRcpt('550 5.7.1 no') },
    { name: 'alike, on a line of several', text: atMessage('421-4.7.28 unusual rate', '421 4.7.28 of mail') },
    { name: 'no enhanced code', text: atRcpt('550 4711 no') },
    { name: 'a version number', text: atRcpt('550 4.7 no') },
    { name: '354', text: atMessage('250 2.0.0 ok').replace('354 go', '354 2.0.0 go') },
  ],
);
