/** How much colour an output gets: the option, then the environment, then the terminal. */
import { type ColorLevel, loadStyles, type PaletteName, type Styles } from '../output/terminal/style.ts';

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

/** Whether references can be links of the terminal (OSC 8); a terminal that does not know them may print rubbish. */
export function hasHyperlinks(choice: ColorChoice, { isTerminal, env }: ColorTarget): boolean {
  const forced = env.FORCE_HYPERLINK ?? '';
  if (forced !== '') return forced !== '0' && forced !== 'false';
  const { TERM = '', TERM_PROGRAM = '' } = env;
  if (!isTerminal || choice === 'never' || TERM === 'dumb' || /^(?:screen|tmux)/.test(TERM)) return false;
  return (
    // 0.50 knew them first, and crashed on some.
    Number(env.VTE_VERSION ?? 0) > 5000 ||
    Number(env.KONSOLE_VERSION ?? 0) >= 201200 ||
    (env.WT_SESSION ?? '') !== '' ||
    /^(?:iTerm\.app|WezTerm|vscode|ghostty|rio)$/.test(TERM_PROGRAM) ||
    /^(?:xterm-kitty|xterm-ghostty|alacritty|foot|contour)/.test(TERM)
  );
}

/** The styles of a text that goes to a terminal, or that does not. */
export function stylesFor(choice: ColorChoice, palette: PaletteName, isTerminal: boolean): Promise<Styles> {
  const target = { isTerminal, env: process.env };
  return loadStyles(colorLevel(choice, target), palette, hasHyperlinks(choice, target));
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
