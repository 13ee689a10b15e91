/**
 * What the bytes of a greeting tell: its form, and the name that the server gives. Nearly all are in order, and several
 * rules ask, so they are looked at once a session.
 */
import { hostNameEnd } from '../smtp/host-name.ts';
import { Fact, type Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { isServersOwnName } from './helo.ts';

const HYPHEN = 45;
const STAR = 42;

export interface GreetingForm {
  /** The first line has a hyphen behind its code. */
  readonly hasMoreLines: boolean;
  /** It begins with a full host name: labels of letters, digits and hyphens, and one dot at least. */
  readonly hasFullName: boolean;
  /** `220 ****2***0***`: stars, and of the letters only `2`, `0` and spaces left. */
  readonly isMasked: boolean;
  /** The first letter of the name, in lower case. */
  readonly firstLetter: number;
}

let lastGreeting: Turn | null = null;
let lastForm: GreetingForm | null = null;

export function greetingForm(greeting: Turn): GreetingForm {
  if (greeting !== lastGreeting || lastForm === null) {
    lastGreeting = greeting;
    lastForm = read(greeting.raw);
  }
  return lastForm;
}

function read(raw: Buffer): GreetingForm {
  const hasFullName = hostNameEnd(raw, 4, raw.length) >= 0;
  return {
    hasMoreLines: raw[3] === HYPHEN,
    hasFullName,
    isMasked: !hasFullName && isStars(raw),
    firstLetter: (raw[4] ?? 0) | 32,
  };
}

function isStars(raw: Buffer): boolean {
  let stars = 0;
  for (let i = 4; i < raw.length; i++) {
    const byte = raw[i] as number;
    if (byte === 13 || byte === 10) break;
    if (byte === STAR) stars++;
    else if (byte !== 50 && byte !== 48 && byte !== 32 && byte !== 9) return false;
  }
  return stars > 0;
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
  if (greetingForm(greeting).firstLetter !== (hello.name.charCodeAt(0) | 32)) return false;
  if (!isServersOwnName(session)) return false;
  const { closing } = session.transport;
  return closing === 'client-fin' || closing === 'client-rst' || session.turns.some((turn) => turn.verb === 'QUIT');
}
