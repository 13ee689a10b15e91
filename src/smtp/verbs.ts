/**
 * SMTP verbs as small integers. RFC 5321 §4.1.1, and those of extensions: AUTH (4954), STARTTLS (3207), BDAT (3030),
 * BURL (4468), ETRN (1985), ATRN (2645), LHLO (2033), XCLIENT and XFORWARD (Postfix), XEXCH50, X-ANONYMOUSTLS and X-EXPS
 * (Exchange).
 */

export const Verb = {
  OTHER: 0,
  EHLO: 1,
  HELO: 2,
  LHLO: 3,
  MAIL: 4,
  RCPT: 5,
  DATA: 6,
  BDAT: 7,
  AUTH: 8,
  STARTTLS: 9,
  QUIT: 10,
  RSET: 11,
  NOOP: 12,
  VRFY: 13,
  EXPN: 14,
  HELP: 15,
  ETRN: 16,
  ATRN: 17,
  TURN: 18,
  BURL: 19,
  SEND: 20,
  SOML: 21,
  SAML: 22,
  XCLIENT: 23,
  XFORWARD: 24,
  XEXCH50: 25,
  ANONYMOUSTLS: 26,
  PROXY: 27,
  /** AUTH of Exchange servers among themselves. */
  XEXPS: 28,
} as const;

export const VERB_NAMES: readonly string[] = [
  '',
  'EHLO',
  'HELO',
  'LHLO',
  'MAIL',
  'RCPT',
  'DATA',
  'BDAT',
  'AUTH',
  'STARTTLS',
  'QUIT',
  'RSET',
  'NOOP',
  'VRFY',
  'EXPN',
  'HELP',
  'ETRN',
  'ATRN',
  'TURN',
  'BURL',
  'SEND',
  'SOML',
  'SAML',
  'XCLIENT',
  'XFORWARD',
  'XEXCH50',
  'X-ANONYMOUSTLS',
  'PROXY',
  'X-EXPS',
];

/** The first four letters, folded to small ones, as one integer. */
const BY_FIRST_FOUR = new Map<number, number>();
for (let verb = 1; verb < VERB_NAMES.length; verb++) {
  BY_FIRST_FOUR.set(fold(Buffer.from(VERB_NAMES[verb] as string), 0), verb);
}

function fold(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number) |
    0x20202020
  );
}

/**
 * The verb of the command line `bytes[start, end)`, `Verb.OTHER` when it is none of the known ones. White space before
 * it is passed over, as servers do.
 */
export function readVerb(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === 32 || bytes[at] === 9)) at++;
  if (at + 4 > end) return Verb.OTHER;
  const verb = BY_FIRST_FOUR.get(fold(bytes, at));
  if (verb === undefined) return Verb.OTHER;
  const name = VERB_NAMES[verb] as string;
  const length = name.length;
  if (at + length > end) return Verb.OTHER;
  for (let i = 0; i < length; i++) {
    const letter = bytes[at + i] as number;
    if ((letter >= 97 && letter <= 122 ? letter - 32 : letter) !== name.charCodeAt(i)) return Verb.OTHER;
  }
  if (at + length === end) return verb;
  const next = bytes[at + length] as number;
  return next <= 32 || next === 58 ? verb : Verb.OTHER;
}

/** Whether the line could only be a command: its verb and what must follow it (RFC 5321 §4.1.1). */
export function isPlainlyCommand(bytes: Buffer, start: number, end: number): boolean {
  const verb = readVerb(bytes, start, end);
  if (verb === Verb.OTHER) return false;
  let at = start;
  while (bytes[at] === 32 || bytes[at] === 9) at++;
  at += (VERB_NAMES[verb] as string).length;
  while (at < end && (bytes[at] === 32 || bytes[at] === 9)) at++;
  const empty = at >= end || bytes[at] === 13 || bytes[at] === 10;
  switch (verb) {
    case Verb.MAIL:
      return startsWith(bytes, at, end, 'from:');
    case Verb.RCPT:
      return startsWith(bytes, at, end, 'to:');
    case Verb.DATA:
    case Verb.QUIT:
    case Verb.RSET:
    case Verb.STARTTLS:
      return empty;
    case Verb.BDAT:
      return at < end && (bytes[at] as number) >= 48 && (bytes[at] as number) <= 57;
    case Verb.EHLO:
    case Verb.HELO:
    case Verb.LHLO:
    case Verb.AUTH:
    case Verb.NOOP:
      return true;
    default:
      return !empty || verb === Verb.HELP;
  }
}

function startsWith(bytes: Buffer, at: number, end: number, text: string): boolean {
  if (at + text.length > end) return false;
  for (let i = 0; i < text.length; i++) {
    if (((bytes[at + i] as number) | 0x20) !== (text.charCodeAt(i) | 0x20)) return false;
  }
  return true;
}
