import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const talk = (command: string, reply: string) =>
  `S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 ETRN\nC: ${command}\n${reply}\nC: QUIT\nS: 221 bye`;

testRule(
  'turn-etrn-atrn',
  [
    {
      name: 'ETRN',
      session: wire(talk('ETRN client.example', 'S: 250 2.0.0 Queuing started')),
      severity: 'notice',
      confidence: 'certain',
      message: /sent ETRN client\.example: the server is to send what waits, on connections of its own \(250\)/,
      firstCause: /backup exchanger/,
    },
    {
      name: 'TURN refused',
      session: wire(talk('TURN', 'S: 502 no')),
      message: /sent TURN, which the server refused \(502\)/,
    },
    { name: 'ATRN granted', session: wire(talk('ATRN client.example', 'S: 250 ok')), message: /the roles change/ },
    { name: 'no reply', session: wire('S: 220 mx.example\nC: TURN'), message: /no reply was seen/ },
  ],
  [
    { name: 'only on offer', session: wire(talk('NOOP', 'S: 250 ok')) },
    { name: 'a word that begins alike', session: wire(talk('TURNIP', 'S: 500 what')) },
    { name: 'a hole where it may have been', session: wire(talk('NOOP', '--gap 21 C--\nS: 250 ok')) },
  ],
);
