/**
 * A map that forgets: when the young half is full it becomes the old half, and the old half is dropped. A key that is
 * asked for comes back into the young half. Nothing is ever searched for the oldest key; twice the limit is the most
 * that is held.
 */
export class Recent<Key, Value> {
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#young.size === 0 && this.#old.size === 0;
  }

  get(key: Key): Value | undefined {
    const value = this.#young.get(key);
    if (value !== undefined || this.#old.size === 0) return value;
    const old = this.#old.get(key);
    if (old !== undefined) {
      this.#old.delete(key);
      this.set(key, old);
    }
    return old;
  }

  set(key: Key, value: Value): void {
    if (this.#young.size >= this.#limit && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  /** Every key that is still remembered. */
  *keys(): Generator<Key> {
    yield* this.#old.keys();
    yield* this.#young.keys();
  }

  /** Every value that is still remembered. */
  *values(): Generator<Value> {
    yield* this.#old.values();
    yield* this.#young.values();
  }
}
