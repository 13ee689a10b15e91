/** What the user is told when the job cannot be done: one line, and exit status 2. */
import { writeSync } from 'node:fs';
import { printable } from '../output/printable.ts';

/** `message` says what, where, and what to do. */
export class Complaint extends Error {}

/** The reader of our output has gone; there is nobody to tell. */
export class ClosedPipe extends Error {}

/** One line on standard error. Whether anybody reads it is no concern of the run. */
export function sayOnStderr(text: string): void {
  try {
    writeSync(2, `smtpscope: ${printable(text)}\n`);
  } catch {
    // Standard error is closed or full.
  }
}

/** An error of the operating system, in words; its name stays beside them for those who search for it. */
export function systemWords(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const words = code === undefined ? undefined : WORDS[code];
  return words === undefined ? message : `${words} (${code})`;
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; choose a place that you may write to',
  EPERM: 'the system does not permit it; choose another place',
  ENOENT: 'there is no such directory; make it first',
  ENOTDIR: 'a part of its path is not a directory; check the name',
  EISDIR: 'it is a directory; name a file in it',
  ENOSPC: 'no space is left on the device; free some or write elsewhere',
  EDQUOT: 'your disk quota is used up; free some or write elsewhere',
  EROFS: 'the file system is read-only; write elsewhere',
  ELOOP: 'it is a symbolic link, and those are not followed; name the file itself',
  ENAMETOOLONG: 'the name is too long',
  EFBIG: 'the file would be too large for its file system',
  EIO: 'the disk or device reports an error; write elsewhere',
  ENXIO: 'nobody reads from it',
};
