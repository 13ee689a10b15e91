import type { Session, Transaction } from '../../smtp/session.ts';
import {
  type AuthRefusal,
  loginWords,
  offeredBefore,
  type RefusedLogins,
  recoveryWords,
  refusedLogins,
} from '../auth-refusals.ts';
import { SERVER_MECHANISMS } from '../auth-remedies.ts';
import { USE_STARTTLS } from '../remedies.ts';
import { type Actor, defineRule, NOTHING, postconf, rfc } from '../rule.ts';

type Reason = 'already' | 'transaction' | 'no-hello' | 'not-offered' | 'unknown';

interface Data extends RefusedLogins {
  readonly reason: Reason;
}

const CAUSE = {
  already:
    'The client logs in a second time on a connection that is logged in: a connection pool or a library that forgot it.',
  transaction: 'The client logs in after MAIL: AUTH is allowed only between transactions.',
  noHello: 'The client said AUTH before EHLO, or after HELO, which offers nothing.',
  notOffered:
    'Logins are switched off on this port (Postfix: “authentication not enabled”): 25 is for mail from other servers, 587 and 465 take logins.',
  afterTls: 'The server takes logins only inside TLS, and the client has not begun it.',
  allowed: 'The server offers AUTH only to some addresses, and this client’s is none of them.',
} as const;

export default defineRule<Data>({
  id: 'auth-503',
  title: 'AUTH at a moment when the server does not take it',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['authRefused'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['authentication-failed', 'aborted'],
  detect(session, history) {
    const group = refusedLogins(session, history, 'auth-503');
    if (group === null) return NOTHING;
    const reason = reasonOf(session, group.first);
    const actor: Actor = reason === 'not-offered' || reason === 'unknown' ? 'client' : 'developer';
    return [{ evidence: group.evidence, data: { ...group.data, reason }, actor }];
  },
  message: (data) =>
    `The server did not take ${loginWords(data)} at this moment` +
    {
      already: ', for the client was logged in already',
      transaction: ', in the middle of a mail transaction',
      'no-hello': ', without an EHLO before it',
      'not-offered': ', for it offers no AUTH here',
      unknown: '',
    }[data.reason] +
    `: ${data.words}${recoveryWords(data)}`,
  explanation: `AUTH has its place: after EHLO, if the reply offers it, once in a session, and not inside a mail transaction (RFC 4954 §4). Anywhere else the answer is 503. User and password have nothing to do with it.

That it was refused is certain; which of these it was, the dialogue before it shows.`,
  falseAlarms: [
    'A second login on a connection that is logged in costs nothing but the reply; the mail may go out all the same.',
    'AUTH in clear where only STARTTLS was on offer is told as auth-only-after-tls, and 503 behind a refused EHLO belongs to that refusal.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    switch (data.reason) {
      case 'already':
        return [CAUSE.already];
      case 'transaction':
        return [CAUSE.transaction];
      case 'no-hello':
        return [CAUSE.noHello];
      default:
        return [CAUSE.notOffered, CAUSE.afterTls, CAUSE.allowed];
    }
  },
  remedies: (data) =>
    data !== null && (data.reason === 'already' || data.reason === 'transaction' || data.reason === 'no-hello')
      ? [
          {
            applies: 'developers of clients',
            text:
              'EHLO, STARTTLS, EHLO again, AUTH once, then MAIL. RSET does not log out, so a pooled connection needs no second ' +
              'AUTH; to change the user, open a new connection.',
            commands: [],
          },
        ]
      : [
          {
            applies: 'any client',
            text: 'Send to the submission port, 587 with STARTTLS or 465 with TLS from the first byte, not to 25.',
            commands: ['swaks --server smtp.isp.example:587 --tls --quit-after EHLO'],
          },
          ...USE_STARTTLS,
          {
            applies: 'Postfix as server, for submission',
            text:
              'smtpd_sasl_auth_enable = yes for the services submission and submissions (smtps in older files) in master.cf, not for ' +
              'smtp on port 25. smtpd_sasl_exceptions_networks hides AUTH from some clients.',
            commands: [
              'postconf -M submission/inet submissions/inet',
              'postconf -P "submission/inet/smtpd_sasl_auth_enable=yes" && postfix reload',
              'postconf smtpd_sasl_exceptions_networks',
            ],
          },
          ...SERVER_MECHANISMS.filter(({ applies }) => !applies.startsWith('Postfix')),
        ],
  references: [rfc(4954, '4'), rfc(6409, '3'), postconf('smtpd_sasl_auth_enable')],
});

function reasonOf(session: Session, { attempt }: AuthRefusal): Reason {
  const { command } = attempt;
  const isLoggedIn = session.authentication.some(
    ({ outcome, reply }) => outcome === 'accepted' && reply !== null && reply.index < command.index,
  );
  if (isLoggedIn) return 'already';
  if (session.transactions.some((transaction) => isOpenAt(session, transaction, command.index))) return 'transaction';
  const greeted = session.turns.some((turn) => turn.verb === 'EHLO' && turn.index < command.index);
  if (!greeted && session.startCaptured) return 'no-hello';
  const offered = offeredBefore(session, command);
  return offered !== null && offered.length === 0 ? 'not-offered' : 'unknown';
}

/** MAIL was accepted before, and nothing has ended the transaction yet. */
function isOpenAt(session: Session, { mail, mailReply, message }: Transaction, index: number): boolean {
  if (mail.index > index || mailReply === null || mailReply.code >= 300 || mailReply.index > index) return false;
  if (message?.replies.some((reply) => reply.index < index)) return false;
  return !session.turns.some(
    (turn) =>
      turn.index > mail.index &&
      turn.index < index &&
      (turn.verb === 'RSET' || turn.verb === 'EHLO' || turn.verb === 'MAIL'),
  );
}
