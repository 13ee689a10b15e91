import type { Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { reachOfSession } from '../addresses.ts';
import { closeShows, turnShows } from '../evidence.ts';
import { greetingForm, greetsAsClient } from '../greeting-name.ts';
import { greetingHost } from '../helo.ts';
import { isMasked, maskedBanner } from '../masked-banner.ts';
import { type Detection, defineRule, NOTHING, postconf, rfc } from '../rule.ts';

type Fault = 'none' | 'stars' | 'unqualified' | 'address' | 'loop';

interface Data {
  readonly fault: Fault;
  readonly name: string;
}

const CAUSE = {
  name: 'The machine’s host name has no domain, or is still the installer’s default.',
  banner: 'The greeting was set by hand, to hide the software, and its first word is no host name any more.',
  firewall:
    'A firewall on the path inspects SMTP (Cisco ASA: inspect esmtp) and crosses out the greeting, and perhaps more than that.',
  device: 'A device or test server that knows no name of its own.',
  mx: 'The mail exchanger (or relay) that the client looked up is the client itself: the server does not know the domain as its own.',
  nat: 'Behind NAT the public address of the server leads back to the client itself.',
  clone: 'Two machines carry one name: a clone, or a cluster whose nodes do not have names of their own.',
} as const;

export default defineRule<Data>({
  id: 'banner-hostname',
  title: 'The greeting does not name the server as it should',
  severity: 'notice',
  confidence: 'certain',
  actor: 'server',
  triggers: ['oddGreeting', 'noMail'],
  needs: { client: 'any', server: 'withhold' },
  explains: ['idle', 'aborted', 'rejected'],
  explainsFrom: 'error',
  detect(session) {
    const { greeting } = session;
    if (greeting === null || greeting.code !== 220 || !greeting.complete) return NOTHING;
    if (greetsAsClient(session)) return loop(session, greeting);
    if (greetingForm(greeting).hasFullName || !isMail(session)) return NOTHING;
    const name = greetingHost(session) ?? '';
    if (reachOfSession(session) === 'loopback' || isFirewalls(session, greeting)) return NOTHING;
    return [
      {
        evidence: [turnShows(greeting, 'the greeting')],
        data: { fault: isMasked(greeting) ? 'stars' : faultOf(name), name },
      },
    ];
  },
  message: ({ fault, name }) => {
    const word = `“${name.slice(0, 80)}”`;
    if (fault === 'loop')
      return `The server greets with ${word}, the name that the client gives for itself, and the client leaves: the mail would come back to where it was`;
    if (fault === 'none') return 'The greeting names no host';
    if (fault === 'stars')
      return 'The greeting consists of stars: a firewall on the path may have crossed out the server’s name';
    return fault === 'address'
      ? `The greeting names ${word}, an address instead of a host`
      : `The greeting names ${word}, which is not a full host name`;
  },
  explanation: `The first word behind 220 is the name of the host that answers (RFC 5321 §4.2, §4.3.1). Clients log it, some compare it with the name that they looked up, and mail servers use it to see that they talk to themselves.

A name without a domain, an address or no name at all is untidy and harmless to most clients: a notice. The client’s own name is another thing. A client that is greeted with the name it gives in EHLO takes it for a loop and leaves; Postfix logs “mail for … loops back to myself” and returns the mail. Then it is an error, and the reason why the session ended as it did.

It is certain: both names stand in the capture.`,
  falseAlarms: [
    'Over loopback, where a program talks to its own machine: not raised.',
    'A device or test server that nobody else sends to.',
    'The client’s own name, when the mail goes through all the same: helo-name tells of it.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.fault === 'loop') return [CAUSE.mx, CAUSE.nat, CAUSE.clone];
    if (data.fault === 'stars') return [CAUSE.firewall, CAUSE.banner];
    return data.fault === 'none' ? [CAUSE.banner, CAUSE.device] : [CAUSE.name, CAUSE.device, CAUSE.banner];
  },
  remedies: (data) => [
    ...(data === null || data.fault === 'loop' ? LOOP_REMEDIES : []),
    ...(data === null || data.fault !== 'loop' ? NAME_REMEDIES : []),
  ],
  references: [rfc(5321, '4.2'), rfc(5321, '4.3.1'), postconf('smtpd_banner'), postconf('mydestination')],
});

const LOOP_REMEDIES = [
  {
    applies: 'Postfix',
    text:
      'A domain that ends here belongs into mydestination, virtual_mailbox_domains or relay_domains; one that goes on ' +
      'to an inner server needs a route in transport_maps; behind NAT the public address belongs into proxy_interfaces.',
    commands: [
      'postconf mydestination relay_domains virtual_mailbox_domains transport_maps proxy_interfaces relayhost',
      'host -t MX example.net',
    ],
  },
  {
    applies: 'Exim',
    text: 'Name the domain in local_domains or relay_to_domains, and give an inner server a manualroute router.',
    commands: ['exim -bt user@example.net', 'exim -bP +local_domains'],
  },
  {
    applies: 'Sendmail',
    text: 'Name the domain in /etc/mail/local-host-names, or its route in /etc/mail/mailertable.',
    commands: ['sendmail -bv user@example.net', 'makemap hash /etc/mail/mailertable < /etc/mail/mailertable'],
  },
];

const NAME_REMEDIES = [
  {
    applies: 'Postfix as server',
    text: 'Give the machine its full name, and begin the greeting with it.',
    commands: ['postconf -e "myhostname = mail.example.net" "smtpd_banner = \\$myhostname ESMTP"', 'postfix reload'],
  },
  {
    applies: 'Exim as server',
    text: 'primary_hostname is the name; smtp_banner should begin with $smtp_active_hostname.',
    commands: ['exim -bP primary_hostname smtp_banner'],
  },
  {
    applies: 'Sendmail as server',
    text: "In sendmail.mc: define(`confDOMAIN_NAME', `mail.example.net')dnl; confSMTP_LOGIN_MSG begins with $j.",
    commands: ['make -C /etc/mail restart'],
  },
  {
    applies: 'OpenSMTPD as server',
    text: 'In smtpd.conf: listen on egress hostname mail.example.net, or the full name in /etc/mail/mailname.',
    commands: ['smtpd -n && rcctl restart smtpd'],
  },
];

/** The client met its own name and left: its mail was for a server that calls itself the same. */
function loop(session: Session, greeting: Turn): readonly Detection<Data>[] {
  const name = session.hello?.name ?? '';
  const quit = session.turns.findLast((turn) => turn.verb === 'QUIT');
  return [
    {
      evidence: [
        turnShows(greeting, 'the greeting'),
        ...(session.hello === null ? [] : [turnShows(session.hello.turn, 'the client’s name')]),
        ...(quit === undefined ? closeShows(session, 'the client closes') : [turnShows(quit, 'the client leaves')]),
      ],
      data: { fault: 'loop', name },
      severity: 'error',
      actor: 'client',
    },
  ];
}

/** Of a greeting that a firewall crossed out banner-masked tells; a hole may hide the mark that it needs. */
function isFirewalls(session: Session, greeting: Turn): boolean {
  if (!isMasked(greeting)) return false;
  const { client, server } = session.transport;
  return maskedBanner(session) !== null || client.missingBytes > 0 || server.missingBytes > 0;
}

function isMail({ service }: Session): boolean {
  return service === 'smtp' || service === 'lmtp';
}

/** Words that begin a greeting without being a host’s name. */
const NO_NAME =
  /^(?:e?smtp|lmtp|welcome|hello|hi|ok|ready|service|server|mail|mailserver|the|simple|microsoft|postfix|exim|sendmail)$/i;

function faultOf(name: string): Fault {
  if (/^\[.*\]$/.test(name) || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(name)) return 'address';
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.?$/i.test(name) && !NO_NAME.test(name) ? 'unqualified' : 'none';
}
