/** `backscatter`: one host sends bounces to many foreign domains, and most of them are refused. */
import { Fact, type Session, type Transaction } from '../../smtp/session.ts';
import { isNullPath } from '../paths.ts';
import { Recent } from '../recent.ts';
import { defineCrossRule, postconf, rfc } from '../rule.ts';
import { count } from '../words.ts';
import { type Collector, crossFinding, MOST_SESSIONS } from './collector.ts';

/** Hosts that sent a bounce, twice over at most. */
const HOSTS = 1024;
/** Domains of one host that are told apart. */
const DOMAINS = 256;
const FEWEST_DOMAINS = 20;
/** Findings; those with most domains first. */
const MOST = 20;

interface Data {
  readonly host: string;
  readonly bounces: number;
  readonly refused: number;
  readonly domains: number;
  readonly sessions: number;
}

export const backscatter = defineCrossRule<Data>({
  id: 'backscatter',
  title: 'A host sends bounces to people who never wrote to it',
  scope: 'sessions',
  severity: 'warning',
  confidence: 'likely',
  actor: 'client',
  message: ({ host, bounces, refused, domains, sessions }) =>
    `${host} sent ${count(bounces, 'bounce')} (null sender) to ${count(domains, 'domain')} in ${count(sessions, 'session')}, of ` +
    `which ${refused} were refused`,
  explanation: `Bounces go to the sender that a mail claims. Spam claims senders that are forged, so a server that first accepts mail and bounces it afterwards writes to strangers; many of their addresses do not exist, and most of such mail is refused. The host’s address ends on blocklists for it (backscatter lists), and its queue fills.

Single bounces to many domains are normal for a busy server. It is likely from twenty domains and more, with most recipients refused.`,
  falseAlarms: [
    'A server that relays for a large mailing list and forwards its delivery reports.',
    'Probes of recipients with a null sender (callouts), which send no message.',
  ],
  causes: () => [
    'The server takes mail for recipients that it does not know and returns it later: a relay or backup MX without the list of recipients.',
    'A filter behind the queue sends a notice to the claimed sender of spam or viruses.',
    'Automatic answers (absence notes) to spam.',
  ],
  remedies: () => [
    {
      applies: 'Postfix as server',
      text:
        'Refuse unknown recipients at RCPT: reject_unlisted_recipient with complete relay_recipient_maps on a relay, or ' +
        'reject_unverified_recipient where the list cannot be had. See what waits, and remove old bounces.',
      commands: [
        'postconf smtpd_reject_unlisted_recipient relay_recipient_maps local_recipient_maps',
        "postqueue -p | awk '/MAILER-DAEMON/ {print $1}' | tr -d '*!' | postsuper -d -",
      ],
    },
    {
      applies: 'Exim as server',
      text: 'verify = recipient in acl_smtp_rcpt (with a callout on a relay) refuses at the door.',
      commands: ['exim -bP acl_smtp_rcpt', 'exiqgrep -f "^<>$" -i | wc -l'],
    },
    {
      applies: 'amavis and other filters behind the queue',
      text: 'Discard or quarantine spam and viruses, never bounce them: D_DISCARD for $final_spam_destiny and $final_virus_destiny.',
      commands: ['grep -rE "final_(spam|virus)_destiny" /etc/amavis*'],
    },
  ],
  references: [rfc(5321, '6.2'), rfc(3834, '2'), postconf('smtpd_reject_unlisted_recipient')],
});

interface Host {
  readonly address: string;
  readonly domains: Set<string>;
  readonly sessions: number[];
  sessionCount: number;
  bounces: number;
  refused: number;
}

export function collectBackscatter(): Collector {
  const hosts = new Recent<string, Host>(HOSTS);

  function add(session: Session): void {
    const { address } = session.client;
    let host = hosts.get(address);
    if (host === undefined) {
      host = { address, domains: new Set(), sessions: [], sessionCount: 0, bounces: 0, refused: 0 };
      hosts.set(address, host);
    }
    host.sessionCount++;
    if (host.sessions.length < MOST_SESSIONS) host.sessions.push(session.id);
    const own = session.hello === null ? '' : domainOf(`@${session.hello.name}`);
    for (const { from, mailReply, message, recipients } of session.transactions) {
      if (from !== '') continue;
      const isLost = (mailReply?.code ?? 0) >= 400 || (message?.code ?? 0) >= 400;
      for (const { to, code } of recipients) {
        const domain = domainOf(to);
        // Mail to its own domain stays at home.
        if (domain === '' || domain === own || own.endsWith(`.${domain}`)) continue;
        host.bounces++;
        if (isLost || (code ?? 0) >= 400) host.refused++;
        if (host.domains.size < DOMAINS) host.domains.add(domain);
      }
    }
  }

  return {
    on: Fact.mailCommand,
    see(session) {
      const { transactions } = session;
      // Behind a hole a reply may belong to another command.
      if ((session.facts & Fact.gap) !== 0) return;
      for (let i = 0; i < transactions.length; i++) {
        if (isNullPath((transactions[i] as Transaction).mail)) {
          add(session);
          return;
        }
      }
    },
    finish: () =>
      [...hosts.values()]
        .filter(({ domains, bounces, refused }) => domains.size >= FEWEST_DOMAINS && refused * 2 > bounces)
        .sort((a, b) => b.domains.size - a.domains.size)
        .slice(0, MOST)
        .map(({ address, domains, sessions, sessionCount, bounces, refused }) =>
          crossFinding(backscatter, {
            data: { host: address, bounces, refused, domains: domains.size, sessions: sessionCount },
            sessions,
          }),
        ),
  };
}

function domainOf(path: string): string {
  return path.slice(path.lastIndexOf('@') + 1).toLowerCase();
}
