/** Whatever is done to the bytes of TLS and STARTTLS, the rules answer, and none of them repeats another. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/findings/diagnose.ts';
import { TLS_RULES } from '../../src/findings/families/tls.ts';
import { History } from '../../src/findings/history.ts';
import { textOnTlsPort, tlsScene } from '../../src/findings/tls-scene.ts';
import type { Said } from '../support/segments.ts';
import {
  alert,
  anonymous,
  noCommonVersion,
  protectedRecord,
  tls12Expired,
  tls12Good,
  tls13,
} from './support/handshakes.ts';
import { say, wire } from './support/spoken.ts';

const STARTTLS =
  'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go';
const IDS = new Set(TLS_RULES.map(({ id }) => id));

const text = fc.constantFrom(
  'C: EHLO client.example',
  'C: STARTTLS',
  'C: MAIL FROM:<a@client.example>',
  'C: QUIT',
  'S: 220 go',
  'S: 250 ok',
  'S: 454 4.7.0 no',
  'S: 530 5.7.0 Must issue a STARTTLS command first',
  '--gap 30 C--',
  '--gap 30 S--',
);
const handshake = fc.constantFrom(tls13, tls12Good, tls12Expired, anonymous, noCommonVersion);
const piece = fc.oneof(
  text.map((line) => say(line)),
  fc
    .tuple(handshake, fc.nat(6), fc.nat(6))
    .map(([all, from, count]) => all.slice(from % all.length, (from % all.length) + count)),
  fc
    .tuple(fc.constantFrom<'client' | 'server'>('client', 'server'), fc.nat(255))
    .map(([from, code]) => [alert(from, code)]),
  fc.constantFrom<'client' | 'server'>('client', 'server').map((from) => [protectedRecord(from, 19)]),
);
const mutation = fc.array(fc.tuple(fc.nat(30), fc.nat(1500), fc.integer({ min: 0, max: 255 })), { maxLength: 4 });

function mutated(said: readonly Said[], changes: readonly (readonly [number, number, number])[]): Said[] {
  const copy = said.map((one) => ('bytes' in one ? { from: one.from, bytes: Buffer.from(one.bytes) } : one));
  for (const [index, at, value] of changes) {
    const one = copy[index % Math.max(1, copy.length)];
    if (one !== undefined && 'bytes' in one && one.bytes.length > 0) one.bytes[at % one.bytes.length] = value;
  }
  return copy;
}

describe('the scene of any session', () => {
  it('is read without a fault, and each thing in it belongs to one rule', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(piece, { minLength: 1, maxLength: 6 }),
        mutation,
        fc.constantFrom(25, 465, 587),
        fc.constantFrom(0, 20),
        (agreed, parts, changes, serverPort, beforeClose) => {
          const said = mutated([...(agreed ? say(STARTTLS) : []), ...parts.flat()], changes);
          const session = wire(said, { serverPort, beforeClose });
          const findings = diagnose(session, new History()).filter(({ rule }) => IDS.has(rule));
          for (const { message, causes, remedies, evidence } of findings) {
            expect(message).not.toMatch(/undefined|NaN|\bnull\b|\[object/);
            expect(causes.length).toBeGreaterThan(0);
            expect(remedies.length).toBeGreaterThan(0);
            expect(evidence.length).toBeGreaterThan(0);
          }
          const rules = findings.map(({ rule }) => rule);
          expect(new Set(rules).size).toBe(rules.length);
          const broken = ['tls-on-plaintext-port', 'plaintext-on-465', 'starttls-handshake-stall', 'tls-alert'];
          const worst = findings.filter(({ rule, severity }) => severity !== 'notice' && broken.includes(rule));
          expect(worst.length).toBeLessThan(2);
          const scene = tlsScene(session);
          const injected = [...(scene?.smuggled ?? []), ...(scene?.injected ?? []), ...(scene?.clear?.turns ?? [])];
          expect(new Set(injected).size).toBe(injected.length);
          expect(textOnTlsPort(session) !== null && scene?.tlsOnPlainPort != null).toBe(false);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is the same object for the same session, and null without TLS', () => {
    const session = wire(say(STARTTLS, tls13));
    expect(tlsScene(session)).toBe(tlsScene(session));
    expect(tlsScene(wire(say('S: 220 mx.example\nC: QUIT\nS: 221 bye')))).toBeNull();
  });
});
