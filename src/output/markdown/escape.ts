/**
 * Text that goes into Markdown. Sentences of ours hold words from the wire, and nothing tells one from the other once
 * they are a sentence. So every word that could be markup, HTML, a link, a mention or a reference somewhere is put into
 * a code span, where it is none anywhere: trackers look for mentions in what was rendered, so that a backslash is no
 * help against them. The others are plain words and stay as they are.
 */
import { printable } from '../printable.ts';

/** A word in which nothing acts: letters, digits, and marks that mean nothing inside a word. */
const PLAIN = /^[\p{L}\p{N}\p{M}.,;?%'’‘“”…–—§°×µ-]+$/u;

/** Plain to look at, and yet a link or a reference somewhere: `mx.example`, `ABC-123`, a commit's hash. */
const REFERENCE = /\p{L}\.\p{L}|^[A-Z]{2,}-\d+$|^(?=[0-9A-Fa-f]*\d)[0-9A-Fa-f]{7,40}$/u;

/** Code as the sentences of rules mark it. The m4 of Sendmail, which opens with a backtick and ends with ', is none. */
const MARKED_CODE = /(?<=^|[\s(])`([^`']+)`(?=$|[\s.,;:)])/g;

/** What begins a list, a rule or an underlined heading where it comes first in a line. */
const BEGINS_BLOCK = /^(?:\d{1,9}[.)]|[-–—.=]+)$/;

/** Marks around a word that belong to the sentence. */
const WORD = /^([(“‘]*)(.*?)([)”’.,;:?]*)$/su;

/** What stands before a word, the word, what stands behind it. A bracket that the word itself opened is its own. */
function partsOf(word: string): readonly [string, string, string] {
  const [, before = '', core = '', after = ''] = WORD.exec(word) ?? [];
  return core.includes('(') && after.startsWith(')') ? [before, `${core})`, after.slice(1)] : [before, core, after];
}

/** One paragraph's worth of text on one line. */
export function prose(text: string): string {
  // Every second piece is what was marked as code.
  const pieces = printable(text).trim().split(MARKED_CODE);
  return pieces.map((piece, at) => (at % 2 === 1 ? codeSpan(piece) : plainProse(piece, at === 0))).join('');
}

/** `isFirst`: a line begins with it. Spaces at its ends stay, for they part it from its neighbours. */
function plainProse(text: string, isFirst: boolean): string {
  const words = text.split(/ +/);
  const out: string[] = [];
  /** Words that act, one after another: they share a span. */
  let span: string[] = [];
  const close = (): void => {
    if (span.length > 0) out.push(codeSpan(span.join(' ')));
    span = [];
  };
  words.forEach((word, at) => {
    const [before, core, after] = partsOf(word);
    if (isFirst && at === 0 && BEGINS_BLOCK.test(word)) {
      span.push(word);
    } else if (core === '' || (PLAIN.test(core) && !REFERENCE.test(core))) {
      close();
      out.push(word);
    } else if (before === '' && after === '') {
      span.push(core);
    } else if (before === '') {
      span.push(core);
      const shared = codeSpan(span.join(' '));
      span = [];
      out.push(`${shared}${after}`);
    } else {
      close();
      out.push(`${before}${codeSpan(core)}${after}`);
    }
  });
  close();
  return out.join(' ');
}

/** `text` in a code span: its fence is longer than every run of backticks inside (CommonMark §6.1). */
export function codeSpan(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1);
  // A space is taken off both ends when both have one; a backtick at an end must not join the fence.
  const pad = /^`|`$|^ .* $/s.test(text) ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** Lines as a fenced code block, each indented by `indent`; the fence is longer than every run of backticks inside. */
export function codeBlock(lines: readonly string[], language: string, indent = ''): string {
  const longest = lines.reduce((most, line) => Math.max(most, longestRun(line)), 2);
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, ...lines, fence].map((line) => `${indent}${line}\n`).join('');
}

function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}
