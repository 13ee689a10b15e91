import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { say, wire } from '../support/spoken.ts';

const offered = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 STARTTLS';
const bare = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250 mx.example';
const MAIL =
  'C: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: x\nC: .\nS: 250 ok';

testRule(
  'starttls-5xx',
  [
    {
      name: 'not offered and tried',
      session: wire(say(bare, 'C: STARTTLS\nS: 502 5.5.1 Error: command not implemented\nC: QUIT\nS: 221 bye')),
      severity: 'error',
      confidence: 'certain',
      message: /502 5\.5\.1 Error: command not implemented; no mail was sent \(STARTTLS was not in its offer\)$/,
      firstCause: /has no TLS/,
      also: ({ actor }, all) => {
        expect(actor).toBe('client');
        expect(all[0]?.rule).toBe('starttls-5xx');
      },
    },
    {
      name: 'offered and refused',
      session: wire(say(offered, 'C: STARTTLS\nS: 554 5.7.3 Unable to initialize security subsystem')),
      firstCause: /differ/,
      also: ({ actor }) => expect(actor).toBe('server'),
    },
    { name: 'with a parameter', session: wire(say(offered, 'C: STARTTLS now\nS: 501 no')), firstCause: /no parameter/ },
    { name: 'before EHLO', session: wire(say('S: 220 mx.example\nC: STARTTLS\nS: 503 no')), firstCause: /before EHLO/ },
    {
      name: 'and the mail goes in clear',
      session: wire(say(bare, 'C: STARTTLS\nS: 500 what', MAIL)),
      severity: 'notice',
    },
  ],
  [
    { name: 'refused for now', session: wire(say(offered, 'C: STARTTLS\nS: 454 no')) },
    { name: 'agreed to', session: wire(say(offered, 'C: STARTTLS\nS: 220 go')) },
    { name: 'another command refused', session: wire(say(bare, 'C: VRFY anna\nS: 502 no')) },
  ],
);
