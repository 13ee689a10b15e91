/**
 * The parts of a message by its boundaries (RFC 2046 §5.1.1), for an outline: types, names, sizes. Nothing is decoded.
 * Bounded in depth and in parts; what goes beyond is left out.
 */

export interface MimePart {
  /** `multipart/mixed` */
  readonly type: string;
  readonly name: string | null;
  /** Characters of its body. */
  readonly size: number;
  readonly parts: readonly MimePart[];
}

const MOST_DEPTH = 8;
const MOST_PARTS = 100;

export function outlineOf(text: string): MimePart {
  return partOf(text.split(/\r?\n/), { left: MOST_PARTS }, 0);
}

function partOf(lines: readonly string[], budget: { left: number }, depth: number): MimePart {
  const blank = lines.indexOf('');
  const head = unfolded(lines.slice(0, blank < 0 ? lines.length : blank));
  const body = blank < 0 ? [] : lines.slice(blank + 1);
  const contentType = fieldOf(head, 'content-type') ?? 'text/plain';
  const type = (contentType.split(';', 1)[0] as string).trim().toLowerCase();
  const boundary = parameterOf(contentType, 'boundary');
  const name = parameterOf(fieldOf(head, 'content-disposition') ?? '', 'filename') ?? parameterOf(contentType, 'name');
  const parts: MimePart[] = [];
  if (type.startsWith('multipart/') && boundary !== null && depth < MOST_DEPTH) {
    for (const inner of between(body, boundary)) {
      if (--budget.left < 0) break;
      parts.push(partOf(inner, budget, depth + 1));
    }
  }
  return { type, name, size: body.reduce((sum, line) => sum + line.length + 2, 0), parts };
}

function between(lines: readonly string[], boundary: string): string[][] {
  const found: string[][] = [];
  let open: string[] | null = null;
  for (const line of lines) {
    const bare = line.trimEnd();
    if (bare === `--${boundary}` || bare === `--${boundary}--`) {
      if (open !== null) found.push(open);
      open = bare.length === boundary.length + 2 ? [] : null;
    } else {
      open?.push(line);
    }
  }
  if (open !== null) found.push(open);
  return found;
}

function unfolded(lines: readonly string[]): string[] {
  const whole: string[] = [];
  for (const line of lines) {
    if (/^[ \t]/.test(line) && whole.length > 0) whole[whole.length - 1] += ` ${line.trim()}`;
    else whole.push(line);
  }
  return whole;
}

function fieldOf(head: readonly string[], name: string): string | null {
  const line = head.find((field) => field.slice(0, name.length + 1).toLowerCase() === `${name}:`);
  return line === undefined ? null : line.slice(name.length + 1).trim();
}

function parameterOf(value: string, name: string): string | null {
  for (const parameter of value.split(';').slice(1)) {
    const equals = parameter.indexOf('=');
    if (equals < 0 || parameter.slice(0, equals).trim().toLowerCase() !== name) continue;
    return parameter
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
  }
  return null;
}
