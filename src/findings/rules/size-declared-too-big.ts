import { turnShows } from '../evidence.ts';
import { largestAttachment, offerFor, sizeDeclared, sizeOffered } from '../offered-size.ts';
import { refusalsAs } from '../refusals.ts';
import { type Detection, defineRule, NOTHING, postconf, type Remedy, rfc } from '../rule.ts';
import { groups, quote } from '../words.ts';

interface Data {
  /** Octets; 0 when the client declared none. */
  readonly declared: number;
  /** Octets; 0 when the server names no limit. */
  readonly offered: number;
  /** The server's refusal; null when it did not refuse. */
  readonly words: string | null;
  /** The message was accepted all the same. */
  readonly accepted: boolean;
}

export default defineRule<Data>({
  id: 'size-declared-too-big',
  title: 'The mail is larger than the server takes',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['oversized'],
  refusals: ['size-declared'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'error',
  detect(session) {
    let found: Detection<Data>[] | null = null;
    for (const transaction of session.transactions) {
      const { mail, mailReply, message } = transaction;
      const isRefused = mailReply !== null && mailReply.code >= 400;
      const declared = sizeDeclared(transaction);
      if (declared === 0 && !isRefused) continue;
      const offer = offerFor(session, transaction);
      const offered = sizeOffered(offer);
      const refusal = isRefused
        ? refusalsAs(session, 'size-declared').find(({ request }) => request === mail)
        : undefined;
      const exceeds = offered > 0 && declared > offered;
      // Refused for another reason: that one has its finding.
      if (refusal === undefined && (!exceeds || isRefused)) continue;
      const accepted = message?.code != null && message.code < 300;
      found ??= [];
      found.push({
        evidence: [
          ...(exceeds && offer !== null ? [turnShows(offer.reply, `offers to take ${groups(offered)} octets`)] : []),
          turnShows(mail, declared === 0 ? 'is refused' : `declares ${groups(declared)} octets`),
          ...(refusal === undefined ? [] : [turnShows(refusal.reply, 'refuses it')]),
        ],
        data: { declared, offered, words: refusal === undefined ? null : quote(session, refusal.reply), accepted },
        ...(accepted || refusal?.cost === 'part' ? { severity: 'notice' } : {}),
      });
    }
    if (found !== null) return found;
    // A limit of one recipient's own, told at RCPT.
    const atRcpt = refusalsAs(session, 'size-declared')[0];
    if (atRcpt === undefined) return NOTHING;
    return [
      {
        evidence: [turnShows(atRcpt.request, 'is refused'), turnShows(atRcpt.reply, 'by this reply')],
        data: {
          declared: atRcpt.transaction === null ? 0 : sizeDeclared(atRcpt.transaction),
          offered: 0,
          words: quote(session, atRcpt.reply),
          accepted: false,
        },
        ...(atRcpt.cost === 'part' ? { severity: 'notice' } : {}),
      },
    ];
  },
  message: ({ declared, offered, words, accepted }) =>
    `${declared === 0 ? 'The mail' : `The mail of ${groups(declared)} octets`} is larger than the server takes` +
    `${offered === 0 ? '' : ` (${groups(offered)} octets)`}${words === null ? '' : `: ${words}`}` +
    `${accepted ? '; the server took it all the same' : ''}`,
  explanation: `The server says in its reply to EHLO how large a message it takes (SIZE, RFC 1870), and the client declares the size of its own in MAIL. The declared size is beyond the limit, or the server says so. Nothing was sent in vain; the mail cannot pass here.

Sizes are those on the wire: base64 makes an attachment 37 % larger, so that a limit of 10,240,000 octets (Postfix’s default) holds a file of some 7.4 MB. The refusal, or the two numbers, are certain.`,
  falseAlarms: ['A server that takes the mail although it is above its own limit: a notice.'],
  causes: (data) => [
    ...(data !== null && data.offered > 0
      ? [
          `The mail holds attachments of more than about ${groups(Math.round(largestAttachment(data.offered) / 100_000) / 10)} MB in all, the most that fits here.`,
        ]
      : ['The mail holds attachments that are too large for this server.']),
    'The limit of the server is its default, lower than its users think.',
    'The limits along the way differ: the client’s own server took the mail, the next one does not.',
  ],
  remedies: limits,
  references: [rfc(1870, '6'), postconf('message_size_limit')],
});

/** How a server's limit is raised. */
function limits(): readonly Remedy[] {
  return [
    { applies: 'the sender', text: 'Put large files on a share and send a link, or send several mails.', commands: [] },
    {
      applies: 'Postfix as server',
      text: 'Raise the limit (octets on the wire); mailbox_size_limit and virtual_mailbox_limit must not be smaller.',
      commands: [
        'postconf -e "message_size_limit = 52428800"',
        'postconf mailbox_size_limit virtual_mailbox_limit',
        'postfix reload',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'message_size_limit in the main section (default 50M); a transport can have one of its own.',
      commands: ['exim -bP message_size_limit'],
    },
    {
      applies: 'Sendmail as server',
      text: "In sendmail.mc: define(`confMAX_MESSAGE_SIZE', `52428800')dnl.",
      commands: ['make -C /etc/mail restart'],
    },
    {
      applies: 'OpenSMTPD as server',
      text: 'In smtpd.conf: smtp max-message-size 50M (default 35M).',
      commands: ['smtpd -n'],
    },
    {
      applies: 'Exchange as server',
      text: 'The limit stands at the organisation, the connector and the mailbox; the smallest counts.',
      commands: [
        'Get-TransportConfig | Format-List Max*Size',
        'Get-ReceiveConnector | Format-List Name, MaxMessageSize',
      ],
    },
  ];
}
