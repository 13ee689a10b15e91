import type { HalfFacts } from '../../src/reassembly/transport-facts.ts';

/** All that a half-stream tells, its getters among it, as a plain object: half-streams are the assembler's. */
export function halfFacts(half: HalfFacts): HalfFacts {
  const facts: Record<string, unknown> = { ...half };
  for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(half)))) {
    if (get !== undefined) facts[name] = get.call(half);
  }
  return facts as unknown as HalfFacts;
}
