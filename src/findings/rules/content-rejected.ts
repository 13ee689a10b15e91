import { butNotAll, forNow, type Refused, refusedWith } from '../refused.ts';
import { defineRule, postconf, rfc } from '../rule.ts';

type Reason = 'spam' | 'virus' | 'attachment' | 'form' | 'policy';

interface Data extends Refused {
  readonly reason: Reason;
}

const CAUSE: Readonly<Record<Reason, string>> = {
  spam: 'A filter takes the message for spam: by its words and links, or by the reputation of sender and address.',
  virus: 'A virus scanner found something in it, or takes a harmless file for it.',
  attachment:
    'It carries a kind of attachment that the server does not take: a program, a script, an archive, a macro.',
  form: 'Its form is not right: a header field is missing, doubled or malformed, lines are too long.',
  policy:
    'A rule of the recipient’s organisation forbids it: senders from outside, certain words, its own domain in From.',
};

export default defineRule<Data>({
  id: 'content-rejected',
  title: 'The server refuses the message for what is in it',
  severity: 'error',
  confidence: 'likely',
  actor: 'client',
  triggers: [],
  refusals: ['content'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'warning',
  detect: (session) =>
    refusedWith(session, 'content', (refused, { reply }) => ({ ...refused, reason: reasonIn(reply.text) })).map(
      (detection) => ({ ...detection, confidence: 'likely' }),
    ),
  message: (data) =>
    `The server refuses the message after it was sent${forNow(data)}, for its content (${WORDS[data.reason]}): ${data.words}${butNotAll(data)}`,
  explanation: `The sender and all recipients were accepted; then the server looked at the message and refused it. That is a filter’s verdict: spam, virus, a forbidden attachment, a header that is not right, or a rule of the organisation.

That it is for the content is likely, since it is read from the server’s words and from the moment: what is refused after the final dot can also be refused for the address or the sender, which servers with one filter for everything check only then.`,
  falseAlarms: ['Spam that was refused: it is as it should be, unless this client is one’s own.'],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    return [CAUSE[data.reason], ...Object.values(CAUSE).filter((cause) => cause !== CAUSE[data.reason])];
  },
  remedies: () => [
    {
      applies: 'the sender',
      text:
        'Follow the server’s words and pages. Send the same with plain text and without links or attachments to see what it is; ' +
        'put files on a share. Check SPF, DKIM and the reverse name: filters weigh them.',
      commands: [],
    },
    {
      applies: 'the sender’s server',
      text: 'When others on it are refused as well, look for a hacked account or web form that sends spam.',
      commands: [
        'mailq | tail -n 1',
        'grep "sasl_username=" /var/log/mail.log | grep -o "sasl_username=.*" | sort | uniq -c | sort -rn | head',
      ],
    },
    {
      applies: 'Postfix as server',
      text: 'header_checks, body_checks, mime_header_checks, milters and content filters decide on content.',
      commands: [
        'postconf header_checks mime_header_checks body_checks smtpd_milters content_filter smtpd_proxy_filter',
        'grep -E "milter-reject|reject: (header|body)" /var/log/mail.log | tail -n 20',
      ],
    },
    {
      applies: 'Exim as server',
      text: 'The ACLs acl_smtp_data and acl_smtp_mime decide on content.',
      commands: [
        'exim -bP acl_smtp_data acl_smtp_mime',
        'grep "rejected after DATA" /var/log/exim4/mainlog | tail -n 20',
      ],
    },
    {
      applies: 'Rspamd on the server',
      text: 'The log shows each symbol and its score for the message.',
      commands: ['grep "reject" /var/log/rspamd/rspamd.log | tail -n 20'],
    },
  ],
  references: [rfc(5321, '4.2.5'), rfc(3463, '3.7'), postconf('header_checks')],
});

const WORDS: Readonly<Record<Reason, string>> = {
  spam: 'spam',
  virus: 'virus or malware',
  attachment: 'an attachment',
  form: 'its form',
  policy: 'a policy',
};

function reasonIn(text: string): Reason {
  if (/\bvirus|\bmalware|\binfected|\bmalicious|\btrojan/i.test(text)) return 'virus';
  if (
    /\bspam|\bDT:SPM\b|\bunsolicited|\bjunk|\bscore|\bU[BC]E\b|\bphish|\bbulk\b|\bURI?L?\b.{0,40}\blisted|\bSURBL|\bURIBL/i.test(
      text,
    )
  )
    return 'spam';
  if (/\battachment|\bexecutable|\bextension|\bbanned\b|\bsecurity issue/i.test(text)) return 'attachment';
  if (/\bspoof/i.test(text)) return 'policy';
  if (/\bheaders?\b|\bMIME\b|\bRFC ?\d|\bcompliant|\bFrom:|\bDate:|\bsyntax/i.test(text)) return 'form';
  return 'policy';
}
