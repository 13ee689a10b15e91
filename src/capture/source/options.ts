import type { CaptureLimits } from '../format/limits.ts';
import type { CaptureErrorCode, CaptureFacts } from '../packet-sink.ts';
import { CaptureError } from '../packet-sink.ts';

export interface ReadOptions {
  /**
   * Called after every chunk that was read: bytes of the input so far (compressed ones, if it is compressed), and how
   * many there are in all, null where nobody knows (a stream).
   */
  onProgress?: (readBytes: number, totalBytes: number | null) => void;
  /** Called after every chunk once its packets are handed over: the place to write out what they gave. May throw to stop. */
  tick?: () => void;
  /** Where they differ from the defaults of format/limits.ts. */
  limits?: Partial<CaptureLimits> | undefined;
}

/** An error of the operating system or of a stream, as a sentence with the system's own name for it. */
export function unreadable(error: unknown, offset: number, facts: CaptureFacts | null = null): CaptureError {
  const { code, message } = error as NodeJS.ErrnoException;
  const where = offset > 0 ? ` at byte offset ${offset}` : '';
  const known = code === undefined ? undefined : SENTENCES[code];
  const reason = known === undefined ? message : `${known} (${code})`;
  return captureError('unreadable', offset, facts, error, `Cannot be read${where}: ${reason}.`);
}

export function captureError(
  code: CaptureErrorCode,
  offset: number,
  facts: CaptureFacts | null,
  cause: unknown,
  message: string,
): CaptureError {
  const error = new CaptureError(code, offset, message);
  error.facts = facts;
  error.cause = cause;
  return error;
}

const SENTENCES: Record<string, string> = {
  ENOENT: 'there is no such file; check the name',
  EACCES: 'permission denied; run as a user who may read it, or change its mode',
  EPERM: 'the system does not permit it; run as a user who may read it',
  EISDIR: 'it is a directory; name the capture files in it',
  ENOTDIR: 'a part of its path is not a directory; check the name',
  ELOOP: 'its symbolic links lead in a circle; check the name',
  ENAMETOOLONG: 'the name is too long',
  ENXIO: 'nothing is connected there; to read standard input, give `-`',
  EMFILE: 'too many files are open; raise `ulimit -n`',
  ENFILE: 'the system has too many files open; try again later',
  EIO: 'the disk or device reports an error; copy the file to another disk',
};
