import { describe, expect, it } from 'vitest';
import { scrubNtlm } from '../../src/share/scrub-ntlm.ts';

const RANDOM = Buffer.alloc(512, 0x91);

/** A challenge with a target name and a list of names, as Samba writes it. */
function challenge(name: string, pairs: readonly (readonly [number, Buffer])[]): Buffer {
  const target = Buffer.from(name, 'utf16le');
  const list = Buffer.concat(
    [...pairs, [0, Buffer.alloc(0)] as const].map(([id, value]) => {
      const head = Buffer.alloc(4);
      head.writeUInt16LE(id, 0);
      head.writeUInt16LE(value.length, 2);
      return Buffer.concat([head, value]);
    }),
  );
  const head = Buffer.alloc(56);
  head.write('NTLMSSP\0', 0, 'latin1');
  head.writeUInt32LE(2, 8);
  head.writeUInt16LE(target.length, 12);
  head.writeUInt32LE(56, 16);
  head.writeUInt32LE(0x8201, 20);
  head.writeUInt16LE(list.length, 40);
  head.writeUInt32LE(56 + target.length, 44);
  return Buffer.concat([head, target, list]);
}

describe('an NTLM message that is shared', () => {
  it('keeps where things are, and of a name its length and form', () => {
    const time = Buffer.from('0102030405060708', 'hex');
    const message = challenge('MX1', [
      [3, Buffer.from('mx1.corp.example', 'utf16le')],
      [7, time],
    ]);
    const scrubbed = scrubNtlm(message, RANDOM);
    expect(scrubbed.length).toBe(message.length);
    expect(scrubbed.subarray(0, 56)).toEqual(message.subarray(0, 56));
    expect(scrubbed.toString('utf16le', 56, 62)).toMatch(/^[A-Z]{2}\d$/);
    expect(scrubbed.toString('utf16le', 66, 98)).toMatch(/^[a-z]{2}\d\.[a-z]{4}\.[a-z]{7}$/);
    expect(scrubbed.toString('utf16le', 66, 98)).not.toContain('corp');
    expect(scrubbed.subarray(102, 110)).toEqual(time);
  });

  it('leaves no letter of another script', () => {
    const message = challenge('Почта', []);
    expect(scrubNtlm(message, RANDOM).toString('utf16le', 56, 66)).toMatch(/^[a-z]{5}$/);
  });

  it('names in OEM letters, right behind the short header of the first message', () => {
    const message = Buffer.alloc(43);
    message.write('NTLMSSP\0', 0, 'latin1');
    message.writeUInt32LE(1, 8);
    message.writeUInt16LE(11, 24);
    message.writeUInt32LE(32, 28);
    message.write('WORKSTATION', 32, 'latin1');
    expect(scrubNtlm(message, RANDOM).toString('latin1', 32)).toMatch(/^(?!WORKSTATION)[A-Z]{11}$/);
  });

  it('lies, cut messages and other types: nothing behind the beginning stays, and nothing throws', () => {
    const message = challenge('MX1', [[3, Buffer.from('mx1.corp.example', 'utf16le')]]);
    for (let length = 8; length < message.length; length++) {
      expect(scrubNtlm(message.subarray(0, length), RANDOM).length).toBe(length);
    }
    message.writeUInt32LE(0xffff_fff0, 16);
    expect(scrubNtlm(message, RANDOM).length).toBe(message.length);
  });
});
