import { type BareEnds, bareEnds } from '../bare-ends.ts';
import { defineRule, postconf, rfc } from '../rule.ts';
import { count, list } from '../words.ts';

export default defineRule<BareEnds>({
  id: 'bare-cr',
  title: 'A CR stands without its LF',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: ['oddLine', 'oddMessage'],
  needs: { client: 'lower', server: 'any' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'error',
  detect: (session) => bareEnds(session, 'CR'),
  message: ({ commands, replies, messages, words }) =>
    `CR without LF in ${list([
      ...(commands > 0 ? [count(commands, 'command')] : []),
      ...(replies > 0 ? [count(replies, 'reply', 'replies')] : []),
      ...(messages > 0 ? [count(messages, 'message')] : []),
    ])}${words === null ? '' : `; the server refuses for it: ${words}`}`,
  explanation: `CR and LF may only stand together, as the end of a line (RFC 5321 §2.3.8). A CR alone is a character that some servers take for a line end, some drop, some keep and some refuse. Each repair changes the message and breaks a DKIM signature made before; and where two servers differ, one may see an end of the message that the other does not.

It is certain that the octets were sent so. Inside a message it is a notice, in commands and replies a warning; where the server’s refusal speaks of it, an error.`,
  falseAlarms: [
    'Messages sent by BDAT may hold any octets and are not looked at.',
    'A CR that is the last octet kept of a long line: nothing is said of it.',
  ],
  causes: () => [
    'Line ends converted twice: LF became CRLF in a text that had CRLF already, which gives CR CR LF.',
    'A binary file or old Macintosh text put into the message without base64 or quoted-printable.',
    'A telnet client or terminal that sends CR and NUL for the return key.',
  ],
  remedies: () => [
    {
      applies: 'the program that sends',
      text: 'Convert line ends once, at one place; encode whatever is not text in base64.',
      commands: ['sed -e "s/\\r*$/\\r/" message.txt > message.crlf'],
    },
    {
      applies: 'Postfix',
      text:
        'cleanup_replace_stray_cr_lf (3.9, 3.8.5, 3.7.10, 3.6.14, 3.5.24 and later) puts a space in the place of a CR or LF that ' +
        'stands alone, before the message is signed or passed on.',
      commands: ['postconf mail_version cleanup_replace_stray_cr_lf message_strip_characters'],
    },
    {
      applies: 'Sendmail as server, 8.18 and later',
      text: 'Refuses with 421 unless Srv_Features allows it: U in an entry Srv_Features:192.0.2.10 of /etc/mail/access lets that client send bare CR.',
      commands: ['makemap hash /etc/mail/access < /etc/mail/access'],
    },
  ],
  references: [rfc(5321, '2.3.8'), postconf('cleanup_replace_stray_cr_lf')],
});
