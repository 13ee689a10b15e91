/** `rcpt-harvest`: one client asks for many recipients, most of them unknown, and hardly sends a message. */
import { Fact, type Session } from '../../smtp/session.ts';
import { Recent } from '../recent.ts';
import { type Refusal, refusalsAs } from '../refusals.ts';
import { defineCrossRule, NOTHING, postconf, rfc } from '../rule.ts';
import { count } from '../words.ts';
import { type Collector, crossFinding, MOST_SESSIONS } from './collector.ts';

/** Clients that asked for an unknown recipient, twice over at most. */
const CLIENTS = 1024;
/** Unknown recipients that are told apart for one client. */
const UNKNOWN = 64;
/** Findings; those with most recipients first. */
const MOST = 20;

const FEWEST_RECIPIENTS = 10;
const UNKNOWN_PART = 0.7;
/** More than one message for ten recipients is a list with old addresses in it. */
const MESSAGES_PART = 0.1;

interface Data {
  readonly client: string;
  readonly recipients: number;
  readonly unknown: number;
  readonly messages: number;
  readonly sessions: number;
}

export const rcptHarvest = defineCrossRule<Data>({
  id: 'rcpt-harvest',
  title: 'A client tries out which recipients exist',
  scope: 'sessions',
  severity: 'warning',
  confidence: 'likely',
  actor: 'server',
  message: ({ client, recipients, unknown, messages, sessions }) =>
    `${client} asked for ${count(recipients, 'recipient')} in ${count(sessions, 'session')}; the server did not know ` +
    `${unknown} of them, and ${messages === 0 ? 'no message' : `only ${count(messages, 'message')}`} followed`,
  explanation: `Somebody goes through names and looks which the server accepts at RCPT: a directory harvest. The addresses that were accepted are sold, or written to later. It costs the server little and its users much.

It is likely, not certain: a list of recipients that nobody has cleaned for years looks alike, but then messages follow for those that still exist.`,
  falseAlarms: [
    'A mailing list or newsletter with many dead addresses: its messages follow, and nothing is raised.',
    'A program of your own that checks addresses by RCPT.',
  ],
  causes: () => [
    'A harvester or spam software tries names from a dictionary or an old list.',
    'A service or program checks addresses without sending mail (address verification, callouts).',
    'A mail system sends for a domain whose list of recipients was lost or not yet copied.',
  ],
  remedies: () => [
    {
      applies: 'Postfix as server',
      text:
        'Refuse slowly and end sessions with many errors (smtpd_soft_error_limit 10, smtpd_hard_error_limit 20 by default), and ' +
        'limit recipients a client and minute.',
      commands: [
        'postconf smtpd_soft_error_limit smtpd_hard_error_limit smtpd_error_sleep_time',
        'postconf -e "smtpd_client_recipient_rate_limit = 100" && postfix reload',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'In acl_smtp_rcpt, drop a client whose $rcpt_fail_count is high, or use a ratelimit condition on failed recipients.',
      commands: ['exim -bP acl_smtp_rcpt'],
    },
    {
      applies: 'fail2ban',
      text: 'The jail postfix bans clients by the refusals in the log.',
      commands: ['fail2ban-client status postfix'],
    },
  ],
  references: [rfc(5321, '7.3'), postconf('smtpd_hard_error_limit'), postconf('smtpd_client_recipient_rate_limit')],
});

interface Harvest {
  readonly client: string;
  readonly sessions: number[];
  sessionCount: number;
  recipients: number;
  readonly unknown: Set<string>;
  unknownCount: number;
  messages: number;
}

export function collectRcptHarvest(): Collector {
  const clients = new Recent<number, Harvest>(CLIENTS);

  function add(harvest: Harvest, session: Session): void {
    harvest.sessionCount++;
    if (harvest.sessions.length < MOST_SESSIONS) harvest.sessions.push(session.id);
    for (const { recipients, message } of session.transactions) {
      harvest.recipients += recipients.length;
      if (message !== null && message.code !== null && message.code < 300) harvest.messages++;
    }
    for (const { path } of unknownIn(session)) {
      harvest.unknownCount++;
      if (path !== null && harvest.unknown.size < UNKNOWN) harvest.unknown.add(path);
    }
  }

  return {
    on: Fact.mailCommand,
    see(session, _findings, keys) {
      const { address } = session.client;
      // Behind a hole a reply may belong to another command.
      if ((session.facts & Fact.gap) !== 0) return;
      const isRefused = (session.facts & Fact.refusal5xx) !== 0;
      if (!isRefused && clients.isEmpty) return;
      let harvest = clients.get(keys.client);
      if (harvest === undefined) {
        if (!isRefused || unknownIn(session).length === 0) return;
        harvest = {
          client: address,
          sessions: [],
          sessionCount: 0,
          recipients: 0,
          unknown: new Set(),
          unknownCount: 0,
          messages: 0,
        };
        clients.set(keys.client, harvest);
      }
      // Two clients of one hash: the one that came first is looked at.
      if (harvest.client === address) add(harvest, session);
    },
    finish: () =>
      [...clients.values()]
        .filter(isHarvest)
        .sort((a, b) => b.recipients - a.recipients)
        .slice(0, MOST)
        .map(({ client, sessions, sessionCount, recipients, unknownCount, messages }) =>
          crossFinding(rcptHarvest, {
            data: { client, recipients, unknown: unknownCount, messages, sessions: sessionCount },
            sessions,
          }),
        ),
  };
}

/** One unknown recipient, asked for ten times, is no harvest. */
function isHarvest({ recipients, unknown, unknownCount, messages }: Harvest): boolean {
  return (
    recipients >= FEWEST_RECIPIENTS &&
    unknownCount >= recipients * UNKNOWN_PART &&
    unknown.size >= Math.min(UNKNOWN, FEWEST_RECIPIENTS * UNKNOWN_PART) &&
    messages <= recipients * MESSAGES_PART
  );
}

/** Recipients that the server does not know. */
function unknownIn(session: Session): readonly Refusal[] {
  if ((session.facts & Fact.refusal5xx) === 0) return NOTHING;
  return refusalsAs(session, 'user-unknown').filter(({ verb }) => verb === 'RCPT');
}
