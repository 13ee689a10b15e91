import { turnShows } from '../evidence.ts';
import { replyTo } from '../in-clear.ts';
import { rareCommands } from '../rare-commands.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { count, groups } from '../words.ts';

const ENOUGH = 5;

interface Data {
  readonly lookups: number;
  readonly expansions: number;
  /** Answered 250 or 251: the name is known and was given away. */
  readonly confirmed: number;
  readonly refused: number;
}

export default defineRule<Data>({
  id: 'vrfy-expn-harvest',
  title: 'The client asks for one mailbox after another',
  severity: 'warning',
  confidence: 'likely',
  actor: 'server',
  triggers: ['rareCommand'],
  needs: { client: 'any', server: 'any' },
  explains: ['rejected', 'idle', 'aborted'],
  detect(session) {
    const rare = rareCommands(session);
    if (rare.length < ENOUGH) return NOTHING;
    const asked = rare.filter(({ verb }) => verb === 'VRFY' || verb === 'EXPN');
    if (asked.length < ENOUGH) return NOTHING;
    const codes = asked.map((turn) => replyTo(session, turn)?.code ?? 0);
    const confirmed = asked.find((turn) => isConfirmed(replyTo(session, turn)?.code ?? 0));
    const last = asked.at(-1) as (typeof asked)[number];
    return [
      {
        evidence: [
          turnShows(asked[0] as (typeof asked)[number], 'the first question'),
          ...(confirmed === undefined ? [] : [turnShows(confirmed, 'a question that was answered')]),
          turnShows(last, 'the last'),
        ],
        data: {
          lookups: asked.length,
          expansions: asked.filter(({ verb }) => verb === 'EXPN').length,
          confirmed: codes.filter(isConfirmed).length,
          refused: codes.filter((code) => code >= 400).length,
        },
      },
    ];
  },
  message: ({ lookups, expansions, confirmed, refused }) =>
    `The client asked ${groups(lookups)} times for mailboxes with VRFY${expansions > 0 ? ' and EXPN' : ''}: ` +
    `${confirmed === 0 ? 'none confirmed' : count(confirmed, 'mailbox', 'mailboxes').concat(' confirmed')}${refused === 0 ? '' : `, ${groups(refused)} refused`}`,
  explanation: `VRFY asks whether a mailbox exists, EXPN who stands on a list. Nobody needs them to send mail; who asks many of them in one session collects addresses, for spam or for guessing passwords. A server that answers 252 (it will try) or refuses gives nothing away; one that answers 250 does.

It is likely: the questions were counted, the purpose is not on the wire.`,
  falseAlarms: [
    'An administrator or an audit of your own that tests the server.',
    'One or two VRFY of a monitor: not raised.',
  ],
  causes: () => [
    'Somebody tries names from a list to find out which mailboxes exist.',
    'A security scan, of your own or of others (nmap’s smtp-enum-users, Metasploit’s smtp_enum).',
    'An old program that verifies addresses before it sends.',
  ],
  remedies: () => [
    {
      applies: 'Postfix as server',
      text: 'Refuse VRFY (EXPN it does not know). RCPT tells the same to a patient asker: limit the errors too.',
      commands: [
        'postconf -e "disable_vrfy_command = yes"',
        'postconf smtpd_junk_command_limit smtpd_hard_error_limit',
        'postfix reload',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'Without acl_smtp_vrfy VRFY is answered with 252, without acl_smtp_expn EXPN is refused: leave both unset.',
      commands: ['exim -bP acl_smtp_vrfy acl_smtp_expn'],
    },
    {
      applies: 'Sendmail as server',
      text: "In sendmail.mc: define(`confPRIVACY_FLAGS', `authwarnings,novrfy,noexpn,restrictqrun')dnl.",
      commands: ['make -C /etc/mail restart'],
    },
    {
      applies: 'fail2ban on the server',
      text: 'Ban clients that are refused again and again.',
      commands: ['fail2ban-client status postfix'],
    },
  ],
  references: [rfc(5321, '3.5.3'), rfc(5321, '7.3'), postconf('disable_vrfy_command')],
});

function isConfirmed(code: number): boolean {
  return code === 250 || code === 251;
}
