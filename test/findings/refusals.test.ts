/**
 * What real servers say, and what it is about. Addresses are replaced by documentation addresses; the words are those
 * of the software and services named.
 */
import { describe, expect, it } from 'vitest';
import { listingOf } from '../../src/findings/blocklists.ts';
import { type RefusalKind, refusals } from '../../src/findings/refusals.ts';
import { talk } from './support/dialogue.ts';

type Verb = 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'message';
type Row = readonly [kind: RefusalKind, verb: Verb, reply: string];

interface Circumstances {
  readonly from?: string;
  readonly hello?: string;
  readonly accepted?: number;
}

/** A session in which `verb` gets `reply`; lines of a reply parted by `\n`. */
function sessionWith(
  verb: Verb,
  reply: string,
  { from = 'a@client.example', hello = 'client.example', accepted = 0 }: Circumstances = {},
) {
  const said = reply.split('\n').map((line) => `S: ${line}`);
  const lines = ['S: 220 mx.example ESMTP', `C: EHLO ${hello}`];
  if (verb === 'EHLO') return talk([...lines, ...said, 'C: QUIT', 'S: 221 bye'].join('\n'));
  lines.push('S: 250 mx.example', `C: MAIL FROM:<${from}>`);
  if (verb !== 'MAIL') {
    lines.push('S: 250 ok');
    for (let i = 0; i < accepted; i++) lines.push(`C: RCPT TO:<r${i}@mx.example>`, 'S: 250 ok');
    lines.push('C: RCPT TO:<b@mx.example>');
    if (verb !== 'RCPT') lines.push('S: 250 ok', 'C: DATA');
    if (verb === 'message') lines.push('S: 354 go', 'C: Subject: x', 'C: .');
  }
  return talk([...lines, ...said, 'C: QUIT', 'S: 221 bye'].join('\n'));
}

function kindOf(verb: Verb, reply: string, circumstances?: Circumstances): RefusalKind | undefined {
  return refusals(sessionWith(verb, reply, circumstances))[0]?.kind;
}

const POSTFIX: readonly Row[] = [
  ['relay', 'RCPT', '554 5.7.1 <b@mx.example>: Relay access denied'],
  ['relay', 'RCPT', '454 4.7.1 <b@mx.example>: Relay access denied'],
  [
    'user-unknown',
    'RCPT',
    '550 5.1.1 <b@mx.example>: Recipient address rejected: User unknown in local recipient table',
  ],
  [
    'user-unknown',
    'RCPT',
    '550 5.1.1 <b@mx.example>: Recipient address rejected: User unknown in virtual mailbox table',
  ],
  [
    'user-unknown',
    'RCPT',
    '550 5.1.1 <b@mx.example>: Recipient address rejected: undeliverable address: host 192.0.2.9[192.0.2.9] said: 550 5.1.1 User unknown (in reply to RCPT TO command)',
  ],
  [
    'null-mx',
    'RCPT',
    '556 5.1.10 <b@mx.example>: Recipient address rejected: Domain mx.example does not accept mail (nullMX)',
  ],
  [
    'null-mx',
    'MAIL',
    '550 5.7.27 <a@client.example>: Sender address rejected: Domain client.example does not accept mail (nullMX)',
  ],
  ['sender-domain', 'RCPT', '450 4.1.8 <a@client.example>: Sender address rejected: Domain not found'],
  ['sender-domain', 'MAIL', '550 5.1.8 <a@client.example>: Sender address rejected: Domain not found'],
  [
    'dnsbl',
    'RCPT',
    '554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.10',
  ],
  [
    'dnsbl',
    'RCPT',
    '554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using bl.spamcop.net; Blocked - see https://www.spamcop.net/bl.shtml?192.0.2.10',
  ],
  [
    'dnsbl',
    'RCPT',
    '554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using b.barracudacentral.org; http://www.barracudanetworks.com/reputation/?pr=1&ip=192.0.2.10',
  ],
  [
    'dnsbl',
    'RCPT',
    '554 5.7.1 Service unavailable; Sender address [a@client.example] blocked using dbl.spamhaus.org; https://www.spamhaus.org/query/domain/client.example',
  ],
  [
    'dnsbl',
    'RCPT',
    '554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org; Error: open resolver; https://check.spamhaus.org/returnc/pub/198.51.100.53/',
  ],
  ['dnsbl', 'MAIL', '550 5.7.1 Service unavailable; client [192.0.2.10] blocked using zen.spamhaus.org'],
  ['rdns', 'RCPT', '450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.10]'],
  ['rdns', 'RCPT', '450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.10]'],
  ['rdns', 'RCPT', '550 5.7.25 Client host rejected: cannot find your reverse hostname, [192.0.2.10]'],
  [
    'greylisting',
    'RCPT',
    '450 4.2.0 <b@mx.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/mx.example.html',
  ],
  ['rate-limit', 'MAIL', '450 4.7.1 Error: too much mail from 192.0.2.10'],
  ['rate-limit', 'RCPT', '450 4.7.1 Error: too many recipients from 192.0.2.10'],
  ['rate-limit', 'EHLO', '421 4.7.0 mx.example Error: too many connections from 192.0.2.10'],
  ['closing', 'RCPT', '421 4.7.0 mx.example Error: too many errors'],
  ['closing', 'RCPT', '421 4.4.2 mx.example Error: timeout exceeded'],
  ['closing', 'MAIL', '421 4.3.2 mx.example: Server shutdown in progress'],
  ['size-declared', 'MAIL', '552 5.3.4 Message size exceeds fixed limit'],
  ['size-of-message', 'message', '552 5.3.4 Error: message file too big'],
  ['recipients', 'RCPT', '452 4.5.3 Error: too many recipients'],
  ['mailbox-full', 'RCPT', '452 4.2.2 <b@mx.example>: Recipient address rejected: Mailbox is full'],
  [
    'mailbox-full',
    'RCPT',
    '552 5.2.2 <b@mx.example>: Recipient address rejected: Quota exceeded (mailbox for user is full)',
  ],
  ['sender', 'RCPT', '553 5.7.1 <a@client.example>: Sender address rejected: not owned by user anna'],
  ['sender', 'RCPT', '553 5.7.1 <a@client.example>: Sender address rejected: not logged in'],
  ['sender', 'RCPT', '550 5.1.0 <a@client.example>: Sender address rejected: User unknown in local recipient table'],
  ['sender', 'RCPT', '554 5.7.1 <a@client.example>: Sender address rejected: Access denied'],
  [
    'sender',
    'RCPT',
    '550 5.1.7 <a@client.example>: Sender address rejected: undeliverable address: host 192.0.2.9 said: 550 User unknown',
  ],
  ['local-error', 'RCPT', '451 4.3.0 <b@mx.example>: Temporary lookup failure'],
  ['local-error', 'MAIL', '451 4.3.5 Server configuration error'],
  ['local-error', 'MAIL', '452 4.3.1 Insufficient system storage'],
  ['local-error', 'message', '451 4.3.0 Error: queue file write error'],
  ['content', 'message', '550 5.7.1 Message content rejected'],
  ['content', 'message', '554 5.7.1 id=12345-01 - spam'],
  ['smtputf8', 'RCPT', '553 5.6.7 Must declare SMTPUTF8 to permit unicode address'],
  [
    'spf',
    'RCPT',
    '550 5.7.23 <b@mx.example>: Recipient address rejected: Message rejected due to: SPF fail - not authorized. Please see http://www.openspf.net/Why?s=mfrom;id=a@client.example;ip=192.0.2.10;r=<UNKNOWN>',
  ],
  ['tls', 'MAIL', '530 5.7.0 Must issue a STARTTLS command first'],
  ['tls', 'RCPT', '450 4.7.1 Session encryption is required'],
  ['authentication', 'MAIL', '530 5.7.0 Authentication required'],
  // Nothing but the server's words.
  ['other', 'RCPT', '554 5.7.1 <client.example[192.0.2.10]>: Client host rejected: Access denied'],
  ['other', 'RCPT', '554 5.7.1 <mailrelay.example[192.0.2.10]>: Client host rejected: Access denied'],
  ['other', 'RCPT', '450 4.1.2 <b@mx.example>: Recipient address rejected: Domain not found'],
  ['other', 'RCPT', '451 4.7.1 Service unavailable - try again later'],
  ['other', 'RCPT', '554 5.7.1 <b@mx.example>: Recipient address rejected: Access denied'],
  ['other', 'MAIL', '550 5.5.1 Protocol error'],
  [
    'other',
    'RCPT',
    '450 4.1.1 <b@mx.example>: Recipient address rejected: unverified address: Address verification in progress',
  ],
];

const EXIM: readonly Row[] = [
  ['relay', 'RCPT', '550 relay not permitted'],
  ['relay', 'RCPT', '550 relay not permitted, authentication required'],
  [
    'relay',
    'RCPT',
    '550-Please turn on SMTP Authentication in your mail client.\n550-client.example [192.0.2.10]:40123 is not permitted to relay through this\n550 server without authentication.',
  ],
  ['user-unknown', 'RCPT', '550 Unrouteable address'],
  ['user-unknown', 'RCPT', '550 No Such User Here'],
  ['user-unknown', 'RCPT', '550 Unknown user'],
  [
    'sender-domain',
    'RCPT',
    '550-Verification failed for <a@client.example>\n550-Unrouteable address\n550 Sender verify failed',
  ],
  [
    'sender-domain',
    'RCPT',
    '550-Verification failed for <a@client.example>\n550-all relevant MX records point to non-existent hosts\n550 Sender verify failed',
  ],
  [
    'sender',
    'RCPT',
    '550-Verification failed for <a@client.example>\n550-The mail server could not deliver mail to a@client.example.  The account or domain may not exist, they may be blacklisted, or missing the proper dns entries.\n550 Sender verify failed',
  ],
  [
    'sender',
    'RCPT',
    '550-Callback setup failed while verifying <a@client.example>\n550-(result of an earlier callout reused).\n550 Sender verify failed',
  ],
  [
    'user-unknown',
    'RCPT',
    '550 The mail server could not deliver mail to b@mx.example.  The account or domain may not exist, they may be blacklisted, or missing the proper dns entries.',
  ],
  [
    'dnsbl',
    'RCPT',
    '550-"JunkMail rejected - client.example [192.0.2.10]:53002 is in an RBL:\n550 https://www.spamhaus.org/query/ip/192.0.2.10"',
  ],
  ['dnsbl', 'RCPT', '550 rejected because 192.0.2.10 is in a black list at zen.spamhaus.org'],
  ['dnsbl', 'RCPT', '550 192.0.2.10 is listed at bl.blocklist.de'],
  ['greylisting', 'RCPT', '451 Greylisted, please try again in 5 minutes'],
  ['greylisting', 'message', '451 greylisted, please come back later'],
  ['local-error', 'RCPT', '451 Temporary local problem - please try later'],
  ['size-declared', 'MAIL', '552 Message size exceeds maximum permitted'],
  ['size-of-message', 'message', '552 Message size exceeds maximum permitted'],
  ['rdns', 'RCPT', '550 Reverse DNS lookup failed for host 192.0.2.10'],
  ['content', 'message', '550 This message scored 17.2 spam points and was rejected'],
  ['content', 'message', '550 This message contains malware (Eicar-Test-Signature)'],
  ['content', 'message', '550 Administrative prohibition: message contains a banned attachment'],
  ['recipients', 'RCPT', '452 too many recipients'],
  ['closing', 'RCPT', '421 mx.example lost input connection'],
  ['other', 'RCPT', '550 Administrative prohibition'],
  ['other', 'message', '550 Administrative prohibition'],
];

const SENDMAIL: readonly Row[] = [
  ['relay', 'RCPT', '550 5.7.1 <b@mx.example>... Relaying denied. Proper authentication required.'],
  ['relay', 'RCPT', '550 5.7.1 <b@mx.example>... Relaying denied. IP name lookup failed [192.0.2.10]'],
  ['relay', 'RCPT', '550 5.7.1 <b@mx.example>... Relaying denied. IP name possibly forged [192.0.2.10]'],
  ['user-unknown', 'RCPT', '550 5.1.1 <b@mx.example>... User unknown'],
  ['sender-domain', 'MAIL', '553 5.1.8 <a@client.example>... Domain of sender address a@client.example does not exist'],
  ['sender-domain', 'MAIL', '451 4.1.8 Domain of sender address a@client.example does not resolve'],
  ['dnsbl', 'MAIL', '550 5.7.1 Rejected: 192.0.2.10 listed at zen.spamhaus.org'],
  ['dnsbl', 'MAIL', '553 5.3.0 <a@client.example>... Spam blocked see: http://spamcop.net/bl.shtml?192.0.2.10'],
  ['rdns', 'MAIL', '550 5.7.1 Fix reverse DNS for 192.0.2.10'],
  ['rdns', 'MAIL', '451 4.7.1 Client IP address 192.0.2.10 does not resolve'],
  ['rate-limit', 'EHLO', '421 4.3.2 Connection rate limit exceeded.'],
  ['rate-limit', 'MAIL', '452 4.3.2 Connection rate limit exceeded.'],
  ['rate-limit', 'EHLO', '421 4.3.2 Too many open connections.'],
  ['greylisting', 'RCPT', '451 4.7.1 Greylisting in action, please come back in 00:05:00'],
  [
    'size-declared',
    'MAIL',
    '552 5.2.3 <a@client.example>... Message size exceeds fixed maximum message size (5000000)',
  ],
  ['mailbox-full', 'RCPT', '552 5.2.2 <b@mx.example>... Mailbox full'],
  ['local-error', 'MAIL', '452 4.4.5 Insufficient disk space; try again later'],
  ['sender', 'MAIL', '553 5.5.4 <a>... Domain name required for sender address a'],
  ['sender', 'MAIL', '550 5.7.1 <a@client.example>... Sender rejected'],
  ['other', 'MAIL', '550 5.7.1 <a@client.example>... Access denied'],
];

const QMAIL_OPENSMTPD_OTHERS: readonly Row[] = [
  ['sender', 'message', '551 5.7.1 Not authorised to send from this header address'],
  ['content', 'message', '554 DT:SPM 163 smtp6,abc,1736157600 http://mail.163.com/help/help_spam_16.htm?ip=192.0.2.10'],
  [
    'sender-domain',
    'MAIL',
    '550-Requested action not taken: mailbox unavailable\n550 invalid DNS MX or A/AAAA resource record',
  ],
  [
    'rdns',
    'message',
    "421-4.7.23 Your email has been rate limited because the sending IP address does not\n421 4.7.23 have a PTR record, or the PTR record's forward DNS entry does not match it. - gsmtp",
  ],
  ['other', 'message', '550 Too many "Received" headers - suspected mail loop'],
  // Services that know who may send as whom.
  [
    'sender',
    'message',
    '554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: a@client.example',
  ],
  [
    'sender',
    'message',
    '550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.',
  ],
  ['sender', 'RCPT', '550 Envelope blocked - User Entry - https://community.mimecast.com/docs/DOC-1369#550'],
  ['other', 'RCPT', '550 Administrative prohibition - envelope to be blocked'],
  [
    'tls',
    'message',
    "550-5.7.29 Your email has been blocked because this message wasn't sent over a TLS\n550 5.7.29 connection.",
  ],
  ['other', 'message', '550 5.7.29 not accepted'],
  ['relay', 'RCPT', "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"],
  ['user-unknown', 'RCPT', '550 sorry, no mailbox here by that name. (#5.1.1)'],
  ['user-unknown', 'RCPT', '511 sorry, no mailbox here by that name (#5.1.1 - chkuser)'],
  ['sender-domain', 'MAIL', "553 sorry, can't find a valid MX for sender domain (#5.1.8 - chkuser)"],
  ['sender', 'MAIL', '553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)'],
  ['size-of-message', 'message', '552 sorry, that message size exceeds my databytes limit (#5.3.4)'],
  ['user-unknown', 'RCPT', '550 Invalid recipient: <b@mx.example>'],
  ['user-unknown', 'RCPT', '550 5.1.1 Recipient address rejected: <b@mx.example>... Invalid recipient'],
  ['mailbox-full', 'message', '552 5.2.2 <b@mx.example> Quota exceeded (mailbox for user is full)'],
  ['user-unknown', 'RCPT', "550 5.1.1 <b@mx.example> User doesn't exist: b@mx.example"],
  ['content', 'message', '554 5.7.1 Spam message rejected'],
  ['other', 'message', '451 4.7.1 Try again later'],
  ['greylisting', 'RCPT', '451 4.7.1 Temporarily rejected by greylisting'],
  // OpenBSD spamd does not say what it does.
  ['other', 'RCPT', '451 Temporary failure, please try again later.'],
];

const MICROSOFT: readonly Row[] = [
  ['user-unknown', 'DATA', '550 5.4.1 All recipient addresses rejected : Access denied [x]'],
  ['rate-limit', 'message', '432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded [x]'],
  [
    'other',
    'message',
    '550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; message contains bare linefeeds, which cannot be sent via DATA',
  ],
  [
    'sender',
    'message',
    '554 5.2.252 SendAsDenied; a@client.example not allowed to send as b@client.example; STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied',
  ],
  [
    'dnsbl',
    'RCPT',
    '550 5.7.511 Access denied, banned sender[192.0.2.10]. To request removal from this list please forward this message to delist@messaging.microsoft.com.',
  ],
  [
    'other',
    'RCPT',
    '550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this group',
  ],
  [
    'user-unknown',
    'RCPT',
    '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient b@mx.example not found by SMTP address lookup',
  ],
  ['user-unknown', 'RCPT', '550 5.1.1 User unknown'],
  ['user-unknown', 'message', '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'],
  [
    'user-unknown',
    'RCPT',
    '550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [DB1.eur01.prod.protection.outlook.com]',
  ],
  ['user-unknown', 'RCPT', '550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).'],
  ['relay', 'RCPT', '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain'],
  ['relay', 'RCPT', '550 5.7.1 Unable to relay'],
  [
    'dnsbl',
    'MAIL',
    "550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150). You can also refer your provider to http://mail.live.com/mail/troubleshooting.aspx#errors. [DB3.eop-eur04.prod.protection.outlook.com]",
  ],
  [
    'dnsbl',
    'MAIL',
    '550 5.7.606 Access denied, banned sending IP [192.0.2.10]. To request removal from this list please visit https://sender.office.com/ and follow the directions. For more information please go to http://go.microsoft.com/fwlink/?LinkID=526655 AS(1410)',
  ],
  [
    'dnsbl',
    'RCPT',
    '550 5.7.1 Service unavailable, Client host [192.0.2.10] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.org/query/ip/192.0.2.10 (AS16012611)',
  ],
  [
    'dnsbl',
    'EHLO',
    '550 5.7.1 Service unavailable, Helo domain is listed in Spamhaus. To request removal from this list see https://www.spamhaus.org/query/domain/client.example (S8001)',
  ],
  [
    'rate-limit',
    'MAIL',
    '451 4.7.650 The mail server [192.0.2.10] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://aka.ms/postmaster (S775)',
  ],
  [
    'rate-limit',
    'EHLO',
    '421 4.3.2 The maximum number of concurrent connections per source has exceeded a limit, closing transmission channel',
  ],
  [
    'rate-limit',
    'EHLO',
    "421 RP-001 (SNT004) Unfortunately, some messages from 192.0.2.10 weren't sent. Please try again. We have limits for how many messages can be sent per hour and per day.",
  ],
  ['other', 'RCPT', '451 4.7.500 Server busy. Please try again later from [192.0.2.10]. (AS77712344)'],
  ['other', 'RCPT', '451 4.7.0 Temporary server error. Please try again later. PRX4'],
  [
    'dmarc',
    'message',
    '550 5.7.509 Access denied, sending domain client.example does not pass DMARC verification and has a DMARC policy of reject.',
  ],
  [
    'dmarc',
    'message',
    "550 5.7.515 Access denied, sending domain client.example doesn't meet the required authentication level. The sender's domain in the 5322.From address doesn't meet the authentication requirements defined for the sender. Spf= Fail , Dkim= Fail , DMARC= Fail",
  ],
  ['spf', 'message', '550 5.7.23 The message was rejected because of Sender Policy Framework violation -> 550 5.7.23'],
  ['sender', 'MAIL', '550 5.1.8 Access denied, bad outbound sender AS(42004)'],
  ['sender', 'message', '550 5.7.60 SMTP; Client does not have permissions to send as this sender'],
  ['authentication', 'MAIL', '530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM'],
  ['local-error', 'MAIL', '452 4.3.1 Insufficient system resources'],
  ['recipients', 'RCPT', '452 4.5.3 Recipients belong to multiple regions ATTR38'],
  ['mailbox-full', 'message', '554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException'],
  ['size-of-message', 'message', '552 5.3.4 Message size exceeds fixed maximum message size'],
  ['content', 'message', '550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy'],
  ['null-mx', 'RCPT', '556 5.1.10 Recipient address has a null MX'],
];

const GMAIL: readonly Row[] = [
  [
    'user-unknown',
    'RCPT',
    "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550-5.1.1 double-checking the recipient's email address for typos or\n550-5.1.1 unnecessary spaces. For more information, go to\n550 5.1.1  https://support.google.com/mail/?p=NoSuchUser a1si1 - gsmtp",
  ],
  [
    'user-unknown',
    'RCPT',
    '550-5.2.1 The email account that you tried to reach is inactive. For more\n550 5.2.1 information, go to https://support.google.com/mail/?p=DisabledUser - gsmtp',
  ],
  [
    'mailbox-full',
    'RCPT',
    "452-4.2.2 The recipient's inbox is out of storage space. Please direct the\n452-4.2.2 recipient to\n452 4.2.2  https://support.google.com/mail/?p=OverQuotaTemp a1si1 - gsmtp",
  ],
  [
    'mailbox-full',
    'RCPT',
    '552-5.2.2 The email account that you tried to reach is over quota. Please direct\n552 5.2.2 the recipient to https://support.google.com/mail/?p=OverQuotaPerm - gsmtp',
  ],
  [
    'rate-limit',
    'RCPT',
    '450-4.2.1 The user you are trying to contact is receiving mail too quickly. Please\n450 4.2.1 resend your message at a later time. - gsmtp',
  ],
  [
    'rate-limit',
    'RCPT',
    '450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.',
  ],
  [
    'rate-limit',
    'message',
    '421-4.7.28 Our system has detected an unusual rate of unsolicited mail originating\n421-4.7.28 from your IP address. To protect our users from spam, mail sent from your\n421-4.7.28 IP address has been temporarily rate limited. Please visit\n421 4.7.28  https://support.google.com/mail/?p=UnsolicitedRateLimitError a1 - gsmtp',
  ],
  [
    'spf',
    'message',
    '550-5.7.26 The MAIL FROM domain [client.example] has an SPF record with a hard fail\n550-5.7.26 policy (-all) but it fails to pass SPF checks with the ip: [192.0.2.10].\n550 5.7.26 a1si1 - gsmtp',
  ],
  [
    'dmarc',
    'message',
    "550-5.7.26 Unauthenticated email from client.example is not accepted due to domain's\n550-5.7.26 DMARC policy. Please contact the administrator of client.example domain\n550 5.7.26 if this was a legitimate mail. a1si1 - gsmtp",
  ],
  [
    'dmarc',
    'message',
    '550-5.7.26 Your email has been blocked because the sender is unauthenticated. Gmail\n550-5.7.26 requires all senders to authenticate with either SPF or DKIM.\n550-5.7.26 Authentication results:\n550-5.7.26  DKIM = did not pass\n550-5.7.26  SPF [client.example] with ip: [192.0.2.10] = did not pass\n550 5.7.26 https://support.google.com/mail/answer/81126#authentication a1si1 - gsmtp',
  ],
  [
    'dmarc',
    'message',
    '550-5.7.26 This message does not have authentication information or fails to pass\n550 5.7.26 authentication checks. - gsmtp',
  ],
  [
    'spf',
    'message',
    '550-5.7.27 Your email has been blocked because SPF authentication did not pass for this\n550 5.7.27 message. a1si1 - gsmtp',
  ],
  [
    'dkim',
    'message',
    '550-5.7.30 Your email has been blocked because DKIM authentication did not pass for\n550 5.7.30 this message. a1si1 - gsmtp',
  ],
  [
    'rdns',
    'message',
    '550-5.7.25 [192.0.2.10] The IP address sending this message does not have a PTR record setup, or the\n550 5.7.25 corresponding forward DNS entry does not point to the sending IP. - gsmtp',
  ],
  [
    'rdns',
    'message',
    '550-5.7.1 [2001:db8::10] Our system has detected that this message does not meet IPv6\n550 5.7.1 sending guidelines regarding PTR records and authentication. - gsmtp',
  ],
  [
    'content',
    'message',
    '550-5.7.1 [192.0.2.10      12] Our system has detected that this message is\n550-5.7.1 likely unsolicited mail. To reduce the amount of spam sent to Gmail,\n550 5.7.1 this message has been blocked. - gsmtp',
  ],
  [
    'content',
    'message',
    '552-5.7.0 This message was blocked because its content presents a potential\n552 5.7.0 security issue. - gsmtp',
  ],
  [
    'size-declared',
    'MAIL',
    "552-5.3.4 Your message exceeded Google's message size limits. For more information,\n552 5.3.4 visit https://support.google.com/mail/?p=MaxSizeError - gsmtp",
  ],
  [
    'relay',
    'RCPT',
    "550-5.7.1 Invalid credentials for relay [192.0.2.10]. The IP address you've registered in your domain's SMTP Relay service doesn't match\n550 5.7.1 the domain of the account this email is being sent from: relay denied. - gsmtp",
  ],
  ['tls', 'RCPT', '421 4.7.0 TLS required for RCPT domain, closing connection. - gsmtp'],
  ['closing', 'MAIL', '421 4.4.5 Server busy, try again later.'],
  [
    'other',
    'message',
    '451-4.3.0 Multiple destination domains per transaction is unsupported. Please\n451 4.3.0 try again. - gsmtp',
  ],
  ['local-error', 'message', '451 4.3.0 Mail server temporarily rejected message.'],
];

const PROVIDERS: readonly Row[] = [
  [
    'rate-limit',
    'MAIL',
    '421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes',
  ],
  [
    'dnsbl',
    'MAIL',
    "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.10, because the ip is in Spamhaus's list; see https://postmaster.yahooinc.com/error-codes",
  ],
  [
    'user-unknown',
    'message',
    "554 delivery error: dd This user doesn't have a yahoo.com account (b@mx.example) [0] - mta1.mail.bf1.yahoo.example",
  ],
  [
    'user-unknown',
    'message',
    '554 30 Sorry, your message to b@mx.example cannot be delivered. This mailbox is disabled (554.30).',
  ],
  [
    'content',
    'message',
    '554 Message not allowed - [PH01] Email not accepted for policy reasons. Please visit https://postmaster.yahooinc.com/error-codes',
  ],
  ['user-unknown', 'RCPT', '550 <b@mx.example>: Requested action not taken: mailbox unavailable'],
  [
    'spf',
    'RCPT',
    '550 <b@mx.example>: Reject due to SPF policy. The originating IP of the message is not permitted by the domain owner',
  ],
  [
    'rate-limit',
    'MAIL',
    '421-Rate limit reached. Please try again later\n421 For explanation visit https://postmaster.gmx.net/en/case?c=r0103',
  ],
  ['sender', 'MAIL', '550-Requested action not taken: mailbox unavailable\n550 Sender address is not allowed.'],
  ['mailbox-full', 'RCPT', '552-Requested mail action aborted: exceeded storage allocation\n552 Quota exceeded.'],
  ['local-error', 'MAIL', '451 Requested action aborted: local error in processing'],
  [
    'dnsbl',
    'EHLO',
    '554-gmx.net (mxgmx104) Nemesis ESMTP Service not available\n554-No SMTP service\n554-IP address is block listed.\n554 For explanation visit https://postmaster.gmx.net/en/case?c=r0201&i=ip&v=192.0.2.10&r=1M',
  ],
  [
    'rdns',
    'EHLO',
    '554-gmx.net (mxgmx016) Nemesis ESMTP Service not available\n554-No SMTP service\n554 Bad DNS PTR resource record.',
  ],
  [
    'dnsbl',
    'MAIL',
    '554 IP=192.0.2.10 - None/bad reputation. Ask your postmaster for help or to contact tobr@rx.t-online.de for reset. (NOWL)',
  ],
  ['content', 'message', '550 5.7.0 Message has been rejected due to spam or virus classification'],
  ['user-unknown', 'RCPT', '550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]'],
  [
    'rate-limit',
    'MAIL',
    '421 smtp-in.orange.example Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. OFR004_104 [104]',
  ],
  ['dmarc', 'message', '501 5.0.2 Mail rejected. DMARC check failed. OFR_515'],
  ['rate-limit', 'EHLO', '421 Too many concurrent connections from this client (G2)'],
  ['rdns', 'RCPT', '450 4.7.1 Client host 192.0.2.10 has no PTR record (G1F)'],
  ['rate-limit', 'RCPT', '451 4.7.1 Received too many messages from a new or untrusted IP (G28)'],
  ['user-unknown', 'RCPT', '550 5.1.1 Not our Customer'],
  [
    'dnsbl',
    'MAIL',
    '554 resimta.mail.comcast.example 192.0.2.10 found on one or more DNSBLs, see http://postmaster.comcast.net/smtp-error-codes.php#BL000001',
  ],
  [
    'dnsbl',
    'RCPT',
    '554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using Barracuda Reputation; http://www.barracudanetworks.com/reputation/?r=1&ip=192.0.2.10',
  ],
  ['dnsbl', 'MAIL', '554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.10'],
  [
    'dnsbl',
    'MAIL',
    '550 5.7.1 Mail from 192.0.2.10 refused - see http://csi.cloudmark.com/reset-request/?ip=192.0.2.10',
  ],
  [
    'dnsbl',
    'EHLO',
    "554 Your access to this mail system has been rejected due to the sending MTA's poor reputation. If you believe that this failure is in error, please contact the intended recipient via alternate means.",
  ],
  ['user-unknown', 'RCPT', '550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550 [x.eu1]'],
  ['dmarc', 'message', '550 Rejected by DMARC policy - https://community.mimecast.com/docs/DOC-1369#550'],
  [
    'content',
    'message',
    '554 Email rejected due to security policies - https://community.mimecast.com/docs/DOC-1369#554 [x.eu1]',
  ],
  [
    'other',
    'RCPT',
    '451 Internal resources are temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#451',
  ],
  ['content', 'message', '550 5.7.1 [CS01] Message rejected due to local policy.'],
  ['content', 'message', '554 5.7.1 Message contains a URL that is listed in SURBL'],
  [
    'user-unknown',
    'RCPT',
    '550 Message was not accepted -- invalid mailbox.  Local mailbox b@mx.example is unavailable: user not found',
  ],
  ['rdns', 'MAIL', '550 5.7.1 We do not accept mail from hosts with dynamic IP or generic DNS PTR-records'],
  ['mailbox-full', 'RCPT', '422 4.2.2 Quota limit exceeded (Speicherplatz des Kontos ueberschritten)'],
  ['content', 'message', '571 5.7.1 message classified as spam (Nachricht als Spam eingestuft)'],
  ['dkim', 'message', '550 5.7.20 No passing DKIM signature found'],
  ['spf', 'MAIL', '451 4.7.24 SPF validation error'],
];

const MORE: readonly Row[] = [
  [
    'rate-limit',
    'RCPT',
    '421 4.7.1 Messages to b@mx.example deferred due to excessive volume. Try again later - https://support.apple.com/en-us/HT204137',
  ],
  ['dmarc', 'message', '550 5.7.1 Your message was rejected due to client.example DMARC policy.'],
  [
    'dnsbl',
    'message',
    '550 5.7.1 Your email was rejected due to having a domain present in the Spamhaus DBL -- see https://www.spamhaus.org/dbl/',
  ],
  [
    'dmarc',
    'message',
    '554 5.7.1 [HME1] This message was blocked for failing both SPF and DKIM authentication checks.',
  ],
  ['mailbox-full', 'RCPT', '552 5.2.2 <b@mx.example>: user is over quota'],
  ['other', 'RCPT', '450 4.4.6 Routing loop detected (G16)'],
  ['rate-limit', 'RCPT', '450 4.2.1 Mailbox received too much email in a short period of time (G30)'],
  ['content', 'message', '550 spam message rejected. Please visit http://help.mail.ru/notspam-support/id?c=x'],
  ['rate-limit', 'RCPT', '451 Ratelimit exceeded for mailbox'],
  ['content', 'message', '554 5.7.1 [2] Message rejected under suspicion of SPAM; https://ya.cc/1IrBc'],
  ['rate-limit', 'RCPT', '450 4.2.1 The recipient has exceeded message rate limit. Try again later.'],
  ['user-unknown', 'RCPT', '550 5.7.1 No such user!'],
  ['content', 'message', '550 Mail content denied. http://service.mail.qq.com/cgi-bin/help?subtype=1'],
  ['user-unknown', 'RCPT', '550 Mailbox not found or access denied'],
  ['rate-limit', 'MAIL', '451 Connection frequency limited'],
  [
    'dnsbl',
    'MAIL',
    '553 5.3.0 flpd DNSBL:ATTRBL 521< 192.0.2.10 >_is_blocked.For assistance forward this error to abuse_rbl@abuse-att.net',
  ],
  ['other', 'message', '550 permanent failure for one or more recipients (b@mx.example:blocked)'],
  ['dnsbl', 'MAIL', '554 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.10'],
  ['other', 'RCPT', '550 #5.7.1 Your access to submit messages to this e-mail system has been rejected.'],
  ['rate-limit', 'EHLO', '421 #4.4.5 Too many connections from your host.'],
  ['rate-limit', 'RCPT', '452 Too many recipients received this hour'],
  [
    'spf',
    'MAIL',
    '553-SPF (Sender Policy Framework) domain authentication\n553-fail. Refer to the Troubleshooting page at\n553 http://www.symanteccloud.com/troubleshooting for more information. (#5.7.1)',
  ],
  [
    'content',
    'message',
    '553-Message filtered. Refer to the Troubleshooting page at\n553 http://www.symanteccloud.com/troubleshooting for more information. (#5.7.1)',
  ],
  ['user-unknown', 'RCPT', '550-Invalid recipient <b@mx.example>\n550 (#5.1.1)'],
  ['other', 'RCPT', '450 Requested action aborted [7.2] 24708, please visit www.messagelabs.com/support'],
  [
    'dnsbl',
    'RCPT',
    '550 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using Trend Micro RBL+. Please see http://www.mail-abuse.com/cgi-bin/lookup?ip_address=192.0.2.10',
  ],
  ['content', 'message', '554 5.7.1 This message has been blocked because it contains FortiSpamshield blocking URL(s)'],
  ['user-unknown', 'RCPT', '550 5.1.1 User does not exist - <b@mx.example>'],
  ['content', 'message', '554 5.7.7 Email policy violation detected'],
  ['relay', 'RCPT', '553 Relaying disallowed as a@client.example'],
  ['relay', 'RCPT', '554 5.7.1 Relaying to b@mx.example denied (authentication required)'],
  ['relay', 'RCPT', '554 Relay rejected for policy reasons.'],
  ['relay', 'RCPT', '513 Relaying denied.'],
  ['user-unknown', 'RCPT', '550 <b@mx.example>, Recipient unknown'],
  ['user-unknown', 'RCPT', '550 b@mx.example... No such user'],
  ['user-unknown', 'RCPT', '550 Mailbox unavailable or access denied - <b@mx.example>'],
  ['closing', 'RCPT', '421 Too many bad recipients'],
  ['other', 'RCPT', '550 5.7.1 <client.example>: Client host rejected: Abus detecte GU_EIB_02'],
  ['content', 'message', '554 5.7.0 Reject, id=12345-10 - INFECTED: Eicar-Signature'],
  ['content', 'message', '554 5.7.1 Rejected, id=12345-10 - BANNED: .exe,program.exe'],
  ['other', 'message', '451 4.5.0 Error in processing, id=12345-10, virus_scan FAILED: all scanners failed'],
  ['content', 'message', '550 5.7.1 Blocked by SpamAssassin'],
  ['content', 'message', '550 5.7.1 virus Eicar-Test-Signature detected by ClamAV - http://www.clamav.net'],
  ['other', 'RCPT', '450 4.3.2 Service currently unavailable'],
  ['sender', 'RCPT', '504 5.5.2 <a>: Sender address rejected: need fully-qualified address'],
  ['other', 'RCPT', '450 4.7.1 <b@mx.example>: Recipient address rejected: Policy Rejection- Quota Exceeded.'],
  [
    'greylisting',
    'RCPT',
    '450 4.2.0 <b@mx.example>: Recipient address rejected: Greylisted for 300 seconds (see http://isg.ee.ethz.ch/tools/postgrey/help/mx.example.html)',
  ],
  [
    'dnsbl',
    'RCPT',
    '554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using dnsbl.sorbs.net; Currently Sending Spam See: http://www.sorbs.net/lookup.shtml?192.0.2.10',
  ],
  [
    'other',
    'message',
    "550-5.7.1 [192.0.2.10] The IP you're using to send mail is not authorized to\n550-5.7.1 send email directly to our servers. Please use the SMTP relay at your\n550 5.7.1 service provider instead. - gsmtp",
  ],
  [
    'content',
    'message',
    '421-4.7.0 [192.0.2.10      15] Our system has detected that this message is\n421-4.7.0 suspicious due to the very low reputation of the sending domain. To best\n421 4.7.0 protect our users from spam, the message has been blocked. - gsmtp',
  ],
  ['dmarc', 'message', '550 5.7.1 rejected by DMARC policy for client.example'],
  ['user-unknown', 'RCPT', "550 5.1.1 <b@mx.example>: Recipient address rejected: User doesn't exist: b@mx.example"],
  ['user-unknown', 'RCPT', '550 5.1.1 User unknown, not local address'],
  ['user-unknown', 'RCPT', '550 account b@mx.example is disabled'],
  ['user-unknown', 'RCPT', '550 Empfänger unbekannt'],
  ['other', 'RCPT', '550 5.1.2 <b@mx.example>: Recipient address rejected: Domain not found'],
  ['other', 'RCPT', '550 5.7.1 Recipient only accepts mail from its own company'],
  ['other', 'MAIL', '501 5.5.4 Syntax: MAIL FROM:<address>'],
  ['other', 'MAIL', '555 5.5.4 Unsupported option: FOO=bar'],
];

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  Postfix: POSTFIX,
  Exim: EXIM,
  Sendmail: SENDMAIL,
  'qmail, OpenSMTPD, Dovecot, Rspamd, spamd': QMAIL_OPENSMTPD_OTHERS,
  'Exchange, Microsoft 365, Outlook.com': MICROSOFT,
  Gmail: GMAIL,
  'providers and appliances': PROVIDERS,
  others: MORE,
};

describe.each(Object.entries(TABLES))('what %s says', (_name, rows) => {
  it.each(rows)('%s at %s: %s', (kind, verb, reply) => {
    expect(kindOf(verb, reply)).toBe(kind);
  });
});

describe('what is nothing by itself', () => {
  it.each<Row>([
    ['other', 'RCPT', '550 5.7.1 rejected'],
    ['other', 'message', '554 5.7.1 rejected'],
    ['other', 'RCPT', '550 rejected'],
    ['other', 'RCPT', '450 try again later'],
    ['other', 'RCPT', '450 4.7.1 Please try again later'],
    ['other', 'message', '451 4.7.1 Please try again later'],
    ['other', 'RCPT', '554 5.5.1 too many hops'],
    ['other', 'RCPT', '550 <spam@relay-denied.example> no'],
    ['other', 'RCPT', '550 greylisted forever'],
  ])('%s at %s: %s', (kind, verb, reply) => {
    expect(kindOf(verb, reply)).toBe(kind);
  });
});

describe('what depends on the circumstances', () => {
  it('is the name in EHLO only where something is wrong with it', () => {
    const reply = '504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname';
    expect(kindOf('RCPT', reply, { hello: 'localhost' })).toBe('helo');
    expect(kindOf('RCPT', '550 5.7.1 Helo command rejected: Access denied')).toBe('other');
    expect(kindOf('EHLO', '550 5.7.1 no reverse name for 192.0.2.10', { hello: 'localhost' })).toBe('rdns');
  });

  it('is a refused bounce only with the null sender', () => {
    expect(kindOf('MAIL', '550 5.7.1 we do not accept bounces', { from: '' })).toBe('null-sender');
    expect(kindOf('MAIL', '550 5.7.1 we do not accept bounces')).toBe('other');
    expect(kindOf('MAIL', '553 <>: Sender address rejected', { from: '' })).toBe('null-sender');
    expect(kindOf('RCPT', '550 5.7.1 Empty envelope senders not allowed', { from: '' })).toBe('null-sender');
    expect(kindOf('RCPT', '550 5.1.1 User unknown', { from: '' })).toBe('user-unknown');
    expect(kindOf('MAIL', '450 try later', { from: '' })).toBe('other');
  });

  it('is too many recipients for 452 only behind accepted ones', () => {
    expect(kindOf('RCPT', '452 no more', { accepted: 2 })).toBe('recipients');
    expect(kindOf('RCPT', '452 no more')).toBe('other');
    expect(kindOf('RCPT', '452 4.2.2 mailbox full', { accepted: 2 })).toBe('mailbox-full');
    expect(kindOf('RCPT', '452 4.3.1 Insufficient system storage', { accepted: 2 })).toBe('local-error');
  });
});

it.each([
  ['sender domain relay address list mailbox a@b <c> '],
  [':'],
  ['from a:'],
  ['<'],
  ['listed at a.'],
  ['too many a '],
])('a text of any length takes no time: %j', (part) => {
  const start = process.cpuUsage().user;
  kindOf('RCPT', `550 5.7.1 sender from mailbox ${part.repeat(200_000 / part.length)}`);
  expect((process.cpuUsage().user - start) / 1000).toBeLessThan(500);
});

describe('a listing', () => {
  it.each([
    [
      'Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.10',
      {
        list: 'Spamhaus',
        listed: '192.0.2.10',
        url: 'https://www.spamhaus.org/query/ip/192.0.2.10',
        refusesServer: false,
      },
    ],
    [
      'Client host [192.0.2.10] blocked using zen.spamhaus.org; Error: open resolver; https://check.spamhaus.org/returnc/pub/198.51.100.53/',
      { list: 'Spamhaus', listed: '192.0.2.10', refusesServer: true },
    ],
    ['[192.0.2.10] listed by zen.spamhaus.org as 127.255.255.254', { listed: '192.0.2.10', refusesServer: true }],
    ['192.0.2.10 is listed at bl.blocklist.de', { list: 'bl.blocklist.de', listed: '192.0.2.10', url: null }],
    [
      'Service unavailable; Client host [2001:db8::25] blocked using bl.spamcop.net',
      { list: 'SpamCop', listed: '2001:db8::25' },
    ],
    [
      'Sender address [a@client.example] blocked using dbl.spamhaus.org; https://www.spamhaus.org/query/domain/client.example',
      { list: 'Spamhaus', listed: 'client.example' },
    ],
    [
      'Access denied, banned sending IP [192.0.2.10]. To request removal from this list please visit https://sender.office.com/ and follow the directions.',
      { list: 'Exchange Online Protection', listed: '192.0.2.10', url: 'https://sender.office.com/' },
    ],
    ['your address is on our blacklist', { list: null, listed: null, url: null, refusesServer: false }],
  ])('%s', (text, expected) => {
    expect(listingOf(text)).toMatchObject(expected);
  });
});
