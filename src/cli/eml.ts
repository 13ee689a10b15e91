/** `--eml`: each message as a file of its own. Names come from numbers alone, never from the wire. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionReport } from '../report/report.ts';
import { Complaint, systemWords } from './complaint.ts';
import { writeNewFile } from './sink.ts';

/**
 * Writes the messages of a session to `directory`, which is made if it is not there: `session-2-message-1.eml`, or
 * `…-partial.eml` where bytes of it were not captured or not kept. An existing file is a `Complaint`, and stays as it is.
 */
export function messageFiles(directory: string): (report: SessionReport) => void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      throw new Complaint(`${directory}: it, or a part of its path, is no directory; name one, or a name that is free`);
    }
    throw new Complaint(`${directory}: cannot be made: ${systemWords(error)}`);
  }
  return ({ session }) => {
    let number = 0;
    for (const { message } of session.transactions) {
      if (message === null) continue;
      number++;
      if (message.text === null) continue;
      const isWhole = message.complete && message.missing === 0 && !message.turns.some(({ cut }) => cut);
      const name = `session-${session.id}-message-${number}${isWhole ? '' : '-partial'}.eml`;
      const path = join(directory, name);
      if (!writeNewFile(path, message.text)) {
        throw new Complaint(`${path}: is already there, and messages never overwrite; choose another directory`);
      }
    }
  };
}
