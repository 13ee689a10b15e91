import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const talk = (refusal: string, name = 'client.example') =>
  `S: 220 mx.example SMTP\nC: EHLO ${name}\nS: ${refusal}\nC: HELO ${name}\nS: 250 mx.example\nC: QUIT\nS: 221 bye`;

testRule(
  'ehlo-rejected-helo-fallback',
  [
    {
      name: '500',
      session: wire(talk('500 5.5.1 Command unrecognized')),
      severity: 'warning',
      confidence: 'certain',
      message: /refused EHLO \(500 5\.5\.1 Command unrecognized\) and took HELO: no TLS, no SIZE/,
    },
    { name: '502 on the submission port', session: wire(talk('502 no'), { port: 587 }), message: /no login/ },
    { name: '504 that is not about the name', session: wire(talk('504 not implemented')) },
  ],
  [
    { name: 'HELO first', session: wire('S: 220 mx.example\nC: HELO client.example\nS: 250 ok\nC: QUIT\nS: 221 bye') },
    {
      name: 'HELO refused too',
      session: wire(
        'S: 220 mx.example\nC: EHLO a.example\nS: 500 no\nC: HELO a.example\nS: 500 no\nC: QUIT\nS: 221 bye',
      ),
    },
    { name: '504 for the name', session: wire(talk('504 5.5.2 <local>: need fully-qualified hostname', 'local')) },
    {
      name: 'a hole between HELO and the reply that seems to take it',
      session: wire(
        'S: 220 mx.example\nC: EHLO a.example\nS: 500 no\nC: HELO a.example\n--gap 8 S--\n--gap 16 C--\nS: 250 ok\nC: QUIT\nS: 221 bye',
      ),
    },
    { name: 'EHLO put off', session: wire(talk('421 later')) },
    {
      name: 'EHLO taken the second time',
      session: wire(
        'S: 220 mx.example\nC: EHLO a.example\nS: 500 no\nC: EHLO a.example\nS: 250 ok\nC: QUIT\nS: 221 bye',
      ),
    },
  ],
);
