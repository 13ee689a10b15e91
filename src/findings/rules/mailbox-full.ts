import { butNotAll, forNow, type Refused, refusedAs, whatWasRefused } from '../refused.ts';
import { defineRule, type Remedy, rfc } from '../rule.ts';

/** Said of the mailbox that sends: learn.microsoft.com, “Message storage and concurrent connection throttling for SMTP AUTH”. */
const OWN = /\bSTOREDRV\.Submission\b/i;

const EMPTY_SENT: Remedy = {
  applies: 'Exchange Online, where the sender’s own mailbox is full',
  text: 'Empty Sent Items and keep it empty by a retention policy, or give the program a mailbox of its own.',
  commands: [
    'Get-MailboxFolderStatistics user@example.net -FolderScope SentItems | Format-List Name, ItemsInFolder, FolderSize',
  ],
};

export default defineRule<Refused>({
  id: 'mailbox-full',
  title: 'The recipient’s mailbox is full',
  severity: 'error',
  confidence: 'certain',
  actor: 'server',
  triggers: [],
  refusals: ['mailbox-full'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'warning',
  detect: (session) => refusedAs(session, 'mailbox-full'),
  message: (data) =>
    `The server refuses ${whatWasRefused(data)}${forNow(data)} because the ${OWN.test(data.words) ? 'sender’s own ' : ''}mailbox is full: ${data.words}${butNotAll(data)}`,
  explanation: `The recipient’s mailbox has reached its quota. With 4.2.2 the client keeps the mail and tries again for some days; with 5.2.2 the mail is returned at once. The sender can do nothing but reach the recipient in another way.

The refusal is certain. A mailbox that stays full for months is usually one that nobody reads any more.`,
  falseAlarms: ['A quota on sending, or on what a client may deliver in a day, is no full mailbox: see rate-limit.'],
  causes: (data) => [
    ...(data !== null && OWN.test(data.words)
      ? [
          'The sender’s own mailbox is full, and Exchange Online lets nobody send from a full mailbox: Sent Items grows with each mail of a device or program.',
        ]
      : []),
    'Nobody empties the mailbox: it is abandoned, or its owner is away.',
    'One large mail, a mail loop or a flood of reports filled it.',
    'The quota is smaller than meant, or counts the trash.',
    'The server’s quota count is out of date.',
  ],
  remedies: (data) => [
    ...(data === null || OWN.test(data.words) ? [EMPTY_SENT] : []),
    {
      applies: 'the sender',
      text: 'Tell the recipient in another way; take addresses that stay full off lists.',
      commands: [],
    },
    {
      applies: 'Dovecot as the recipient’s server',
      text: 'See the quota of the mailbox, count it anew, or make it larger.',
      commands: ['doveadm quota get -u user@example.net', 'doveadm quota recalc -u user@example.net'],
    },
    {
      applies: 'Postfix with local mailboxes',
      text: 'mailbox_size_limit and virtual_mailbox_limit bound a mailbox file; 0 means no limit.',
      commands: ['postconf mailbox_size_limit virtual_mailbox_limit message_size_limit'],
    },
    {
      applies: 'Exchange',
      text: 'See the size and the limits of the mailbox (Exchange Management Shell).',
      commands: ['Get-MailboxStatistics user | Format-List TotalItemSize, StorageLimitStatus'],
    },
  ],
  references: [rfc(3463, '3.3'), rfc(5321, '4.2.3')],
});
