import { reachOfSession } from '../addresses.ts';
import { turnShows } from '../evidence.ts';
import { greetsAsClient } from '../greeting-name.ts';
import { type HeloFault, heloFault } from '../helo.ts';
import { refusals } from '../refusals.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { quote } from '../words.ts';

interface Data {
  readonly verb: string;
  readonly name: string;
  readonly fault: HeloFault;
  /** The server's refusal for it, in its words; null when it took the name. */
  readonly words: string | null;
}

const FAULTS: Readonly<Record<HeloFault, string>> = {
  empty: 'no name at all',
  'too-long': 'longer than 255 octets',
  'bare-address': 'an address without brackets',
  localhost: 'which every machine is to itself',
  own: 'which is the server’s own name',
  malformed: 'which is not a valid host name',
  unqualified: 'which is not a full host name',
};

export default defineRule<Data>({
  id: 'helo-name',
  title: 'The client’s EHLO or HELO name is not a proper one',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: ['oddHello'],
  refusals: ['helo'],
  needs: { client: 'lower', server: 'any' },
  explains: ['rejected', 'deferred', 'aborted', 'partly-delivered'],
  explainsFrom: 'error',
  detect(session) {
    const { hello } = session;
    const fault = heloFault(session);
    // Half a name, cut by a gap, is no name.
    if (hello === null || fault === null || !hello.turn.complete) return NOTHING;
    // A client that meets its own name and leaves for it: banner-hostname tells.
    if (fault === 'own' && greetsAsClient(session)) return NOTHING;
    const refusal = refusals(session).find(({ kind }) => kind === 'helo');
    if (refusal === undefined && reachOfSession(session) === 'loopback') return NOTHING;
    return [
      {
        evidence: [
          turnShows(hello.turn, 'the name'),
          ...(refusal === undefined ? [] : [turnShows(refusal.reply, 'is refused')]),
        ],
        data: {
          verb: hello.verb,
          name: hello.name,
          fault,
          words: refusal === undefined ? null : quote(session, refusal.reply),
        },
        ...(refusal === undefined ? {} : { severity: 'error' }),
      },
    ];
  },
  message: ({ verb, name, fault, words }) =>
    `The client introduces itself with ${verb} ${name === '' ? `and gives ${FAULTS.empty}` : `“${name.slice(0, 80)}”, ${FAULTS[fault]}`}` +
    `${words === null ? '' : `; the server refuses mail for it: ${words}`}`,
  explanation: `The name in EHLO should be the client’s full host name, one that DNS knows and that leads back to its address; a client without a name gives its address in brackets, [192.0.2.1] (RFC 5321 §4.1.3). Many servers take any name from clients that log in, and many refuse odd names from others, or count them against the mail.

That the name is improper is certain. Unless the server refuses it in its reply, it is not why a mail failed.`,
  falseAlarms: [
    'Mail programs on desktops give odd names as a rule; submission servers do not care.',
    'An address in brackets is proper and is not raised.',
    'A server that talks to itself over loopback: not raised.',
    'The server’s own name, when the client leaves for it: banner-hostname tells of the loop.',
  ],
  causes: (data) => [
    ...(data?.fault === 'own'
      ? ['The client is set to the server’s name, or the mail is in a loop: it comes back to where it was.']
      : []),
    'The machine’s host name has no domain, or is still the installer’s default (localhost, local).',
    'The program was never told a name (nginx’s server_name _, a device with an empty field).',
    ...(data === null || data.fault === 'own' ? [] : ['Spamware and scanners, which take any name.']),
  ],
  remedies: () => [
    {
      applies: 'Postfix',
      text: 'Give the machine a full name that DNS knows, with a matching PTR record.',
      commands: ['postconf -e "myhostname = mail.example.net"', 'postfix reload', 'host mail.example.net'],
    },
    {
      applies: 'Exim',
      text: 'primary_hostname, or helo_data of the smtp transport.',
      commands: ['exim -bP primary_hostname'],
    },
    {
      applies: 'Sendmail',
      text: "In sendmail.mc: define(`confDOMAIN_NAME', `mail.example.net')dnl.",
      commands: ['make -C /etc/mail restart'],
    },
    { applies: 'msmtp', text: 'In the account: domain mail.example.net.', commands: [] },
  ],
  references: [rfc(5321, '2.3.5'), rfc(5321, '4.1.1.1'), rfc(5321, '4.1.3'), postconf('smtp_helo_name')],
});
