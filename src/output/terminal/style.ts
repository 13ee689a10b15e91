/**
 * Colours. They repeat what letters already say (`C:`, `S:`, the word of a severity), and never carry it alone. The
 * escape sequences are taken from chalk once for a style, not once for a line.
 */
import type { Severity } from '../../findings/rule.ts';

/** 0 none, 1 sixteen colours, 2 256 colours, 3 all. */
export type ColorLevel = 0 | 1 | 2 | 3;

export const PALETTES = ['default', 'wireshark', 'tcpflow'] as const;
export type PaletteName = (typeof PALETTES)[number];

/** What stands before and after a piece of text; both empty without colour. */
export interface Style {
  readonly open: Buffer;
  readonly close: Buffer;
}

export interface Styles extends Readonly<Record<Severity, Style>> {
  readonly client: Style;
  readonly server: Style;
  /** Frame numbers, times, what the program adds to a line. */
  readonly aside: Style;
  readonly heading: Style;
  readonly good: Style;
  /** References are links of the terminal (OSC 8). */
  readonly hyperlinks: boolean;
}

const NONE: Style = { open: Buffer.alloc(0), close: Buffer.alloc(0) };

export const PLAIN_STYLES: Styles = {
  client: NONE,
  server: NONE,
  aside: NONE,
  heading: NONE,
  good: NONE,
  critical: NONE,
  error: NONE,
  warning: NONE,
  notice: NONE,
  hyperlinks: false,
};

/**
 * The two sides of the dialogue: middle tones that read on light and dark ground, and the nearest of sixteen colours.
 * The default pair, blue and orange, is told apart by colour-blind eyes too. The others follow Wireshark's "Follow TCP
 * stream" (client red, server blue) and `tcpflow -g` (client blue, server red).
 */
const SIDES = {
  default: { client: ['#2f7fd6', 'cyan'], server: ['#c8751a', 'yellow'] },
  wireshark: { client: ['#d0443e', 'red'], server: ['#5b7fe0', 'blueBright'] },
  tcpflow: { client: ['#5b7fe0', 'blueBright'], server: ['#d0443e', 'red'] },
} as const satisfies Record<PaletteName, unknown>;

/** The styles of a terminal; chalk is loaded only where there is colour. */
export async function loadStyles(level: ColorLevel, palette: PaletteName, hyperlinks = false): Promise<Styles> {
  if (level === 0) return { ...PLAIN_STYLES, hyperlinks };
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level });
  const style = (paint: (text: string) => string): Style => {
    const [open = '', close = ''] = paint('|').split('|');
    return { open: Buffer.from(open), close: Buffer.from(close) };
  };
  const side = ([hex, name]: readonly [string, 'cyan' | 'yellow' | 'red' | 'blueBright']): Style =>
    style(level === 1 ? chalk[name] : chalk.hex(hex));
  const severe = level === 1 ? chalk.magenta : chalk.hex('#c2478f');
  const faulty = level === 1 ? chalk.red : chalk.hex('#d0312d');
  return {
    client: side(SIDES[palette].client),
    server: side(SIDES[palette].server),
    aside: style(chalk.dim),
    heading: style(chalk.bold),
    good: style(level === 1 ? chalk.green : chalk.hex('#0b9d77')),
    critical: style(severe.bold.inverse),
    error: style(faulty.bold),
    warning: style((level === 1 ? chalk.yellow : chalk.hex('#b8860b')).bold),
    notice: style(chalk.bold),
    hyperlinks,
  };
}
