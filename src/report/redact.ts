/**
 * What of a turn may be shown. Secrets are told from the client's grammar, never from what the server answered, so
 * that a pipelined or refused AUTH is masked as well (RFC 4954 §4). A mask is always `****`, whatever it hides.
 *
 * Masked: everything after the mechanism of an AUTH command, every line of an AUTH exchange, what a server echoes of
 * them, as sent or decoded, the server's own proofs (SCRAM `v=`, DIGEST-MD5 `rspauth=`: they allow to guess the password offline), and the
 * token of a BURL (RFC 4468), and what looks like a login without an AUTH command (smtp/auth/loose-secrets.ts). Shown: `*` (cancel), an empty line, `=` (empty response), challenges.
 */
import { decodeAuth, unreadWords } from '../smtp/auth/exchange.ts';
import { isLoose, looseSecrets, maskLoose } from '../smtp/auth/loose-secrets.ts';
import { secretOf } from '../smtp/auth/model.ts';
import { readAuthCommand } from '../smtp/auth.ts';
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';

export const MASK = '****';

/** AUTH, and what Exchange servers say to each other. */
const AUTH_VERBS: ReadonlySet<string> = new Set(['AUTH', 'X-EXPS']);

/** What is looked at of a session: the turns that others answer. */
type Dialogue = Pick<Session, 'turns'>;

/** True when the turn's lines may hold a secret, so that `shownLines` must be asked for them. */
export function mayHoldSecret(session: Dialogue, turn: Turn): boolean {
  if (turn.kind === 'auth') return true;
  if (turn.kind === 'command') return isAuthLine(turn) || turn.verb === 'BURL' || isLoose(turn);
  if (turn.kind === 'unparsed') return isLoose(turn);
  if (turn.kind !== 'reply') return false;
  // What is said of a command nobody knows may be that command.
  if (turn.code >= 400 && looseSecrets(session.turns).length > 0) return true;
  // A challenge or acceptance whose command was not captured may be a proof as well.
  return turn.code === 334 || turn.code === 235 || (turn.answers >= 0 && isAuthLine(session.turns[turn.answers]));
}

/** The turn's lines, secrets masked unless `reveal`. */
export function shownLines(session: Dialogue, turn: Turn, reveal: boolean): readonly string[] {
  if (reveal || !mayHoldSecret(session, turn)) return turn.lines;
  if (turn.kind === 'auth') return turn.lines.map((line) => (isHarmless(line) ? line : MASK));
  if (isLoose(turn)) return turn.lines.map((line) => maskLoose(line, MASK));
  if (turn.kind === 'command') return turn.verb === 'BURL' ? turn.lines.map(maskBurl) : turn.lines.map(maskAuth);
  // No words of the client's in it: the replies that nearly every login gets.
  if (turn.lines.length === 1 && PLAIN_REPLIES.has(turn.lines[0] as string)) return turn.lines;
  const secrets = [...looseSecrets(session.turns), ...secretsOf(session, turn)];
  return turn.lines.map((line) => maskReply(line, secrets));
}

/** What follows the verb of a command, secrets masked unless `reveal`; null when nothing follows. */
export function shownArgument(session: Dialogue, turn: Turn, reveal: boolean): string | null {
  if (reveal || turn.kind !== 'command' || !mayHoldSecret(session, turn)) return turn.argument;
  const rest = (shownLines(session, turn, false)[0] ?? '')
    .trimStart()
    .slice(turn.verb?.length ?? 0)
    .trim();
  return rest === '' ? null : rest;
}

function isAuthLine(turn: Turn | undefined): boolean {
  return turn !== undefined && (turn.kind === 'auth' || (turn.kind === 'command' && AUTH_VERBS.has(turn.verb ?? '')));
}

function isHarmless(line: string): boolean {
  const bare = line.trim();
  return bare === '' || bare === '*' || bare === '=';
}

/** `AUTH SP mechanism [SP initial-response]`; what cannot be a mechanism's name (RFC 4422 §3.1) is taken for a secret. */
function maskAuth(line: string): string {
  const match = /^(\s*(?:auth|x-exps))(?:(\s+)(\S+)(?:(\s+)(\S.*))?)?\s*$/i.exec(line);
  if (match === null) return `AUTH ${MASK}`;
  const [, verb, gap, mechanism, space, response] = match;
  if (mechanism === undefined) return line;
  if (!/^[A-Za-z0-9_-]{1,20}$/.test(mechanism)) return `${verb}${gap}${MASK}`;
  if (response === undefined || isHarmless(response)) return line;
  return `${verb}${gap}${mechanism}${space}${MASK}`;
}

function maskBurl(line: string): string {
  return line.replace(/(;urlauth=[^:;\s]{0,200}:[^:;\s]{0,40}:)[^;\s]+/gi, `$1${MASK}`);
}

/** Answers of Postfix, Dovecot, Exim, Sendmail, OpenSMTPD, Exchange and Gmail to a login, and the prompts of LOGIN. */
const PLAIN_REPLIES: ReadonlySet<string> = new Set([
  '334 ',
  '334 VXNlcm5hbWU6',
  '334 UGFzc3dvcmQ6',
  '235 2.7.0 Authentication successful',
  '235 2.7.0 Logged in.',
  '235 Authentication succeeded',
  '235 2.0.0 OK Authenticated',
  '235 2.0.0 Authentication succeeded',
  '235 2.7.0 Accepted',
  '535 5.7.8 Error: authentication failed: (reason unavailable)',
  '535 5.7.8 Error: authentication failed',
  '535 Incorrect authentication data',
  '535 5.7.3 Authentication unsuccessful',
]);

/** Shorter ones would mask half of every sentence. */
const SHORTEST_SECRET = 4;

/** Of each AUTH command with so many steps what a server could echo: asked for at every reply to one of them. */
const ECHOES = new WeakMap<Turn, { readonly steps: number; readonly secrets: readonly string[] }>();

/** The client's words of the exchange that a reply belongs to, as sent and decoded: a server may quote them. */
function secretsOf({ turns }: Dialogue, reply: Turn): readonly string[] {
  let at = reply.answers;
  while (at >= 0 && !AUTH_VERBS.has(turns[at]?.verb ?? '')) at--;
  const command = turns[at];
  if (command === undefined) return [];
  const steps: Turn[] = [];
  for (let i = at + 1; i < turns.length && turns[i]?.kind !== 'command'; i++) {
    if (turns[i]?.kind === 'auth') steps.push(turns[i] as Turn);
  }
  const known = ECHOES.get(command);
  if (known?.steps === steps.length) return known.secrets;
  const { mechanism } = readAuthCommand(command);
  const words = [command.lines[0]?.trim().split(/\s+/).slice(2) ?? [], ...steps.map((turn) => turn.lines)].flat();
  const exchange = decodeAuth({ mechanism, command, steps }, turns).steps;
  const decoded = exchange.map(({ content }) => secretOf(content));
  const unread = exchange.flatMap(unreadWords);
  const secrets = [...words, ...decoded.map((secret) => secret?.reveal() ?? ''), ...unread]
    .map((word) => word.trim())
    .filter((word) => word.length >= SHORTEST_SECRET);
  ECHOES.set(command, { steps: steps.length, secrets });
  return secrets;
}

function maskReply(line: string, secrets: readonly string[]): string {
  for (const secret of secrets) {
    if (line.includes(secret)) line = line.replaceAll(secret, MASK);
  }
  const proof = /^(334|235)([ -])(\S+)\s*$/.exec(line);
  if (proof !== null && /^(?:v=|rspauth=)/.test(Buffer.from(proof[3] as string, 'base64').toString('latin1'))) {
    return `${proof[1]}${proof[2]}${MASK}`;
  }
  return line;
}
