import { describe, expect, it } from 'vitest';
import { hasHyperlinks } from '../../../src/cli/color.ts';
import { linked } from '../../../src/output/terminal/link.ts';
import { PLAIN_STYLES } from '../../../src/output/terminal/style.ts';

const LINKS = { ...PLAIN_STYLES, hyperlinks: true };
const URL = 'https://www.rfc-editor.org/rfc/rfc5321#section-4.2';

describe('links of the terminal', () => {
  it('stand around the words of each line, not around its indent', () => {
    expect(linked('  - RFC\n    5321\n', URL, LINKS)).toBe(
      `  - \x1b]8;;${URL}\x1b\\RFC\x1b]8;;\x1b\\\n    \x1b]8;;${URL}\x1b\\5321\x1b]8;;\x1b\\\n`,
    );
  });

  it('are not made where the terminal has none, without an address, or of one that could act', () => {
    expect(linked('RFC', URL, PLAIN_STYLES)).toBe('RFC');
    expect(linked('RFC', null, LINKS)).toBe('RFC');
    for (const url of [
      'http://a.example',
      'https://a.example/\x1b\\',
      'https://a.example/\x07',
      'file:///etc/passwd',
    ]) {
      expect(linked('RFC', url, LINKS)).toBe('RFC');
    }
  });

  it.each<[Record<string, string>, boolean]>([
    [{ TERM: 'xterm-256color' }, false],
    [{ TERM: 'xterm-256color', VTE_VERSION: '7200' }, true],
    [{ TERM: 'xterm-256color', VTE_VERSION: '5000' }, false],
    [{ TERM: 'xterm-kitty' }, true],
    [{ TERM: 'xterm-256color', TERM_PROGRAM: 'iTerm.app' }, true],
    [{ TERM: 'xterm-256color', WT_SESSION: 'a' }, true],
    [{ TERM: 'xterm-256color', KONSOLE_VERSION: '220401' }, true],
    [{ TERM: 'screen-256color', VTE_VERSION: '7200' }, false],
    [{ TERM: 'dumb', VTE_VERSION: '7200' }, false],
    [{ TERM: 'xterm-kitty', FORCE_HYPERLINK: '0' }, false],
    [{ TERM: 'dumb', FORCE_HYPERLINK: '1' }, true],
  ])('are for %j: %s', (env, expected) => {
    expect(hasHyperlinks('auto', { isTerminal: true, env })).toBe(expected);
  });

  it('are not for a file or --color never', () => {
    expect(hasHyperlinks('auto', { isTerminal: false, env: { TERM: 'xterm-kitty' } })).toBe(false);
    expect(hasHyperlinks('never', { isTerminal: true, env: { TERM: 'xterm-kitty' } })).toBe(false);
  });
});
