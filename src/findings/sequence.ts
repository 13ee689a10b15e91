/** Commands out of the order of RFC 5321 §4.1.4: the tables of smtp/phases.ts, walked by what was said and answered. */
import { type Disorder, END_OF_MESSAGE, type Phase, phaseAfter, type Step, stepOf, type Word } from '../smtp/phases.ts';
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { VERB_NAMES } from '../smtp/verbs.ts';
import { replyTo } from './in-clear.ts';
import { isMailDialogue } from './known-commands.ts';
import { strayBody } from './stray-body.ts';

/** Those that no other rule tells. */
const TOLD = ['mail-before-hello', 'nested-mail', 'rcpt-before-mail', 'data-before-rcpt'] as const;

export type ToldDisorder = (typeof TOLD)[number];

export interface OutOfOrder {
  readonly kind: ToldDisorder;
  readonly turn: Turn;
  readonly reply: Turn | null;
}

const VERBS: ReadonlyMap<string, number> = new Map(VERB_NAMES.map((name, verb) => [name, verb]));
const IN_MAIL: ReadonlySet<Phase> = new Set<Phase>(['mail', 'rcpt', 'text', 'chunks', 'failed']);

/** In wire order. What a client does behind a MAIL that was refused follows from that refusal and is not among them. */
export function outOfOrder(session: Session): readonly OutOfOrder[] {
  if (!isMailDialogue(session) || hasHole(session) || !session.startCaptured) return [];
  if (session.turns.some(({ kind, verb }) => kind === 'tls' || verb === 'STARTTLS' || verb === 'XCLIENT')) return [];
  const body = new Set(strayBody(session)?.lines ?? []);
  const found: OutOfOrder[] = [];
  /** Where the client may believe to be: a command behind others in one packet was sent before their replies. */
  let asked: Phase = 'started';
  /** Where the replies have led. */
  let held: Phase = 'started';
  for (const turn of session.turns) {
    if (turn === session.greeting && turn.code >= 400 && held === 'started') {
      asked = 'refused';
      held = 'refused';
    }
    if (turn.from !== 'client' || body.has(turn)) continue;
    const reply = replyTo(session, turn);
    if (turn.kind === 'message') {
      // A chunk is answered at its command, which has led on already.
      if (held === 'text') held = phaseAfter(held, END_OF_MESSAGE, reply?.code ?? 0);
      if (asked === 'text') asked = held;
      continue;
    }
    const word = wordOf(turn);
    const byAsked = stepOf(asked, word);
    const byHeld = stepOf(held, word);
    const before = held;
    const isFollowing = IN_MAIL.has(asked) && !IN_MAIL.has(held) && turn.verb !== 'MAIL';
    if (!isFollowing && byAsked !== null && byAsked.disorder !== null && isTold(byHeld?.disorder)) {
      found.push({ kind: byHeld?.disorder as ToldDisorder, turn, reply });
    }
    if (byHeld !== null && reply !== null) held = follow(held, byHeld, reply.code);
    // Nothing may be sent on top of DATA (RFC 2920 §3.1): behind it both know.
    if (turn.verb === 'DATA' && reply !== null) asked = held;
    else if (byHeld?.disorder === null && byAsked?.disorder !== null) asked = follow(before, byHeld, 250);
    else if (byAsked !== null) asked = follow(asked, byAsked, 250);
  }
  return found;
}

/** An exchange of AUTH and what XEXCH50 announces lead back to where they began. */
function follow(phase: Phase, step: Step, code: number): Phase {
  const next = phaseAfter(phase, step, code);
  return next === 'auth' || next === 'blob' ? phase : next;
}

function wordOf({ verb, argument }: Turn): Word {
  if ((verb === 'BDAT' || verb === 'BURL') && /\bLAST\s*$/i.test(argument ?? '')) return `${verb} LAST`;
  return VERBS.get(verb ?? '') ?? 0;
}

function isTold(disorder: Disorder | null | undefined): disorder is ToldDisorder {
  return (TOLD as readonly (string | null | undefined)[]).includes(disorder);
}

/** Bytes of either side were not captured. */
export function hasHole({ transport }: Session): boolean {
  return transport.client.missingBytes > 0 || transport.server.missingBytes > 0;
}
