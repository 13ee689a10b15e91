import { expect } from 'vitest';
import { testRule } from '../support/expect.ts';
import { wire } from '../support/wire.ts';

const HEADER = 'C: Date: Tue, 14 Nov 2023 22:13:20 +0000\nC: From: a@client.example\nC: ';
const GHOST =
  'MAIL FROM:<admin@mx.example>\\x0d\\x0aRCPT TO:<b@mx.example>\\x0d\\x0aDATA\\x0d\\x0aSubject: ghost\\x0d\\x0a\\x0d\\x0ahello';
const mail = (body: string, ...replies: string[]) =>
  `S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250 mx.example\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: DATA\nS: 354 go\n${HEADER}\n${body}\n${replies.map((reply) => `S: ${reply}`).join('\n')}\nC: QUIT\nS: 221 bye`;

const FORMS: readonly (readonly [form: string, bytes: string])[] = [
  ['LF.LF', '\\x0a.\\x0a'],
  ['LF.CRLF', '\\x0a.\\x0d\\x0a'],
  ['CRLF.LF', '\\x0d\\x0a.\\x0a'],
  ['CR.CR', '\\x0d.\\x0d'],
  ['CR.LF', '\\x0d.\\x0a'],
  ['LF.CR', '\\x0a.\\x0d'],
  ['CR.CRLF', '\\x0d.\\x0d\\x0a'],
  ['CRLF.CR', '\\x0d\\x0a.\\x0d'],
  ['CRLF.CRCRLF', '\\x0d\\x0a.\\x0d\\x0d\\x0a'],
  ['CRCRLF.CRCRLF', '\\x0d\\x0d\\x0a.\\x0d\\x0d\\x0a'],
  ['CRLF NUL.CRLF', '\\x0d\\x0a\\x00.\\x0d\\x0a'],
  ['CRLF.NUL CRLF', '\\x0d\\x0a.\\x00\\x0d\\x0a'],
];

testRule(
  'smtp-smuggling',
  [
    ...FORMS.map(([form, bytes]) => ({
      name: `${form} with commands behind it`,
      session: wire(mail(`C: text${bytes}${GHOST}\nC: .`, '250 queued')),
      severity: 'critical' as const,
      confidence: 'certain' as const,
      message: new RegExp(
        `not every server sees, ${form}, with commands behind it.*: MAIL FROM:<admin@mx\\.example> \\| RCPT`,
      ),
    })),
    ...FORMS.map(([form, bytes]) => ({
      name: `${form} in two packets`,
      session: wire(
        mail(`C: text${bytes.replace('.', '.\\-\nC: ')}${GHOST}\nC: .`, '250 queued').replace(
          /\nC: (?=\\x|MAIL FROM:<admin)/,
          '\nC: ',
        ),
      ),
      message: new RegExp(`, ${form}, with commands`),
    })),
    {
      name: 'the server answers the smuggled commands',
      session: wire(
        mail(
          `C: text\\x0a.\\x0a${GHOST}\nC: .`,
          '250 queued',
          '250 sender ok',
          '250 recipient ok',
          '354 go',
          '250 queued too',
        ),
      ),
      severity: 'critical',
      message:
        /the server took it: the commands behind it got 4 replies of their own \(250, 250, 354 and 250\): MAIL FROM/,
      firstCause: /second mail/,
      also: (finding, all) => {
        expect(all.map(({ rule }) => rule)).not.toContain('reply-without-command');
        expect(finding.evidence[0]?.length).toBe(3);
        expect(finding.evidence).toHaveLength(6);
      },
    },
    {
      name: 'the replies come while the client is still sending',
      session: wire(
        mail(
          `C: text\\x0a.\\x0a${GHOST}\nS: 250 queued\nS: 250 sender ok\nS: 250 recipient ok\nS: 354 go\nC: more\nC: .`,
          '250 queued too',
        ),
      ),
      message: /the server took it/,
    },
    {
      name: 'text behind it',
      session: wire(mail('C: one\\x0a.\\x0atwo\nC: .', '250 ok')),
      severity: 'warning',
      message: /LF\.LF; what follows it is text$/,
      firstCause: /Unix line ends/,
    },
    {
      name: 'a client ends its message that way, and the server takes it',
      session: wire(mail('C: one\\x0a.\\x0a\\-', '250 ok')),
      severity: 'warning',
      message: /ended its message with LF\.LF, and the server took that for the end/,
    },
    {
      name: 'credentials behind it are not shown',
      session: wire(mail('C: text\\x0a.\\x0aAUTH PLAIN AGFubmEAc2VjcmV0\\x0d\\x0a\nC: .', '250 ok')),
      message: /AUTH PLAIN \*{4}$/,
    },
  ],
  [
    { name: 'LF alone, no dot', session: wire(mail('C: one\\x0atwo\nC: .', '250 ok')) },
    { name: 'a lone dot at the end, as it should be', session: wire(mail('C: one\nC: .', '250 ok')) },
    { name: 'a doubled dot on a line', session: wire(mail('C: one\\x0a..\\x0atwo\nC: .', '250 ok')) },
    {
      name: 'commands in a message without such an end',
      session: wire(mail('C: a\\x0ab\nC: MAIL FROM:<x@y.example>\nC: .', '250 ok')),
    },
    {
      name: 'a hole between the line end and the dot',
      session: wire(mail('C: one\\x0a\\-\n--gap 3 C--\nC: .\\x0atwo\nC: .', '250 ok')),
    },
    { name: 'a hole right before the true end', session: wire(mail('C: one\\-\n--gap 1 C--\nC: \\x0a.', '250 ok')) },
    {
      name: 'in a chunk',
      session: wire(
        'S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 CHUNKING\nC: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: BDAT 11 LAST\nC: one\\x0a.\\x0atwo\nS: 250 ok\nC: QUIT\nS: 221 bye',
      ),
    },
  ],
);
