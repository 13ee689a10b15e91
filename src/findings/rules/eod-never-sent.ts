import { closeShows, turnShows } from '../evidence.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { openTransfer } from '../transfer.ts';
import { duration, groups } from '../words.ts';

interface Data {
  readonly bytes: number;
  readonly seconds: number;
  readonly hasBareLf: boolean;
  readonly closedBy: 'client' | 'server' | null;
}

const CAUSE = {
  bareLf: 'The program ends its lines with LF alone, so its final dot is no end of data for this server: CRLF.CRLF is.',
  glued:
    'The text of the message does not end in CRLF, and the dot was sent right behind its last letter, on the same line.',
  forgotten: 'The program never sends the dot: it flushes the text and waits for the reply.',
  buffer: 'The end stays in a buffer of the client that nobody flushes.',
} as const;

export default defineRule<Data>({
  id: 'eod-never-sent',
  title: 'The message was never ended',
  severity: 'error',
  confidence: 'certain',
  actor: 'developer',
  triggers: ['unended'],
  needs: { client: 'withhold', server: 'withhold' },
  explains: ['aborted', 'incomplete', 'deferred'],
  detect(session) {
    const transfer = openTransfer(session);
    if (transfer === null || transfer.verdict !== 'no-end') return NOTHING;
    const { last, bytes, seconds, hasBareLf, closedBy } = transfer;
    return [
      {
        evidence: [turnShows(last, 'the message, without CRLF.CRLF'), ...closeShows(session, 'the connection ends')],
        data: { bytes, seconds, hasBareLf, closedBy },
      },
    ];
  },
  message: ({ bytes, seconds, hasBareLf, closedBy }) =>
    `${groups(bytes)} octets of a message arrived and no end of data (CRLF.CRLF) followed them` +
    `${hasBareLf ? '; the lines end in LF alone' : ''}. Both sides waited for ${duration(seconds)}` +
    `${closedBy === null ? '' : `, then the ${closedBy} closed`}`,
  explanation: `A message sent with DATA ends with a line that holds one dot: CRLF, dot, CRLF (RFC 5321 §4.1.1.4). Without it the server goes on reading, and whatever the client says next, QUIT included, is text of the message to it. The client waits for a reply, the server for the end, until one of them gives up; nothing is delivered.

It is certain that no end of data was sent, that all that was sent arrived, and that the client then waited, as one does who expects a reply. A client that falls silent for three minutes and more is told as data-stall, one that leaves at once as lost-connection-in-data.`,
  falseAlarms: [
    'A server that takes LF.LF for the end of data answers, and then nothing waits; that has a finding of its own (smtp-smuggling).',
    'A program that makes the message while it sends it may simply be slow, and its user may have lost patience.',
  ],
  causes(data) {
    if (data?.hasBareLf === true) return [CAUSE.bareLf, CAUSE.glued, CAUSE.buffer];
    return data === null ? Object.values(CAUSE) : [CAUSE.glued, CAUSE.forgotten, CAUSE.buffer, CAUSE.bareLf];
  },
  remedies: () => [
    {
      applies: 'the program that sends',
      text: 'End each line with CR LF, undo nothing else, double each leading dot, make sure that the text ends in CRLF, and then send dot CRLF. Better: use a library, which does all of this (nodemailer, Python’s smtplib, PHPMailer).',
      commands: [],
    },
    {
      applies: 'a shell script',
      text: 'Hand the message to a mail program, which knows the protocol.',
      commands: [
        'sendmail -oi -t < message.txt',
        'msmtp -t < message.txt',
        'swaks --to b@example.net --data message.txt',
      ],
    },
    {
      applies: 'Postfix as server, for clients that cannot be mended',
      text: 'With smtpd_forbid_bare_newline (the default from 3.9 on) only CRLF.CRLF ends a message. Clients that cannot do better are exempted by address, never all of them: the setting closes a hole.',
      commands: ['postconf mail_version smtpd_forbid_bare_newline smtpd_forbid_bare_newline_exclusions'],
    },
  ],
  references: [rfc(5321, '4.1.1.4'), rfc(5321, '4.5.2'), rfc(5321, '2.3.8'), postconf('smtpd_forbid_bare_newline')],
});
