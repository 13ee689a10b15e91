import { loginWords, type RefusedLogins, recoveryWords, refusedLogins } from '../auth-refusals.ts';
import { CLIENT_PASSWORDS, providerRemedies, SERVER_MECHANISMS } from '../auth-remedies.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';

interface Data extends RefusedLogins {
  readonly reason: 'app-password' | 'web-login' | 'too-weak';
}

const CAUSE = {
  appPassword:
    'The account has two-step verification, and the client uses the account’s own password where the provider wants a ' +
    'password that was made for this application (Gmail: 534-5.7.9 “Application-specific password required”).',
  webLogin:
    'The provider took the login for suspicious (a new place, a data centre, an old client) and wants its owner to log in ' +
    'with a browser first (Gmail: 534-5.7.14 “Please log in via your web browser”).',
  weak:
    'The mechanism is weaker than the server’s policy permits for this user: PLAIN or LOGIN where a challenge mechanism, a ' +
    'certificate or OAuth is asked for.',
} as const;

export default defineRule<Data>({
  id: 'auth-534',
  title: 'The server wants a stronger login than this one',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['authRefused'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['authentication-failed', 'aborted'],
  detect(session, history) {
    const group = refusedLogins(session, history, 'auth-534');
    if (group === null) return NOTHING;
    const { text, enhancedCode } = group.first.reply;
    const reason = /\bapplication-specific\b|\bapp[- ]?password/i.test(text)
      ? 'app-password'
      : enhancedCode === '5.7.14' || /\bweb ?(?:browser|login)\b/i.test(text)
        ? 'web-login'
        : 'too-weak';
    return [{ evidence: group.evidence, data: { ...group.data, reason } }];
  },
  message: (data) =>
    `The server wants more than ${loginWords(data)}: ${data.words}` +
    {
      'app-password': '; it wants a password made for this application',
      'web-login': '; it wants the owner of the account to log in with a browser first',
      'too-weak': '; the mechanism is too weak for its policy',
    }[data.reason] +
    recoveryWords(data),
  explanation: `534 is not about a wrong password: the server will not take this kind of login for this user. In RFC 4954 it means that the mechanism is too weak. Gmail uses it for two things of its own: an account with two-step verification that was tried with its own password (5.7.9), and a login that looks suspicious and has to be confirmed in a browser (5.7.14).

That it was refused is certain, and the server’s words say which of these it is. Trying again with the same settings cannot succeed, and may lock the account.`,
  falseAlarms: [
    'A client that tries its weakest mechanism first and then succeeds with another one loses nothing but a moment.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.reason === 'app-password') return [CAUSE.appPassword];
    if (data.reason === 'web-login') return [CAUSE.webLogin, CAUSE.appPassword];
    return [CAUSE.weak];
  },
  remedies: (data) => [
    ...(data === null || data.reason === 'web-login'
      ? [
          {
            applies: 'the owner of a Google account',
            text:
              'Log in with a browser, from the same network if possible, and confirm the blocked attempt under Security; then ' +
              'use an app password or OAuth. A login from a data centre may be blocked again.',
            commands: [],
          },
        ]
      : []),
    ...providerRemedies(data === null ? undefined : data.provider),
    ...(data === null || data.reason === 'too-weak'
      ? [
          {
            applies: 'Postfix as client',
            text:
              'Let it choose a stronger mechanism: nothing in smtp_sasl_mechanism_filter may exclude those on offer, and their ' +
              'plugins must be installed (Debian and Ubuntu: libsasl2-modules; RHEL and Fedora: cyrus-sasl-scram, cyrus-sasl-md5).',
            commands: ['postconf smtp_sasl_mechanism_filter smtp_sasl_security_options', 'postfix reload'],
          },
          ...SERVER_MECHANISMS,
        ]
      : CLIENT_PASSWORDS),
  ],
  references: [
    rfc(4954, '6'),
    { title: 'Google: sign in with app passwords', url: 'https://support.google.com/accounts/answer/185833' },
  ],
});
