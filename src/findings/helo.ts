/** What is wrong with a name in EHLO or HELO (RFC 5321 §2.3.5, §4.1.1.1, §4.1.3), and the names that servers give. */
import type { Session } from '../smtp/session.ts';

export type HeloFault = 'empty' | 'too-long' | 'bare-address' | 'localhost' | 'own' | 'malformed' | 'unqualified';

/** The first thing wrong with the name of the session's EHLO or HELO; null when it is in order. */
export function heloFault(session: Session): HeloFault | null {
  const { hello } = session;
  if (hello === null || (hello.verb !== 'EHLO' && hello.verb !== 'HELO')) return null;
  const fault = nameFault(hello.name);
  if (fault !== null) return fault;
  return isServersOwnName(session) ? 'own' : null;
}

/** The client says that it is the server, from another machine: a loop, or a spammer's disguise. */
export function isServersOwnName(session: Session): boolean {
  const own = greetingHost(session);
  return (
    own?.includes('.') === true &&
    own === session.hello?.name.toLowerCase() &&
    session.client.address !== session.server.address
  );
}

/** The host that the greeting names, in lower case; null when it names none. */
export function greetingHost(session: Session): string | null {
  const first = session.greeting?.lines[0];
  if (first === undefined) return null;
  return /^\d{3}[ -]\s*([^\s]+)/.exec(first)?.[1]?.toLowerCase() ?? null;
}

function nameFault(name: string): HeloFault | null {
  if (name === '') return 'empty';
  if (name.length > 255) return 'too-long';
  if (name.startsWith('['))
    return /^\[(?:IPv6:[0-9a-f:.]+|\d{1,3}(?:\.\d{1,3}){3})\]$/i.test(name) ? null : 'malformed';
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(name) || /^[0-9a-f]*:[0-9a-f:.]+$/i.test(name)) return 'bare-address';
  if (/^localhost(?:\.localdomain)?$/i.test(name)) return 'localhost';
  if (!/^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*$/i.test(name)) return 'malformed';
  return name.includes('.') ? null : 'unqualified';
}
