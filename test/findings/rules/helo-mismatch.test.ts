import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const talk = (name: string, reply = '250 mx.example') =>
  `S: 220 mx.example ESMTP\nC: EHLO ${name}\nS: ${reply}\nC: NOOP\nS: 250 ok\nC: QUIT\nS: 221 bye`;

testRule(
  'helo-mismatch',
  [
    {
      name: 'the address inside NAT',
      session: wire(talk('[192.168.1.5]')),
      severity: 'notice',
      confidence: 'hint',
      message: /gives its address as \[192\.168\.1\.5\], and comes from 198\.51\.100\.7/,
      firstCause: /NAT/,
    },
    {
      name: 'another IPv6 address',
      session: wire(talk('[IPv6:2001:db8::9]'), { client: '2001:db8::7', server: '2001:db8::25' }),
    },
    {
      name: 'Sendmail says so',
      session: wire(talk('client.example', '250 mx.example Hello x.example [198.51.100.7] (may be forged), pleased')),
      message: /The server says .*“client\.example”.*may be forged/,
      firstCause: /PTR/,
    },
    {
      name: 'refused for it',
      session: wire(talk('client.example', '550 HELO name does not match your address')),
      message: /does not match your address/,
    },
  ],
  [
    { name: 'a name', session: wire(talk('client.example', '250 mx.example Hello client.example [198.51.100.7]')) },
    { name: 'its own address', session: wire(talk('[198.51.100.7]')) },
    {
      name: 'its own IPv6 address, spelled otherwise',
      session: wire(talk('[IPv6:2001:0DB8:0:0::7]'), { client: '2001:db8::7', server: '2001:db8::25' }),
    },
    {
      name: 'a client seen before its address is translated',
      session: wire(talk('[192.0.2.9]'), { client: '10.0.0.5' }),
    },
    { name: 'a mail program behind NAT', session: wire(talk('[192.168.1.5]'), { port: 587 }) },
    {
      name: 'a hole in which a login may have been',
      session: wire(
        'S: 220 mx.example\nC: EHLO [192.168.1.5]\nS: 250 ok\n--gap 30 C--\nS: 235 ok\nC: QUIT\nS: 221 bye',
      ),
    },
    { name: 'another refusal', session: wire(talk('client.example', '550 go away')) },
    {
      name: 'half a name, cut by a hole',
      session: wire('S: 220 mx.example\nC: EHLO [192.168\\-\n--gap 8 C--\nS: 250 ok'),
    },
  ],
);
