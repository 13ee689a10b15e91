import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeBlock, codeSpan, prose } from '../../../src/output/markdown/escape.ts';
import { HOSTILE_TEXTS, rawControls } from '../../support/hostile.ts';

describe('prose', () => {
  it.each([
    ['a plain sentence, with 550 5.1.1 in it', 'a plain sentence, with 550 5.1.1 in it'],
    ['relay to user@elsewhere.example, which failed', 'relay to `user@elsewhere.example`, which failed'],
    ['(see smtp_sasl_type)', '(see `smtp_sasl_type`)'],
    ['write <b>bold</b> text', 'write `<b>bold</b>` text'],
    ['@everyone look at #12 and GH-12', '`@everyone` look at `#12` and `GH-12`'],
    ['[link](javascript:x) here', '`[link](javascript:x)` here'],
    ['a ``run`` of backticks', 'a ``` ``run`` ``` of backticks'],
    ['the log says `postconf -A`, in full', 'the log says `postconf -A`, in full'],
    ["define(`SMART_HOST', `x')dnl", "``define(`SMART_HOST'``, `` `x')dnl ``"],
    ['1. not a list', '`1.` not a list'],
    ['- not a list', '`-` not a list'],
    ['# no heading', '`#` no heading'],
    ['see mx.example and commit 0a1b2c3d', 'see `mx.example` and commit `0a1b2c3d`'],
    ['\u202eturned \x1b[2J', '`\\u202eturned \\x1b[2J`'],
  ])('%j becomes %j', (text, expected) => {
    expect(prose(text)).toBe(expected);
  });

  it.each(HOSTILE_TEXTS)('%j acts on nothing', (text) => {
    expect(rawControls(prose(text))).toEqual([]);
  });

  it('leaves nothing outside code spans that could be markup, a mention or a link', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const outside = withoutSpans(prose(text));
        expect(outside).not.toMatch(/[<>@#`*_[\]\\|~&!$/{}=^:"](?!$|[\s`)])/);
        expect(outside).not.toMatch(/[<>@#`*_[\]\\|~&$/{}^]/);
        expect(outside).not.toMatch(/^\s*(?:[-+*]|\d+[.)])(?:\s|$)/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps every character that can be seen', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        const bare = (shown: string): string => shown.replace(/[`\s]/g, '');
        expect(bare(prose(text))).toBe(bare(text));
      }),
    );
  });
});

describe('code spans and blocks', () => {
  it('have a fence longer than every run of backticks inside', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('`', '~', 'a', ' ', '<'), { minLength: 1, maxLength: 30 }), (letters) => {
        const text = letters.join('');
        const span = codeSpan(text);
        const fence = /^`+/.exec(span)?.[0] ?? '';
        const inner = span.slice(fence.length, -fence.length);
        expect(span.endsWith(fence)).toBe(true);
        for (const [run] of inner.matchAll(/`+/g)) expect(run.length).not.toBe(fence.length);
        expect([text, ` ${text} `]).toContain(inner);

        const block = codeBlock([text, '````'], 'text');
        const first = /^`+/.exec(block)?.[0] ?? '';
        for (const line of [text, '````']) expect(line.includes(first)).toBe(false);
      }),
    );
  });
});

/** What is left of a line when every code span is taken out, as CommonMark §6.1 finds them. */
function withoutSpans(text: string): string {
  let rest = text;
  let out = '';
  for (;;) {
    const open = /`+/.exec(rest);
    if (open === null) return out + rest;
    const after = rest.slice(open.index + open[0].length);
    const close = new RegExp(`(?<!\`)${open[0]}(?!\`)`).exec(after);
    if (close === null) return out + rest;
    out += `${rest.slice(0, open.index)} `;
    rest = after.slice(close.index + open[0].length);
  }
}
