/**
 * Where a dialogue stands, and what each command makes of it: phase × command → phase. RFC 5321 §4.1.4 and §4.3.2 are
 * about the order of commands, each extension adds its own. docs/smtp.md is drawn from these tables,
 * findings/sequence.ts walks them, and a test takes the decoder through every cell.
 *
 * A server may forgive a command that is out of order, so every cell says what follows when it is taken all the same.
 * In a phase that reads no commands the client's bytes are what `reads` says, whatever words are in them.
 */
import { Verb } from './verbs.ts';

export type Phase =
  | 'connected'
  | 'refused'
  | 'started'
  | 'hello'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'text'
  | 'chunks'
  | 'failed'
  | 'blob'
  | 'tls'
  | 'turned'
  | 'closed';

/** What the client's bytes are. */
export type Reads = 'commands' | 'answers' | 'a message' | 'octets' | 'TLS' | 'replies' | 'nothing';

export interface PhaseFacts {
  readonly reads: Reads;
  readonly meaning: string;
  readonly document: string;
}

export const PHASES: Readonly<Record<Phase, PhaseFacts>> = {
  connected: { reads: 'commands', meaning: 'the greeting has not come', document: 'RFC 5321 §3.1' },
  refused: { reads: 'commands', meaning: 'the greeting was a refusal: QUIT alone is left', document: 'RFC 5321 §3.1' },
  started: { reads: 'commands', meaning: 'the server has greeted', document: 'RFC 5321 §3.1' },
  hello: { reads: 'commands', meaning: 'EHLO, HELO or LHLO was taken; no mail is open', document: 'RFC 5321 §3.2' },
  auth: { reads: 'answers', meaning: 'the server has sent a challenge (334)', document: 'RFC 4954 §4' },
  mail: { reads: 'commands', meaning: 'a mail is open, without a recipient', document: 'RFC 5321 §3.3' },
  rcpt: { reads: 'commands', meaning: 'a mail is open, with a recipient', document: 'RFC 5321 §3.3' },
  text: { reads: 'a message', meaning: 'DATA was taken (354): a message up to its dot', document: 'RFC 5321 §4.1.1.4' },
  chunks: { reads: 'commands', meaning: 'a chunk was taken, the last is still to come', document: 'RFC 3030 §2' },
  failed: { reads: 'commands', meaning: 'a chunk was refused: RSET is to come', document: 'RFC 3030 §2' },
  blob: { reads: 'octets', meaning: 'XEXCH50 was taken (354): so many octets', document: 'Exchange' },
  tls: { reads: 'TLS', meaning: 'what follows is encrypted', document: 'RFC 3207 §4' },
  turned: { reads: 'replies', meaning: 'client and server have changed places', document: 'RFC 2645 §5.3' },
  closed: { reads: 'nothing', meaning: 'the server has said goodbye', document: 'RFC 5321 §4.1.1.10' },
};

/** Why a command does not fit. */
export type Disorder =
  | 'before-greeting'
  | 'after-refusal'
  | 'before-hello'
  | 'inside-mail'
  | 'inside-chunks'
  | 'before-rcpt'
  | 'mail-before-hello'
  | 'nested-mail'
  | 'rcpt-before-mail'
  | 'data-before-rcpt';

/** `back`: the phase in which the exchange began. */
export type NextPhase = Phase | 'back';

/** What a command leads to, by the first digit of its reply; null where no such reply exists. */
export interface Step {
  readonly on2xx: NextPhase | null;
  readonly on3xx: NextPhase | null;
  readonly onRefusal: NextPhase;
  /** Null: the command is in order. */
  readonly disorder: Disorder | null;
}

/** What stands in a row beside the verbs, and gets replies of its own. */
export type Word = number | 'BDAT LAST' | 'BURL LAST';

/** The phases that read commands, in the order of a delivery. */
export const COMMAND_PHASES = ['connected', 'refused', 'started', 'hello', 'mail', 'rcpt', 'chunks', 'failed'] as const;

type CommandPhase = (typeof COMMAND_PHASES)[number];

/** Without `connected` and `refused`: in these a command does what it does in `started`, and never fits. */
type Cells = Readonly<Record<Exclude<CommandPhase, 'connected' | 'refused'>, Step>>;

function step(on2xx: NextPhase | null, disorder: Disorder | null = null, on3xx: NextPhase | null = null): Step {
  return { on2xx, on3xx, onRefusal: 'back', disorder };
}

/** Allowed everywhere, and nothing changes. */
const ANYWHERE: Cells = {
  started: step('back'),
  hello: step('back'),
  mail: step('back'),
  rcpt: step('back'),
  chunks: step('back'),
  failed: step('back'),
};

/** It leads to the same phase from everywhere. */
function always(next: Phase): Cells {
  return {
    started: step(next),
    hello: step(next),
    mail: step(next),
    rcpt: step(next),
    chunks: step(next),
    failed: step(next),
  };
}

/** Behind EHLO, outside a mail. */
function betweenMails(on2xx: NextPhase, on3xx: NextPhase | null = null): Cells {
  const inside = step(on2xx, 'inside-mail', on3xx);
  return {
    started: step(on2xx, 'before-hello', on3xx),
    hello: step(on2xx, null, on3xx),
    mail: inside,
    rcpt: inside,
    chunks: inside,
    failed: inside,
  };
}

const MAIL: Cells = {
  started: step('mail', 'mail-before-hello'),
  hello: step('mail'),
  mail: step('mail', 'nested-mail'),
  rcpt: step('mail', 'nested-mail'),
  chunks: step('mail', 'inside-chunks'),
  failed: step('mail', 'inside-chunks'),
};

/** A piece of a message: refused, it fails the mail that it belongs to (RFC 3030 §2, RFC 4468 §3). */
const CHUNK: Cells = {
  started: step('back', 'before-rcpt'),
  hello: step('back', 'before-rcpt'),
  mail: { ...step('chunks', 'data-before-rcpt'), onRefusal: 'failed' },
  rcpt: { ...step('chunks'), onRefusal: 'failed' },
  chunks: { ...step('chunks'), onRefusal: 'failed' },
  failed: { ...step('chunks', 'inside-chunks'), onRefusal: 'failed' },
};

const LAST_CHUNK: Cells = {
  started: step('back', 'before-rcpt'),
  hello: step('back', 'before-rcpt'),
  mail: { ...step('hello', 'data-before-rcpt'), onRefusal: 'hello' },
  rcpt: { ...step('hello'), onRefusal: 'hello' },
  chunks: { ...step('hello'), onRefusal: 'hello' },
  failed: { ...step('hello', 'inside-chunks'), onRefusal: 'hello' },
};

const HELLO = always('hello');
const TLS: Cells = { ...always('tls'), started: step('tls', 'before-hello') };
const AUTH = betweenMails('back', 'auth');
const TURN = betweenMails('turned');

const ROWS: ReadonlyMap<Word, Cells> = new Map<Word, Cells>([
  [Verb.EHLO, HELLO],
  [Verb.HELO, HELLO],
  [Verb.LHLO, HELLO],
  [Verb.MAIL, MAIL],
  [
    Verb.RCPT,
    {
      started: step('back', 'rcpt-before-mail'),
      hello: step('back', 'rcpt-before-mail'),
      mail: step('rcpt'),
      rcpt: step('rcpt'),
      chunks: step('back', 'inside-chunks'),
      failed: step('back', 'inside-chunks'),
    },
  ],
  [
    Verb.DATA,
    {
      started: step(null, 'rcpt-before-mail', 'text'),
      hello: step(null, 'rcpt-before-mail', 'text'),
      mail: step(null, 'data-before-rcpt', 'text'),
      rcpt: step(null, null, 'text'),
      chunks: step(null, 'inside-chunks', 'text'),
      failed: step(null, 'inside-chunks', 'text'),
    },
  ],
  [Verb.BDAT, CHUNK],
  ['BDAT LAST', LAST_CHUNK],
  [Verb.AUTH, AUTH],
  [Verb.STARTTLS, TLS],
  [Verb.QUIT, always('closed')],
  [Verb.RSET, { ...always('hello'), started: step('back') }],
  [Verb.NOOP, ANYWHERE],
  [Verb.VRFY, ANYWHERE],
  [Verb.EXPN, ANYWHERE],
  [Verb.HELP, ANYWHERE],
  [Verb.ETRN, betweenMails('back')],
  [Verb.ATRN, TURN],
  [Verb.TURN, TURN],
  [Verb.BURL, CHUNK],
  ['BURL LAST', LAST_CHUNK],
  [Verb.SEND, MAIL],
  [Verb.SOML, MAIL],
  [Verb.SAML, MAIL],
  [Verb.XCLIENT, betweenMails('started')],
  [Verb.XFORWARD, betweenMails('back')],
  [
    Verb.XEXCH50,
    {
      started: step('back', 'before-rcpt', 'blob'),
      hello: step('back', 'before-rcpt', 'blob'),
      mail: step('back', 'before-rcpt', 'blob'),
      rcpt: step('back', null, 'blob'),
      chunks: step('back', 'inside-chunks', 'blob'),
      failed: step('back', 'inside-chunks', 'blob'),
    },
  ],
  [Verb.ANONYMOUSTLS, TLS],
  [Verb.XEXPS, AUTH],
]);

/** Commands in the order of the table. */
export const WORDS: readonly Word[] = [...ROWS.keys()];

/** What is not said by a verb, in the phases that read no commands. A goodbye, 421, may come at any time instead. */
export const END_OF_MESSAGE: Step = { on2xx: 'hello', on3xx: null, onRefusal: 'hello', disorder: null };
export const AUTH_ANSWER: Step = { on2xx: 'back', on3xx: 'auth', onRefusal: 'back', disorder: null };
export const END_OF_BLOB: Step = { on2xx: 'back', on3xx: null, onRefusal: 'back', disorder: null };
/** Of the greeting, which no command asks for. */
export const GREETING: Step = { on2xx: 'started', on3xx: null, onRefusal: 'refused', disorder: null };

/** The cell of a command in a phase; null where the phase reads no commands or nobody knows the verb. */
export function stepOf(phase: Phase, word: Word): Step | null {
  const cells = ROWS.get(word);
  if (cells === undefined || !isCommandPhase(phase)) return null;
  if (phase === 'connected') return { ...cells.started, disorder: 'before-greeting' };
  if (phase !== 'refused') return cells[phase];
  return { ...cells.started, disorder: word === Verb.QUIT ? null : 'after-refusal' };
}

function isCommandPhase(phase: Phase): phase is CommandPhase {
  return PHASES[phase].reads === 'commands';
}

/** The phase behind a reply with this code to the command or end of data that `taken` is the step of. */
export function phaseAfter(phase: Phase, taken: Step, code: number): Phase {
  const next = code >= 400 ? taken.onRefusal : code >= 300 ? taken.on3xx : taken.on2xx;
  return next === null || next === 'back' ? phase : next;
}
