import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const END = 'C: QUIT\nS: 221 bye';
const talk = (offer: string, params: string, reply = '250 ok', rcpt = '') =>
  `S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 ${offer}\nC: MAIL FROM:<a@client.example>${params}\nS: ${reply}\n${rcpt}${END}`;

testRule(
  'mail-params-unsupported',
  [
    {
      name: 'SIZE, not offered, taken',
      session: wire(talk('HELP', ' SIZE=100')),
      severity: 'warning',
      confidence: 'certain',
      message: /^MAIL was sent with SIZE, which the server does not offer to take$/,
    },
    {
      name: 'behind HELO',
      session: wire(
        `S: 220 mx.example\nC: HELO client.example\nS: 250 mx.example\nC: MAIL FROM:<a@client.example> BODY=8BITMIME\nS: 250 ok\n${END}`,
      ),
      message: /with BODY/,
    },
    {
      name: 'NOTIFY at RCPT',
      session: wire(
        talk('SIZE', ' SIZE=1', '250 ok', 'C: RCPT TO:<b@mx.example> NOTIFY=NEVER ORCPT=rfc822;b\nS: 250 ok\n'),
      ),
      message: /RCPT was sent with NOTIFY and ORCPT/,
    },
    {
      name: 'refused for it',
      session: wire(talk('SIZE 100000', ' SIZE=1 RET=HDRS', '555 5.5.4 Unsupported option: RET=HDRS')),
      severity: 'error',
      message: /with RET, .*, and refuses: 555 5\.5\.4/,
      also: (_, all) => expect(all.map(({ rule }) => rule)).not.toContain('rejected-other'),
    },
  ],
  [
    { name: 'offered', session: wire(talk('SIZE 100000', ' SIZE=100')) },
    {
      name: 'both offered',
      session: wire(talk('SIZE', ' SIZE=100 BODY=8BITMIME').replace('250-mx.example', '250-8BITMIME')),
    },
    { name: 'none', session: wire(talk('HELP', '')) },
    { name: 'of a vendor', session: wire(talk('HELP', ' XOORG=client.example')) },
    {
      name: 'the offer lies in a hole',
      session: wire(
        `S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\n--gap 12 S--\nS: 250 HELP\nC: MAIL FROM:<a@client.example> SIZE=1\nS: 250 ok\n${END}`,
      ),
    },
  ],
);
