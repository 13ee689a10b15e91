import type { AuthAttempt } from '../../smtp/session.ts';
import { type AuthRefusalKind, authRefusals, offeredBefore } from '../auth-refusals.ts';
import { turnShows } from '../evidence.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';
import { list } from '../words.ts';

interface Data {
  readonly mechanism: string;
  readonly offered: readonly string[];
  readonly outcome: AuthAttempt['outcome'];
}

/** Refusals that say the same: the mechanism, the moment or the missing TLS. */
const TOLD: ReadonlySet<AuthRefusalKind> = new Set(['auth-503', 'auth-504', 'auth-530', 'auth-538', 'elsewhere']);

export default defineRule<Data>({
  id: 'auth-not-offered-but-sent',
  title: 'The client used a login mechanism that was not on offer',
  severity: 'warning',
  confidence: 'certain',
  actor: 'developer',
  triggers: ['authCommand'],
  needs: { client: 'lower', server: 'withhold' },
  explains: [],
  detect(session) {
    for (const attempt of session.authentication) {
      const { mechanism, command } = attempt;
      const offered = offeredBefore(session, command);
      if (mechanism === '' || offered === null || offered.includes(mechanism)) continue;
      const refusal = authRefusals(session).find((one) => one.attempt === attempt);
      if (refusal !== undefined && TOLD.has(refusal.kind)) continue;
      const offer = session.offers.findLast(({ reply }) => reply.index < command.index);
      return [
        {
          evidence: [
            ...(offer === undefined ? [] : [turnShows(offer.reply, 'what is on offer')]),
            turnShows(command, `${mechanism} is not among it`),
          ],
          data: { mechanism, offered, outcome: attempt.outcome },
        },
      ];
    }
    return NOTHING;
  },
  message: ({ mechanism, offered, outcome }) =>
    `The client sent AUTH ${mechanism}, which the reply to EHLO does not list (${offered.length === 0 ? 'AUTH is not in it' : `on offer: ${list(offered.slice(0, 8))}`})` +
    `${outcome === 'accepted' ? '; the server took it all the same' : ''}`,
  explanation: `A client must choose from the mechanisms that the last reply to EHLO lists, and must not use AUTH where it is not listed (RFC 4954 §3). Servers that list less than they take do exist, and so do clients that never look. It works until the server is replaced or its settings change.

It is certain: the complete offer and the AUTH stand in the capture. Where the server refused it for this very reason (503, 504, 538) that finding is told instead.`,
  falseAlarms: [
    'A server that hides mechanisms on purpose and has told its clients about them.',
    'A reply to EHLO of which lines are missing in the capture: not raised.',
  ],
  causes: () => [
    'The mechanism is fixed in the client’s settings or code.',
    'The client kept the list from an earlier EHLO: from before TLS began, or from another connection.',
    'Something on the path took AUTH out of the reply to EHLO.',
  ],
  remedies: () => [
    {
      applies: 'developers of clients',
      text:
        'Read the AUTH line of the last EHLO (inside TLS: of the one after STARTTLS) and choose from it; fail with a clear ' +
        'message when nothing fits.',
      commands: [],
    },
    {
      applies: 'msmtp, nodemailer, swaks',
      text: 'Let them choose: auth on (msmtp), no authMethod (nodemailer), --auth without a type (swaks).',
      commands: ['msmtp --serverinfo --host=smtp.isp.example --port=587 --tls=on'],
    },
    {
      applies: 'anyone, to see the offer inside TLS',
      text: 'The second reply to EHLO has the list that counts.',
      commands: ['swaks --server smtp.isp.example:587 --tls --quit-after EHLO'],
    },
  ],
  references: [rfc(4954, '3'), rfc(4954, '4')],
});
