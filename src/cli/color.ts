/** How much colour an output gets: the option, then the environment, then the terminal. */
import type { ColorLevel } from '../output/terminal/style.ts';

export type ColorChoice = 'auto' | 'always' | 'never';

export interface ColorTarget {
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function colorLevel(choice: ColorChoice, { isTerminal, env }: ColorTarget): ColorLevel {
  if (choice === 'never') return 0;
  const forced = forcedLevel(env.FORCE_COLOR);
  if (choice === 'always') return Math.max(forced ?? 0, able(env), 1) as ColorLevel;
  if ((env.NO_COLOR ?? '') !== '') return 0; // https://no-color.org: present and not empty
  if (forced !== null) return forced;
  return isTerminal && env.TERM !== 'dumb' ? able(env) : 0;
}

/** FORCE_COLOR as its users know it: empty, `true`, or a level. */
function forcedLevel(value: string | undefined): ColorLevel | null {
  if (value === undefined) return null;
  if (value === '0' || value === 'false') return 0;
  return value === '2' ? 2 : value === '3' ? 3 : 1;
}

function able(env: ColorTarget['env']): ColorLevel {
  if (env.COLORTERM === 'truecolor' || env.COLORTERM === '24bit') return 3;
  if (/-256(?:color)?$|^(?:xterm-kitty|alacritty|foot)/.test(env.TERM ?? '')) return 2;
  return env.TERM === 'dumb' ? 0 : 1;
}
