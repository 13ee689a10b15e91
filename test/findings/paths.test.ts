import { describe, expect, it } from 'vitest';
import { hashPath, isNullPath } from '../../src/findings/paths.ts';
import { Turn } from '../../src/smtp/turn.ts';

function command(line: string): Turn {
  const turn = new Turn();
  turn.raw = Buffer.from(`${line}\r\n`);
  return turn;
}

describe('paths in their bytes', () => {
  it('hash alike what names the same path, whatever stands around it', () => {
    const path = hashPath(command('MAIL FROM:<a@x.example>'));
    for (const line of ['mail from: <a@x.example> SIZE=100', 'RCPT TO:<a@x.example>', 'MAIL FROM:a@x.example SIZE=1'])
      expect(hashPath(command(line))).toBe(path);
    for (const line of ['MAIL FROM:<b@x.example>', 'MAIL FROM:<>', 'MAIL', 'MAIL FROM:<a@x.example.example>'])
      expect(hashPath(command(line))).not.toBe(path);
  });

  it('know the null path', () => {
    expect(['MAIL FROM:<>', 'MAIL FROM: <> BODY=8BITMIME'].map((line) => isNullPath(command(line)))).toEqual([
      true,
      true,
    ]);
    expect(['MAIL FROM:<a@x.example>', 'MAIL FROM:', 'MAIL'].map((line) => isNullPath(command(line)))).toEqual([
      false,
      false,
      false,
    ]);
  });
});
