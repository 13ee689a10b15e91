import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const OPEN = 'S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 PIPELINING';
const MAIL = 'C: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok';
const END = 'C: QUIT\nS: 221 bye';

testRule(
  'pipelining-after-sync-command',
  [
    {
      name: 'the message behind DATA',
      session: wire(`${OPEN}\n${MAIL}\nC: DATA\nC*: Subject: x\nC*: \nC*: text\nC*: .\nS: 354 go\nS: 250 ok\n${END}`),
      severity: 'warning',
      confidence: 'likely',
      message: /^The client sent the message behind DATA without waiting for its reply$/,
    },
    {
      name: 'MAIL behind EHLO',
      session: wire(
        `S: 220 mx.example\nC: EHLO client.example\nC*: MAIL FROM:<a@client.example>\nS: 250-mx.example\nS: 250 PIPELINING\nS: 250 ok\nC: RSET\nS: 250 ok\n${END}`,
      ),
      message: /sent MAIL behind EHLO/,
    },
    {
      name: 'refused for it',
      session: wire(
        `S: 220 mx.example\nC: HELO client.example\nC*: MAIL FROM:<a@client.example>\nS: 250 mx.example\nS: 554 SMTP synchronization error\n${END}`,
      ),
      severity: 'error',
      message: /the server objects: 554 SMTP synchronization error/,
    },
  ],
  [
    {
      name: 'DATA as the last of a group',
      session: wire(
        `${OPEN}\nC: MAIL FROM:<a@client.example>\nC*: RCPT TO:<b@mx.example>\nC*: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\nC: text\nC: .\nS: 250 ok\n${END}`,
      ),
    },
    {
      name: 'the message after 354',
      session: wire(`${OPEN}\n${MAIL}\nC: DATA\nS: 354 go\nC: text\nC: .\nS: 250 ok\n${END}`),
    },
    {
      name: 'a monitor: EHLO and QUIT',
      session: wire('S: 220 mx.example\nC: EHLO client.example\nC*: QUIT\nS: 250 mx.example\nS: 221 bye'),
    },
    {
      name: 'Exim, where PIPECONNECT is offered',
      session: wire(
        'C*: EHLO client.example\nC*: MAIL FROM:<a@client.example>\nS: 220 mx.example\nS: 250-mx.example\nS: 250-PIPELINING\nS: 250 PIPECONNECT\nS: 250 ok\nC: QUIT\nS: 221 bye',
      ),
    },
    {
      name: 'behind STARTTLS: a finding of its own',
      session: wire(`${OPEN.replace('PIPELINING', 'STARTTLS')}\nC: STARTTLS\nC*: RSET\nS: 220 go\nS: 250 ok\n${END}`),
    },
    {
      name: 'the reply lies in a hole',
      session: wire(`${OPEN}\nC: NOOP\n--gap 8 S--\nC*: MAIL FROM:<a@client.example>\nS: 250 ok\n${END}`),
    },
    {
      name: 'a PROXY header that was refused: every reply answers the command before',
      session: wire(
        'C*: PROXY TCP4 203.0.113.9 192.0.2.25 51234 25\nS: 220 mx.example ESMTP\nC: EHLO client.example\nS: 502 5.5.2 Error: command not recognized\nC: HELO client.example\nS: 250-mx.example\nS: 250 PIPELINING\nC: MAIL FROM:<a@client.example>\nS: 250 mx.example\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 250 ok\nC: RSET\nS: 354 go\nC: QUIT',
      ),
    },
    {
      name: 'behind a reply too many, which it took for the one to DATA',
      session: wire(
        `${OPEN}\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nS: 250 Recipient ok\nC: DATA\nC*: QUIT\nS: 354 go`,
      ),
    },
  ],
);
