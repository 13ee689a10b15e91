/** Links of the terminal (OSC 8). Their targets are the references of our own rules, and never text from the wire. */
import type { Styles } from './style.ts';

/** Other bytes could end the sequence. */
const SAFE_URL = /^https:\/\/[\w.~:/?#@!$&()*+,;=%-]+$/;

/** `text` with its words, line by line, linked to `url`; indents stay outside. The text itself stays as it is. */
export function linked(text: string, url: string | null, styles: Styles): string {
  if (!styles.hyperlinks || url === null || !SAFE_URL.test(url)) return text;
  return text.replace(/^([ -]*)(\S.*)$/gm, (_line, indent: string, words: string) => {
    return `${indent}\x1b]8;;${url}\x1b\\${words}\x1b]8;;\x1b\\`;
  });
}
