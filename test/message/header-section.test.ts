import { describe, expect, it } from 'vitest';
import { headerField, headerSectionEnd, messageIdOf, subjectOf } from '../../src/message/header-section.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('the header section', () => {
  it.each([
    ['A: 1\r\nB: 2\r\n\r\nbody: x\r\n', 12],
    ['A: 1\nB: 2\n\nbody\n', 10],
    ['A: 1\r\n folded\r\n\r\n', 15],
    ['A: 1\r\nno header line\r\n', 6],
    ['just text\r\n', 0],
    ['\r\nA: 1\r\n', 0],
    ['A: cut off in the mid', 21],
    ['', 0],
  ])('%j ends at %i', (text, end) => {
    expect(headerSectionEnd(bytes(text))).toBe(end);
  });

  it('finds a field in any case, unfolded, and only in the header', () => {
    const head = bytes('Received: x\r\nsubject : a\r\n\tb\r\n c\r\nTo: y\r\n\r\nMessage-ID: <in@body>\r\n');
    expect(headerField(head, 'Subject')).toBe('a b c');
    expect(headerField(head, 'to')).toBe('y');
    expect(headerField(head, 'sub')).toBeNull();
    expect(messageIdOf(head)).toBeNull();
  });

  it('gives subject and message id as people know them', () => {
    const head = bytes('Subject: =?utf-8?B?w6Q=?=\r\nMessage-Id:\r\n <a@b.example> (added)\r\n\r\n');
    expect(subjectOf(head)).toBe('ä');
    expect(messageIdOf(head)).toBe('<a@b.example>');
    expect(subjectOf(bytes('Subject: \xe4\r\n\r\n'))).toBe('ä');
    expect(subjectOf(Buffer.from('Subject: ä\r\n\r\n'))).toBe('ä');
    expect(subjectOf(bytes('From: x\r\n\r\n'))).toBeNull();
  });
});
