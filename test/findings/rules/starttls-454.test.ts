import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { say, wire } from '../support/spoken.ts';

const START = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 STARTTLS\nC: STARTTLS';
const REFUSED = `${START}\nS: 454 4.7.0 TLS not available due to local problem`;
const MAIL =
  'C: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: x\nC: .\nS: 250 ok';

testRule(
  'starttls-454',
  [
    {
      name: 'and the client leaves',
      session: wire(say(REFUSED, 'C: QUIT\nS: 221 bye')),
      severity: 'error',
      confidence: 'certain',
      message: /^The server refused STARTTLS: 454 4\.7\.0 TLS not available due to local problem; no mail was sent$/,
      firstCause: /certificate or key cannot be used/,
      also: (finding, all) => expect(all[0]).toBe(finding),
    },
    {
      name: 'and the mail goes in clear',
      session: wire(say(REFUSED, MAIL, 'C: QUIT\nS: 221 bye')),
      severity: 'notice',
      message: /then delivered in clear/,
    },
    {
      name: 'and the mail is refused',
      session: wire(say(REFUSED, 'C: MAIL FROM:<a@client.example>\nS: 451 no\nC: QUIT\nS: 221 bye')),
      severity: 'error',
    },
    { name: 'twice', session: wire(say(REFUSED, 'C: STARTTLS\nS: 454 no')), message: /STARTTLS 2 times/ },
    { name: 'too busy', session: wire(say(START, 'S: 421 too many connections')), firstCause: /no room/ },
  ],
  [
    {
      name: 'a hole before it: what the reply answers is not known',
      session: wire(say(START.replace('C: STARTTLS', '--gap 5 C--\nC: STARTTLS'), 'S: 454 no')),
    },
    { name: 'refused for good', session: wire(say(START, 'S: 502 no')) },
    { name: 'agreed to', session: wire(say(START, 'S: 220 go')) },
    { name: '454 to another command', session: wire(say('S: 220 mx.example\nC: EHLO a.example\nS: 454 no')) },
    { name: 'never answered', session: wire(say(START)) },
  ],
);
