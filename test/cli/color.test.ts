import { describe, expect, it } from 'vitest';
import { type ColorChoice, colorLevel } from '../../src/cli/color.ts';

const TERMINAL = { TERM: 'xterm-256color' };

describe('how much colour', () => {
  it.each<[ColorChoice, boolean, Record<string, string>, number]>([
    ['auto', true, TERMINAL, 2],
    ['auto', true, { ...TERMINAL, COLORTERM: 'truecolor' }, 3],
    ['auto', true, { TERM: 'xterm' }, 1],
    ['auto', false, TERMINAL, 0],
    ['auto', true, { TERM: 'dumb' }, 0],
    ['auto', true, { ...TERMINAL, NO_COLOR: '1' }, 0],
    ['auto', true, { ...TERMINAL, NO_COLOR: '' }, 2],
    ['auto', false, { FORCE_COLOR: '1' }, 1],
    ['auto', false, { FORCE_COLOR: '3' }, 3],
    ['auto', true, { ...TERMINAL, FORCE_COLOR: '0' }, 0],
    ['auto', false, { FORCE_COLOR: '3', NO_COLOR: '1' }, 0],
    ['auto', false, { TERM: 'dumb', FORCE_COLOR: '' }, 1],
    ['always', false, { NO_COLOR: '1' }, 1],
    ['always', false, TERMINAL, 2],
    ['never', true, { ...TERMINAL, FORCE_COLOR: '3' }, 0],
  ])('%s, terminal: %s, %o: %i', (choice, isTerminal, env, level) => {
    expect(colorLevel(choice, { isTerminal, env })).toBe(level);
  });
});
