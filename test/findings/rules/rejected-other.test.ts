import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const START = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 PIPELINING';
const MAIL = 'C: MAIL FROM:<a@client.example>\nS: 250 ok';
const GOOD = 'C: RCPT TO:<good@mx.example>\nS: 250 ok';
const BAD = 'C: RCPT TO:<bad@mx.example>\nS: 550 5.7.1 <bad@mx.example>: Access denied';
const DATA = 'C: DATA\nS: 354 go\nC: x\nC: .';
const END = 'C: QUIT\nS: 221 bye';

const SENT = `${START}\n${MAIL}\n${GOOD}\n${DATA}`;

testRule(
  'rejected-other',
  [
    {
      name: 'what the sending account may send is used up: nothing about the recipient or the content',
      session: wire(`${SENT}\nS: 550 5.4.5 Daily user sending limit exceeded. For more information go to x\n${END}`),
      severity: 'error',
      firstCause: /used up what its own provider lets it send/,
    },
    {
      name: 'a tenant over its threshold',
      session: wire(`${SENT}\nS: 550 5.7.705 Access denied, tenant has exceeded threshold.\n${END}`),
      firstCause: /used up/,
    },
    {
      name: 'an Exchange group for insiders: no relaying, and a login would not help',
      session: wire(
        `${START}\n${MAIL}\nC: RCPT TO:<all@mx.example>\nS: 550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed\n${END}`,
      ),
      firstCause: /group or mailbox that takes mail only from senders inside/,
      also: ({ remedies }) => expect(remedies[0]?.commands[1]).toMatch(/RequireSenderAuthenticationEnabled/),
    },
    {
      name: 'an EHLO name that DNS does not know',
      session: wire(
        `${START}\n${MAIL}\nC: RCPT TO:<b@mx.example>\nS: 550 5.7.1 <client.example>: Helo command rejected: Host not found\n${END}`,
      ),
      firstCause: /the name that the client gives in EHLO/,
    },
    {
      name: 'Zoho has stopped the account',
      session: wire(`${SENT}\nS: 550 5.4.6 Unusual sending activity detected. Please try after sometime.\n${END}`),
      firstCause: /used up/,
    },
    {
      name: 'one recipient who gets too much: nothing about the sending account',
      session: wire(
        `${START}\n${MAIL}\nC: RCPT TO:<b@mx.example>\nS: 550 5.2.121 RESOLVER.RST.RecipientRateLimitExceeded; per hour message receive limit\n${END}`,
      ),
      firstCause: /^(?!.*used up)/,
    },
    {
      name: 'a recipient’s domain that is not found',
      session: wire(
        `${START}\n${MAIL}\nC: RCPT TO:<b@mx.example>\nS: 550 5.1.2 <b@mx.example>: Recipient address rejected: Domain not found\n${END}`,
      ),
      firstCause: /recipient’s domain in DNS/,
    },
    {
      name: 'no forwarding to the outside',
      session: wire(
        `${SENT}\nS: 550 5.7.520 Access denied, Your organization does not allow external forwarding.\n${END}`,
      ),
      firstCause: /forbids automatic forwarding/,
    },
    {
      name: 'the relay of Google Workspace',
      session: wire(
        `${START}\nC: MAIL FROM:<a@client.example>\nS: 550-5.7.1 Mail relay denied [192.0.2.10]. Visit\nS: 550 5.7.1 x\n${END}`,
      ),
      firstCause: /relay of Google Workspace/,
    },
    {
      name: 'a provider that answers on port 25 for everybody',
      session: wire(
        `${START}\n${MAIL}\nC: RCPT TO:<b@mx.example>\nS: 550 5.7.1 Outbound port 25 is blocked, use smtp.isp.example port 587\n${END}`,
      ),
      firstCause: /own provider or network answers/,
    },
    {
      name: 'QQ',
      session: wire(`${START}\nC: MAIL FROM:<a@client.example>\nS: 550 Connection frequency limited\n${END}`),
      firstCause: /QQ Mail limits/,
    },
    {
      name: 'an Exim rule about the EHLO name',
      session: wire(
        `${START}\n${MAIL}\nC: RCPT TO:<b@mx.example>\nS: 550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)\n${END}`,
      ),
      firstCause: /gives in EHLO/,
    },
    {
      name: 'words about a limit that is none of the sender’s say nothing more',
      session: wire(`${SENT}\nS: 550 5.7.1 this message hit a limit of taste\n${END}`),
      firstCause: /^The content is not accepted/,
    },
    {
      name: 'the only recipient',
      session: wire(`${START}\n${MAIL}\n${BAD}\n${END}`),
      severity: 'error',
      confidence: 'certain',
      message: /refused the recipient bad@mx\.example: 550 5\.7\.1 <bad@mx\.example>: Access denied$/,
      also: (_finding, all) => expect(all[0]?.rule).toBe('rejected-other'),
    },
    {
      name: 'one recipient of two, and the mail is delivered',
      session: wire(`${START}\n${MAIL}\n${BAD}\n${GOOD}\n${DATA}\nS: 250 ok\n${END}`),
      severity: 'notice',
      message: /the rest of the mail, or a later try, was accepted/,
    },
    {
      name: 'the sender',
      session: wire(`${START}\nC: MAIL FROM:<>\nS: 550 no\n${END}`),
      message: /the sender <>: 550/,
    },
    {
      name: 'the sender first, and then not: a notice',
      session: wire(
        `${START}\nC: MAIL FROM:<a@client.example>\nS: 550 not now\n${MAIL}\n${GOOD}\n${DATA}\nS: 250 ok\n${END}`,
      ),
      severity: 'notice',
    },
    {
      name: 'the message, after it was sent',
      session: wire(`${START}\n${MAIL}\n${GOOD}\n${DATA}\nS: 554 5.7.1 rejected\n${END}`),
      severity: 'error',
      message: /the message after it was sent: 554 5\.7\.1 rejected/,
    },
    {
      name: 'a pipelined group: the first refusal, not its followers',
      session: wire(
        `${START}\nC: MAIL FROM:<a@client.example>\nC: RCPT TO:<bad@mx.example>\nC: DATA\nS: 250 ok\nS: 550 5.7.1 refused\nS: 554 5.5.1 no valid recipients\n${END}`,
      ),
      also: ({ evidence, message }, all) => {
        expect(all).toHaveLength(1);
        expect(evidence.map(({ turn }) => turn)).toEqual([4, 7]);
        expect(message).toMatch(/5\.7\.1 refused/);
      },
    },
    {
      name: 'a refused MAIL and what follows from it',
      session: wire(
        `${START}\nC: MAIL FROM:<a@client.example>\nC: RCPT TO:<b@mx.example>\nS: 550 5.7.1 no\nS: 503 5.5.1 need MAIL\n${END}`,
      ),
      also: (_finding, all) => expect(all).toHaveLength(1),
    },
    {
      name: 'three recipients are one finding',
      session: wire(`${START}\n${MAIL}\n${BAD}\n${BAD}\n${BAD}\n${END}`),
      message: /bad@mx\.example and 2 others/,
      also: (_finding, all) => expect(all).toHaveLength(1),
    },
  ],
  [
    { name: 'delivered', session: wire(`${START}\n${MAIL}\n${GOOD}\n${DATA}\nS: 250 ok\n${END}`) },
    {
      name: 'relaying refused',
      session: wire(`${START}\n${MAIL}\nC: RCPT TO:<b@o.example>\nS: 554 5.7.1 Relay access denied`),
    },
    {
      name: 'a login wanted',
      session: wire(`${START}\nC: MAIL FROM:<a@b.example>\nS: 530 5.7.0 Authentication required`),
    },
    { name: 'a refused AUTH', session: wire(`${START}\nC: AUTH PLAIN AGEAYg==\nS: 535 no`) },
    { name: 'an unknown command', session: wire(`${START}\nC: XYZ\nS: 500 what\n${END}`) },
    { name: '4xx', session: wire(`${START}\n${MAIL}\nC: RCPT TO:<b@mx.example>\nS: 450 later`) },
  ],
);
