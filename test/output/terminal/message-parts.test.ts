import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { partLines } from '../../../src/output/terminal/message-parts.ts';

const bytesOf = (...lines: string[]): Buffer => Buffer.from(lines.join('\r\n'));
const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

describe('the parts of a message', () => {
  it('have a line each: type, name, octets, and their hash', () => {
    const message = bytesOf(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      '',
      'text',
      '--b',
      'Content-Type: application/pdf; name=a.pdf',
      'Content-Transfer-Encoding: base64',
      '',
      'JVBERg==',
      '--b--',
    );
    expect(partLines(message)).toEqual([
      `[part 1 of 2: text/plain, 4 bytes, SHA-256 ${sha256('text')}]`,
      `[part 2 of 2: application/pdf, “a.pdf”, 4 bytes, SHA-256 ${sha256('%PDF')}]`,
    ]);
  });

  it('are not worth a line where there is text alone', () => {
    expect(partLines(bytesOf('Subject: s', '', 'text'))).toEqual([]);
  });

  it('act on no terminal, and are short', () => {
    const name = `"=?utf-8?Q?=1B[2J=0A?=${'x'.repeat(5_000)}"`;
    const [line = ''] = partLines(bytesOf(`Content-Type: image/png; name=${name}`, '', ''));
    expect([...line].every((letter) => letter >= ' ' && letter !== '\x7f')).toBe(true);
    expect(line.length).toBeLessThan(300);
    expect(line).toContain('[2J');
  });
});
