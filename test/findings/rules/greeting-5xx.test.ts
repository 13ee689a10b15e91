import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

testRule(
  'greeting-5xx',
  [
    {
      name: 'a blocklist',
      session: wire(
        'S: 554 5.7.1 198.51.100.7 is listed at zen.example, see https://list.example/\nC: QUIT\nS: 221 bye',
      ),
      severity: 'error',
      confidence: 'certain',
      message: /refuse the client: 554 5\.7\.1 198\.51\.100\.7 is listed/,
      firstCause: /blocklist/,
    },
    { name: 'no mail here', session: wire('S: 521 mx.example does not accept mail'), firstCause: /takes no mail/ },
    { name: 'no reverse name', session: wire('S: 550 no PTR record for your address'), firstCause: /reverse name/ },
  ],
  [
    { name: '220', session: wire('S: 220 mx.example\nC: QUIT\nS: 221 bye') },
    { name: '421', session: wire('S: 421 busy\nC: QUIT\nS: 221 bye') },
    {
      name: '554 to a recipient',
      session: wire('S: 220 mx.example\nC: HELO a.example\nS: 250 ok\nC: MAIL FROM:<a@a.example>\nS: 554 no'),
    },
  ],
);
