/**
 * `linked-failures`: one client fails in different ways towards one relay, a drop before the greeting and a leave
 * after EHLO among them. Their log lines are easily taken for one failure.
 */

import { SASL_PACKAGES } from '../remedies.ts';
import { defineCrossRule, type Finding, rfc } from '../rule.ts';
import { count, list } from '../words.ts';
import { type Collector, crossFinding, EVERY_SESSION } from './collector.ts';

/** Pairs of client and server remembered; those that come later are not looked at. */
const PAIRS = 4096;
/** Sessions remembered of each kind for a pair. */
const EACH = 32;

interface Data {
  readonly client: string;
  readonly server: string;
  readonly dropped: readonly number[];
  readonly left: readonly number[];
  readonly others: number;
}

export const linkedFailures = defineCrossRule<Data>({
  id: 'linked-failures',
  title: 'Two different failures towards one relay, easily taken for one',
  scope: 'sessions',
  severity: 'notice',
  confidence: 'likely',
  actor: 'client',
  message: ({ client, server, dropped, left, others }) =>
    `${client} fails towards ${server} in two ways: the server dropped ${sessionWords(dropped)} before its greeting, and in ` +
    `${sessionWords(left)} the client left after EHLO by itself` +
    `${others === 0 ? '' : `, besides ${count(others, 'other failed session')}`}. The log line “server dropped connection ` +
    `without sending the initial SMTP greeting” belongs to the first; the dialogue with EHLO and QUIT belongs to the second, ` +
    `whose log line is “SASL authentication failed … no mechanism available”`,
  explanation: `A log shows one line for a message, that of the last try. When some tries end before the greeting and others after EHLO, the line that one reads need not belong to the dialogue that one sees in a capture. Whoever follows the first looks for a network fault or changes the password; the second is mended in the client’s login set-up.

That both happened between the same two machines is certain; that they are part of one trouble, the same mail tried again, is likely.`,
  falseAlarms: [
    'Two different programs on one client, of which one is a monitor: the failures have nothing to do with each other.',
  ],
  causes: () => [
    'The relay closes at the door now and then (a limit, a restart, a filter), and when it does talk, the client has no login mechanism that it may use.',
    'The relay bans a client for a while that comes and leaves without a login again and again.',
  ],
  remedies: () => [
    {
      applies: 'the client’s administrator',
      text: 'Mend the login first (see ehlo-quit-auth-offered): without it no try can succeed. Then see whether the drops go on.',
      commands: ['postqueue -p', 'grep "status=deferred" /var/log/mail.log | tail -n 20'],
    },
    ...SASL_PACKAGES,
  ],
  references: [rfc(5321, '3.1'), rfc(4954, '4')],
});

interface Pair {
  readonly client: string;
  readonly server: string;
  readonly dropped: number[];
  readonly left: number[];
  readonly others: number[];
}

export function collectLinkedFailures(): Collector {
  const pairs = new Map<string, Pair>();
  return {
    on: EVERY_SESSION,
    see(session, findings) {
      if (findings.length === 0 || !hasFailed(findings)) return;
      const client = session.client.address;
      const server = session.server.address;
      const key = `${client} ${server}`;
      let pair = pairs.get(key);
      if (pair === undefined) {
        if (pairs.size >= PAIRS) return;
        pair = { client, server, dropped: [], left: [], others: [] };
        pairs.set(key, pair);
      }
      const ids = kindOf(pair, findings);
      if (ids.length < EACH) ids.push(session.id);
    },
    finish: () =>
      [...pairs.values()]
        .filter(({ dropped, left }) => dropped.length > 0 && left.length > 0)
        .map(({ client, server, dropped, left, others }) =>
          crossFinding(linkedFailures, {
            data: { client, server, dropped, left, others: others.length },
            sessions: [...dropped, ...left, ...others],
          }),
        ),
  };
}

/** Asked of every session with a finding: a loop, no closure. */
function hasFailed(findings: readonly Finding[]): boolean {
  for (let i = 0; i < findings.length; i++) {
    const severity = findings[i]?.severity;
    if (severity === 'error' || severity === 'critical') return true;
  }
  return false;
}

function kindOf(pair: Pair, findings: readonly Finding[]): number[] {
  if (findings.some(({ rule }) => rule === 'drop-before-greeting')) return pair.dropped;
  const left = findings.some(({ rule, severity }) => rule === 'ehlo-quit-auth-offered' && severity === 'error');
  return left ? pair.left : pair.others;
}

function sessionWords(ids: readonly number[]): string {
  const shown = ids.slice(0, 5).map(String);
  return `session${ids.length === 1 ? '' : 's'} ${list(ids.length > 5 ? [...shown, 'more'] : shown)}`;
}
