import { describe, expect, it } from 'vitest';
import { looksLikeTls } from '../../src/tls/records.ts';

const verdict = (hex: string) => {
  const bytes = Buffer.from(`ee${hex.replaceAll(' ', '')}ee`, 'hex');
  return looksLikeTls(bytes, 1, bytes.length - 1);
};

describe('looksLikeTls', () => {
  it.each([
    ['16 0301 0200 01', 'a ClientHello'],
    ['16 0303 007a 02', 'a ServerHello'],
    ['15 0301 0002 02 28', 'an alert'],
    ['14 0303 0001 01', 'ChangeCipherSpec'],
    ['17 0303 4800', 'application data of the greatest length'],
    ['17 0303 0000', 'empty application data'],
    ['16 0304 0001', 'a version nobody should send'],
  ])('yes: %s (%s)', (hex) => expect(verdict(hex)).toBe('yes'));

  it.each([
    [Buffer.from('220 mail.example ESMTP\r\n').toString('hex'), 'a greeting'],
    [Buffer.from('E').toString('hex'), 'one letter'],
    ['0d0a', 'an empty line'],
    ['18 0303 0010', 'a heartbeat, which begins nothing'],
    ['16 02', 'major version 2'],
    ['16 0305', 'minor version 5'],
    ['16 0301 49', 'too long, as its first byte shows'],
    ['16 0301 4801', 'one byte too long'],
    ['16 0301 0000', 'an empty handshake record'],
    ['80 1f 02', 'SSL 2, and no hello'],
    ['80 1f 01 4142', 'no version'],
    ['c3 a9 74 c3', 'UTF-8 text'],
    ['80 1f 01 0301 0007 0000 0010', 'cipher specs that are not of 3 bytes each'],
    ['80 20 01 0301 0006 0000 0010', 'a length that does not add up'],
  ])('no: %s (%s)', (hex) => expect(verdict(hex)).toBe('no'));

  it.each([
    ['', 'nothing yet'],
    ['16', 'one byte'],
    ['16 03', 'two'],
    ['16 0301', 'three'],
    ['16 0301 02', 'four'],
    ['80', 'perhaps SSL 2'],
    ['80 1f 01', 'its type'],
    ['80 1f 01 0301', 'its version'],
    ['80 1f 01 0301 0006 0000 0010', 'its lengths'],
    ['80 2e 01 0002 0015 0000 0010', 'version 2 itself'],
  ])('maybe: %s (%s)', (hex) => expect(verdict(hex)).toBe('maybe'));
});
