import { TRY_AGAIN } from '../refusal-remedies.ts';
import { type Refused, refusedAs, whatWasRefused } from '../refused.ts';
import { defineRule, postconf, rfc } from '../rule.ts';

export default defineRule<Refused>({
  id: 'temp-local-error',
  title: 'The server has a trouble of its own',
  severity: 'warning',
  confidence: 'certain',
  actor: 'server',
  triggers: [],
  refusals: ['local-error'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'warning',
  detect: (session) => refusedAs(session, 'local-error').map((detection) => ({ ...detection, severity: 'warning' })),
  message: (data) => `The server puts off ${whatWasRefused(data)} because of a trouble of its own: ${data.words}`,
  explanation: `The server cannot take the mail at the moment for a reason that lies in itself: a full disk, a database or filter that does not answer, a setting that is wrong. The client keeps the mail and tries again; it can do nothing else. As long as it lasts, all mail to that server waits.

The refusal is certain. Which part of the server fails, only its own log tells.`,
  falseAlarms: [
    'Some servers give the same words to clients that they do not trust yet, instead of saying that they greylist.',
  ],
  causes(data) {
    const disk = 'The disk of the queue is full, or has less room than the server keeps free.';
    const rest = [
      'A lookup failed: the database, LDAP or map with users and domains does not answer.',
      'A filter (milter, virus scanner, policy service) is down or too slow.',
      'A setting of the server is wrong: a map that is missing, a certificate or socket that cannot be read.',
    ];
    return data !== null && /\b4\.3\.1\b|storage|disk|space/i.test(data.words) ? [disk, ...rest] : [...rest, disk];
  },
  remedies: () => [
    {
      applies: 'Postfix as server',
      text: 'The log of that second names the map, service or file. queue_minfree is what must be free on the disk.',
      commands: [
        'grep -E "warning|error|fatal|temporary" /var/log/mail.log | tail -n 20',
        'df -h /var/spool/postfix; df -i /var/spool/postfix; postconf queue_minfree message_size_limit',
        'postconf smtpd_milters milter_default_action; postfix check',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'The main log and the panic log name the ACL, lookup or file; check_spool_space and check_spool_inodes are what must be free.',
      commands: [
        'tail -n 20 /var/log/exim4/paniclog; grep "temporarily rejected" /var/log/exim4/mainlog | tail -n 20',
        'exim -bP check_spool_space check_spool_inodes; df -h /var/spool/exim4',
      ],
    },
    {
      applies: 'Sendmail as server',
      text: 'In sendmail.mc confMIN_FREE_BLOCKS says what must be free; the log names the filter or map.',
      commands: ['df -h /var/spool/mqueue', 'grep -E "SYSERR|milter" /var/log/mail.log | tail -n 20'],
    },
    {
      applies: 'Exchange as server',
      text: '4.3.1 means back pressure: disk or memory is short, and the transport service takes no mail until it has room (events 15004 to 15007).',
      commands: [],
    },
    ...TRY_AGAIN,
  ],
  references: [rfc(5321, '4.2.3'), rfc(3463, '3.4'), postconf('queue_minfree')],
});
