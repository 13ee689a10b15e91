import { turnShows } from '../evidence.ts';
import { exploitsIn } from '../exploits.ts';
import { longLines } from '../long-lines.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { refusedFor } from '../syntax-refusals.ts';
import { groups, quote } from '../words.ts';

interface Data {
  readonly where: 'command' | 'reply' | 'message';
  readonly octets: number;
  readonly limit: number;
  readonly times: number;
  readonly words: string | null;
}

const SHOWN = 4;

export default defineRule<Data>({
  id: 'line-too-long',
  title: 'A line is longer than SMTP allows',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: ['longLine', 'oddMessage'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'error',
  detect(session) {
    const all = longLines(session);
    if (all.length === 0) return NOTHING;
    const exploits = new Set(exploitsIn(session).map(({ turn }) => turn));
    const lines = all.filter(({ turn }) => !exploits.has(turn));
    const refusal = refusedFor(session, 'line-too-long')[0];
    const line = lines.find(({ turn }) => turn === refusal?.request) ?? lines[0];
    if (line === undefined) return NOTHING;
    const { where, octets, limit } = line;
    return [
      {
        evidence: [
          ...lines.slice(0, SHOWN).map((one) => turnShows(one.turn, `a line of ${groups(one.octets)} octets`)),
          ...(refusal === undefined ? [] : [turnShows(refusal.reply, 'refused for it')]),
        ],
        data: {
          where,
          octets,
          limit,
          times: lines.length,
          words: refusal === undefined ? null : quote(session, refusal.reply),
        },
        ...(refusal === undefined ? {} : { severity: 'error' as const }),
        ...(where === 'reply' ? { actor: 'server' as const } : {}),
      },
    ];
  },
  message: ({ where, octets, limit, times, words }) =>
    `${where === 'message' ? 'The message has a line' : where === 'reply' ? 'A reply has a line' : 'A command line is'} of ${groups(octets)} octets, and ${groups(limit)} are allowed` +
    `${times > 1 ? ` (${times} such places)` : ''}${words === null ? '' : `; the server refuses it: ${words}`}`,
  explanation: `SMTP limits its lines, CRLF counted: 512 octets for a command (more for MAIL, RCPT and AUTH with extensions), 512 for a line of a reply, 1000 for a line of the message (RFC 5321 §4.5.3.1). Longer ones are cut, broken in two or refused, by this server or by one further on. A line that is broken on the way breaks the DKIM signature, and a break inside a header field or an HTML tag spoils the text.

It is certain: the octets were counted. An error where the refusal speaks of it.`,
  falseAlarms: [
    'Messages sent by BDAT have no lines for SMTP and are not looked at.',
    'AUTH lines may have 12,288 octets.',
    'Most servers take longer lines than they must: a notice until one refuses.',
  ],
  causes(data) {
    if (data?.where === 'reply')
      return ['A reply text of the server’s own making: a link with parameters, a policy in one line.'];
    if (data?.where === 'command') {
      return [
        'Several recipients, or a long path with parameters, in one command.',
        'A line of another protocol, of a message or of a login, sent where a command was due.',
      ];
    }
    return [
      'HTML or JSON of a program in one line, sent as 7bit or 8bit instead of quoted-printable or base64.',
      'References or To with hundreds of entries in one unfolded header line.',
      'base64 written without line breaks.',
    ];
  },
  remedies: () => [
    {
      applies: 'the program that sends',
      text: 'Encode the text as quoted-printable or base64 with line breaks every 76 characters, and fold long header fields.',
      commands: ['base64 -w 76 attachment.pdf'],
    },
    {
      applies: 'Exim',
      text: 'message_linelength_limit of the smtp transport (998) is what makes Exim refuse to pass such a message on.',
      commands: ['exim -bP transports | grep message_linelength_limit'],
    },
    {
      applies: 'Postfix',
      text: 'Postfix breaks longer lines at smtp_line_length_limit (998) when it sends, which breaks signatures: the sender has to encode.',
      commands: ['postconf smtp_line_length_limit line_length_limit'],
    },
  ],
  references: [rfc(5321, '4.5.3.1.4'), rfc(5321, '4.5.3.1.6'), postconf('smtp_line_length_limit')],
});
