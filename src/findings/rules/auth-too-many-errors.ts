import type { Turn } from '../../smtp/turn.ts';
import { providerOf } from '../auth-providers.ts';
import { authRefusals, endOfRepeatedAuth, loginWords, type RefusedLogins } from '../auth-refusals.ts';
import { CLIENT_PASSWORDS, SERVER_LOG } from '../auth-remedies.ts';
import { turnShows } from '../evidence.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';
import { quote } from '../words.ts';

export default defineRule<RefusedLogins>({
  id: 'auth-too-many-errors',
  title: 'The server ended the session after refused logins',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['authRefused'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['authentication-failed', 'rejected', 'deferred', 'aborted'],
  detect(session) {
    const refusals = authRefusals(session);
    const own = refusals.find(({ kind }) => kind === 'auth-too-many-errors');
    const end: Turn | null = own?.reply ?? endOfRepeatedAuth(session);
    if (end === null) return NOTHING;
    const before = refusals.filter(({ reply }) => reply.index < end.index);
    const data: RefusedLogins = {
      words: quote(session, end),
      times: before.length,
      mechanisms: [...new Set(before.map(({ attempt }) => attempt.mechanism))],
      identities: [...new Set(before.flatMap(({ attempt }) => (attempt.identity === null ? [] : [attempt.identity])))],
      recovered: null,
      provider: providerOf(session, end),
    };
    return [
      {
        evidence: [
          ...before.slice(-4).map(({ reply }) => turnShows(reply, 'a login is refused')),
          turnShows(end, 'the server ends it'),
        ],
        data,
      },
    ];
  },
  message: (data) => `The server refused ${loginWords(data)} and then ended the session: ${data.words}`,
  explanation: `After a number of refused logins on one connection servers stop: they say 421 or 550 and close, often after longer and longer pauses. Many keep the client’s address out for a while as well, and some lock the account. Then the right password is refused too.

That the session was ended is certain. The reason is that of the refused logins before it, which has a finding of its own; this one says that trying again at once makes it worse.`,
  falseAlarms: [
    'A 421 without refused logins before it is about the server or about load, not about the login.',
    'Somebody who guesses passwords is meant to be stopped like this: see auth-bruteforce.',
  ],
  causes: () => [
    'A client repeats a wrong password, or tries every mechanism in turn with it.',
    'Somebody guesses passwords, and the server defends itself.',
    'A limit that is too low for a client with several accounts on one connection.',
  ],
  remedies: (data) => [
    {
      applies: 'any client',
      text:
        'Stop it, mend the login, wait (minutes to an hour at most providers), and try once. A queue that retries on its own ' +
        'keeps the address locked: hold it.',
      commands: [
        'postconf -e "defer_transports = smtp" && postfix reload',
        'postconf -X defer_transports && postfix reload && postqueue -f',
      ],
    },
    ...CLIENT_PASSWORDS,
    ...(data?.provider == null ? [] : [data.provider.remedy]),
    {
      applies: 'Postfix as server',
      text:
        'smtpd_hard_error_limit (20, or 1 under stress) ends a session after so many errors, smtpd_soft_error_limit (10) makes ' +
        'it wait; a fail2ban jail may keep the address out longer.',
      commands: [
        'postconf smtpd_hard_error_limit smtpd_soft_error_limit smtpd_error_sleep_time',
        'fail2ban-client status postfix-sasl',
      ],
    },
    SERVER_LOG,
  ],
  references: [rfc(4954, '9'), rfc(5321, '3.8'), postconf('smtpd_hard_error_limit')],
});
