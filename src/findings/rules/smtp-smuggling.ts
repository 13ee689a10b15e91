import { bytesShow, turnShows } from '../evidence.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { type Smuggled, smuggledIn } from '../smuggled.ts';
import { openTransfer } from '../transfer.ts';
import { count, list } from '../words.ts';

interface Data {
  readonly form: string;
  readonly places: number;
  readonly level: 'pattern' | 'ended' | 'commands' | 'succeeded';
  readonly commands: readonly string[];
  readonly replies: number;
  /** The codes of the extra replies. */
  readonly codes: readonly number[];
}

const CAUSE = {
  attack:
    'Somebody wrote the message so that the next server takes a part of it for a second mail, with a sender of his choice that passes the checks of the server in between.',
  test: 'A test for SMTP smuggling: of your own, or a scanner’s.',
  relay:
    'The server that sends here passes on line ends as it got them, instead of repairing or refusing them: the mail came from somewhere else.',
  text: 'A text with Unix line ends that has a line of one dot.',
} as const;
const SHOWN = 6;

export default defineRule<Data>({
  id: 'smtp-smuggling',
  title: 'An end of the message that not every server sees',
  severity: 'warning',
  confidence: 'certain',
  actor: 'server',
  triggers: ['oddMessage'],
  needs: { client: 'lower', server: 'lower' },
  explains: [],
  detect(session) {
    const { verdict, transaction } = (smuggledIn(session).length > 0 ? openTransfer(session) : null) ?? {};
    // What the client meant for the end, and the server waited on: eod-never-sent.
    const all = smuggledIn(session).filter(
      ({ isLast, message }) => !(isLast && verdict === 'no-end' && message === transaction?.message),
    );
    if (all.length === 0) return NOTHING;
    return all.map((one) => {
      const { carrier, suspect, suspects, commands, extra } = one;
      const level = levelOf(one);
      return {
        evidence: [
          bytesShow(
            session,
            'client',
            carrier.frame,
            suspect.offset,
            suspect.length,
            `${suspect.form} inside the message`,
          ),
          ...(commands.length > 0 && suspect.behind.length > 0
            ? [
                bytesShow(
                  session,
                  'client',
                  carrier.frame,
                  suspect.offset + suspect.length,
                  suspect.behind.length,
                  'SMTP commands behind it',
                ),
              ]
            : []),
          ...extra.slice(0, SHOWN).map((turn) => turnShows(turn, 'a reply to what was smuggled')),
        ],
        data: {
          form: suspect.form,
          places: suspects.length,
          level,
          commands: commands.slice(0, SHOWN),
          replies: extra.length,
          codes: extra.map(({ code }) => code),
        },
        ...(commands.length > 0 ? { severity: 'critical' as const } : {}),
      };
    });
  },
  message: ({ form, places, level, commands, replies, codes }) => {
    const where = `The message holds ${places > 1 ? `${places} ends of data that not every server sees, the first` : 'an end of data that not every server sees,'} ${form}`;
    if (level === 'succeeded')
      return (
        `${where}, and the server took it: the commands behind it got ${count(replies, 'reply', 'replies')} of their own ` +
        `(${list(codes.slice(0, SHOWN).map(String))}): ${commands.join(' | ')}`
      );
    if (level === 'commands')
      return `${where}, with commands behind it, and no reply to them was seen: ${commands.join(' | ')}`;
    if (level === 'ended') return `The client ended its message with ${form}, and the server took that for the end`;
    return `${where}; what follows it is text`;
  },
  explanation: `Only CR LF . CR LF ends a message (RFC 5321 §4.1.1.4). Servers that forgive other line ends also take LF . LF, CR LF . LF, CR . CR or mixtures with NUL for it. If the sending server does not see such an end and the receiving one does, all that follows is read as commands: a second mail, with any sender, that seems to come from the sending server and passes SPF and DMARC for its domains. That is SMTP smuggling (CVE-2023-51764 in Postfix, CVE-2023-51765 in Sendmail, CVE-2023-51766 in Exim).

A pattern alone is a warning; so is a message that a client ended that way and the server accepted, which shows that this server sees such ends. With commands behind the pattern it is an attempt, and critical. When the server sent more replies than it was asked for, the attempt has succeeded: the commands of the ghost message are shown.

That the octets stand there is certain.`,
  falseAlarms: [
    'A text with Unix line ends and a line of one dot: the pattern is there, no command follows.',
    'Messages sent by BDAT have no end of data, and are not looked at.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.level === 'pattern' || data.level === 'ended') return [CAUSE.text, CAUSE.relay, CAUSE.test];
    return [CAUSE.attack, CAUSE.test, CAUSE.relay];
  },
  remedies: () => [
    {
      applies: 'Postfix as server, 3.9, 3.8.5, 3.7.10, 3.6.14, 3.5.24 and later',
      text: 'Let it see one end of data only: normalize is the default from 3.9 on and has to be set in the others.',
      commands: [
        'postconf mail_version smtpd_forbid_bare_newline',
        'postconf -e "smtpd_forbid_bare_newline = normalize" && postfix reload',
      ],
    },
    {
      applies: 'Postfix as server, older versions',
      text: 'A client that sends a second mail without waiting for the first reply is refused by this; BDAT has to be off, since it is not checked there.',
      commands: [
        'postconf -e "smtpd_data_restrictions = reject_unauth_pipelining" "smtpd_discard_ehlo_keywords = chunking, silent-discard"',
        'postfix reload',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'Mended in 4.97.1, and in the security updates of the distributions.',
      commands: ['exim -bV | head -n 1', 'apt-get update && apt-get install --only-upgrade exim4'],
    },
    {
      applies: 'Sendmail as server',
      text: '8.18.1 is safe as it comes; O, G and U in Srv_Features take the protection away again.',
      commands: ['sendmail -d0.1 -bv root | head -n 1', 'grep -i srv_features /etc/mail/access'],
    },
    {
      applies: 'the server that sends, where the mail was passed on',
      text: 'It has to repair or refuse bare line ends in what it takes: in Postfix cleanup_replace_stray_cr_lf (3.9, 3.8.5, 3.7.10, 3.6.14, 3.5.24 and later).',
      commands: ['postconf cleanup_replace_stray_cr_lf'],
    },
  ],
  references: [
    rfc(5321, '4.1.1.4'),
    { title: 'Postfix: SMTP smuggling', url: 'https://www.postfix.org/smtp-smuggling.html' },
    { title: 'CVE-2023-51764', url: 'https://nvd.nist.gov/vuln/detail/CVE-2023-51764' },
    { title: 'CVE-2023-51765', url: 'https://nvd.nist.gov/vuln/detail/CVE-2023-51765' },
    { title: 'CVE-2023-51766', url: 'https://nvd.nist.gov/vuln/detail/CVE-2023-51766' },
    postconf('smtpd_forbid_bare_newline'),
  ],
});

function levelOf({ commands, extra, isLast, message }: Smuggled): Data['level'] {
  if (commands.length > 0) return extra.length > 0 ? 'succeeded' : 'commands';
  return isLast && message.complete ? 'ended' : 'pattern';
}
