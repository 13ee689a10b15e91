/** How a session ended, in the words of every output for people. */
import type { SessionRecord } from '../report/record.ts';

type Outcome = SessionRecord['outcome'];

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  'not-connected': 'not connected',
  'not-smtp': 'not SMTP',
  delivered: 'delivered',
  'partly-delivered': 'partly delivered',
  encrypted: 'encrypted',
  'authentication-failed': 'authentication failed',
  rejected: 'rejected',
  deferred: 'deferred',
  incomplete: 'incompletely captured',
  'no-greeting': 'no greeting',
  aborted: 'aborted',
  idle: 'no mail asked for',
};

/** The outcomes in which nothing went wrong. */
export const GOOD_OUTCOMES: ReadonlySet<Outcome> = new Set<Outcome>(['delivered', 'encrypted', 'idle']);
