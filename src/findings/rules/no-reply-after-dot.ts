import type { Session } from '../../smtp/session.ts';
import { closeShows, turnShows } from '../evidence.ts';
import { defineRule, type Evidence, NOTHING, postconf, rfc } from '../rule.ts';
import { openTransfer, type Transfer } from '../transfer.ts';
import { LOGS_OF_BOTH_ENDS } from '../transport-remedies.ts';
import { duration, groups, quote } from '../words.ts';

interface Data {
  readonly bytes: number;
  readonly seconds: number;
  readonly closedBy: 'client' | 'server';
  readonly acknowledged: boolean;
  /** The server’s words, where they came after the client had left; null when they never came. */
  readonly late: string | null;
  readonly lateSeconds: number;
  readonly lateIsAcceptance: boolean;
}

const CAUSE = {
  impatient:
    'The client does not wait long enough: the standard asks for ten minutes here, many libraries give up after 30 or 60 s.',
  filter: 'The server scans the message before it answers (spam and virus filter, milter, proxy), and that takes long.',
  nat: 'A firewall or NAT on the path forgets the silent connection, and the reply has no way back.',
  crash: 'The server’s process, or the filter behind it, died over this message.',
  load: 'The server is overloaded: disk or queue are slow, and it answers when all is written.',
  lost: 'The end of data never arrived: packets get lost on the way, or something on the path waits for more.',
  blind: 'The client is a script that sends its lines and leaves without reading a reply.',
} as const;

export default defineRule<Data>({
  id: 'no-reply-after-dot',
  title: 'The message was sent whole, and nobody saw the reply',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['unended'],
  needs: { client: 'lower', server: 'withhold' },
  explains: ['aborted', 'incomplete', 'delivered', 'partly-delivered', 'idle'],
  detect(session) {
    const transfer = openTransfer(session);
    if (transfer === null || transfer.verdict !== 'no-reply' || transfer.closedBy === null) return NOTHING;
    const { lateReply, acknowledged, closedBy } = transfer;
    const lateIsAcceptance = lateReply !== null && lateReply.code < 300;
    // A reply without its code is a reply all the same: enhanced-as-code tells of it.
    if (
      session.turns.some(
        ({ kind, from, index }) => kind === 'unparsed' && from === 'server' && index > transfer.last.index,
      )
    )
      return NOTHING;
    // A refusal that nobody read has a finding of its own.
    if (lateReply !== null && !lateIsAcceptance) return NOTHING;
    return [
      {
        evidence: evidenceOf(session, transfer),
        data: {
          bytes: transfer.bytes,
          seconds: transfer.seconds,
          closedBy,
          acknowledged,
          late: lateReply === null ? null : quote(session, lateReply),
          lateSeconds: transfer.lateSeconds,
          lateIsAcceptance,
        },
        ...(lateIsAcceptance ? { severity: 'critical' } : {}),
        ...(acknowledged ? {} : { confidence: 'likely' }),
        ...(closedBy === 'server' ? { actor: 'server' } : {}),
      },
    ];
  },
  message: ({ bytes, seconds, closedBy, acknowledged, late, lateSeconds }) =>
    late === null
      ? `The message of ${groups(bytes)} octets was sent whole${
          acknowledged ? ' and arrived' : ', though its end was never acknowledged'
        }; ${duration(seconds)} later the ${closedBy} closed, and no reply had come: ${
          acknowledged ? 'it may be delivered, and will be sent again' : 'it is probably lost, and will be sent again'
        }`
      : `The client left ${duration(seconds)} after the message, and the server accepted it ${duration(lateSeconds)} later: ` +
        `it is delivered, and will be sent again: ${late}`,
  explanation: `Between the final dot and the reply to it nobody can be sure who has the mail (RFC 1047). A client that leaves in that moment has to send the message again, and when the server had taken it, the recipient gets it twice. Postfix logs it as “timed out while sending end of data -- message may be sent more than once”, or “lost connection … while sending end of data”.

The standard lets clients wait ten minutes for this reply (RFC 5321 §4.5.3.2.6), since the server may have a lot to do before it takes responsibility; servers are asked to answer fast all the same.

It is certain that no reply came before the end where the server’s system acknowledged the end of data; where it did not, the message is more likely lost than doubled. Critical, when the acceptance came and nobody was there to read it: the second copy is on its way.`,
  falseAlarms: [
    'A capture that ends before the reply: not raised, since the connection was not seen to end.',
    'A client that only closes its own direction and still reads: not raised, unless it answers the reply with a reset.',
    'A server that knows messages by their Message-ID drops the second copy.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (!data.acknowledged) return [CAUSE.lost, CAUSE.nat, CAUSE.crash];
    if (data.closedBy === 'server') return [CAUSE.crash, CAUSE.filter, CAUSE.load];
    if (data.seconds < 2) return [CAUSE.blind, CAUSE.impatient, CAUSE.filter];
    if (data.seconds >= 590) return [CAUSE.filter, CAUSE.load, CAUSE.nat, CAUSE.crash];
    return [CAUSE.impatient, CAUSE.filter, CAUSE.load, CAUSE.nat];
  },
  remedies: () => [
    {
      applies: 'Postfix as client',
      text: 'Ten minutes is Postfix’s own setting; a shorter one asks for doubles. The unit belongs to the number.',
      commands: [
        'postconf smtp_data_done_timeout lmtp_data_done_timeout',
        'postconf -e "smtp_data_done_timeout = 600s" && postfix reload',
      ],
    },
    {
      applies: 'Exim as client',
      text: 'final_timeout of the smtp transport; 10m is the default.',
      commands: ['exim -bP transports | grep -E "final_timeout|^[a-z_]+ transport"'],
    },
    {
      applies: 'Sendmail as client',
      text: 'Timeout.datafinal (confTO_DATAFINAL in sendmail.mc), one hour by default.',
      commands: ['grep -i "Timeout.datafinal" /etc/mail/sendmail.cf'],
    },
    {
      applies: 'programs: nodemailer, PHPMailer, Ruby Net::SMTP',
      text: 'Wait ten minutes: socketTimeout in nodemailer (600000 ms is its default), $mail->Timeout in PHPMailer, read_timeout in Net::SMTP (60 s by default). Or hand the mail to a server of one’s own, which waits.',
      commands: [],
    },
    {
      applies: 'Postfix as server',
      text: 'Filter after the queue rather than before it (content_filter instead of smtpd_proxy_filter or a slow milter), or make the filter answer sooner.',
      commands: ['postconf smtpd_proxy_filter smtpd_milters milter_content_timeout content_filter smtpd_timeout'],
    },
    {
      applies: 'Exim as server',
      text: 'What stands in acl_smtp_data runs before the reply: scanners with long timeouts, delays, callouts.',
      commands: ['exim -bP acl_smtp_data acl_smtp_mime av_scanner spamd_address'],
    },
    ...LOGS_OF_BOTH_ENDS,
  ],
  references: [rfc(5321, '4.5.3.2.6'), rfc(5321, '6.1'), rfc(1047), postconf('smtp_data_done_timeout')],
});

function evidenceOf(session: Session, { last, lateReply }: Transfer): readonly Evidence[] {
  return [
    turnShows(last, 'the message, with its end'),
    ...closeShows(session, 'the connection ends'),
    ...(lateReply === null ? [] : [turnShows(lateReply, 'the reply, which nobody reads')]),
  ];
}
