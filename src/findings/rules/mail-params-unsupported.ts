import type { Turn } from '../../smtp/turn.ts';
import { turnShows } from '../evidence.ts';
import { isMailDialogue } from '../known-commands.ts';
import { refusalsAs } from '../refusals.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { hasHole } from '../sequence.ts';
import { refusedFor } from '../syntax-refusals.ts';
import { unofferedParams } from '../unoffered-params.ts';
import { list, quote } from '../words.ts';

interface Data {
  readonly verb: string;
  readonly names: readonly string[];
  readonly times: number;
  readonly words: string | null;
}

const SHOWN = 3;

export default defineRule<Data>({
  id: 'mail-params-unsupported',
  title: 'A parameter that the server did not offer to take',
  severity: 'warning',
  confidence: 'certain',
  actor: 'client',
  triggers: ['oddPath'],
  needs: { client: 'lower', server: 'lower', start: 'withhold' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'error',
  detect(session) {
    if (!isMailDialogue(session)) return NOTHING;
    let odd: Turn[] | null = null;
    for (let i = 0; i < session.transactions.length; i++) {
      const { mail, recipients } = session.transactions[i] as (typeof session.transactions)[number];
      if (unofferedParams(session, mail).length > 0) odd = [...(odd ?? []), mail];
      for (let r = 0; r < recipients.length; r++) {
        const { command } = recipients[r] as (typeof recipients)[number];
        if (unofferedParams(session, command).length === 0) continue;
        odd ??= [];
        odd.push(command);
      }
    }
    if (odd === null) return NOTHING;
    const refusal = refusedFor(session, 'mail-params-unsupported')[0];
    // What lies in a hole may have been the offer; a refusal for SMTPUTF8 has a finding of its own.
    if (refusal === undefined && (hasHole(session) || refusalsAs(session, 'smtputf8').length > 0)) return NOTHING;
    const first = refusal?.request ?? (odd[0] as Turn);
    return [
      {
        evidence: [
          ...odd.slice(0, SHOWN).map((turn) => turnShows(turn, list(unofferedParams(session, turn)))),
          ...(refusal === undefined ? [] : [turnShows(refusal.reply, 'refused for it')]),
        ],
        data: {
          verb: first.verb ?? '',
          names: unofferedParams(session, first),
          times: odd.length,
          words: refusal === undefined ? null : quote(session, refusal.reply),
        },
        ...(refusal === undefined ? {} : { severity: 'error' as const }),
      },
    ];
  },
  message: ({ verb, names, times, words }) =>
    `${verb} was sent with ${list(names)}, which the server does not offer to take${times > 1 ? ` (${times} commands in all)` : ''}` +
    `${words === null ? '' : `, and refuses: ${words}`}`,
  explanation: `Parameters of MAIL and RCPT belong to extensions, and a client may only use those that the reply to EHLO lists; behind HELO none (RFC 5321 §4.1.1.11). A server that does not know a parameter answers 555 or 501, and the mail is returned; one that takes it may do so without doing what it asks.

It is certain: the whole offer was captured, and the parameter stands in the command. An error where it was refused.`,
  falseAlarms: [
    'A server that takes a parameter which it does not list: a warning, and nothing is lost.',
    'A hole in the capture, in which the offer may lie: not raised unless it was refused.',
  ],
  causes: () => [
    'A client that sends SIZE or BODY without a look at the offer, or remembers another server’s.',
    'EHLO was refused and HELO taken, and the client went on as if extensions were there.',
    'A firewall, proxy or filter that takes lines out of the server’s offer.',
    'A relay that passes on DSN or REQUIRETLS, which came with the mail, to a server without it.',
  ],
  remedies: () => [
    {
      applies: 'the program that sends',
      text: 'Use a parameter only when EHLO listed its extension, and none after HELO.',
      commands: ['swaks --server mail.example.net --quit-after EHLO'],
    },
    {
      applies: 'Postfix as client',
      text: 'Postfix keeps to the offer; smtp_discard_ehlo_keywords makes it use less of it where a server’s extension is broken.',
      commands: ['postconf smtp_discard_ehlo_keywords smtp_discard_ehlo_keyword_address_maps'],
    },
    {
      applies: 'the path',
      text: 'Compare the reply to EHLO at the server and at the client: where they differ something in between changes it.',
      commands: ['swaks --server 192.0.2.25 --quit-after EHLO'],
    },
  ],
  references: [rfc(5321, '4.1.1.11'), rfc(5321, '2.2.2'), postconf('smtp_discard_ehlo_keywords')],
});
