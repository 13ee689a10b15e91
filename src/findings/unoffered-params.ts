/** Parameters of MAIL and RCPT whose extension was not offered (RFC 5321 §4.1.1.11). */
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { offerBefore, surelyLacks } from './known-commands.ts';

/** Extensions by which a parameter may come. */
const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  SIZE: ['SIZE'],
  BODY: ['8BITMIME', 'BINARYMIME'],
  RET: ['DSN'],
  ENVID: ['DSN'],
  NOTIFY: ['DSN'],
  ORCPT: ['DSN'],
  AUTH: ['AUTH', 'AUTH='],
  SMTPUTF8: ['SMTPUTF8'],
  REQUIRETLS: ['REQUIRETLS'],
  'MT-PRIORITY': ['MT-PRIORITY'],
  BY: ['DELIVERBY'],
  HOLDFOR: ['FUTURERELEASE'],
  HOLDUNTIL: ['FUTURERELEASE'],
  RRVS: ['RRVS'],
  PRDR: ['PRDR'],
};

/** Parameters of this MAIL or RCPT that the server surely did not offer to take, in capitals. Mostly without a string made. */
export function unofferedParams(session: Session, command: Turn): readonly string[] {
  const { buffer, end } = command;
  // `>` CRLF: there are none.
  if (end - command.start > 3 && buffer[end - 3] === 62) return NONE;
  if (isPlainlyOffered(session, command)) return NONE;
  const offer = offerBefore(session, command);
  const found: string[] = [];
  for (const name of paramNames(command)) {
    const extensions = EXTENSIONS[name];
    if (extensions === undefined || extensions.some((one) => offer?.extensions.has(one) === true)) continue;
    if (surelyLacks(session, command, extensions)) found.push(name);
  }
  return found;
}

const NONE: readonly string[] = [];
const SPACE = 32;
const CLOSE = 62;
const SIZE = Buffer.from('SIZE');
const EIGHT_BIT = Buffer.from('8BITMIME');

/** The usual case, told by bytes alone: only SIZE and BODY, and the reply to EHLO has the keywords for them. */
function isPlainlyOffered(session: Session, { buffer, start, end }: Turn): boolean {
  const hello = session.hello?.turn;
  const reply = hello === undefined || hello.verb === 'HELO' ? undefined : session.turns[hello.answeredBy];
  if (reply === undefined) return false;
  let at = buffer.indexOf(CLOSE, start);
  if (at < 0) return false;
  for (at++; at < end; at++) {
    if (buffer[at] !== SPACE) continue;
    const letter = (buffer[at + 1] as number) & ~32;
    const keyword =
      letter === 83 && buffer[at + 5] === 61 ? SIZE : letter === 66 && buffer[at + 5] === 61 ? EIGHT_BIT : null;
    if (keyword === null) return false;
    const found = reply.buffer.indexOf(keyword, reply.start);
    if (found < 0 || found >= reply.end) return false;
  }
  return true;
}

function paramNames({ argument }: Turn): string[] {
  const text = argument ?? '';
  const close = text.lastIndexOf('>');
  if (close < 0) return [];
  return text
    .slice(close + 1)
    .split(/[ \t]+/)
    .filter((word) => word !== '')
    .map((word) => (word.split('=', 1)[0] as string).toUpperCase());
}
