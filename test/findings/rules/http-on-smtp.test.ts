import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const GET = 'GET / HTTP/1.1';

testRule(
  'http-on-smtp',
  [
    {
      name: 'curl',
      session: wire(
        `C*: ${GET}\nC*: Host: mx.example:25\nC*: \nS: 220 mx.example ESMTP\nS: 221 2.7.0 Error: I can break rules, too.`,
        {
          close: 'server',
        },
      ),
      severity: 'warning',
      confidence: 'certain',
      message: /an HTTP request \(GET\), without waiting for the greeting; the server did not go along/,
      also: (finding, all) => expect(all).toEqual([finding]),
    },
    {
      name: 'the greeting was under way',
      session: wire(`S: 220 mx.example ESMTP\nC*: ${GET}\nC*: Host: x\nS: 500 what\nS: 500 what`),
    },
    {
      name: 'a client that waited',
      session: wire('S: 220 mx.example ESMTP\nC: POST /x HTTP/1.1\nS: 421 4.7.0 mx.example Rejecting open proxy'),
      message: /an HTTP request \(POST\); the server/,
    },
    {
      name: 'with mail in it',
      session: wire(
        'S: 220 mx.example ESMTP\nC: GET /%0d HTTP/1.1\nS: 500 what\nC: EHLO x.example\nS: 250 ok\nC: MAIL FROM:<a@x.example>\nS: 250 ok\nC: QUIT\nS: 221 bye',
      ),
      message: /commands of SMTP with a sender came behind it/,
      firstCause: /SSRF/,
    },
    { name: 'nobody answers', session: wire(`C*: ${GET}`, { close: 'server' }) },
  ],
  [
    { name: 'SMTP', session: wire('S: 220 mx.example\nC: HELP HTTP\nS: 214 no\nC: QUIT\nS: 221 bye') },
    { name: 'a web server', session: wire(`C*: ${GET}\nS: HTTP/1.1 200 OK`) },
    {
      name: 'a message about HTTP',
      session: wire(
        `S: 220 mx.example\nC: EHLO a.example\nS: 250 ok\nC: MAIL FROM:<a@a.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: ${GET}\nC: .\nS: 250 ok`,
      ),
    },
    {
      name: 'a request somewhere in the middle, behind a hole',
      session: wire(`S: 220 mx.example\n--gap 30 C--\nC: ${GET}\nS: 500 what`),
    },
    { name: 'the server’s first line lies in a hole', session: wire(`C*: ${GET}\n--gap 17 S--\nS: x`) },
    { name: 'the capture began later', session: wire(`C: ${GET}\nS: 500 what`, { midStream: true }) },
  ],
);
