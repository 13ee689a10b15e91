import { FIND_IN_LOG, SET_SENDER } from '../refusal-remedies.ts';
import { butNotAll, forNow, type Refused, refusedWith } from '../refused.ts';
import { defineRule, postconf, type Remedy, rfc } from '../rule.ts';

interface Data extends Refused {
  readonly from: string | null;
  readonly loggedIn: boolean;
  readonly reason: 'owner' | 'identity' | 'unverified' | 'spammer' | 'blocked' | 'unknown';
}

const CAUSE = {
  owner: 'The login may not send with this sender address: it belongs to somebody else, or is no alias of that login.',
  anonymous: 'The sender’s address is one of the server’s own users, and the client has not logged in.',
  identity:
    'The service sends only for addresses and domains that were verified there, and this one was not: not at all, in another region, or in another account.',
  unverified: 'The server asked the sender’s domain whether the address exists, and got no or no answer.',
  spammer:
    'Exchange Online has shut the account that sends out of sending, because it sent spam or too much: most often its password was stolen.',
  blocked: 'The sender’s address or domain is on a list that the server’s owner keeps.',
  syntax: 'The address is not well formed, or has no domain.',
  local: 'The program sends with an address of the local machine, which nobody outside knows.',
} as const;

export default defineRule<Data>({
  id: 'sender-rejected',
  title: 'The server refuses this sender',
  severity: 'error',
  confidence: 'certain',
  actor: 'client',
  triggers: [],
  refusals: ['sender'],
  needs: { client: 'lower', server: 'lower' },
  explains: ['rejected', 'deferred', 'partly-delivered', 'aborted'],
  explainsFrom: 'warning',
  detect: (session) =>
    refusedWith(session, 'sender', (refused, { transaction, reply, request }) => ({
      ...refused,
      from: transaction?.from ?? null,
      loggedIn: session.authentication.some((a) => a.outcome === 'accepted' && a.command.index < request.index),
      reason: reasonIn(reply.text),
    })),
  message: (data) =>
    `The server refuses the sender${data.from === null ? '' : ` ${data.from === '' ? '<>' : data.from}`}${forNow(data)}, ` +
    `at ${data.verb === 'message' ? 'the end of the message' : data.verb}: ${data.words}${butNotAll(data)}`,
  explanation: `The server has looked at the address of the sender and does not want it: because it may not be used by this client or login, because it could not be verified, or because it is blocked. Many servers say so only in reply to RCPT, although MAIL is what they refuse (Postfix: smtpd_delay_reject).

The refusal is certain; the reason is in the server’s words.`,
  falseAlarms: [
    'A forged sender: the refusal is as it should be.',
    'A sender whose domain is not found has a finding of its own (sender-domain), and so has the empty sender of bounces.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    const first =
      data.reason === 'owner'
        ? data.loggedIn
          ? [CAUSE.owner]
          : [CAUSE.anonymous, CAUSE.owner]
        : data.reason === 'identity' || data.reason === 'unverified' || data.reason === 'spammer'
          ? [CAUSE[data.reason]]
          : data.reason === 'blocked'
            ? [CAUSE.blocked]
            : [];
    return [...new Set([...first, CAUSE.local, CAUSE.blocked, CAUSE.unverified, CAUSE.syntax])];
  },
  remedies: (data) => [
    ...(data === null || data.reason === 'spammer' ? [RELEASE_SENDER] : []),
    ...(data === null || data.reason === 'identity' ? [VERIFY] : []),
    ...(data === null || data.reason === 'unverified' ? [BE_FOUND] : []),
    ...(data === null || data.reason === 'blocked' ? [ASK_RECIPIENT] : []),
    {
      applies: 'the client’s side',
      text: 'Send with the address that belongs to the login; ask the provider to allow others as aliases.',
      commands: [],
    },
    ...SET_SENDER,
    {
      applies: 'Postfix as server',
      text:
        'smtpd_sender_login_maps says which login owns which address (reject_sender_login_mismatch); reject_unlisted_sender and ' +
        'reject_unverified_sender ask whether the address exists.',
      commands: [
        'postconf smtpd_sender_restrictions smtpd_sender_login_maps smtpd_reject_unlisted_sender',
        'postmap -q user@example.net "$(postconf -h smtpd_sender_login_maps)"',
      ],
    },
    {
      applies: 'Exchange Online',
      text: 'Grant “Send As” on the mailbox or group whose address is used.',
      commands: ['Add-RecipientPermission "info@example.net" -AccessRights SendAs -Trustee "user@example.net"'],
    },
    FIND_IN_LOG,
  ],
  references: [rfc(5321, '3.3'), rfc(6409, '6.1'), postconf('smtpd_sender_login_maps')],
});

const RELEASE_SENDER: Remedy = {
  applies: 'the owner of the Microsoft 365 tenant',
  text:
    'Change the password, end the account’s sessions, look for forwarding rules; then release it under Restricted entities in the Defender ' +
    'portal. Released before that, it is shut out again.',
  commands: ['Get-BlockedSenderAddress', 'Remove-BlockedSenderAddress -SenderAddress user@example.net'],
};

const VERIFY: Remedy = {
  applies: 'the owner of the account at that service',
  text:
    'Verify the domain or address there (Amazon SES: Identities, in the region whose endpoint is used; SendGrid: Sender Authentication), and ' +
    'send with it in MAIL and in From.',
  commands: ['aws sesv2 list-email-identities --region eu-west-1'],
};

const ASK_RECIPIENT: Remedy = {
  applies: 'the recipient’s side',
  text:
    'Only there the address can come off the list: tell the recipient in another way, with the server’s words. Before that see whether ' +
    'somebody else sends in its name.',
  commands: [],
};

const BE_FOUND: Remedy = {
  applies: 'the server of the sender’s domain',
  text:
    'It must take mail for that address, also from <> and from the server that asks: try it from outside. An address that takes no mail ' +
    'is no good sender: use another, or give it a mailbox.',
  commands: [
    'host -t MX example.net',
    'swaks --server mx.example.net --from "<>" --to user@example.net --quit-after RCPT',
  ],
};

function reasonIn(text: string): Data['reason'] {
  if (/\bbad outbound sender\b/i.test(text)) return 'spammer';
  if (/\bverified sender identity\b|\b(?:e-?mail )?address is not verified\b/i.test(text)) return 'identity';
  if (
    /\bown(?:ed|er)?\b|\bsend (?:as|on behalf)|\bSendAsDenied|\bnot (?:logged in|authori[sz]ed|permitted|allowed)|\bpermission/i.test(
      text,
    )
  ) {
    return 'owner';
  }
  if (/\bverif|\bcall(?:out|back)|\bundeliverable|\bunknown\b|\bnot exist/i.test(text)) return 'unverified';
  return /\bblack|\bblock|\bdenied|\bban|\bbadmailfrom|\breject/i.test(text) ? 'blocked' : 'unknown';
}
