import { reachOfSession } from '../addresses.ts';
import { turnShows } from '../evidence.ts';
import { replyTo } from '../in-clear.ts';
import { rareCommands } from '../rare-commands.ts';
import { defineRule, NOTHING, postconf, postfixGuide } from '../rule.ts';

interface Data {
  readonly claims: string;
  readonly isPublic: boolean;
}

export default defineRule<Data>({
  id: 'xclient-xforward-abuse',
  title: 'The server lets the client pass for another one (XCLIENT)',
  severity: 'critical',
  confidence: 'certain',
  actor: 'server',
  triggers: ['rareCommand'],
  needs: { client: 'lower', server: 'withhold' },
  explains: [],
  detect(session) {
    const rare = rareCommands(session);
    if (rare.length === 0) return NOTHING;
    const command = rare.find((turn) => turn.verb === 'XCLIENT' && isAccepted(replyTo(session, turn)?.code ?? 0));
    if (command === undefined) return NOTHING;
    const reply = replyTo(session, command);
    const isPublic = reachOfSession(session) === 'public';
    return [
      {
        evidence: [turnShows(command, 'XCLIENT'), ...(reply === null ? [] : [turnShows(reply, 'is accepted')])],
        data: { claims: (command.argument ?? '').slice(0, 200), isPublic },
        ...(isPublic ? {} : { severity: 'notice' }),
      },
    ];
  },
  message: ({ claims, isPublic }) =>
    `The server accepted XCLIENT${claims === '' ? '' : ` (${claims})`}${
      isPublic
        ? ': whoever can connect from there passes for any client, and gets that one’s rights'
        : ' between private addresses'
    }`,
  explanation: `With XCLIENT a client tells the server to treat it as another: another address, another name, even another logged-in user. It is made for proxies and for tests, and is accepted from listed addresses alone. A server that takes it from elsewhere has no access rules any more: relaying, blocklists, rate limits all look at what the client claims.

That it was accepted is certain. Between private addresses it is mostly a proxy at its work (nginx, Dovecot, a test), and a notice; with a public address on one side it is critical until somebody can say why that address is listed.`,
  falseAlarms: [
    'A mail proxy (nginx, Dovecot submission) in front of the server, with a public address of your own.',
    'XCLIENT that was refused, and XFORWARD, which changes the log alone: not raised.',
  ],
  causes: (data) => [
    ...(data === null || !data.isPublic
      ? ['A proxy or content filter hands the real client’s address on, as it should.']
      : []),
    'The list of authorised clients is too wide: a whole network, or a proxy’s address that strangers can use as well.',
    'Somebody uses a listed host, or a forgotten test setting, to get past the access rules.',
  ],
  remedies: () => [
    {
      applies: 'Postfix as server',
      text: 'List the proxies and nobody else; empty, the default, refuses XCLIENT.',
      commands: [
        'postconf smtpd_authorized_xclient_hosts smtpd_authorized_xforward_hosts',
        'postconf -e "smtpd_authorized_xclient_hosts = 192.0.2.10"',
        'postfix reload',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'hosts_xclient names the proxies, in a build with XCLIENT (experimental); unset, it refuses XCLIENT.',
      commands: ['exim -bP hosts_xclient'],
    },
    {
      applies: 'Dovecot as submission server',
      text: 'login_trusted_networks is the list of hosts whose XCLIENT is believed.',
      commands: ['doveconf login_trusted_networks'],
    },
  ],
  references: [postfixGuide('XCLIENT_README'), postconf('smtpd_authorized_xclient_hosts')],
});

/** 220 in Postfix, whose session begins anew; 250 elsewhere. */
function isAccepted(code: number): boolean {
  return code >= 200 && code < 300;
}
