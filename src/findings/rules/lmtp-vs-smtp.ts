import type { Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { turnShows } from '../evidence.ts';
import { replyTo } from '../in-clear.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { quote } from '../words.ts';

interface Data {
  /** What the client speaks. */
  readonly client: 'SMTP' | 'LMTP';
  readonly verb: string;
  readonly port: number;
  readonly words: string;
}

const LMTP_PORT = 24;
/** A verb that is not known, or not known here. */
const UNKNOWN_HERE: ReadonlySet<number> = new Set([500, 501, 502, 503, 504]);

const CAUSE = {
  transport: 'The sending server’s route names the wrong protocol: lmtp: instead of smtp:, or the reverse.',
  port: 'The port is the wrong one: 24 is for LMTP, 25 for SMTP.',
  listener: 'The receiving service was changed from one protocol to the other, and not everybody knows.',
  tool: 'A test program or monitor for the other protocol.',
} as const;

export default defineRule<Data>({
  id: 'lmtp-vs-smtp',
  title: 'One side speaks LMTP and the other SMTP',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['refusal5xx'],
  needs: { client: 'withhold', server: 'withhold' },
  explains: ['rejected', 'aborted', 'idle', 'deferred'],
  detect(session) {
    for (const turn of session.turns) {
      if (turn.kind !== 'command' || !isHello(turn.verb)) continue;
      const reply = replyTo(session, turn);
      if (reply === null || !UNKNOWN_HERE.has(reply.code)) continue;
      const speaksLmtp = turn.verb === 'LHLO';
      if (!speaksLmtp && !isLmtpServer(session, reply)) continue;
      return [
        {
          evidence: [turnShows(turn, speaksLmtp ? 'LHLO: LMTP' : 'SMTP'), turnShows(reply, 'is refused')],
          data: {
            client: speaksLmtp ? 'LMTP' : 'SMTP',
            verb: turn.verb ?? '',
            port: session.server.port,
            words: quote(session, reply),
          },
        },
      ];
    }
    return NOTHING;
  },
  message: ({ client, verb, port, words }) =>
    `The client speaks ${client} (${verb}) to a server on port ${port} that speaks ${client === 'LMTP' ? 'SMTP' : 'LMTP'}: ${words}`,
  explanation: `LMTP is SMTP for the last step into mailboxes. It begins with LHLO instead of EHLO, so that nobody can mistake one for the other, and answers a message once for each recipient (RFC 2033). A server of one protocol refuses the first word of the other, and no mail passes.

It is certain: LHLO belongs to LMTP alone, and that a server speaks LMTP is taken from its own words, its port 24, or an LHLO that it accepts.`,
  falseAlarms: [
    'EHLO refused by a server of which nothing says that it speaks LMTP: not raised.',
    'A scanner that tries LHLO everywhere.',
  ],
  causes: (data) =>
    data?.client === 'LMTP'
      ? [CAUSE.transport, CAUSE.port, CAUSE.listener, CAUSE.tool]
      : [CAUSE.port, CAUSE.transport, CAUSE.listener, CAUSE.tool],
  remedies: () => [
    {
      applies: 'Postfix as sender',
      text: 'The route says the protocol: lmtp:inet:host:24 or lmtp:unix:private/dovecot-lmtp against smtp:[host]:25.',
      commands: ['postconf mailbox_transport virtual_transport local_transport relay_transport transport_maps'],
    },
    {
      applies: 'Exim as sender',
      text: 'A transport with driver = smtp speaks LMTP when protocol = lmtp is set; driver = lmtp is for a socket or a command.',
      commands: ['exim -bP transports | grep -E "transport|driver|protocol"'],
    },
    {
      applies: 'Sendmail as sender',
      text: "The mailer that speaks LMTP has [IPC] or a local program with the flag z; FEATURE(`local_lmtp') sets it.",
      commands: ['grep -n -i lmtp /etc/mail/sendmail.mc /etc/mail/mailertable'],
    },
    {
      applies: 'Dovecot as receiver',
      text: 'service lmtp listens for LMTP, service submission-login for SMTP: the inet_listener of each tells its port.',
      commands: ['doveconf -n | grep -A 6 -E "service (lmtp|submission)"'],
    },
    {
      applies: 'anyone, to see which it is',
      text: 'swaks speaks both.',
      commands: ['swaks --protocol LMTP --server mail.example.net:24 --quit-after LHLO'],
    },
  ],
  references: [rfc(2033, '4.1'), rfc(2033, '4.2'), rfc(5321, '3.2')],
});

function isHello(verb: string | null): boolean {
  return verb === 'LHLO' || verb === 'EHLO' || verb === 'HELO';
}

/** By its own words, its port, or an LHLO that it takes. */
function isLmtpServer(session: Session, reply: Turn): boolean {
  if (session.server.port === LMTP_PORT || session.service === 'lmtp') return true;
  return /\bL(?:HLO|MTP)\b/i.test(reply.text) || /\bLMTP\b/i.test(session.greeting?.text ?? '');
}
