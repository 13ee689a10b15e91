import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteChains, Chain, type SpillStore } from '../../src/bytes/byte-chains.ts';

const BLOCK = 256;

/** A store in memory; `room` bytes and no more. */
class Store implements SpillStore {
  readonly #bytes = Buffer.alloc(1 << 20);
  readonly #room: number;
  writes = 0;
  highest = 0;

  constructor(room = 1 << 20) {
    this.#room = room;
  }

  write(bytes: Buffer, position: number): boolean {
    if (position + bytes.length > this.#room) return false;
    bytes.copy(this.#bytes, position);
    this.writes++;
    this.highest = Math.max(this.highest, position + bytes.length);
    return true;
  }

  read(target: Buffer, at: number, length: number, position: number): void {
    this.#bytes.copy(target, at, position, position + length);
  }
}

function contentOf(chains: ByteChains, chain: Chain): string {
  const bytes = Buffer.alloc(chain.length);
  chains.copy(chain, bytes, 0);
  return bytes.toString('latin1');
}

const append = (chains: ByteChains, chain: Chain, text: string) =>
  chains.append(chain, Buffer.from(text, 'latin1'), 0, text.length);

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ what: fc.constant('append' as const), chain: fc.nat(7), size: fc.nat(900) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('release' as const), chain: fc.nat(7), size: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('join' as const), chain: fc.nat(7), size: fc.nat(7) }) },
);

describe('chains with a limit and a store', () => {
  it('give back every byte, whatever goes where', () => {
    let stored = 0;
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 20, maxLength: 120 }),
        fc.integer({ min: 4, max: 40 }),
        (steps, blocks) => {
          const store = new Store();
          const chains = new ByteChains({ limitBytes: blocks * BLOCK, store });
          const all = Array.from({ length: 8 }, () => ({ chain: new Chain(), text: '' }));
          for (const [number, { what, chain, size }] of steps.entries()) {
            const one = all[chain] as (typeof all)[number];
            if (what === 'append') {
              const text = String.fromCharCode(32 + (number % 90)).repeat(size);
              append(chains, one.chain, text);
              one.text += text;
            } else if (what === 'release') {
              chains.release(one.chain);
              one.text = '';
            } else if (size !== chain && one.text.length < 20_000) {
              const other = all[size] as (typeof all)[number];
              chains.appendChain(one.chain, other.chain);
              one.text += other.text;
            }
          }
          for (const { chain, text } of all) {
            expect(contentOf(chains, chain)).toBe(text);
            expect(chain.isCut).toBe(false);
          }
          stored += store.writes;
          for (const { chain } of all) chains.release(chain);
          expect([chains.usedBytes, chains.storedBytes]).toEqual([0, 0]);
        },
      ),
      { numRuns: 200 },
    );
    expect(stored).toBeGreaterThan(1000);
  });

  it('keep to the limit, but for the last block of each', () => {
    const chains = new ByteChains({ limitBytes: 64 * BLOCK, store: new Store() });
    const all = Array.from({ length: 40 }, () => new Chain());
    for (let round = 0; round < 100; round++) {
      for (const chain of all) append(chains, chain, 'x'.repeat(100));
      expect(chains.usedBytes).toBeLessThanOrEqual(64 * BLOCK);
    }
    expect(chains.storedBytes + chains.usedBytes).toBeGreaterThanOrEqual(40 * 100 * 100);
  });

  it('let those go first that have not grown for longest', () => {
    const chains = new ByteChains({ limitBytes: 20 * BLOCK, store: new Store() });
    const [first, second, third] = [new Chain(), new Chain(), new Chain()];
    append(chains, first, 'a'.repeat(6 * BLOCK));
    append(chains, second, 'b'.repeat(6 * BLOCK));
    append(chains, first, 'c'.repeat(2 * BLOCK));
    append(chains, third, 'd'.repeat(7 * BLOCK));
    expect([first, second, third].map(({ pieces }) => pieces !== null)).toEqual([false, true, false]);
  });

  it('use the store’s room again', () => {
    const store = new Store();
    const chains = new ByteChains({ limitBytes: 16 * BLOCK, store });
    const stays = new Chain();
    append(chains, stays, 's'.repeat(4 * BLOCK));
    for (let round = 0; round < 200; round++) {
      const chain = new Chain();
      append(chains, chain, 'r'.repeat(8 * BLOCK));
      const other = new Chain();
      append(chains, other, 'o'.repeat(8 * BLOCK));
      chains.release(chain);
      chains.release(other);
    }
    expect(contentOf(chains, stays)).toBe('s'.repeat(4 * BLOCK));
    expect(store.writes).toBeGreaterThan(100);
    expect(store.highest).toBeLessThan(64 * BLOCK);
  });
});

describe('chains with a limit and no store, or a full one', () => {
  it.each([
    ['no store', null],
    ['a full one', new Store(0)],
  ])('%s: the oldest are cut to their beginnings and say so', (_, store) => {
    const chains = new ByteChains({ limitBytes: 64 * BLOCK, store });
    const old = new Chain();
    append(chains, old, `begin${'.'.repeat(30 * BLOCK)}`);
    const young = new Chain();
    append(chains, young, 'y'.repeat(50 * BLOCK));
    expect(old.isCut).toBe(true);
    expect(contentOf(chains, old)).toBe(`begin${'.'.repeat(4 * BLOCK - 5)}`);
    append(chains, old, 'more');
    expect(old.length).toBe(4 * BLOCK);
    expect(young.isCut).toBe(false);
    expect(contentOf(chains, young)).toBe('y'.repeat(50 * BLOCK));
    expect(chains.usedBytes).toBeLessThanOrEqual(64 * BLOCK);
    chains.release(old);
    expect(old.isCut).toBe(false);
    chains.release(young);
    expect(chains.usedBytes).toBe(0);
  });
});
