import { Fact, type Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { leavingWords, leftAfterEhlo } from '../ehlo-quit.ts';
import { turnShows } from '../evidence.ts';
import type { History } from '../history.ts';
import { refusals } from '../refusals.ts';
import { USE_STARTTLS } from '../remedies.ts';
import { type Detection, defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { missingHello } from '../second-hello.ts';
import { SERVER_CERTIFICATE } from '../tls-remedies.ts';
import { quote } from '../words.ts';

type Data =
  | {
      readonly by: 'server';
      readonly verb: string;
      readonly words: string;
      readonly offered: boolean;
      /** STARTTLS had been asked for and refused. */
      readonly refused: boolean;
    }
  | { readonly by: 'client'; readonly leaving: string; readonly port: number };

const CAUSE = {
  off: 'The server wants TLS, and TLS is off in the client (Postfix: smtp_tls_security_level is empty or none).',
  cannot: 'The server wants TLS, and the client cannot do it: an old device, a program built without TLS.',
  refused: 'The client asked for TLS, the server refused, and the client went on in clear.',
  notOffered:
    'The server wants TLS and does not offer it here: its settings contradict each other, or something on the path removed the offer.',
  required:
    'The client requires TLS (Postfix: smtp_tls_security_level = encrypt or higher, a policy map, DANE, MTA-STS) and the server does ' +
    'not offer it. Postfix logs “TLS is required, but was not offered by host”, dsn 4.7.4.',
  stripped: 'The server does offer STARTTLS, and a device on the path took it away.',
  probe: 'A monitor or a person looked at the offer and left: nothing is wrong.',
} as const;

/** Ports to which people submit with a login: a client that finds no TLS there has reason to leave. */
const SUBMISSION_PORTS: ReadonlySet<number> = new Set([587, 2525]);

export default defineRule<Data>({
  id: 'tls-required-not-offered',
  title: 'One side asks for TLS that the other did not offer or use',
  severity: 'error',
  confidence: 'certain',
  actor: null,
  triggers: ['authRefused', 'noMail'],
  refusals: ['tls'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'aborted', 'incomplete'],
  detect(session, history) {
    const isRefused = (session.facts & (Fact.refusal5xx | Fact.refusal4xx)) !== 0;
    const wanted = isRefused ? tlsRefusals(session) : NOTHING;
    const [first] = wanted;
    if (first === undefined) return clientLeft(session, history);
    const [request, reply] = first;
    const offer = session.offers.findLast((one) => one.reply.index < reply.index);
    const refused = session.encryption?.outcome === 'rejected';
    return [
      {
        evidence: wanted
          .slice(0, 3)
          .flatMap(([command, answer]) => [
            turnShows(command, 'sent in clear'),
            turnShows(answer, 'TLS is wanted first'),
          ]),
        data: {
          by: 'server',
          verb: request.kind === 'message' ? 'the message' : (request.verb ?? ''),
          words: quote(session, reply),
          offered: offer?.extensions.has('STARTTLS') ?? false,
          refused,
        },
        actor: refused ? 'server' : 'client',
      },
    ];
  },
  message: (data) =>
    data.by === 'server'
      ? `The server wants TLS before ${data.verb}, and the client ${data.refused ? 'had been refused it' : data.offered ? 'did not use the STARTTLS on offer' : 'had not been offered STARTTLS'}: ${data.words}`
      : `The server offered neither STARTTLS nor AUTH on port ${data.port}, and the client ${data.leaving}: perhaps it requires TLS`,
  explanation: `A server may insist on TLS: it then answers 530 Must issue a STARTTLS command first to everything but EHLO, NOOP, STARTTLS and QUIT. A client that does not start TLS gets no further there; no login and no other sender changes that.

A client may insist on TLS too: it looks at the offer, finds no STARTTLS, and says QUIT. On the wire that is all there is, and a monitor that looked at the offer does the same; so this direction is no more than a hint, on port 25 a notice. The client’s log says it plainly.`,
  falseAlarms: [
    'A 530 that asks for a login is auth-530.',
    'A monitor or a scanner that says EHLO and QUIT: where its name or its pauses give it away nothing is said.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.by === 'client') return [CAUSE.required, CAUSE.stripped, CAUSE.probe];
    if (data.refused) return [CAUSE.refused];
    return data.offered ? [CAUSE.off, CAUSE.cannot] : [CAUSE.notOffered, CAUSE.stripped, CAUSE.off];
  },
  remedies: (data) => [
    ...(data === null || data.by === 'server' ? USE_STARTTLS : []),
    {
      applies: 'Postfix as server',
      text: 'smtpd_tls_security_level = encrypt requires TLS of every client: right for submission (587), wrong for port 25 of a public domain, where “may” belongs.',
      commands: [
        'postconf smtpd_tls_security_level smtpd_discard_ehlo_keywords',
        'postconf -P | grep smtpd_tls_security_level',
      ],
    },
    ...(data === null || data.by === 'client'
      ? [
          {
            applies: 'Postfix as client',
            text: 'Look which policy asks for TLS; towards one destination that has none, an entry “may” in smtp_tls_policy_maps lets the mail go in clear.',
            commands: [
              'grep "TLS is required" /var/log/mail.log | tail -n 5',
              'postconf smtp_tls_security_level smtp_tls_policy_maps smtp_tls_mandatory_protocols',
            ],
          },
        ]
      : []),
    ...(data === null || data.by === 'client' || !data.offered ? SERVER_CERTIFICATE : []),
  ],
  references: [rfc(3207, '4'), rfc(8689), postconf('smtpd_tls_security_level'), postconf('smtp_tls_security_level')],
});

/** The server’s demands for TLS with the commands they answer. */
function tlsRefusals(session: Session): readonly (readonly [Turn, Turn])[] {
  const found: (readonly [Turn, Turn])[] = [];
  let classed: ReadonlySet<Turn> | null = null;
  for (const { request, reply } of session.exchanges) {
    if (request === null || reply === null || reply.code < 400) continue;
    const isDemand = reply.code === 530 && asksForTls(reply.text);
    if (!isDemand) {
      classed ??= new Set(
        refusals(session)
          .filter(({ kind }) => (kind as string) === 'tls')
          .map((refusal) => refusal.reply),
      );
      if (!classed.has(reply)) continue;
      // A client that began TLS and did not say EHLO again: no-ehlo-after-starttls.
      if (missingHello(session)?.refusal === reply) continue;
    }
    // AUTH that was not on offer has a finding of its own.
    if (request.verb === 'AUTH' && !session.offers.some(({ extensions }) => extensions.has('AUTH'))) continue;
    found.push([request, reply]);
  }
  return found;
}

/** `530 Must issue a STARTTLS command first` (RFC 3207 §4), against `530 Authentication required` (RFC 4954 §6). */
function asksForTls(text: string): boolean {
  const words = text.slice(0, 512);
  if (/STARTTLS/i.test(words)) return true;
  return /\b(?:TLS|SSL|encrypt\w*)\b/i.test(words) && !/authenticat/i.test(words);
}

function clientLeft(session: Session, history: History): readonly Detection<Data>[] {
  const { facts } = session;
  if ((facts & Fact.noMail) === 0 || (facts & Fact.ehloAccepted) === 0) return NOTHING;
  if ((facts & (Fact.authOffered | Fact.startTlsOffered | Fact.authCommand)) !== 0) return NOTHING;
  const leave = leftAfterEhlo(session, history);
  if (leave === null || leave.how !== 'quit' || leave.harmless !== null) return NOTHING;
  return [
    {
      evidence: leave.evidence,
      data: { by: 'client', leaving: leavingWords(leave), port: leave.port },
      confidence: 'hint',
      ...(SUBMISSION_PORTS.has(leave.port) ? {} : { severity: 'notice' }),
    },
  ];
}
