import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const OPEN = 'S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 PIPELINING';

testRule(
  'pipelining-server-broken',
  [
    {
      name: 'the reply to QUIT in the place of another',
      session: wire(`${OPEN}\nC: RSET\nC*: VRFY a\nC*: QUIT\nS: 250 ok\nS: 221 bye`),
      severity: 'error',
      confidence: 'likely',
      message: /in a group of commands VRFY got no reply: the 221 in its place belongs to QUIT/,
      also: (_, all) => {
        if (all.some(({ rule }) => rule === 'command-without-reply')) throw new Error('told twice');
      },
    },
    {
      name: 'a client that waits in vain',
      session: wire(
        `${OPEN}\nC: MAIL FROM:<a@client.example>\nC*: RCPT TO:<b@mx.example>\nC*: RCPT TO:<c@mx.example>\nS: 250 ok\nS: 250 ok\n--60 s--\nC: QUIT`,
      ),
      message: /left 1 command of a group unanswered, though the client waited 60 s/,
    },
    {
      name: 'one command of a packet is read',
      session: wire(
        `${OPEN}\nC: MAIL FROM:<a@client.example>\nC*: RCPT TO:<b@mx.example>\nC*: DATA\nS: 250 ok\n--60 s--`,
      ),
      message: /left 2 commands of a group unanswered, though the client waited 60 s/,
      also: (_, all) => {
        if (all.some(({ rule }) => rule === 'client-vanishes')) throw new Error('told twice');
      },
    },
  ],
  [
    { name: 'all answered', session: wire(`${OPEN}\nC: RSET\nC*: VRFY a\nC*: QUIT\nS: 250 ok\nS: 252 ok\nS: 221 bye`) },
    {
      name: 'not offered',
      session: wire(`${OPEN.replace('PIPELINING', 'HELP')}\nC: RSET\nC*: VRFY a\nC*: QUIT\nS: 250 ok\nS: 221 bye`),
    },
    {
      name: 'a reply in a hole',
      session: wire(`${OPEN}\nC: RSET\nC*: VRFY a\nC*: QUIT\nS: 250 ok\n--gap 8 S--\nS: 221 bye`),
    },
    {
      name: 'the server closes in the middle',
      session: wire(`${OPEN}\nC: MAIL FROM:<a@client.example>\nC*: RCPT TO:<b@mx.example>\nS: 250 ok\n--60 s--`, {
        close: 'server',
      }),
    },
    {
      name: 'the client leaves at once',
      session: wire(`${OPEN}\nC: MAIL FROM:<a@client.example>\nC*: RCPT TO:<b@mx.example>\nS: 250 ok`),
    },
  ],
);
