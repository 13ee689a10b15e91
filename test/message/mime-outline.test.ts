import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MimePart, mimeOutline } from '../../src/message/mime-outline.ts';

const bytesOf = (...lines: string[]): Buffer => Buffer.from(lines.join('\r\n'), 'latin1');
const sha256 = (content: string | Buffer): string =>
  createHash('sha256')
    .update(typeof content === 'string' ? Buffer.from(content, 'latin1') : content)
    .digest('hex');
const part = (type: string, name: string | null, content: string | Buffer, depth: number): MimePart => ({
  type,
  name,
  sizeBytes: content.length,
  sha256: sha256(content),
  depth,
});

const MIXED = bytesOf(
  'Subject: s',
  'Content-Type: multipart/mixed;',
  '\tboundary="out er"',
  '',
  'a preamble that nobody sees',
  '--out er',
  'Content-Type: multipart/alternative; boundary=inner',
  '',
  '--inner',
  '',
  'plain',
  '',
  '--inner  ',
  'Content-Type: TEXT/HTML; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'caf=C3=A9 =',
  'one line, =3D and =zz',
  '--inner--',
  'an epilogue',
  '--out er',
  'Content-Type: application/pdf; name="other.pdf"',
  "Content-Disposition: attachment; filename*=utf-8''%c3%a4%20b.pdf",
  'Content-Transfer-Encoding: BASE64',
  '',
  'JVBE',
  ' Rg==',
  '--out er',
  'Content-Type: text/plain; name="=?utf-8?Q?=C3=A4?="',
  '',
  '--out er--',
  '',
);

describe('the parts of a message', () => {
  it('are listed with what they hold, encodings undone', () => {
    expect(mimeOutline(MIXED)).toEqual({
      parts: [
        part('text/plain', null, 'plain\r\n', 2),
        part('text/html', null, 'caf\xc3\xa9 one line, = and =zz', 2),
        part('application/pdf', 'ä b.pdf', '%PDF', 1),
        part('text/plain', 'ä', '', 1),
      ],
      isCut: false,
    });
  });

  it('are the same with LF alone', () => {
    const lenient = Buffer.from(MIXED.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    const types = ({ parts }: ReturnType<typeof mimeOutline>) => parts.map(({ type, name }) => [type, name]);
    expect(types(mimeOutline(lenient))).toEqual(types(mimeOutline(MIXED)));
  });

  it('of a message that says nothing are one: text', () => {
    expect(mimeOutline(bytesOf('Subject: s', '', 'text', '')).parts).toEqual([part('text/plain', null, 'text\r\n', 0)]);
    expect(mimeOutline(Buffer.alloc(0)).parts).toEqual([part('text/plain', null, '', 0)]);
  });

  it('of a digest are messages; a boundary that never closes ends with the message', () => {
    const digest = bytesOf('Content-Type: multipart/digest; boundary=b', '', '--b', '', 'Subject: inner', '', 'x');
    expect(mimeOutline(digest).parts).toEqual([part('message/rfc822', null, 'Subject: inner\r\n\r\nx', 1)]);
  });

  it('have names in pieces joined (RFC 2231)', () => {
    const message = bytesOf('Content-Type: image/png; name*1="-50%.png"; name*0*=iso-8859-1\'en\'%e4', '', 'x');
    expect(mimeOutline(message).parts).toEqual([part('image/png', 'ä-50%.png', 'x', 0)]);
  });

  it('end at the boundary of any multipart around them', () => {
    const message = bytesOf(
      'Content-Type: multipart/mixed; boundary=a',
      '',
      '--a',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      '',
      'one',
      '--a',
      '',
      'two',
      '--b',
      '--ab',
      '--a--',
    );
    expect(mimeOutline(message).parts).toEqual([
      part('text/plain', null, 'one', 2),
      part('text/plain', null, 'two\r\n--b\r\n--ab', 1),
    ]);
  });
});

describe('hostile messages', () => {
  it('nest ten thousand deep and are cut', () => {
    const lines = Array.from(
      { length: 10_000 },
      (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
    );
    const { parts, isCut } = mimeOutline(Buffer.from(lines.join('')));
    expect(isCut).toBe(true);
    expect(parts).toHaveLength(1);
    expect(parts[0]?.depth).toBe(32);
  });

  it('have too many parts and are cut', () => {
    const message = Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\n'.repeat(100_000)}`);
    const { parts, isCut } = mimeOutline(message);
    expect(isCut).toBe(true);
    expect(parts).toHaveLength(1_000);
  });

  it('have a boundary of a megabyte, or none: a part like others', () => {
    for (const boundary of ['x'.repeat(1 << 20), '', '""', '"never closed']) {
      const { parts } = mimeOutline(Buffer.from(`Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n--x\r\n`));
      expect(parts.length).toBeLessThanOrEqual(1);
    }
  });

  it('are read without complaint, whatever their octets', () => {
    const words = fc.constantFrom(
      ...[
        '--b',
        '--b--',
        '\r\n',
        '\n',
        '\r',
        '\r\n\r\n',
        'Content-Type: ',
        'multipart/mixed; boundary=b',
        ' ',
        '"',
        '=',
      ],
      ...[
        'Content-Transfer-Encoding: base64\r\n',
        'Content-Transfer-Encoding: quoted-printable\r\n',
        ';name*0*=',
        "x''%",
        '*',
        '\\',
      ],
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (pieces) => {
        const message = Buffer.from(pieces.join(''), 'latin1');
        const { parts } = mimeOutline(message);
        const total = parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        expect(total).toBeLessThanOrEqual(message.length);
      }),
      { numRuns: 500 },
    );
  });
});
