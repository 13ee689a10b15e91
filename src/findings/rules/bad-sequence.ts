import type { Turn } from '../../smtp/turn.ts';
import { turnShows } from '../evidence.ts';
import { shownWord } from '../known-commands.ts';
import { type Detection, defineRule, NOTHING, rfc } from '../rule.ts';
import { outOfOrder, type ToldDisorder } from '../sequence.ts';
import { refusedFor } from '../syntax-refusals.ts';
import { quote } from '../words.ts';

interface Data {
  readonly kind: ToldDisorder | 'by-reply';
  readonly verb: string;
  readonly times: number;
  /** The server’s 503; null when it took the command. */
  readonly words: string | null;
}

const SAYS: Readonly<Record<ToldDisorder, string>> = {
  'mail-before-hello': 'MAIL was sent before EHLO or HELO',
  'nested-mail': 'MAIL was sent inside a mail transaction',
  'rcpt-before-mail': 'RCPT or DATA was sent without a MAIL before it',
  'data-before-rcpt': 'DATA was sent without a RCPT before it',
};
const CAUSE = {
  script: 'A script or home-made client that keeps another order, or does not read replies and is one command off.',
  state:
    'A client that begins a second mail on the connection without RSET after the first one had failed, or forgets EHLO after a new start.',
  proxy: 'A proxy or filter that swallowed or answered a command, so that the server did not see it.',
  login: 'A server that wants something first (a login, TLS, a greeting of another kind) and says so with 503.',
} as const;
const SHOWN = 3;

export default defineRule<Data>({
  id: 'bad-sequence',
  title: 'A command out of order',
  severity: 'warning',
  confidence: 'certain',
  actor: 'client',
  triggers: ['disorder', 'outOfOrder', 'rareCommand'],
  needs: { client: 'lower', server: 'lower', absence: true },
  explains: ['rejected', 'aborted', 'partly-delivered'],
  detect(session) {
    const refused = refusedFor(session, 'bad-sequence');
    const seen = outOfOrder(session);
    if (refused.length + seen.length === 0) return NOTHING;
    const [refusal] = refused;
    const order = refusal === undefined ? seen[0] : seen.find(({ turn }) => turn === refusal.request);
    const turns = new Set<Turn>([...refused.map(({ request }) => request), ...seen.map(({ turn }) => turn)]);
    const first = refusal?.request ?? (seen[0]?.turn as Turn);
    const detection: Detection<Data> = {
      evidence: [
        ...[...turns].slice(0, SHOWN).map((turn) => turnShows(turn, 'out of order')),
        ...refused.slice(0, SHOWN).map(({ reply }) => turnShows(reply, 'refused for it')),
      ],
      data: {
        kind: order?.kind ?? 'by-reply',
        verb: first.kind === 'message' ? 'the message' : shownWord(first),
        times: turns.size,
        words: refusal === undefined ? null : quote(session, refusal.reply),
      },
    };
    return [detection];
  },
  message: ({ kind, verb, times, words }) =>
    `${kind === 'by-reply' ? `${verb.replace(/^[a-z]/, (letter) => letter.toUpperCase())} came out of order` : SAYS[kind]}` +
    `${words === null ? ', and the server took no offence' : `: ${words}`}${times > 1 ? ` (${times} commands of this session)` : ''}`,
  explanation: `The order is EHLO, MAIL, RCPT, DATA; a new mail begins with MAIL only when the last one has ended with its message, RSET or EHLO (RFC 5321 §4.1.4). The server answers 503 to a command that does not fit; some servers forgive it. The mail is refused or, worse, gets the recipients or the sender of another one.

It is certain that the reply was 503, or that the command stands where it must not. What merely follows from a refusal before it (RCPT behind a refused MAIL) is not counted, and neither is AUTH, which has a finding of its own.`,
  falseAlarms: [
    'RCPT and DATA pipelined behind a MAIL that was refused: they follow from that refusal and are not raised.',
    'Where anything of either side was not captured only a 503 is raised, and with less certainty.',
    'Behind STARTTLS the client has to begin anew: no-ehlo-after-starttls tells when it does not.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.kind === 'by-reply') return [CAUSE.login, CAUSE.proxy, CAUSE.script];
    return data.kind === 'nested-mail' ? [CAUSE.state, CAUSE.script] : [CAUSE.script, CAUSE.state, CAUSE.proxy];
  },
  remedies: () => [
    {
      applies: 'the program that sends',
      text: 'Keep to EHLO, MAIL, RCPT, DATA; send RSET before the next MAIL whenever a mail did not end with its message, and read each reply.',
      commands: ['swaks --server mail.example.net --from a@example.org --to b@example.net'],
    },
    {
      applies: 'Postfix as server',
      text: 'smtpd_helo_required decides whether MAIL is taken without EHLO or HELO.',
      commands: ['postconf smtpd_helo_required'],
    },
    {
      applies: 'a proxy or filter on the path',
      text: 'Capture behind it as well: what the server did not get, the proxy kept.',
      commands: ['tcpdump -i any -s 0 -w both-sides.pcap "tcp port 25"'],
    },
  ],
  references: [rfc(5321, '4.1.4'), rfc(5321, '4.2.3')],
});
