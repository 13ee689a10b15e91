/**
 * Commands that were sent before the reply to the one before could be seen: the packet with the later one does not
 * acknowledge that reply. Two commands in one packet prove nothing, and neither does the order in the capture; the
 * acknowledgement does (RFC 2920 §3.1).
 */
import { Fact, type Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { replyTo } from './in-clear.ts';
import { isMailDialogue, offerBefore, surelyLacks } from './known-commands.ts';
import { isOffByOne } from './opening-words.ts';
import { strayBody } from './stray-body.ts';
import { strayReplies } from './stray-replies.ts';
import { tlsScene } from './tls-scene.ts';

export interface Impatience {
  /** A command or AUTH line … */
  readonly before: Turn;
  /** … its reply … */
  readonly reply: Turn;
  /** … and what the client sent without having seen it. */
  readonly next: Turn;
}

export interface Impatient {
  /** Behind a command that has to be the last of its group, whatever is offered. */
  readonly behindSync: readonly Impatience[];
  /** Behind another one, PIPELINING not offered. */
  readonly unoffered: readonly Impatience[];
  /** Behind another one, PIPELINING offered: in order. */
  readonly offered: readonly Impatience[];
}

/** RFC 2920 §3.1; AUTH: RFC 4954 §4; STARTTLS: RFC 3207 §4. */
const SYNC: ReadonlySet<string> = new Set([
  'EHLO',
  'HELO',
  'LHLO',
  'AUTH',
  'STARTTLS',
  'DATA',
  'VRFY',
  'EXPN',
  'TURN',
  'QUIT',
  'NOOP',
]);
/** Longer than any group takes to be written: the client gave up waiting. */
const GAVE_UP_US = 5_000_000;
const NONE: Impatient = { behindSync: [], unoffered: [], offered: [] };

let lastSession: Session | null = null;
let lastImpatient: Impatient = NONE;

export function impatient(session: Session): Impatient {
  if (session !== lastSession) {
    lastSession = session;
    lastImpatient = isMailDialogue(session) && !isOffByOne(session) ? read(session) : NONE;
  }
  return lastImpatient;
}

/**
 * Whether anything of the kind can be in the session: some command was sent on top of another (`Fact.pipelined`), or a
 * message before the 354 was seen.
 */
export function mayBeImpatient(session: Session): boolean {
  if ((session.facts & Fact.pipelined) !== 0) return true;
  for (const { message } of session.transactions) {
    const first = message?.turns[0];
    if (first === undefined || first.acked < 0) continue;
    const reply = session.turns[first.index - 1];
    if (reply?.code === 354 && first.acked < reply.offset + reply.bytes) return true;
  }
  return false;
}

function read(session: Session): Impatient {
  const behindSync: Impatience[] = [];
  const unoffered: Impatience[] = [];
  const offered: Impatience[] = [];
  const injected = (tlsScene(session)?.smuggled.length ?? 0) > 0;
  const body = new Set(strayBody(session)?.lines ?? []);
  // Behind a reply too many the client takes each for the answer to the command before: it did wait.
  const strayAt = strayReplies(session)[0]?.index ?? Number.POSITIVE_INFINITY;
  let before: Turn | null = null;
  for (const next of session.turns) {
    if (next.from !== 'client') continue;
    if (next.index > strayAt) break;
    if (next.kind === 'gap' || next.kind === 'unparsed' || next.kind === 'tls') {
      before = null;
      continue;
    }
    if (next.kind === 'message' && before?.verb === 'BDAT') continue;
    const last = before;
    before = next.kind === 'message' || next.verb === 'PROXY' ? null : next;
    if (last === null || body.has(next) || next.acked < 0) continue;
    const reply = replyTo(session, last);
    if (reply === null || next.acked >= reply.offset + reply.bytes) continue;
    if (next.timeUs - last.endTimeUs > GAVE_UP_US) continue;
    const pair = { before: last, reply, next };
    const verb = last.kind === 'auth' ? 'AUTH' : (last.verb ?? '');
    if (SYNC.has(verb)) {
      // A client that only wants to leave does no harm; a monitor’s QUIT has a finding of its own.
      if (next.verb === 'QUIT' || (verb === 'STARTTLS' && injected) || isPipeConnect(session, last)) continue;
      behindSync.push(pair);
    } else if (surelyLacks(session, next, ['PIPELINING'])) unoffered.push(pair);
    else if (offerBefore(session, next)?.extensions.has('PIPELINING') === true) offered.push(pair);
  }
  return { behindSync, unoffered, offered };
}

/** Exim’s extension by which EHLO need not be waited for, because the server offered it the last time. */
function isPipeConnect(session: Session, { verb, index }: Turn): boolean {
  if (verb !== 'EHLO') return false;
  const { offers } = session;
  const own = offers.find(({ command }) => command.index === index);
  if (own === undefined) return session.transport.server.missingBytes > 0;
  return !own.complete || own.extensions.has('PIPECONNECT') || own.extensions.has('X_PIPE_CONNECT');
}
