import { reachOfSession } from '../addresses.ts';
import { turnShows } from '../evidence.ts';
import { USE_STARTTLS } from '../remedies.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { count } from '../words.ts';

interface Data {
  readonly verb: string;
  readonly messages: number;
  readonly isPrivate: boolean;
  /** The client asked for TLS and the server refused. */
  readonly refused: boolean;
}

const CAUSE = {
  off: 'TLS is off in the client (Postfix: smtp_tls_security_level is empty or none).',
  noTls: 'The client, a device or an old library, cannot do TLS on this port, or is set to do without.',
  avoided:
    'The client makes an exception for this server (Postfix: smtp_tls_policy_maps with none; Exim: hosts_avoid_tls).',
  refused:
    'The server offered STARTTLS and then could not do it (a key or certificate it cannot read), and the client went on in clear.',
} as const;

export default defineRule<Data>({
  id: 'starttls-offered-unused',
  title: 'STARTTLS was on offer, and the mail went in clear',
  severity: 'warning',
  confidence: 'certain',
  actor: 'client',
  triggers: ['startTlsOffered'],
  needs: { client: 'withhold', server: 'any' },
  explains: [],
  detect(session) {
    const { encryption } = session;
    if (encryption !== null && encryption.outcome !== 'rejected') return NOTHING;
    const inClear = session.transactions[0]?.mail ?? session.authentication[0]?.command;
    const auth = session.authentication[0]?.command;
    const first = auth !== undefined && inClear !== undefined && auth.index < inClear.index ? auth : inClear;
    if (first === undefined) return NOTHING;
    // A server that wants TLS first took nothing: tls-required-not-offered says so.
    const answer = session.turns[first.answeredBy];
    if (answer?.code === 530 && /STARTTLS/i.test(answer.text)) return NOTHING;
    if (answer?.complete !== true && session.transport.server.missingBytes > 0) return NOTHING;
    const offer = session.offers.findLast(
      ({ reply, extensions }) => reply.index < first.index && extensions.has('STARTTLS'),
    );
    if (offer === undefined) return NOTHING;
    const reach = reachOfSession(session);
    if (reach === 'loopback') return NOTHING;
    const refused = encryption?.outcome === 'rejected';
    return [
      {
        evidence: [
          turnShows(offer.reply, 'STARTTLS is on offer'),
          ...(refused && encryption.reply !== null ? [turnShows(encryption.reply, 'and is then refused')] : []),
          turnShows(first, 'goes on in clear'),
        ],
        data: {
          verb: first.verb ?? 'MAIL',
          messages: session.transactions.filter(({ message }) => message !== null).length,
          isPrivate: reach === 'private',
          refused,
        },
        ...(reach === 'private' ? { severity: 'notice' } : {}),
        ...(refused ? { actor: 'server' } : {}),
      },
    ];
  },
  message: ({ verb, messages, isPrivate, refused }) =>
    `${refused ? 'The server offered STARTTLS and refused it, and the client' : 'The server offered STARTTLS, and the client'} ` +
    `went on with ${verb} in clear${messages === 0 ? '' : `: ${count(messages, 'message')} readable on the path`}` +
    `${isPrivate ? ', between private addresses' : ''}`,
  explanation: `The server could encrypt and said so; the client did not ask. The envelope and the message went over the network readable, and could have been changed on the way. Between mail servers nobody requires TLS by default, yet every current server can use it when it is offered, at no cost.

It is certain: the offer and the mail in clear both stand in the capture. With a login in clear the finding credentials-in-clear is the more serious one.`,
  falseAlarms: [
    'Mail between two processes of one machine (a content filter) over loopback: not raised.',
    'Mail inside a private network or a tunnel that is encrypted itself: a notice.',
  ],
  causes: (data) =>
    data?.refused === true
      ? [CAUSE.refused, CAUSE.noTls]
      : [CAUSE.off, CAUSE.noTls, CAUSE.avoided, ...(data === null ? [CAUSE.refused] : [])],
  remedies: () => USE_STARTTLS,
  references: [rfc(3207, '4'), rfc(7435), postconf('smtp_tls_security_level')],
});
