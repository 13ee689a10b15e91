import { type BdatFaultKind, bdatFaults } from '../bdat-faults.ts';
import { turnShows } from '../evidence.ts';
import { isMailDialogue } from '../known-commands.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { hasHole } from '../sequence.ts';
import { quote } from '../words.ts';

interface Data {
  readonly kind: BdatFaultKind;
  readonly line: string;
  readonly times: number;
  readonly words: string | null;
}

const SAYS: Readonly<Record<BdatFaultKind, string>> = {
  syntax: 'its size is not a plain number, or something else than LAST follows it',
  empty: 'it announces no octets and is not the last',
  'no-last': 'no chunk with LAST came before the client went on',
  'not-offered': 'the server does not offer CHUNKING',
  count: 'what follows the chunk is no command, so chunk and number do not agree',
  mixed: 'DATA and BDAT stand in one transaction',
};
const SHOWN = 4;

export default defineRule<Data>({
  id: 'bdat-errors',
  title: 'BDAT is used in a wrong way',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['chunked'],
  needs: { client: 'withhold', server: 'lower' },
  explains: ['rejected', 'deferred', 'aborted', 'partly-delivered'],
  detect(session) {
    if (!isMailDialogue(session)) return NOTHING;
    const faults = bdatFaults(session);
    const first = faults.find(({ reply }) => reply !== null && reply.code >= 400) ?? faults[0];
    if (first === undefined || (first.kind === 'no-last' && hasHole(session))) return NOTHING;
    const { kind, turn, reply } = first;
    const refusal = reply !== null && reply.code >= 400 ? reply : null;
    return [
      {
        evidence: [
          ...faults.slice(0, SHOWN).map((fault) => turnShows(fault.turn, SAYS[fault.kind])),
          ...(refusal === null ? [] : [turnShows(refusal, 'refused')]),
        ],
        data: {
          kind,
          line: turn.verb === 'BDAT' || turn.verb === 'DATA' ? (turn.lines[0] ?? '').slice(0, 80) : '',
          times: faults.length,
          words: refusal === null ? null : quote(session, refusal),
        },
      },
    ];
  },
  message: ({ kind, line, times, words }) =>
    `${line === '' ? 'BDAT' : line} is wrong: ${SAYS[kind]}${times > 1 ? ` (${times} faults in all)` : ''}` +
    `${words === null ? '' : `; the server refuses it: ${words}`}`,
  explanation: `BDAT size, and LAST with the last chunk, is followed by exactly so many octets (RFC 3030 §2). If the number is wrong the server takes a part of the message for commands, or commands for the message, and the session is lost. Some servers hang up at the first such mistake. BDAT may only be used where CHUNKING is offered, and not together with DATA in one mail.

It is certain: it is read off the commands and, for the number, off what followed the octets.`,
  falseAlarms: [
    'A hole in the capture before or inside a chunk: not raised.',
    'RSET in the middle of the chunks gives the mail up on purpose and is not raised.',
    'BDAT 0 LAST, which ends a message without further octets, is right.',
  ],
  causes: () => [
    'The octets were counted before line ends were converted, or characters were counted instead of octets.',
    'A library that uses BDAT without a look at the server’s offer.',
    'A client that breaks off between the chunks and goes on with the next mail without RSET.',
  ],
  remedies: () => [
    {
      applies: 'the program that sends',
      text: 'Count the octets of what goes to the socket, after every conversion; look for CHUNKING in the reply to EHLO; end with LAST or RSET.',
      commands: [],
    },
    {
      applies: 'Exim as client',
      text: 'hosts_try_chunking of the smtp transport, left empty, makes it use DATA.',
      commands: ['exim -bP transports | grep hosts_try_chunking'],
    },
    {
      applies: 'Postfix as server',
      text: 'Until the client is mended BDAT can be taken out of the offer.',
      commands: ['postconf -e "smtpd_discard_ehlo_keywords = chunking, silent-discard" && postfix reload'],
    },
  ],
  references: [rfc(3030, '2')],
});
