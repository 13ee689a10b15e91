import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const talk = (body: string, reply = '250 ok') =>
  wire(
    `S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\n${body}\nC: .\nS: ${reply}\nC: QUIT\nS: 221 bye`,
  );
const GOOD = 'C: Date: Tue, 14 Nov 2023 22:13:20 +0000\nC: From: a@client.example';

testRule(
  'message-format',
  [
    {
      name: 'neither Date nor From',
      session: talk('C: Subject: x\nC: \nC: text'),
      severity: 'notice',
      confidence: 'certain',
      message: /no Date or From field$/,
    },
    {
      name: 'two subjects',
      session: talk(`${GOOD}\nC: Subject: x\nC: SUBJECT: y\nC: \nC: text`),
      message: /Subject more than once$/,
    },
    {
      name: 'a line without a colon',
      session: talk(`${GOOD}\nC: hello\nC: \nC: text`),
      message: /1 line without a colon$/,
    },
    { name: 'Bcc', session: talk(`${GOOD}\nC: Bcc: c@mx.example\nC: \nC: text`), message: /Bcc with addresses/ },
    { name: 'no empty line at all', session: talk('C: Subject: x'), message: /no Date or From/ },
  ],
  [
    {
      name: 'in order',
      session: talk(
        `${GOOD}\nC: To: b@mx.example,\nC:  c@mx.example\nC: Received: x\nC: Received: y\nC: \nC: From: a\nC: From: b\nC: text`,
      ),
    },
    { name: 'an empty Bcc', session: talk(`${GOOD}\nC: Bcc:\nC: \nC: text`) },
    {
      name: 'nothing but the dot',
      session: wire(
        'S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\nC: .\nS: 250 ok',
      ),
    },
    { name: 'a hole in the header', session: talk('C: Subject: x\n--gap 80 C--\nC: \nC: text') },
    { name: 'names that begin alike', session: talk(`${GOOD}\nC: From-Me: x\nC: Date-Of: y\nC: \nC: text`) },
    {
      name: 'a PROXY header that was refused: every reply answers the command before',
      session: wire(
        'C*: PROXY TCP4 203.0.113.9 192.0.2.25 51234 25\nS: 220 mx.example ESMTP\nC: EHLO client.example\nS: 502 5.5.2 Error: command not recognized\nC: HELO client.example\nS: 250-mx.example\nS: 250 PIPELINING\nC: MAIL FROM:<a@client.example>\nS: 250 mx.example\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 250 ok\nC: RSET\nS: 354 go\nC: QUIT',
      ),
    },
    {
      name: 'a command behind a reply too many, taken for a message',
      session: wire(
        'S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nS: 250 ok\nC: DATA\nC*: QUIT\nS: 354 go',
      ),
    },
  ],
);
