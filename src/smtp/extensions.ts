/** The extensions that a reply to EHLO lists (RFC 5321 §4.1.1.1). */
import type { Turn } from './turn.ts';

/**
 * Keyword in capitals to parameters. `AUTH=LOGIN PLAIN`, an old form, stands under `AUTH=`; when a keyword stands
 * twice, the parameters of both are taken.
 */
export function readExtensions(reply: Turn): Map<string, string[]> {
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
