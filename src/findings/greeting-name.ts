/** The name that a server greets with, told from the bytes of its first line: nearly all are in order. */
import { Fact, type Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { isServersOwnName } from './helo.ts';

const DOT = 46;
const LOCAL_DOMAIN = '.localdomain';

/** Whether the greeting begins with a full host name: labels of letters, digits and hyphens, and one dot at least. */
export function greetsWithFullName(greeting: Turn): boolean {
  const { raw } = greeting;
  let at = 4;
  let dots = 0;
  let lastLabel = at;
  let hasLetter = false;
  for (; at < raw.length; at++) {
    const byte = raw[at] as number;
    const letter = byte | 32;
    if (byte === DOT) {
      if (at === lastLabel) return false;
      dots++;
      lastLabel = at + 1;
      hasLetter = false;
    } else if (letter >= 97 && letter <= 122) hasLetter = true;
    else if (!(byte >= 48 && byte <= 57) && byte !== 45) break;
  }
  const end = raw[at];
  const isWord = end === undefined || end === 32 || end === 13 || end === 10 || end === 9;
  // A last label of digits is an address; a dot at the end leaves it empty.
  return isWord && dots > 0 && at > lastLabel && hasLetter && !endsInLocalDomain(raw, at);
}

function endsInLocalDomain(raw: Buffer, end: number): boolean {
  const start = end - LOCAL_DOMAIN.length;
  return (
    start >= 4 && (raw[start] as number) === DOT && raw.toString('latin1', start, end).toLowerCase() === LOCAL_DOMAIN
  );
}

/**
 * The server greets another machine with that one’s own name, and the client leaves without mail or login: it met
 * itself.
 */
export function greetsAsClient(session: Session): boolean {
  if ((session.facts & Fact.noMail) === 0 || (session.facts & Fact.authCommand) !== 0) return false;
  const { hello, greeting, encryption } = session;
  if (hello === null || !hello.accepted || greeting === null || encryption !== null) return false;
  // In a hole there may have been mail.
  if (session.transport.client.missingBytes > 0) return false;
  // The greeting of nearly every server does not even have the letter that the client’s name begins with.
  if (((greeting.raw[4] ?? 0) | 32) !== (hello.name.charCodeAt(0) | 32)) return false;
  if (!isServersOwnName(session)) return false;
  const { closing } = session.transport;
  return closing === 'client-fin' || closing === 'client-rst' || session.turns.some((turn) => turn.verb === 'QUIT');
}
