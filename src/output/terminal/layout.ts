/** What the parts of the transcript share: the page they write to, and how it is to look. */
import type { BodyView } from '../../report/record.ts';
import type { Direction } from '../../smtp/session.ts';
import type { Page } from './page.ts';
import type { Style, Styles } from './style.ts';

export type TimeView = 'offset' | 'delta' | 'clock';

export interface Layout {
  readonly page: Page;
  readonly styles: Styles;
  /** Characters that prose may fill. */
  readonly width: number;
  /** Columns of the terminal; Infinity where nobody knows them. What the program adds keeps within them. */
  readonly room: number;
  readonly time: TimeView;
  readonly body: BodyView;
  readonly reveal: boolean;
  /** Names of the run's captures, in order; it may grow while the run goes on. */
  readonly captures: readonly string[];
  /** The run was given more than one capture: each session then says in which one it stands. */
  readonly severalCaptures: boolean;
  /** Explain every finding in full in every session, notices too. */
  readonly verbose: boolean;
  /** Columns of these widths; made once. */
  columns(frame: number, time: number): Columns;
}

/** Where a session's columns stand, and what begins its lines: bytes made once, colour and all. */
export interface Columns {
  readonly frame: number;
  readonly time: number;
  /** Before the frame number. */
  readonly start: Buffer;
  /** Between the time and the text of a turn's first line: `  C: `. */
  readonly first: Readonly<Record<Direction, Buffer>>;
  /** From the end of a line to the text of the next one of the same turn. */
  readonly next: Readonly<Record<Direction, Buffer>>;
  /** Spaces up to `C:` or `S:`. */
  readonly margin: string;
}

const MARKS: Readonly<Record<Direction, Buffer>> = { client: Buffer.from('C: '), server: Buffer.from('S: ') };
const GAP = Buffer.from('  ');

/** Gives out columns for a pair of widths, each made once: a capture needs two or three. */
export function columnsMaker(styles: Styles): (frame: number, time: number) => Columns {
  const made = new Map<number, Columns>();
  return (frame, time) => {
    const key = frame * 64 + time;
    let columns = made.get(key);
    if (columns === undefined) {
      columns = columnsFor(styles, frame, time);
      made.set(key, columns);
    }
    return columns;
  };
}

function columnsFor(styles: Styles, frame: number, time: number): Columns {
  const margin = ' '.repeat(2 + frame + 2 + time + 2);
  const first = (side: Direction): Buffer => Buffer.concat([styles.aside.close, GAP, styles[side].open, MARKS[side]]);
  const next = (side: Direction): Buffer =>
    Buffer.concat([styles[side].close, Buffer.from(`\n${margin}`), styles[side].open, MARKS[side]]);
  return {
    frame,
    time,
    start: Buffer.concat([styles.aside.open, GAP]),
    first: { client: first('client'), server: first('server') },
    next: { client: next('client'), server: next('server') },
    margin,
  };
}

/** Writes `text` in that style. It is our own, or went through `printable`. */
export function styled(page: Page, style: Style, text: string): void {
  page.put(style.open);
  page.text(text);
  page.put(style.close);
}

/** `1,234,567`. */
export function grouped(value: number): string {
  const digits = String(value);
  if (digits.length < 4) return digits;
  let out = digits.slice(-3);
  for (let at = digits.length - 3; at > 0; at -= 3) out = `${digits.slice(Math.max(0, at - 3), at)},${out}`;
  return out;
}

/** `1 byte`, `2 bytes`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${grouped(value)} ${value === 1 ? one : many}`;
}

/** `0.095 s`, `12.3 s`, `1 h 02 min`: as exact as a reader wants it. */
export function duration(us: number): string {
  const seconds = us / 1e6;
  if (Number.isNaN(seconds)) return '?';
  if (seconds < 10) return `${seconds.toFixed(3)} s`;
  if (seconds < 600) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
  return `${grouped(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`;
}
