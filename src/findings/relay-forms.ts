/** Whose an address is, as far as one session tells: the forms that relay tests use, and names that go together. */
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { greetingHost } from './helo.ts';

/** Providers of mailboxes that take mail at servers of their own only; and by which names those servers go. */
const PROVIDERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['gmail.com', ['google.com']],
  ['googlemail.com', ['google.com']],
  ['outlook.com', ['outlook.com', 'microsoft.com']],
  ['hotmail.com', ['outlook.com', 'microsoft.com', 'hotmail.com']],
  ['live.com', ['outlook.com', 'microsoft.com']],
  ['yahoo.com', ['yahoo.com', 'yahoodns.net']],
  ['aol.com', ['yahoo.com', 'yahoodns.net', 'aol.com']],
  ['icloud.com', ['icloud.com', 'apple.com']],
  ['me.com', ['icloud.com', 'apple.com']],
  ['gmx.net', ['gmx.net', 'kundenserver.de']],
  ['gmx.de', ['gmx.net', 'kundenserver.de']],
  ['web.de', ['web.de', 'kundenserver.de']],
  ['mail.ru', ['mail.ru']],
  ['qq.com', ['qq.com']],
  ['163.com', ['163.com', 'netease.com']],
]);

export function isMailboxProvider(domain: string): boolean {
  return PROVIDERS.has(domain);
}

const AT = 64;
const CLOSE = 62;
const HASHES: ReadonlySet<number> = new Set(
  [...PROVIDERS.keys()].map((name) => hashName(Buffer.from(name), 0, name.length)),
);

/** Of a name in letters of either case. */
function hashName(bytes: Buffer, start: number, end: number): number {
  let hash = 0;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + ((bytes[i] as number) | 32)) | 0;
  return hash;
}

/**
 * False where the address in a RCPT is surely at no mailbox provider, told by its octets: of most recipients no string
 * is made. Only for paths without quotes and routes.
 */
export function mayNameProvider({ buffer, start, end }: Turn): boolean {
  let close = start;
  let at = -1;
  for (; close < end && buffer[close] !== CLOSE; close++) if (buffer[close] === AT) at = close;
  // Without brackets it may be written in many ways.
  return close === end || (at >= 0 && HASHES.has(hashName(buffer, at + 1, close)));
}

/** What follows the last `@`, in lower case; '' when there is none. */
export function domainOf(path: string): string {
  const at = path.lastIndexOf('@');
  return at < 0 ? '' : path.slice(at + 1).toLowerCase();
}

/**
 * The domain that a path asks the server to pass the mail on to, when it is written in a form for that (RFC 5321
 * appendix C, RFC 1123 §5.2.16): `user%other.example@here`, `"user@other.example"@here`, `@here:user@other.example`,
 * `other.example!user@here`. Null for an ordinary address.
 */
export function relayForm(path: string): string | null {
  if (!hasRouteMark(path)) return null;
  const found =
    /^@[^:@]{1,255}:(?:[^@]{1,255})@([^@]{1,255})$/.exec(path)?.[1] ??
    /^"?[^@%"]{1,255}[%@]([^@%"]{1,255})"?@[^@]{1,255}$/.exec(path)?.[1] ??
    /^"?([^@!"]{1,255})![^@!"]{1,255}"?(?:@[^@]{1,255})?$/.exec(path)?.[1];
  return found !== undefined && isDomain(found) ? found.toLowerCase() : null;
}

/** A percent sign, an exclamation mark, a quote, or an `@` at the beginning. */
function hasRouteMark(path: string): boolean {
  for (let i = 0; i < path.length; i++) {
    const letter = path.charCodeAt(i);
    if (letter === 37 || letter === 33 || letter === 34 || (letter === 64 && i === 0)) return true;
  }
  return false;
}

function isDomain(text: string): boolean {
  return /^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*\.[a-z]{2,63}$/i.test(text);
}

/** Whether a domain goes with the name that a side gives of itself: the same last two labels, or a provider’s own. */
export function belongsTo(session: Session, side: 'client' | 'server', domain: string): boolean {
  const names = side === 'server' ? serverNames(session) : [session.hello?.name.toLowerCase() ?? ''];
  const known = PROVIDERS.get(domain) ?? [];
  return names.some(
    (name) => lastLabels(name) === lastLabels(domain) || known.some((own) => lastLabels(own) === lastLabels(name)),
  );
}

function serverNames(session: Session): string[] {
  const said = session.offers.at(-1)?.reply.lines[0]?.slice(4).split(' ', 1)[0]?.toLowerCase();
  return [greetingHost(session) ?? '', said ?? ''];
}

function lastLabels(name: string): string {
  return name.split('.').slice(-2).join('.');
}
