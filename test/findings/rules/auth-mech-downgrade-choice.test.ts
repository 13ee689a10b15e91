import { b64, spoken } from '../../smtp/auth/spoken.ts';
import { testRule } from '../support/expect.ts';

const HELLO = 'S: 220 mx.example ESMTP\nC: EHLO a.example\nS: 250-mx.example';
const PLAIN = `C: AUTH PLAIN ${b64('\0alice\0hunter22')}\nS: 235 ok\nC: QUIT\nS: 221 x`;
const LOGIN = `C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: ${b64('alice')}\nS: 334 UGFzc3dvcmQ6\nC: ${b64('hunter22')}\nS: 235 ok\nC: QUIT\nS: 221 x`;

testRule(
  'auth-mech-downgrade-choice',
  [
    {
      name: 'LOGIN though SCRAM is on offer',
      session: spoken(`${HELLO}\nS: 250 AUTH SCRAM-SHA-256 PLAIN LOGIN\n${LOGIN}`),
      severity: 'notice',
      confidence: 'likely',
      message: /used LOGIN without TLS though SCRAM-SHA-256 would not have shown the password$/,
      firstCause: /fixed in the client/,
    },
    {
      name: 'PLAIN after CRAM-MD5 was refused',
      session: spoken(
        `${HELLO}\nS: 250 AUTH CRAM-MD5 PLAIN\nC: AUTH CRAM-MD5\nS: 334 ${b64('<1@x.example>')}\nC: ${b64('alice 00ff')}\nS: 535 no\n${PLAIN}`,
      ),
      message: /it had tried a challenge mechanism before and was refused$/,
    },
  ],
  [
    { name: 'no challenge mechanism on offer', session: spoken(`${HELLO}\nS: 250 AUTH PLAIN LOGIN\n${PLAIN}`) },
    { name: 'NTLM and GSSAPI need a domain', session: spoken(`${HELLO}\nS: 250 AUTH NTLM GSSAPI PLAIN\n${PLAIN}`) },
    {
      name: 'over loopback',
      session: spoken(`${HELLO}\nS: 250 AUTH CRAM-MD5 PLAIN\n${PLAIN}`, { client: '127.0.0.1', server: '127.0.0.1' }),
    },
    {
      name: 'cancelled before the password',
      session: spoken(
        `${HELLO}\nS: 250 AUTH CRAM-MD5 LOGIN\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: *\nS: 501 x\nC: QUIT\nS: 221 x`,
      ),
    },
    {
      name: 'a hole before it',
      session: spoken(`${HELLO}\nS: 250 AUTH CRAM-MD5 PLAIN\n--gap 30 S--\n${PLAIN}`),
    },
  ],
);
