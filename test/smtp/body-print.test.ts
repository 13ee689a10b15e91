/** The fingerprint of a message's body: what it goes by, and what it does not. */
import { describe, expect, it } from 'vitest';
import { analysed } from '../support/captured.ts';
import { segmentsOf } from '../support/dialogue.ts';
import { packetOf } from '../support/segments.ts';

const OPEN =
  'S: 220 mx.example\nC: EHLO c.example\nS: 250 mx.example\nC: MAIL FROM:<a@c.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\n';

function data(head: readonly string[], body: readonly string[]): string {
  const lines = [...head, '', ...body, '.'].map((line) => `C: ${line}\n`).join('');
  return `${OPEN}C: DATA\nS: 354 go\n${lines}S: 250 ok`;
}

/** The header section and its empty line in chunks of their own, cut where it hurts. */
function chunks(pieces: readonly string[]): string {
  const said = pieces.map((piece, at) => {
    const text = piece.replaceAll('\r', '\\x0d').replaceAll('\n', '\\x0a');
    return `C: BDAT ${piece.length}${at === pieces.length - 1 ? ' LAST' : ''}\nC: ${text}\\-\nS: 250 ok\n`;
  });
  return OPEN + said.join('');
}

function printOf(
  text: string,
  options: { splitBytes?: number; pipelined?: boolean; keepBodies?: boolean } = {},
): number {
  const { keepBodies = false, ...how } = options;
  const packets = segmentsOf(text, how).map((segment, at) => ({ bytes: packetOf(segment, {}), atUs: at * 1000 }));
  const { sessions } = analysed(packets, ({ session }) => session.transactions[0]?.message?.bodyPrint, { keepBodies });
  return sessions[0] as number;
}

describe('the fingerprint of a body', () => {
  const body = ['one', '..two', 'x'.repeat(5000)];
  const print = printOf(data(['Subject: a', 'X: b'], body));

  it.each([1, 2, 3, 7, 64, 1460])('is the same in pieces of %i bytes, whether bodies are kept or not', (splitBytes) => {
    const text = data(['Subject: a', 'X: b'], body);
    expect(printOf(text, { splitBytes })).toBe(print);
    expect(printOf(text, { splitBytes, keepBodies: true })).toBe(print);
    expect(printOf(text, { pipelined: true })).toBe(print);
  });

  it('does not go by the header section', () => {
    expect(printOf(data(['Subject: quite another', 'To: c'], body))).toBe(print);
  });

  it.each([
    ['another letter', ['two', ...body.slice(1)]],
    ['two letters that change places', ['oen', ...body.slice(1)]],
    ['more of it behind what is summed up', [...body, 'y']],
    ['no body', []],
  ])('is another one for %s', (_, other) => {
    expect(printOf(data(['Subject: a', 'X: b'], other))).not.toBe(print);
    expect(printOf(data(['Subject: a', 'X: b'], other), { pipelined: true })).not.toBe(print);
  });

  it('is the same wherever chunks end', () => {
    const whole = printOf(chunks(['Subject: a\r\n\r\nsome text\r\n']));
    expect(printOf(chunks(['Subject: a\r\n', '\r\nsome text\r\n']))).toBe(whole);
    expect(printOf(chunks(['Subject: a\r\n\r', '\nsome ', 'text\r\n']))).toBe(whole);
    expect(printOf(chunks(['Subject: a\r\n\r\n', 'some text\r\n']))).toBe(whole);
    expect(printOf(chunks(['Subject: a\r\n\r\n', 'same text\r\n']))).not.toBe(whole);
  });
});
