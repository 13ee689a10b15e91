import { expect } from 'vitest';
import { atMail, atMessage, atRcpt, besideDelivery, testDialogues } from '../support/refused.ts';

const ZEN =
  '554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.10';

testDialogues(
  'dnsbl',
  [
    {
      name: 'Postfix and Spamhaus',
      text: atRcpt(ZEN),
      options: { client: '192.0.2.10' },
      severity: 'error',
      confidence: 'certain',
      actor: 'client',
      message:
        /because 192\.0\.2\.10 stands on Spamhaus \(https:\/\/www\.spamhaus\.org\/query\/ip\/192\.0\.2\.10\): 554/,
      firstCause: /sent spam/,
      also: ({ remedies }) => {
        expect(remedies[0]?.text).toMatch(/^Go to https:\/\/www\.spamhaus\.org\/query\/ip\/192\.0\.2\.10, /);
        expect(remedies[0]?.commands).toContain('host 10.2.0.192.zen.spamhaus.org');
      },
    },
    {
      name: 'the address is another than in the capture: NAT',
      text: atRcpt(ZEN),
      options: { client: '10.1.2.3' },
      message: /192\.0\.2\.10 \(the client, here 10\.1\.2\.3, as the server sees it\)/,
    },
    {
      name: 'the list refuses to answer the server: its fault',
      text: atRcpt(
        '554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org; Error: open resolver; https://check.spamhaus.org/returnc/pub/198.51.100.53/',
      ),
      severity: 'error',
      actor: 'server',
      message: /by mistake: Spamhaus answered its query with an error, not with a listing/,
      firstCause: /public resolver/,
      also: ({ remedies }) => expect(remedies[0]?.applies).toMatch(/as server/),
    },
    {
      name: 'the error code itself in the words',
      text: atRcpt('550 192.0.2.10 is listed at zen.spamhaus.org (127.255.255.254)'),
      actor: 'server',
    },
    {
      name: 'a domain on a list',
      text: atRcpt('554 5.7.1 Service unavailable; Sender address [a@client.example] blocked using dbl.spamhaus.org'),
      message: /because client\.example stands on Spamhaus/,
      firstCause: /a domain is listed/,
    },
    {
      name: 'a list that is not known by name',
      text: atRcpt('550 192.0.2.10 is listed at bl.blocklist.example'),
      message: /stands on bl\.blocklist\.example/,
    },
    {
      name: 'Outlook.com',
      text: atMail(
        "550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
      ),
      confidence: 'certain',
      message: /192\.0\.2\.10.* stands on Outlook\.com/,
    },
    {
      name: 'words alone',
      text: atRcpt('550 5.7.1 your address is on our blacklist'),
      confidence: 'likely',
      message: /because the client stands on a blocklist/,
    },
    { name: 'for now', text: atRcpt('450 4.7.1 blocked using bl.spamcop.net'), severity: 'warning' },
    { name: 'beside a recipient who gets the mail', text: besideDelivery(ZEN), severity: 'notice' },
    {
      name: 'after the message',
      text: atMessage('554 5.7.1 192.0.2.10 is listed in psbl.surriel.com'),
      severity: 'error',
    },
  ],
  [
    { name: 'access denied', text: atRcpt('554 5.7.1 <c.example[192.0.2.10]>: Client host rejected: Access denied') },
    { name: 'a link in the message', text: atMessage('554 5.7.1 Message contains a URL that is listed in SURBL') },
    {
      name: 'a limit for reputation',
      text: atMail('451 4.7.650 The mail server [192.0.2.10] has been temporarily rate limited due to IP reputation.'),
    },
    {
      name: 'a guess',
      text: atRcpt(
        '550 The account or domain may not exist, they may be blacklisted, or missing the proper dns entries.',
      ),
    },
    { name: 'accepted', text: atRcpt('250 ok, not listed on zen.spamhaus.org') },
  ],
);
