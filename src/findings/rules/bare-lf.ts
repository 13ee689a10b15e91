import { type BareEnds, bareEnds } from '../bare-ends.ts';
import { defineRule, postconf, rfc } from '../rule.ts';
import { count, list } from '../words.ts';

export default defineRule<BareEnds>({
  id: 'bare-lf',
  title: 'Lines end in LF alone',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: ['oddLine', 'oddMessage'],
  needs: { client: 'lower', server: 'any' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'error',
  detect: (session) => bareEnds(session, 'LF'),
  message: ({ commands, replies, messages, words }) =>
    `LF without CR in ${list([
      ...(commands > 0 ? [count(commands, 'command')] : []),
      ...(replies > 0 ? [count(replies, 'reply', 'replies')] : []),
      ...(messages > 0 ? [count(messages, 'message')] : []),
    ])}${words === null ? '' : `; the server refuses for it: ${words}`}`,
  explanation: `Every line of SMTP ends in CR and LF, in commands, in replies and in the message (RFC 5321 §2.3.8). A bare LF is what Unix programs write to files. Servers treat it in different ways: some take it for a line end, some keep it as a character of the line, some refuse the mail. Where two servers on the way differ, one of them may see the end of the message where the other does not, which is what SMTP smuggling uses; and a relay that repairs the line ends breaks a DKIM signature made before.

It is certain that the octets were sent so. Inside a message it is a notice, in commands and replies a warning; where the server’s refusal speaks of it, an error.`,
  falseAlarms: [
    'Messages sent by BDAT may hold any octets and are not looked at.',
    'A line whose beginning was not captured, or that was cut by the snapshot length: nothing is said of it.',
  ],
  causes: () => [
    'A script or program writes \\n where SMTP needs \\r\\n: a text file sent over a socket, netcat, a template in a web application.',
    'A library that leaves the line ends of attachments or of a ready-made message as they are.',
    'A relay that passes on what it got instead of repairing or refusing it.',
  ],
  remedies: () => [
    {
      applies: 'the program that sends',
      text: 'Convert every line end to CRLF before the message goes out, and sign with DKIM only afterwards. A file can be converted on the way.',
      commands: ['sed -e "s/\\r*$/\\r/" message.txt > message.crlf'],
    },
    {
      applies: 'Postfix as server',
      text:
        'smtpd_forbid_bare_newline (3.9, 3.8.4, 3.7.9, 3.6.13, 3.5.23 and later) decides what becomes of such clients; ' +
        'smtpd_forbid_bare_newline_exclusions excepts those of your own that cannot be changed.',
      commands: ['postconf mail_version smtpd_forbid_bare_newline smtpd_forbid_bare_newline_exclusions'],
    },
    {
      applies: 'Sendmail as server, 8.18 and later',
      text:
        'Refuses with 421 unless Srv_Features allows it: in /etc/mail/access an entry Srv_Features:192.0.2.10 with G lets that client ' +
        'send bare LF. Repairing the client is the better answer.',
      commands: ['makemap hash /etc/mail/access < /etc/mail/access'],
    },
  ],
  references: [rfc(5321, '2.3.8'), postconf('smtpd_forbid_bare_newline')],
});
