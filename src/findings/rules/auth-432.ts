import { loginWords, type RefusedLogins, recoveryWords, refusedLogins } from '../auth-refusals.ts';
import { TRY_BY_HAND } from '../auth-remedies.ts';
import { defineRule, NOTHING, rfc } from '../rule.ts';

export default defineRule<RefusedLogins>({
  id: 'auth-432',
  title: 'The server wants the password set anew for this mechanism',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: ['authRefused'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['authentication-failed', 'deferred', 'aborted'],
  detect(session, history) {
    const group = refusedLogins(session, history, 'auth-432');
    return group === null ? NOTHING : [{ evidence: group.evidence, data: group.data }];
  },
  message: (data) =>
    `The server does not have what it needs for ${loginWords(data)}: ${data.words}; the password must be handed over once with PLAIN inside TLS${recoveryWords(data)}`,
  explanation: `A challenge mechanism needs the password stored in a form of its own. 432 says that the server has another form of it, and can make the one that is wanted when it sees the password itself once: log in with PLAIN inside TLS, or change the password. After that the mechanism works.

It is certain. It looks temporary by its code, but trying the same again changes nothing, so it is an error.`,
  falseAlarms: ['A client that goes on with PLAIN inside TLS by itself has done what the server asks for.'],
  causes: () => [
    'The account is older than the mechanism: its password was stored before the server could do this one.',
    'The accounts were moved from another server that stored other hashes.',
  ],
  remedies: () => [
    TRY_BY_HAND,
    {
      applies: 'Cyrus SASL with sasldb as server',
      text: 'Setting the password again stores what each mechanism needs; auto_transition: yes in smtpd.conf does it at a login with PLAIN.',
      commands: ['saslpasswd2 -c -u example.net user', 'sasldblistusers2'],
    },
    {
      applies: 'Dovecot',
      text: 'A stored SCRAM or CRAM-MD5 hash serves that mechanism alone; PLAIN storage serves all. Make the hash that is wanted.',
      commands: ['doveadm pw -l', 'doveadm pw -s SCRAM-SHA-256'],
    },
  ],
  references: [rfc(4954, '6')],
});
