/** The extensions that a reply to EHLO lists (RFC 5321 §4.1.1.1). */
import { latin1 } from '../bytes/text.ts';
import type { Turn } from './turn.ts';

export type Extensions = ReadonlyMap<string, readonly string[]>;

/** One server says the same to every client, but for the first line. By the octets behind it. */
const KNOWN = new Map<string, Extensions>();
const MAX_KNOWN = 64;
/** Longer ones are read anew each time. */
const KNOWN_BYTES = 1_024;
const LF = 10;

/**
 * Keyword in capitals to parameters. `AUTH=LOGIN PLAIN`, an old form, stands under `AUTH=`; when a keyword stands
 * twice, the parameters of both are taken. Shared by all who ask.
 */
export function extensionsIn(reply: Turn): Extensions {
  const { buffer, end } = reply;
  let start = reply.start;
  while (start < end && buffer[start] !== LF) start++;
  if (end - start > KNOWN_BYTES) return readExtensions(reply);
  const octets = latin1(buffer, start, end);
  let extensions = KNOWN.get(octets);
  if (extensions === undefined) {
    extensions = readExtensions(reply);
    if (KNOWN.size >= MAX_KNOWN) KNOWN.clear();
    KNOWN.set(octets, extensions);
  }
  return extensions;
}

function readExtensions(reply: Turn): Extensions {
  const extensions = new Map<string, string[]>();
  const { lines } = reply;
  for (let i = 1; i < lines.length; i++) {
    const text = (lines[i] as string).slice(4).trim();
    if (text === '') continue;
    const words = text.split(/[ \t]+/);
    let keyword = (words.shift() as string).toUpperCase();
    if (keyword.startsWith('AUTH=')) {
      const first = keyword.slice(5);
      keyword = 'AUTH=';
      if (first !== '') words.unshift(first);
    }
    const known = extensions.get(keyword);
    if (known === undefined) extensions.set(keyword, words);
    else for (const word of words) if (!known.includes(word)) known.push(word);
  }
  return extensions;
}
