import type { Service } from '../../smtp/session.ts';
import { turnShows } from '../evidence.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';

type Foreign = Extract<Service, 'http' | 'imap' | 'pop3' | 'ssh' | 'ftp' | 'nntp'>;

interface Data {
  readonly service: Foreign;
  readonly port: number;
}

const NAMES: Readonly<Record<Foreign, string>> = {
  http: 'an HTTP server',
  imap: 'an IMAP server',
  pop3: 'a POP3 server',
  ssh: 'an SSH server',
  ftp: 'an FTP server',
  nntp: 'an NNTP (news) server',
};

const CAUSE = {
  port: 'The client is set to a wrong port or host: the one for fetching mail (IMAP, POP3) instead of the one for sending.',
  forward: 'A port forwarding or load balancer leads this port to another service.',
  portal:
    'A captive portal or web proxy of the client’s own network (hotel, guest network, mobile provider) answers in place of the server: the server was never reached.',
  listener: 'Another service of the server listens on this port: a mistake in its configuration, or on purpose.',
} as const;

export default defineRule<Data>({
  id: 'wrong-service',
  title: 'Another service than SMTP answers on this port',
  severity: 'error',
  confidence: 'certain',
  actor: 'server',
  triggers: ['notSmtp'],
  needs: { client: 'any', server: 'withhold', start: 'withhold' },
  explains: ['not-smtp'],
  detect(session) {
    const { service } = session;
    if (!isForeign(service)) return NOTHING;
    const first = session.turns.find((turn) => turn.from === 'server');
    if (first === undefined || first.kind === 'gap') return NOTHING;
    // HTTP is also told by the client’s request, whoever answers.
    if (service === 'http' && first.raw.toString('latin1', 0, 5) !== 'HTTP/') return NOTHING;
    return [
      {
        evidence: [turnShows(first, `the first words of ${NAMES[service]}`)],
        data: { service, port: session.server.port },
      },
    ];
  },
  message: ({ service, port }) => `Port ${port} is answered by ${NAMES[service]}, not by SMTP`,
  explanation: `The server speaks first on this connection, and its first line belongs to another protocol. A mail client cannot go on from there: it waits for 220 and reports a strange greeting, or none.

It is certain: each of these protocols begins in its own way (* OK for IMAP, +OK for POP3, SSH-2.0, HTTP/1.1, 220 with the word FTP, 200 or 201 for news).`,
  falseAlarms: [
    'Both sides speak that protocol on purpose, on a port that is watched as a mail port (a web application on 2525): name the mail ports with --ports.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    const fetches = data.service === 'imap' || data.service === 'pop3';
    if (data.service === 'http') return [CAUSE.portal, CAUSE.forward, CAUSE.listener, CAUSE.port];
    return fetches ? [CAUSE.port, CAUSE.forward, CAUSE.listener] : [CAUSE.forward, CAUSE.listener, CAUSE.port];
  },
  remedies: () => [
    {
      applies: 'the client',
      text:
        'Sending goes to port 587 (STARTTLS) or 465 (TLS); 143, 993, 110 and 995 are for fetching mail, 25 is for mail ' +
        'between servers.',
      commands: ['nc -v mail.example.net 587', 'openssl s_client -quiet -connect mail.example.net:465'],
    },
    {
      applies: 'a Linux server',
      text: 'See which program listens there, and where packets to the port are led.',
      commands: ['ss -ltnp "( sport = :25 or sport = :587 )"', 'nft list ruleset | grep -n -E "dport (25|587|465)"'],
    },
    {
      applies: 'a FreeBSD server',
      text: 'See which program listens there, and where packets to the port are led.',
      commands: ['sockstat -46l -p 25,465,587', 'pfctl -s nat'],
    },
  ],
  references: [rfc(5321, '3.1'), rfc(6409, '3.1'), rfc(8314, '3')],
});

function isForeign(service: Service): service is Foreign {
  return service in NAMES;
}
