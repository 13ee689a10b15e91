/** The parts of a message that is shown whole, a line for each: what is in it, without reading its encodings. */
import { mimeOutline } from '../../message/mime-outline.ts';
import { printable } from '../printable.ts';
import { counted, grouped } from './layout.ts';

/** Of a part's name: no name that somebody gave a file is longer. */
const MOST_NAME = 120;

/**
 * `[part 2 of 3: application/pdf, “a.pdf”, 1,024 bytes, SHA-256 …]`; none where the message is plain text. Safe to
 * show.
 */
export function partLines(message: Buffer): readonly string[] {
  const { parts, isCut } = mimeOutline(message);
  if (parts.length === 1 && parts[0]?.type === 'text/plain' && !isCut) return [];
  const of = `${grouped(parts.length)}${isCut ? ' and more' : ''}`;
  return parts.map(({ type, name, sizeBytes, sha256 }, index) => {
    const named = name === null ? '' : `, “${printable(cut(name))}”`;
    return `[part ${index + 1} of ${of}: ${printable(type)}${named}, ${counted(sizeBytes, 'byte')}, SHA-256 ${sha256}]`;
  });
}

function cut(name: string): string {
  return name.length > MOST_NAME ? `${name.slice(0, MOST_NAME)}…` : name;
}
