import { loginWords, type RefusedLogins, recoveryWords, refusedLogins } from '../auth-refusals.ts';
import { providerRemedies } from '../auth-remedies.ts';
import { defineRule, NOTHING, postfixGuide, type Remedy, rfc } from '../rule.ts';

interface Data extends RefusedLogins {
  readonly limited: boolean;
}

const CAUSE = {
  backend:
    'What checks passwords for the server does not answer: Dovecot’s auth service or saslauthd is down, restarts, or its ' +
    'socket is not where the server looks for it.',
  store: 'The store behind it does not answer: LDAP, Active Directory, a database, a RADIUS server.',
  limit: 'The server limits logins of this client, by number or after failures, and puts it off.',
  many: 'Too many logins at a time: the service’s process or connection limit is reached.',
} as const;

const FEWER_LOGINS: Remedy = {
  applies: 'any client',
  text:
    'Stop what logs in again and again, wait (minutes to some hours), and try once. Use fewer connections at a time, and several mails in ' +
    'each: Exchange Online takes three at a time from one mailbox.',
  commands: [
    'postconf -e "smtp_destination_concurrency_limit = 2" && postfix reload',
    'grep -E "SASL authentication failed|login attempts" /var/log/mail.log | tail -n 20',
  ],
};

export default defineRule<Data>({
  id: 'auth-454',
  title: 'The server cannot check the login now',
  severity: 'warning',
  confidence: 'certain',
  actor: 'server',
  triggers: ['authRefused'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['authentication-failed', 'deferred', 'aborted'],
  detect(session, history) {
    const group = refusedLogins(session, history, 'auth-454');
    if (group === null) return NOTHING;
    const limited = /\b(?:too many|rate|limit\w*|throttl\w*|exceeded|later|slow)\b/i.test(group.first.reply.text);
    return [{ evidence: group.evidence, data: { ...group.data, limited } }];
  },
  message: (data) => `The server could not check ${loginWords(data)} for now: ${data.words}${recoveryWords(data)}`,
  explanation: `A 4xx to AUTH says nothing about the password: the server could not ask whoever knows it, or does not want to now. The client keeps the mail and tries again. If it lasts, no mail of any user goes out through this server, and the mail is bounced when its time in the queue is over.

It is certain, and it is for the server to mend: its log says what it could not reach (Postfix: “SASL: Connect to private/auth failed”, “Connection lost to authentication server”).`,
  falseAlarms: ['One 454 while a service is being restarted heals by itself; the next try succeeds.'],
  causes(data) {
    if (data?.limited) return [CAUSE.limit, CAUSE.many, CAUSE.backend, CAUSE.store];
    return [CAUSE.backend, CAUSE.store, CAUSE.many, CAUSE.limit];
  },
  remedies: (data) => [
    ...(data === null || data.limited ? [FEWER_LOGINS] : []),
    ...(data?.provider == null ? [] : providerRemedies(data.provider)),
    {
      applies: 'Postfix with Dovecot SASL',
      text:
        'Dovecot must run, and its auth socket must stand where smtpd_sasl_path says, relative to the queue directory, ' +
        'readable by postfix: unix_listener /var/spool/postfix/private/auth { mode = 0660, user = postfix } in 10-master.conf.',
      commands: [
        'systemctl status dovecot',
        'postconf smtpd_sasl_type smtpd_sasl_path && ls -l /var/spool/postfix/private/auth',
        'grep -i "sasl\\|private/auth" /var/log/mail.log | tail -n 20',
      ],
    },
    {
      applies: 'Postfix or Sendmail with Cyrus SASL',
      text:
        'saslauthd must run, and its socket must be reachable: on Debian and Ubuntu a chrooted Postfix needs it in ' +
        '/var/spool/postfix/var/run/saslauthd (OPTIONS in /etc/default/saslauthd, user postfix in group sasl).',
      commands: ['systemctl status saslauthd', 'testsaslauthd -s smtp -u user -p password'],
    },
    {
      applies: 'Exim as server',
      text: 'A server_condition that defers (LDAP, MySQL or Dovecot not reachable) gives 435; the main log has the reason.',
      commands: ['grep -i authenticator /var/log/exim4/mainlog | tail -n 20'],
    },
    {
      applies: 'Dovecot',
      text: 'Its log names the database or LDAP server that does not answer, and limits that are reached.',
      commands: ['doveadm log errors', 'doveadm auth test user@example.net'],
    },
  ],
  references: [rfc(4954, '6'), postfixGuide('SASL_README')],
});
