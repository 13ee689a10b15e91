/**
 * One AUTH exchange, decoded when somebody asks. The decoder of the dialogue keeps bytes and tells which turns belong
 * to the exchange; here they get their meaning, by mechanism and by their place:
 *
 *     command [initial response]   334 challenge   response   334 challenge   response   …
 *
 * `authExchanges` is asked by several rules and by the transcript, and answers from memory the second time; a session
 * is read-only, so what was decoded of it stays right.
 */

import type { AuthAttempt, Session } from '../session.ts';
import type { Turn } from '../turn.ts';
import { readBase64 } from './base64.ts';
import { type Mechanism, mechanismOf } from './mechanisms.ts';
import type { AuthContent, AuthExchange, AuthFault, AuthStepFacts, Reading } from './model.ts';
import { reading } from './model.ts';

/** RFC 5321 §4.5.3.1.4; RFC 4954 §4 holds the AUTH command to it. */
const COMMAND_LIMIT = 512;
/** RFC 4954 §4: what a server must take as a response. */
const RESPONSE_LIMIT = 12_288;

const BETWEEN_WORDS = /[\0-\x20:]/;

const EMPTY = Buffer.alloc(0);
const NO_FAULTS: readonly AuthFault[] = [];
const NONE: AuthContent = { kind: 'empty' };

const KNOWN = new WeakMap<Session, readonly AuthExchange[]>();

/** Every AUTH exchange of a session, in the order of `session.authentication`. Read-only. */
export function authExchanges(session: Session): readonly AuthExchange[] {
  let exchanges = KNOWN.get(session);
  if (exchanges === undefined) {
    exchanges = session.authentication.map((attempt) => decodeAuth(attempt, session.turns));
    KNOWN.set(session, exchanges);
  }
  return exchanges;
}

/**
 * What a token says that does not have the form of its mechanism, word by word: any of them may be the secret. None of
 * the other steps.
 */
export function unreadWords({ content, turn }: AuthStepFacts): readonly string[] {
  if (content.kind !== 'opaque') return [];
  const token =
    turn.lines[0]
      ?.trim()
      .split(/[ \t]+/)
      .at(-1) ?? '';
  const text = Buffer.from(token, 'base64').toString('utf8');
  return [...text.split('\0'), ...text.split(BETWEEN_WORDS)].filter((word) => !/^(?:auth=)?bearer$/i.test(word));
}

/** What is looked at of an attempt. */
type AuthLines = Pick<AuthAttempt, 'mechanism' | 'command' | 'steps'>;

/** One attempt; `turns` are those of its session. Nothing in it throws, whatever stands on the wire. */
export function decodeAuth(attempt: AuthLines, turns: readonly Turn[]): AuthExchange {
  const steps: AuthStepFacts[] = [];
  const mechanism = mechanismOf(attempt.mechanism);
  const last = lastRead(attempt, turns);
  let clientSaid = 0;
  let serverSaid = 0;
  const challenge = (request: Turn): void => {
    const reply = request.answeredBy < 0 ? undefined : turns[request.answeredBy];
    if (reply?.code !== 334) return;
    const read = reply.index > last ? unread(reply) : readChallenge(mechanism, reply, serverSaid);
    steps.push({ turn: reply, ...read });
    // What asks for the initial response says nothing yet, except where servers prompt.
    if (steps.at(-1)?.content.kind !== 'empty') serverSaid++;
  };
  const initial = initialOf(attempt.command);
  steps.push(readCommand(attempt, mechanism, initial));
  if (initial.trim() !== '') clientSaid++;
  challenge(attempt.command);
  for (const turn of attempt.steps) {
    const step = { turn, ...(turn.index > last ? unread(turn) : readResponse(mechanism, turn, clientSaid)) };
    steps.push(step);
    if (step.content.kind !== 'cancel') clientSaid++;
    challenge(turn);
  }
  return { mechanism: attempt.mechanism, steps };
}

/**
 * Index of the last turn of the exchange that can be read: its first hole, for behind it nobody knows which message a
 * line is, or whether it is one; its end, where the client cancelled it or the server refused.
 */
export function lastRead({ command, steps }: Pick<AuthAttempt, 'command' | 'steps'>, turns: readonly Turn[]): number {
  const last = steps.at(-1)?.index ?? command.index;
  let at = Number.POSITIVE_INFINITY;
  for (let i = command.index + 1; i <= last && at > last; i++) if (turns[i]?.kind === 'gap') at = i;
  for (const turn of [command, ...steps]) {
    if (turn.step === 'cancel') at = Math.min(at, turn.index);
    const reply = turn.answeredBy < 0 ? undefined : turns[turn.answeredBy];
    if (reply !== undefined && reply.code >= 400) at = Math.min(at, reply.index);
  }
  return at;
}

function unread(turn: Turn): Reading {
  const line = turn.lines[0] ?? '';
  return line.trim() === '*' ? reading({ kind: 'cancel' }) : reading({ kind: 'opaque', bytes: line.length });
}

/** The initial response of an AUTH command as it stands on the wire, trailing white space and all; '' for none. */
function initialOf(command: Turn): string {
  const line = command.lines[0] ?? '';
  const verb = skip(line, 0, true);
  const mechanism = skip(line, skip(line, verb, false), true);
  return line.slice(skip(line, skip(line, mechanism, false), true));
}

/** Past white space, or past what is none. */
function skip(line: string, at: number, isSpace: boolean): number {
  let end = at;
  while (end < line.length && (line.charCodeAt(end) === 32 || line.charCodeAt(end) === 9) === isSpace) end++;
  return end;
}

function readCommand(attempt: AuthLines, mechanism: Mechanism, initial: string): AuthStepFacts {
  const { command } = attempt;
  if (attempt.mechanism === '') return { turn: command, content: NONE, faults: [{ kind: 'no-mechanism' }] };
  if (initial.trim() === '') return { turn: command, content: NONE, faults: NO_FAULTS };
  const { content, faults } = readLine(mechanism, initial, 0, command, COMMAND_LIMIT);
  return { turn: command, content, faults };
}

function readResponse(mechanism: Mechanism, turn: Turn, n: number): Reading {
  const line = turn.lines[0] ?? '';
  if (line.trim() === '*') return reading({ kind: 'cancel' });
  // LOGIN: what the server asked for, whatever the order.
  const asked = turn.step === 'user' ? 0 : turn.step === 'password' ? 1 : n;
  return readLine(mechanism, line, asked, turn, RESPONSE_LIMIT);
}

function readLine(mechanism: Mechanism, line: string, n: number, turn: Turn, limit: number): Reading {
  const bare = line.trim();
  if (bare === '' || bare === '=') {
    return mechanism.readsEmpty === true && turn.complete ? mechanism.client(EMPTY, n) : reading(NONE);
  }
  const long: readonly AuthFault[] =
    turn.bytes > limit ? [{ kind: 'line-too-long', bytes: turn.bytes, limit }] : NO_FAULTS;
  // Of what was cut or not captured whole nothing can be said.
  if (turn.cut || !turn.complete) return { content: { kind: 'opaque', bytes: bare.length }, faults: long };
  const { bytes, faults } = readBase64(line);
  if (bytes === null) return { content: { kind: 'opaque', bytes: bare.length }, faults: [...faults, ...long] };
  const step = mechanism.client(bytes, n);
  if (faults.length === 0 && long.length === 0) return step;
  return { content: step.content, faults: [...faults, ...step.faults, ...long] };
}

function readChallenge(mechanism: Mechanism, reply: Turn, n: number): Reading {
  const line = (reply.lines[0] ?? '').slice(4).trim();
  if (line === '' || line === '=') return reading(NONE);
  if (reply.cut || !reply.complete) return { content: { kind: 'opaque', bytes: line.length }, faults: [] };
  const { bytes, faults } = readBase64(line);
  // Words instead of base64: a prompt of an old server, no fault of the exchange.
  if (bytes === null || bytes.length === 0 || faults.length > 0) return reading({ kind: 'text', text: line });
  return mechanism.server(bytes, n);
}
