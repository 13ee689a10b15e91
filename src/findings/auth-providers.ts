/**
 * What the large mail providers mean by a refused login, and what mends it there. A provider is told by its greeting
 * or by its own words in the refusal; a capture that shows neither (TLS) has no finding to add this to anyway.
 */
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import type { Remedy } from './rule.ts';

type ProviderId =
  | 'gmail'
  | 'exchange-online'
  | 'yahoo'
  | 'icloud'
  | 'gmx'
  | 't-online'
  | 'ses'
  | 'sendgrid'
  | 'mailgun';

export interface Provider {
  readonly id: ProviderId;
  readonly name: string;
  /** Why a right password is refused there: the likeliest cause. */
  readonly cause: string;
  /** What mends it. */
  readonly remedy: Remedy;
  /** What has to hold for the sender's address. */
  readonly sender: string;
  /** Commands that let an address be used. */
  readonly senderCommands?: readonly string[];
}

const TABLE: readonly (Provider & { readonly signs: RegExp })[] = [
  {
    id: 'gmail',
    name: 'Gmail and Google Workspace',
    signs: /\bgsmtp\b|\bsmtp(?:-relay)?\.(?:gmail|google)\.com|\b(?:support|accounts)\.google\.com/i,
    cause:
      'Google takes no account password over SMTP: it wants an app password (16 letters, only with 2-Step Verification) or ' +
      'OAuth. A changed account password revokes all app passwords.',
    remedy: {
      applies: 'Gmail and Google Workspace',
      text:
        'Turn on 2-Step Verification, make an app password at https://myaccount.google.com/apppasswords, and use it with the ' +
        'whole address as user; or use XOAUTH2 with the scope https://mail.google.com/. In Workspace the administrator can ' +
        'forbid app passwords; smtp-relay.gmail.com can then let a server in by its address.',
      commands: [],
    },
    sender: 'Gmail wants the account’s own address, or one that is set up under “Send mail as”.',
  },
  {
    id: 'exchange-online',
    name: 'Microsoft 365 and Outlook.com',
    signs: /\bSmtpClientAuthentication\b|(?<![\w-])(?:outlook|office365|exchangelabs|hotmail)\.com\b/i,
    cause:
      'Authenticated SMTP is switched off for the mailbox or the tenant, or security defaults or Conditional Access forbid ' +
      'logins with a password. The password may be right.',
    remedy: {
      applies: 'Microsoft 365 (Exchange Online PowerShell)',
      text:
        'Allow authenticated SMTP for this mailbox, if policy permits it: the mailbox’s setting wins over the tenant’s. ' +
        'Security defaults and Conditional Access policies must not block it either. Better for the long run: OAuth (XOAUTH2 ' +
        'with the scope https://outlook.office.com/SMTP.Send); Microsoft is taking password logins out of SMTP. Outlook.com ' +
        'accounts take OAuth only.',
      commands: [
        'Get-CASMailbox -Identity user@example.net | Format-List SmtpClientAuthenticationDisabled',
        'Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled',
        'Set-CASMailbox -Identity user@example.net -SmtpClientAuthenticationDisabled $false',
      ],
    },
    sender:
      'Exchange takes mail only from the mailbox that logged in, or from one for which its user has the Send As right.',
    senderCommands: ['Add-RecipientPermission shared@example.net -AccessRights SendAs -Trustee user@example.net'],
  },
  {
    id: 'yahoo',
    name: 'Yahoo and AOL',
    signs: /#AUTH00\d\b|(?<![\w-])(?:yahoo|aol|yahoodns)\.(?:com|net)\b/i,
    cause: 'Yahoo and AOL take no account password over SMTP: they want an app password.',
    remedy: {
      applies: 'Yahoo and AOL',
      text:
        'Make an app password under Account security and use it with the whole address as user. After “Too many bad auth ' +
        'attempts” wait before the next try, or the right password is refused as well.',
      commands: [],
    },
    sender: 'Yahoo wants the account’s own address, or one that was verified there as a sending address.',
  },
  {
    id: 'icloud',
    name: 'iCloud Mail',
    signs: /(?<![\w-])(?:icloud|mail\.me)\.com\b/i,
    cause: 'Apple takes no account password over SMTP: it wants an app-specific password.',
    remedy: {
      applies: 'iCloud Mail',
      text:
        'Make an app-specific password at https://account.apple.com (Sign-In and Security) and use it with the whole iCloud ' +
        'address as user, at smtp.mail.me.com port 587 with STARTTLS. A changed account password revokes all of them.',
      commands: [],
    },
    sender: 'iCloud wants one of the account’s own addresses or aliases in MAIL.',
  },
  {
    id: 'gmx',
    name: 'GMX and WEB.DE',
    signs: /(?<![\w-])(?:gmx\.(?:net|com|de|at|ch)|web\.de)\b/i,
    cause:
      'Access for mail programs (POP3, IMAP and with them SMTP) is off by default at GMX and WEB.DE, and is switched off again ' +
      'when it was long unused. With two-factor authentication the account’s own password is refused.',
    remedy: {
      applies: 'GMX and WEB.DE',
      text:
        'In the web mailer: E-Mail, Einstellungen, POP3/IMAP-Abruf, and allow access. With two-factor authentication make an ' +
        'application-specific password (Mein Account, Sicherheit) and use that.',
      commands: [],
    },
    sender: 'GMX and WEB.DE want the account’s own address or alias (“Sender address is not allowed”).',
  },
  {
    id: 't-online',
    name: 'Telekom (T-Online)',
    signs: /(?<![\w-])t-online\.de\b/i,
    cause:
      'Telekom wants a password of its own for mail programs (“Passwort für E-Mail-Programme”); that of the Telekom login is ' +
      'refused.',
    remedy: {
      applies: 'Telekom (T-Online)',
      text:
        'Set the “Passwort für E-Mail-Programme” at https://email.t-online.de (Einstellungen) and use it with the whole address ' +
        'as user, at securesmtp.t-online.de port 465 or 587.',
      commands: [],
    },
    sender: 'Telekom wants the mailbox’s own address.',
  },
  {
    id: 'ses',
    name: 'Amazon SES',
    signs: /\bemail-smtp\b|\bSimpleEmailService\b|\bamazonses\.com\b/i,
    cause:
      'The SMTP credentials of Amazon SES are not the access keys of AWS: the password is derived from the secret key for one ' +
      'region. A secret key as password, or the endpoint of another region, gives 535.',
    remedy: {
      applies: 'Amazon SES',
      text:
        'Make SMTP credentials in the SES console (SMTP settings, Create SMTP credentials), in the region whose endpoint the ' +
        'client uses: email-smtp.REGION.amazonaws.com. The IAM user behind them needs ses:SendRawEmail.',
      commands: [],
    },
    sender:
      'SES wants a verified identity (address or domain) in that region; in the sandbox the recipients have to be verified too.',
  },
  {
    id: 'sendgrid',
    name: 'SendGrid',
    signs: /\bsendgrid\.net\b|\bSG ESMTP service\b/i,
    cause:
      'The user name at SendGrid is the word apikey, for everybody, and the password is an API key (it begins with SG.).',
    remedy: {
      applies: 'SendGrid',
      text:
        'Set the user name to apikey, literally, and the password to an API key with the right Mail Send, without a line end ' +
        'behind it.',
      commands: [],
    },
    sender: 'SendGrid wants a verified Sender Identity: a single sender or an authenticated domain.',
  },
  {
    id: 'mailgun',
    name: 'Mailgun',
    signs: /\bmailgun\.(?:org|net|com)\b|\bmailgun\b/i,
    cause:
      'Mailgun has SMTP credentials for each sending domain, which are not the API key; those of an EU domain are valid at the ' +
      'EU endpoint only.',
    remedy: {
      applies: 'Mailgun',
      text:
        'Take the user (postmaster@mg.example.net, the whole of it) and its password from the domain’s SMTP credentials, and ' +
        'for a domain in the EU region the server smtp.eu.mailgun.org.',
      commands: [],
    },
    sender: 'Mailgun wants a sender of the domain whose credentials were used.',
  },
];

const ADDRESS = /[^\s@]{1,64}@\S{1,255}/g;

/** Whose server this is, by its greeting, its name in the reply to EHLO and its words; null for any other. */
export function providerOf(session: Session, reply: Turn): Provider | null {
  const greeting = session.greeting?.text ?? '';
  const hello = session.offers.at(-1)?.reply.lines[0] ?? '';
  // An address in the words is the user's, and tells nothing of the server.
  const words = `${greeting.slice(0, 256)}\n${hello.slice(0, 256)}\n${reply.text.slice(0, 1024)}`.replace(ADDRESS, ' ');
  return TABLE.find(({ signs }) => signs.test(words)) ?? null;
}

/** For those who look a rule up: every provider’s remedy. */
export const PROVIDERS: readonly Provider[] = TABLE;
