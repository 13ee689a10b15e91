import type { Transaction } from '../../smtp/session.ts';
import { FIND_IN_LOG } from '../refusal-remedies.ts';
import { type Refusal, refusalsAs } from '../refusals.ts';
import { evidenceOf, type Refused, refusedOf, whatWasRefused, worstOf } from '../refused.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';

interface Data extends Refused {
  /** Another recipient of the same mail was accepted, or this one at a later try. */
  readonly isLeft: boolean;
}

const CAUSE = {
  typo: 'The address is mistyped, or stands in an old list or address book.',
  gone: 'The mailbox was deleted, renamed or disabled.',
  directory:
    'The server’s list of recipients is not up to date: the mailbox exists behind it, and the gateway does not know it yet.',
  domain:
    'The mail came to a server that hosts the domain by name only: it was moved elsewhere, and the old server still believes ' +
    'that it is local.',
  bounce: 'It is a bounce or an automatic reply to a forged or outdated sender address.',
} as const;

export default defineRule<Data>({
  id: 'user-unknown',
  title: 'The server does not know the recipient',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: [],
  refusals: ['user-unknown'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'partly-delivered', 'aborted'],
  detect(session) {
    const group = refusalsAs(session, 'user-unknown');
    if (group.length === 0) return NOTHING;
    const lost = findLost(group);
    const worst = lost ?? worstOf(group);
    return [
      {
        evidence: evidenceOf(group),
        data: { ...refusedOf(session, worst, group.length), isLeft: lost === undefined },
        severity: lost === undefined ? 'notice' : 'error',
        confidence: worst.sure ? 'certain' : 'likely',
      },
    ];
  },
  message: (data) =>
    `The server does not know ${whatWasRefused(data)}: ${data.words}` +
    `${data.isLeft ? '; the mail had another recipient that was accepted' : ''}`,
  explanation: `The server says that it has no such mailbox, or that the mailbox is closed. The answer is final: the client returns the mail to its sender, and a mailing list should drop the address.

The refusal is certain. An address can also be refused this way on purpose: some servers answer “no such user” to clients that they do not like. Where another recipient of the same mail was accepted, it is a notice; an error when none was.`,
  falseAlarms: [
    'An address check that asks for a recipient and leaves: the refusal is the answer it wanted.',
    'Exchange Online says “Recipient address rejected: Access denied” to addresses that its directory does not have; since the words do not say so, the finding is only likely.',
    'Many unknown recipients from one client are a harvest of addresses rather than mail.',
  ],
  causes(data) {
    if (data?.verb !== undefined && data.words.includes('Access denied'))
      return [CAUSE.directory, CAUSE.typo, CAUSE.gone];
    return Object.values(CAUSE);
  },
  remedies: () => [
    {
      applies: 'the sender',
      text: 'Check the address, also for a name that the mail program completed by itself; take it off lists.',
      commands: [],
    },
    {
      applies: 'Postfix as server',
      text: 'Ask the maps for the address: one of them must know it.',
      commands: [
        'postconf local_recipient_maps virtual_mailbox_maps virtual_alias_maps relay_recipient_maps mydestination',
        'postmap -q user@example.net "$(postconf -h virtual_mailbox_maps)"',
      ],
    },
    { applies: 'Exim as server', text: 'See how the address is routed.', commands: ['exim -bt user@example.net'] },
    {
      applies: 'Sendmail as server',
      text: 'See what the address resolves to.',
      commands: ['sendmail -bv user@example.net'],
    },
    {
      applies: 'OpenSMTPD as server',
      text: 'A match rule must name the domain, and its action’s alias, virtual or user table must hold the user.',
      commands: ['smtpd -n', 'grep -E "^(match|action|table)" /etc/smtpd.conf'],
    },
    FIND_IN_LOG,
  ],
  references: [rfc(5321, '4.2.3'), rfc(3463, '3.2'), postconf('local_recipient_maps')],
});

/** A refusal behind which no recipient was left; undefined when there is none. */
function findLost(group: readonly Refusal[]): Refusal | undefined {
  const left = new Map<Transaction, boolean>();
  return group.find(({ cost, transaction }) => {
    if (cost === 'part') return false;
    if (transaction === null) return true;
    let isLeft = left.get(transaction);
    if (isLeft === undefined) {
      isLeft = transaction.recipients.some(({ code }) => code !== null && code < 300);
      left.set(transaction, isLeft);
    }
    return !isLeft;
  });
}
