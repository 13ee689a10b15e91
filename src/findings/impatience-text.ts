/** What the two rules about impatient clients say alike. */
import type { Session } from '../smtp/session.ts';
import { turnShows } from './evidence.ts';
import type { Impatience } from './impatience.ts';
import { shownWord } from './known-commands.ts';
import type { Detection, Remedy } from './rule.ts';
import { refusedFor, type SyntaxRule } from './syntax-refusals.ts';
import { quote } from './words.ts';

export interface Impatiently {
  readonly before: string;
  readonly next: string;
  readonly times: number;
  /** The server’s objection; null when it had none. */
  readonly words: string | null;
}

const SHOWN = 3;

export function impatiently(session: Session, pairs: readonly Impatience[], rule: SyntaxRule): Detection<Impatiently> {
  const first = pairs[0] as Impatience;
  const refusal = refusedFor(session, rule)[0];
  return {
    evidence: [
      ...pairs
        .slice(0, SHOWN)
        .flatMap(({ before, next, reply }) => [
          turnShows(before, 'sent'),
          turnShows(next, 'sent without having seen the reply'),
          turnShows(reply, 'the reply'),
        ]),
      ...(refusal === undefined ? [] : [turnShows(refusal.reply, 'the server objects')]),
    ],
    data: {
      before: nameOf(first.before),
      next: nameOf(first.next),
      times: pairs.length,
      words: refusal === undefined ? null : quote(session, refusal.reply),
    },
    ...(refusal === undefined ? {} : { severity: 'error' as const }),
  };
}

function nameOf(turn: Impatience['next']): string {
  if (turn.kind === 'message') return 'the message';
  return turn.kind === 'auth' ? 'a line of the login' : shownWord(turn);
}

export const TALK_IN_TURN: Remedy = {
  applies: 'the program that sends',
  text: 'Read a whole reply before the next command goes out; send several at once only when EHLO offered PIPELINING, and then none behind EHLO, AUTH, STARTTLS, DATA, VRFY, EXPN, NOOP or QUIT.',
  commands: ['swaks --server mail.example.net --to user@example.net'],
};

export const SERVERS_THAT_CHECK: readonly Remedy[] = [
  {
    applies: 'Postfix as server',
    text:
      'reject_unauth_pipelining in a restriction list refuses such clients with 503, smtpd_forbid_unauth_pipelining (yes by default from 3.9 on) hangs ' +
      'up on them; the log says “improper command pipelining after”.',
    commands: [
      'postconf smtpd_data_restrictions smtpd_forbid_unauth_pipelining',
      'grep "improper command pipelining" /var/log/mail.log | tail -n 20',
    ],
  },
  {
    applies: 'Exim as server',
    text:
      'smtp_enforce_sync is on by default and refuses with 554 SMTP synchronization error; control = no_enforce_sync in an ACL ' +
      'excepts a host that cannot be changed.',
    commands: ['exim -bP smtp_enforce_sync pipelining_advertise_hosts'],
  },
];
