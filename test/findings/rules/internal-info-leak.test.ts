import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

/** MS-NLMP §2.2.1.2, with the target information of §2.2.2.1. */
function challenge(pairs: readonly (readonly [kind: number, value: string])[]): string {
  const info = Buffer.concat([
    ...pairs.map(([kind, value]) => {
      const text = Buffer.from(value, 'utf16le');
      const head = Buffer.alloc(4);
      head.writeUInt16LE(kind, 0);
      head.writeUInt16LE(text.length, 2);
      return Buffer.concat([head, text]);
    }),
    Buffer.alloc(4),
  ]);
  const table = Buffer.alloc(56);
  table.write('NTLMSSP\0', 0, 'latin1');
  table.writeUInt32LE(2, 8);
  table.writeUInt32LE(0x2000001, 20);
  table.writeUInt16LE(info.length, 40);
  table.writeUInt16LE(info.length, 42);
  table.writeUInt32LE(56, 44);
  table.set([10, 0, 0x63, 0x45], 48);
  return Buffer.concat([table, info]).toString('base64');
}

const NEGOTIATE = 'TlRMTVNTUAABAAAAB4IIAAAAAAAAAAAAAAAAAAAAAAA=';
const FULL = challenge([
  [2, 'CORP'],
  [1, 'EX1'],
  [4, 'corp.internal.example'],
  [3, 'ex1.corp.internal.example'],
]);
const HELLO = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example';
const ask = (answer: string, mechanism = 'NTLM') =>
  `C: AUTH ${mechanism}\nS: 334 ntlm supported\nC: ${NEGOTIATE}\nS: 334 ${answer}\nC: *\nS: 501 cancelled\nC: QUIT\nS: 221 bye`;

testRule(
  'internal-info-leak',
  [
    {
      name: 'host, domain and version',
      session: wire(`${HELLO}\nS: 250 AUTH NTLM\n${ask(FULL)}`),
      severity: 'notice',
      confidence: 'certain',
      message:
        /names the host ex1\.corp\.internal\.example, the domain corp\.internal\.example and version 10\.0\.17763 of Windows/,
    },
    {
      name: 'the short names alone',
      session: wire(
        `${HELLO}\nS: 250 AUTH NTLM\n${ask(
          challenge([
            [1, 'EX1'],
            [2, 'CORP'],
          ]),
        )}`,
      ),
      message: /the host EX1, the domain CORP/,
    },
  ],
  [
    { name: 'a challenge that names nobody', session: wire(`${HELLO}\nS: 250 AUTH NTLM\n${ask(challenge([]))}`) },
    {
      name: 'another mechanism',
      session: wire(`${HELLO}\nS: 250 AUTH CRAM-MD5\n${ask('PDFAbXguZXhhbXBsZT4=', 'CRAM-MD5')}`),
    },
    {
      name: 'inside TLS, opened on the way',
      session: wire(
        `${HELLO}\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nC: EHLO client.example\nS: 250-mx.example\nS: 250 AUTH NTLM\n${ask(FULL)}`,
      ),
    },
    {
      name: 'over loopback',
      session: wire(`${HELLO}\nS: 250 AUTH NTLM\n${ask(FULL)}`, { client: '127.0.0.1', server: '127.0.0.1' }),
    },
    {
      name: 'a hole before the challenge',
      session: wire(
        `${HELLO}\nS: 250 AUTH NTLM\nC: AUTH NTLM\n--gap 20 S--\nC: ${NEGOTIATE}\nS: 334 ${FULL}\nC: *\nS: 501 cancelled`,
      ),
    },
  ],
);
