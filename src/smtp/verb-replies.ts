/**
 * What each verb gets when all is well, and where it may stand. Any command may be refused with any 4xx or 5xx, so
 * that refusals tell no command from another; these codes do. docs/smtp.md is drawn from this table.
 */
import { Verb } from './verbs.ts';

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
