import { turnShows } from '../evidence.ts';
import { refusalsAs } from '../refusals.ts';
import { SUBMIT_THROUGH_RELAY } from '../remedies.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { count, quote } from '../words.ts';

interface Data {
  readonly words: string;
  readonly recipient: string | null;
  readonly refusals: number;
  readonly temporary: boolean;
  readonly loggedIn: boolean;
  readonly loginRefused: boolean;
  readonly acceptedLater: boolean;
}

const CAUSE = {
  noLogin: 'The client did not log in, and this server relays to other domains only for clients that have.',
  loginFailed: 'The login before it failed, and the client went on without one.',
  network:
    'The client’s address is not among those for which the server relays (Postfix: mynetworks; Exim: relay_from_hosts).',
  wrongServer:
    'It is the wrong server for this recipient: a wrong or old MX record, or a transport or relay set to the wrong host.',
  domain:
    'The server is meant to take mail for that domain and does not know it: the domain is missing from mydestination, ' +
    'virtual_mailbox_domains or relay_domains.',
  identity: 'The login is valid, and not for relaying with this sender or to this recipient.',
  probe: 'Somebody tries whether the server is an open relay. Then the refusal is as it should be.',
} as const;

export default defineRule<Data>({
  id: 'relay-denied',
  title: 'The server refused to relay',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: [],
  refusals: ['relay'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'error',
  detect(session) {
    const denied = refusalsAs(session, 'relay');
    const first = denied[0];
    if (first === undefined) return NOTHING;
    const before = session.authentication.filter((attempt) => attempt.command.index < first.request.index);
    const acceptedLater = denied.every(({ path, reply }) =>
      session.transactions.some(({ recipients }) =>
        recipients.some((r) => r.to === path && r.code !== null && r.code < 300 && r.command.index > reply.index),
      ),
    );
    return [
      {
        evidence: denied
          .slice(0, 5)
          .flatMap(({ request, reply }) => [turnShows(request, 'the recipient'), turnShows(reply, 'is refused')]),
        data: {
          words: quote(session, first.reply),
          recipient: first.path,
          refusals: denied.length,
          temporary: first.reply.code < 500,
          loggedIn: before.some((attempt) => attempt.outcome === 'accepted'),
          loginRefused: before.some((attempt) => attempt.outcome !== 'accepted'),
          acceptedLater,
        },
        ...(acceptedLater ? { severity: 'notice' } : {}),
      },
    ];
  },
  message: ({ words, recipient, refusals: times, temporary, loggedIn, acceptedLater }) =>
    `The server refuses to relay${temporary ? ', for now,' : ''} to ${recipient ?? 'the recipient'}` +
    `${times > 1 ? ` and ${count(times - 1, 'other')}` : ''}` +
    `${loggedIn ? ' although the client had logged in' : ', and the client had not logged in'}: ${words}` +
    `${acceptedLater ? '; it was accepted later in this session' : ''}`,
  explanation: `A mail server takes mail for its own domains from anyone, and for others only from clients it knows, by address or by login. This recipient is in neither class for this client, so the server refused; it has to, or it would be an open relay.

The refusal is certain. What is missing is a login, an entry for the client’s network, an entry for the recipient’s domain, or it is the wrong server. A 4xx instead of a 5xx (Postfix with defer_unauth_destination says 454) means the same; waiting does not help.`,
  falseAlarms: [
    'A test for an open relay, or a spammer looking for one: the refusal is right.',
    'A recipient that is accepted later in the same session, after a login: a notice.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    const rest = [CAUSE.network, CAUSE.wrongServer, CAUSE.domain];
    if (data.loggedIn) return [CAUSE.identity, CAUSE.wrongServer, CAUSE.domain];
    return data.loginRefused ? [CAUSE.loginFailed, ...rest] : [CAUSE.noLogin, ...rest, CAUSE.probe];
  },
  remedies: () => [
    ...SUBMIT_THROUGH_RELAY,
    {
      applies: 'Postfix as server',
      text:
        'If it should relay for this client: add its network, or let it log in. If the domain is the server’s own: add it to ' +
        'the list it belongs to. Never open smtpd_relay_restrictions further.',
      commands: [
        'postconf mynetworks relay_domains mydestination virtual_mailbox_domains smtpd_relay_restrictions',
        'postconf -e "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination"',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'relay_from_hosts and relay_to_domains (Debian: dc_relay_nets and dc_relay_domains in update-exim4.conf.conf).',
      commands: ['exim -bP +local_domains; exim -bhc 192.0.2.1'],
    },
    {
      applies: 'anyone, to check the path',
      text: 'Look whether this is the mail exchanger of the recipient’s domain.',
      commands: ['host -t MX example.net'],
    },
  ],
  references: [rfc(5321, '3.6.2'), rfc(5321, '7.9'), postconf('smtpd_relay_restrictions')],
});
