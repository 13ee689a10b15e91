/**
 * Secrets that no AUTH command leads in: a mistyped AUTH, a password sent as a command of another protocol, the answer
 * to a challenge that was not captured, a header of HTTP. What looks like one is taken for one.
 */
import type { Turn } from '../turn.ts';
import { VERB_NAMES } from '../verbs.ts';

const KNOWN: ReadonlySet<string> = new Set(VERB_NAMES);
/** `AUTHPLAIN`, `AUTH=PLAIN`, `AUHT`, and the words of POP3, IMAP (`a1 LOGIN`) and FTP. */
const LIKE_LOGIN = /^\s*(?:(?:A[UTH]{2,3}\S*|PASS(?:W(?:OR)?D)?|LOGIN)|\S{1,32}\s+(?:LOGIN|AUTHENTICATE))\s+(\S.*)$/i;
const MECHANISM =
  /^(?:PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|SCRAM-[A-Z0-9-]{1,20}|NTLM|GSSAPI|XOAUTH2|OAUTHBEARER|EXTERNAL)$/i;
const HEADER = /^\s*(?:(?:proxy-)?authorization|(?:set-)?cookie2?)\s*:\s*(\S.*)$/i;
const BASE64 = /^[A-Za-z0-9+/]{8,}={0,2}$/;
/** Shorter ones would mask half of every sentence. */
const SHORTEST = 4;
/** Words of one line that are looked at. */
const MOST_WORDS = 64;

const NONE: readonly string[] = [];
const BY_TURNS = new WeakMap<readonly Turn[], readonly string[]>();

/** All of a dialogue, as sent and as they read when they are base64. */
export function looseSecrets(turns: readonly Turn[]): readonly string[] {
  const known = BY_TURNS.get(turns);
  if (known !== undefined) return known;
  let found: string[] | null = null;
  let inAuth = false;
  for (let i = 0; i < turns.length; i++) {
    // Live, only the turns that are still needed are there.
    const turn = turns[i];
    // Behind a TURN it is the server that logs in.
    if (turn === undefined || (turn.from !== 'client' && turn.kind !== 'command' && turn.kind !== 'auth')) continue;
    if (turn.kind === 'command') inAuth = turn.verb === 'AUTH' || turn.verb === 'X-EXPS';
    if (turn.kind === 'auth' ? inAuth : !isLoose(turn)) continue;
    found ??= [];
    for (const line of turn.lines) found.push(...(turn.kind === 'auth' ? spoken(line.trim()) : wordsIn(line)));
  }
  const secrets = found === null ? NONE : [...new Set(found)].filter((word) => word.length >= SHORTEST);
  BY_TURNS.set(turns, secrets);
  return secrets;
}

/** Whether a line of the client's that no AUTH command leads in holds what looks like a secret. */
export function isLoose(turn: Turn): boolean {
  const isAsked =
    turn.kind === 'unparsed' ? turn.from === 'client' : turn.kind === 'command' && !KNOWN.has(turn.verb ?? '');
  return isAsked && turn.lines.some((line) => secretsOf(line).length > 0);
}

/** The line with its secrets replaced. */
export function maskLoose(line: string, mask: string): string {
  let masked = line;
  for (const secret of secretsOf(line)) masked = masked.replaceAll(secret, mask);
  return masked;
}

function wordsIn(line: string): string[] {
  return secretsOf(line).flatMap(spoken);
}

/** As they stand in the line. */
function secretsOf(line: string): string[] {
  const header = HEADER.exec(line);
  if (header !== null) return [header[1] as string];
  const login = LIKE_LOGIN.exec(line);
  const words = (login?.[1] ?? line).split(/\s+/, MOST_WORDS);
  return words.filter((word) =>
    login === null
      ? BASE64.test(word) && decoded(word).includes('\0')
      : word.length >= SHORTEST && !MECHANISM.test(word),
  );
}

/** A word, and what it says when it is base64. */
function spoken(word: string): string[] {
  return BASE64.test(word)
    ? [
        word,
        ...decoded(word)
          .split('\0')
          .flatMap((part) => part.split('\u0001')),
      ]
    : [word];
}

function decoded(word: string): string {
  return Buffer.from(word, 'base64').toString('latin1');
}
