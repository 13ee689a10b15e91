/** `stale-credential-device`: one user at one client is refused again and again, at equal intervals. */
import { defineCrossRule, rfc } from '../rule.ts';
import { count, duration } from '../words.ts';
import type { AuthAttempts, Device } from './auth-attempts.ts';
import { crossFinding, type ToldFinding } from './collector.ts';

/** Three intervals: fewer are equal by chance. */
const FEWEST_TRIES = 4;
/** An interval may differ from the usual one by this part of it. */
const TOLERANCE = 0.1;
/** A guesser may be as regular, but is faster. */
const SHORTEST_SECONDS = 5;
/** Findings of this rule; those with most tries first. */
const MOST = 20;

interface Data {
  readonly user: string;
  readonly client: string;
  readonly server: string;
  readonly tries: number;
  readonly seconds: number;
}

export const staleCredentialDevice = defineCrossRule<Data>({
  id: 'stale-credential-device',
  title: 'A device tries again and again with a login that is no longer right',
  scope: 'sessions',
  severity: 'warning',
  confidence: 'likely',
  actor: 'client',
  message: ({ user, client, server, tries, seconds }) =>
    `${client} tried to log in as “${user}” at ${server} in ${count(tries, 'session')}, one every ${duration(seconds)}, and was ` +
    'always refused (535)',
  explanation: `One user, one client, one period, and always the same refusal: nobody is guessing here. A device or program (a scanner, a printer, a phone, a monitor, a script) keeps a password that was changed, and tries at its interval. Its mail does not go out, its tries may lock the account for its owner, or get the address banned together with everybody behind it.`,
  falseAlarms: [
    'Somebody who guesses one password at each interval, slowly. The passwords differ then; the server’s log does not show them, and this finding does not compare them.',
  ],
  causes: () => [
    'The password was changed, or has expired, and the device was forgotten.',
    'The account was closed, or logging in with a password was switched off for it.',
    'The device’s login was mistyped when it was set up, and nobody missed its mail.',
  ],
  remedies: () => [
    {
      applies: 'the owner of the device',
      text: 'Find the device by its address and give it the new password, or an application password of its own.',
      commands: ['ip neigh | grep 192.0.2.7', 'grep 192.0.2.7 /var/lib/misc/dnsmasq.leases'],
    },
    {
      applies: 'fail2ban on the server',
      text: 'If the address is one of your own, keep it from being banned while the device is mended.',
      commands: ['fail2ban-client status postfix-sasl', 'fail2ban-client set postfix-sasl addignoreip 192.0.2.7'],
    },
  ],
  references: [rfc(4954, '6')],
});

export function tellStaleDevices(attempts: AuthAttempts): ToldFinding[] {
  return [...attempts.devices.values()]
    .filter(isStale)
    .sort((a, b) => b.tries.length - a.tries.length || (a.tries[0]?.session ?? 0) - (b.tries[0]?.session ?? 0))
    .slice(0, MOST)
    .map((device) =>
      crossFinding(staleCredentialDevice, {
        data: {
          user: device.user,
          client: device.client,
          server: device.server,
          tries: device.tries.length,
          seconds: period(device),
        },
        sessions: device.tries.map(({ session }) => session),
      }),
    );
}

export function isStale(device: Device): boolean {
  // One try a session: who tries several passwords in one session is no such device.
  if (device.isOther || device.tries.length < FEWEST_TRIES || device.refusals > device.tries.length * 2) return false;
  const usual = period(device);
  if (!(usual >= SHORTEST_SECONDS)) return false;
  return intervals(device).every((one) => {
    // A try that the capture missed, or that failed otherwise, leaves a multiple.
    const times = Math.max(1, Math.round(one / usual));
    return times <= 3 && Math.abs(one - times * usual) <= usual * TOLERANCE;
  });
}

/** The median of the intervals, in seconds. */
function period(device: Device): number {
  const sorted = intervals(device).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function intervals({ tries }: Device): number[] {
  const starts = tries.map(({ startUs }) => startUs).sort((a, b) => a - b);
  return starts.slice(1).map((start, i) => (start - (starts[i] as number)) / 1e6);
}
