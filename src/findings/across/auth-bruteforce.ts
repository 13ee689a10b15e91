/** `auth-bruteforce` over several sessions: many refusals from one network, or one user from many clients. */
import type { RuleText } from '../rule.ts';
import authBruteforce from '../rules/auth-bruteforce.ts';
import { count, duration, list } from '../words.ts';
import { type AuthAttempts, MANY_CLIENTS, type Success } from './auth-attempts.ts';
import { crossFinding, type ToldFinding } from './collector.ts';
import { networkWords } from './networks.ts';
import { isStale } from './stale-credential-device.ts';

/** Findings of each kind; those with most refusals first. */
const MOST = 20;

const OWN_DEVICES = 'A password was changed, and the devices of its owner still have the old one.';
const BROKEN_CHECK = 'The server’s own check is broken and refuses everybody (535 where 454 would be right).';
const SHARED =
  'Many people behind one network (an office, a mobile provider) just after the form of logins was changed.';

interface Data {
  /** `198.51.100.0/24`; null when it is about one user. */
  readonly network: string | null;
  readonly refusals: number;
  readonly users: readonly string[];
  readonly clients: number;
  readonly seconds: number;
  readonly success: Success | null;
}

/** The rule’s own words, but for what several sessions show. */
const GUESSED: RuleText<Data> = {
  ...authBruteforce,
  message: ({ network, refusals, users, clients, seconds, success }) =>
    `${count(refusals, 'login')} ${refusals === 1 ? 'was' : 'were'} refused ` +
    `${network === null ? `for ${userWords(users)} from ${count(clients, 'client')}` : `from ${network}`} within ${duration(seconds)}` +
    `${network === null ? '' : `, by ${count(clients, 'client')}, for ${userWords(users)}`}` +
    `${success === null ? '' : `; then ${success.client} was let in${success.user === null ? '' : ` as “${success.user}”`} (session ${success.session})`}`,
  causes: (data) => {
    const ofUser = data !== null && data.network === null;
    return ofUser
      ? ['A botnet tries passwords for one user from many addresses.', OWN_DEVICES, BROKEN_CHECK]
      : ['A botnet or a script tries lists of users and passwords.', SHARED, OWN_DEVICES, BROKEN_CHECK];
  },
  remedies: (data) => {
    const all = authBruteforce.remedies(null);
    // The first is for an account that was let in.
    return data?.success == null ? all.slice(1) : all;
  },
};

export function tellBruteforce(attempts: AuthAttempts): ToldFinding[] {
  const told = new Set<number>();
  const stale = new Set<string>();
  for (const device of attempts.devices.values()) if (isStale(device)) stale.add(`${device.client} ${device.user}`);
  const isOneDevice = (clients: ReadonlyMap<string, number>, users: ReadonlySet<string>) =>
    clients.size === 1 && users.size === 1 && stale.has(`${[...clients.keys()][0]} ${[...users][0]}`);

  const byNetwork = [...attempts.networks.values()]
    .filter(({ isMany, sessions, clients, users }) => isMany && sessions.size > 1 && !isOneDevice(clients, users))
    .sort((a, b) => b.refusals - a.refusals)
    .slice(0, MOST)
    .map((guesses) => {
      for (const session of guesses.sessions) told.add(session);
      return tell(guesses, networkWords(guesses.network));
    });
  const byUser = [...attempts.users.values()]
    .filter(({ clients, sessions }) => clients.size >= MANY_CLIENTS && ![...sessions].every((one) => told.has(one)))
    .sort((a, b) => b.refusals - a.refusals)
    .slice(0, MOST)
    .map((guesses) => tell(guesses, null));
  return [...byNetwork, ...byUser];
}

interface Told {
  readonly refusals: number;
  readonly clients: ReadonlyMap<string, number>;
  readonly users: ReadonlySet<string>;
  readonly sessions: ReadonlySet<number>;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly success: Success | null;
}

function tell(
  { refusals, clients, users, sessions, firstUs, lastUs, success }: Told,
  network: string | null,
): ToldFinding {
  return crossFinding(GUESSED, {
    data: {
      network,
      refusals,
      users: [...users],
      clients: clients.size,
      seconds: (lastUs - firstUs) / 1e6,
      success,
    },
    sessions: success === null ? sessions : [...sessions, success.session],
    ...(success === null ? {} : { severity: 'critical' as const }),
  });
}

function userWords(users: readonly string[]): string {
  if (users.length === 0) return 'users that cannot be seen';
  const named = users.slice(0, 3).map((user) => `“${user}”`);
  return users.length > 3 ? `${named.join(', ')} and ${count(users.length - 3, 'other user')}` : list(named);
}
