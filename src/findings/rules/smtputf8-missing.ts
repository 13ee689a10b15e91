import type { Turn } from '../../smtp/turn.ts';
import { turnShows } from '../evidence.ts';
import { needsUtf8, refusalsAs } from '../refusals.ts';
import { type Detection, defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { quote } from '../words.ts';

interface Data {
  readonly verb: string;
  readonly path: string | null;
  readonly offered: boolean;
  /** The server's refusal; null when the client gave up by itself. */
  readonly words: string | null;
}

export default defineRule<Data>({
  id: 'smtputf8-missing',
  title: 'The mail needs SMTPUTF8, and the server does not take it',
  severity: 'error',
  confidence: 'certain',
  actor: 'server',
  triggers: ['oddPath', 'oddLine'],
  refusals: ['smtputf8'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'error',
  detect(session) {
    const offered = session.offers.at(-1)?.extensions.has('SMTPUTF8') === true;
    const refusal = refusalsAs(session, 'smtputf8')[0];
    if (refusal !== undefined) {
      const { request, reply, verb, path, cost } = refusal;
      return [
        {
          evidence: [turnShows(request, 'is refused'), turnShows(reply, 'by this reply')],
          data: { verb, path, offered, words: quote(session, reply) },
          ...(cost === 'part' ? { severity: 'notice' } : {}),
        },
      ];
    }
    return offered || session.outcome !== 'aborted' ? NOTHING : givenUp(session);
  },
  message: ({ verb, path, offered, words }) =>
    `${verb === 'message' ? 'The message' : verb === 'MAIL' ? 'The sender' : 'The recipient'}${path === null || path === '' ? '' : ` ${path}`} needs SMTPUTF8` +
    `${offered ? ', which the server offers' : ', which the server does not offer'}` +
    `${words === null ? ', and the client gave up' : `, and is refused: ${words}`}`,
  explanation: `An address or a header field with letters beyond ASCII can only be sent to servers that offer SMTPUTF8 (RFC 6531). There is no way to write the local part of such an address in ASCII, so the mail cannot pass a server without it; every server on the way must have it. A domain beyond ASCII can be written in ASCII (xn--…) and then needs nothing.

The refusal is certain, or that the client named such an address, was offered no SMTPUTF8, and left without sending.`,
  falseAlarms: [
    'A client that asks for SMTPUTF8 without need, for a mail that is all ASCII, and tries again without it.',
  ],
  causes: () => [
    'The server, or a filter or proxy before it, does not offer SMTPUTF8.',
    'The domain of the address was not converted to its ASCII form (xn--…), though its local part is ASCII.',
    'The address is written in a wrong character set, or holds a letter that only looks like ASCII: a typing mistake.',
    'The client did not ask for SMTPUTF8 in MAIL although the server offers it.',
  ],
  remedies: () => [
    {
      applies: 'the sender',
      text: 'Use an ASCII address of the recipient where there is one; write the domain as xn--….',
      commands: ['idn2 "münchen.example"'],
    },
    {
      applies: 'Postfix',
      text: 'smtputf8_enable must be on, and Postfix built with ICU (3.0 and later); smtputf8_autodetect_classes says for which mail it is asked for.',
      commands: [
        'postconf smtputf8_enable smtputf8_autodetect_classes',
        'postconf -e "smtputf8_enable = yes" && postfix reload',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'smtputf8_advertise_hosts, in an Exim built with SUPPORT_I18N.',
      commands: ['exim -bV | grep -o I18N', 'exim -bP smtputf8_advertise_hosts'],
    },
    {
      applies: 'Sendmail and other servers without it',
      text: 'Sendmail has it from 8.18 on, where it is built in. Behind a server without it give such users an ASCII alias.',
      commands: [],
    },
  ],
  references: [rfc(6531, '3.5'), rfc(6531, '3.4'), postconf('smtputf8_enable')],
});

/** Named in MAIL or RCPT, and the transaction was dropped without a message. */
function givenUp(session: Parameters<typeof needsUtf8>[0]): readonly Detection<Data>[] {
  for (const { mail, mailReply, recipients, message, from } of session.transactions) {
    if (message !== null || (mailReply !== null && mailReply.code >= 400)) continue;
    const asks: readonly (readonly [Turn, string])[] = [
      [mail, from],
      ...recipients.filter(({ code }) => (code ?? 0) < 400).map(({ command, to }) => [command, to] as const),
    ];
    const found = asks.find(([command]) => needsUtf8(session, command));
    if (found === undefined) continue;
    const [command, path] = found;
    return [
      {
        evidence: [turnShows(command, 'needs SMTPUTF8')],
        data: { verb: command.verb ?? 'MAIL', path, offered: false, words: null },
      },
    ];
  }
  return NOTHING;
}
