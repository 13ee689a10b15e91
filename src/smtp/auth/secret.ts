/** A value that must not be shown: it prints as a mask wherever it is turned into text, and is read by name only. */

import { decodeWireText } from '../wire-text.ts';

const MASK = '****';

export class Secret {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.#bytes.length === 0;
  }

  /** Same value, in bytes. */
  equals(other: Secret): boolean {
    return this.#bytes.equals(other.#bytes);
  }

  /** The value itself, to be masked where a server echoes it, or shown to a user who asked for it. */
  reveal(): string {
    return decodeWireText(this.#bytes, 0, this.#bytes.length);
  }

  /** For what is no text: hexadecimal. */
  revealHex(): string {
    return this.#bytes.toString('hex');
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }
}
