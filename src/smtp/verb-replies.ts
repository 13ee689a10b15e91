/**
 * What each verb gets when all is well, and where it may stand. Any command may be refused with any 4xx or 5xx, so
 * that refusals tell no command from another; these codes do. docs/smtp.md is drawn from this table.
 */
import { VERB_NAMES, Verb } from './verbs.ts';

export interface VerbReplies {
  /** Codes below 400 that answer it. */
  readonly codes: readonly number[];
  /** Where in a session its document allows it. */
  readonly place: string;
  readonly document: string;
}

const ANYWHERE = 'anywhere behind the greeting';
const NO_MAIL = 'outside a mail transaction';
const IN_MAIL = 'behind a MAIL and a RCPT that were accepted';
const HELLO = 'first, and again at any time; it ends an open mail transaction';

/** By verb; a verb that nobody knows has no row. */
export const VERB_REPLIES: Readonly<Record<number, VerbReplies>> = {
  [Verb.EHLO]: { codes: [250], place: HELLO, document: 'RFC 5321 §4.1.1.1' },
  [Verb.HELO]: { codes: [250], place: HELLO, document: 'RFC 5321 §4.1.1.1' },
  [Verb.LHLO]: { codes: [250], place: `${HELLO}; LMTP alone`, document: 'RFC 2033 §4.1' },
  [Verb.MAIL]: { codes: [250], place: `${NO_MAIL}, behind EHLO or HELO`, document: 'RFC 5321 §4.1.1.2' },
  [Verb.RCPT]: { codes: [250, 251], place: 'behind MAIL or another RCPT', document: 'RFC 5321 §4.1.1.3' },
  [Verb.DATA]: {
    codes: [354],
    place: `${IN_MAIL}; last in a pipelined group (RFC 2920 §3.1)`,
    document: 'RFC 5321 §4.1.1.4',
  },
  [Verb.BDAT]: { codes: [250], place: `${IN_MAIL}, never mixed with DATA`, document: 'RFC 3030 §2' },
  [Verb.BURL]: { codes: [250], place: `${IN_MAIL}, never mixed with DATA`, document: 'RFC 4468 §3' },
  [Verb.AUTH]: { codes: [235, 334], place: `${NO_MAIL}, once`, document: 'RFC 4954 §4' },
  [Verb.STARTTLS]: { codes: [220], place: 'outside TLS, last in a pipelined group', document: 'RFC 3207 §4' },
  [Verb.QUIT]: { codes: [221], place: 'anywhere; last in a pipelined group', document: 'RFC 5321 §4.1.1.10' },
  [Verb.RSET]: { codes: [250], place: ANYWHERE, document: 'RFC 5321 §4.1.1.5' },
  [Verb.NOOP]: { codes: [250], place: `${ANYWHERE}; last in a pipelined group`, document: 'RFC 5321 §4.1.1.9' },
  [Verb.VRFY]: { codes: [250, 251, 252], place: ANYWHERE, document: 'RFC 5321 §4.1.1.6' },
  [Verb.EXPN]: { codes: [250, 252], place: ANYWHERE, document: 'RFC 5321 §4.1.1.7' },
  [Verb.HELP]: { codes: [211, 214], place: ANYWHERE, document: 'RFC 5321 §4.1.1.8' },
  [Verb.ETRN]: { codes: [250, 251, 252, 253], place: NO_MAIL, document: 'RFC 1985' },
  [Verb.ATRN]: { codes: [250], place: 'behind AUTH, outside a mail transaction', document: 'RFC 2645' },
  [Verb.TURN]: { codes: [250], place: `${NO_MAIL}; deprecated`, document: 'RFC 5321 appendix F.1' },
  [Verb.SEND]: { codes: [250], place: `in the place of MAIL; deprecated`, document: 'RFC 5321 appendix F.6' },
  [Verb.SOML]: { codes: [250], place: `in the place of MAIL; deprecated`, document: 'RFC 5321 appendix F.6' },
  [Verb.SAML]: { codes: [250], place: `in the place of MAIL; deprecated`, document: 'RFC 5321 appendix F.6' },
  [Verb.XCLIENT]: { codes: [220], place: NO_MAIL, document: 'Postfix, XCLIENT_README' },
  [Verb.XFORWARD]: { codes: [250], place: NO_MAIL, document: 'Postfix, XFORWARD_README' },
  [Verb.XEXCH50]: { codes: [250, 354], place: IN_MAIL, document: 'Exchange' },
  [Verb.ANONYMOUSTLS]: { codes: [220], place: 'outside TLS, between Exchange servers', document: 'Exchange' },
  [Verb.XEXPS]: { codes: [235, 334], place: `${NO_MAIL}, between Exchange servers`, document: 'Exchange' },
};

/** The table as a page of Markdown. */
export function verbPage(): string {
  const rows = Object.entries(VERB_REPLIES).map(
    ([verb, { codes, place, document }]) =>
      `| \`${VERB_NAMES[Number(verb)]}\` | ${codes.join(', ')} | ${place} | ${document} |`,
  );
  return [
    '# Commands and their replies',
    '',
    'Drawn from `src/smtp/verb-replies.ts` by `npx vitest run test/smtp/verb-replies.test.ts -u`.',
    '',
    'Every command may be refused with any 4xx or 5xx, and a server may say 421 at any time (RFC 5321 §3.8, §4.3.2).',
    'Where bytes of the client were not captured, a reply is given to a command behind the hole only if its code is one',
    'that the command can get, and only if the client had waited for replies since; otherwise it stands alone.',
    '',
    '| command | replies when all is well | where it may stand | document |',
    '|---|---|---|---|',
    ...rows,
    '',
    '## Where one reply ends',
    '',
    'A reply ends at the first line without a hyphen behind its code, whatever the codes of its lines: so read Postfix,',
    'Sendmail, Exim, msmtp and nodemailer. Where the codes differ, against RFC 5321 §4.2.1, its code is that of the last',
    'line (Postfix, Sendmail and Python go by that one, Exim, msmtp and nodemailer by the first), and',
    '[multiline-code-mismatch](rules/multiline-code-mismatch.md) says so. One case is two replies: a greeting whose last',
    'line never came, with the reply to an EHLO that was sent too early behind it, as postscreen sends them.',
    '',
    'The message has one reply; in LMTP one for each recipient that was accepted, and after a 353 (PRDR, Exim) one for',
    'each of them and one more.',
    '',
    '## Where the time went',
    '',
    'The silence before a turn is time that the other side waited. Where the speaker changes, as much of it is network as',
    'the handshake took on that side of the capture: SYN to SYN/ACK towards the server, SYN/ACK to ACK towards the client.',
    'The rest is thinking. In the records, `times` divides the duration of a session into client, server and network.',
    '',
  ].join('\n');
}
