/** `rules` and `explain`. */
import { ALL_RULES, findRule } from '../../findings/index.ts';
import { explanationText, rulesText } from '../../output/terminal/rules-text.ts';
import { loadStyles, type Styles } from '../../output/terminal/style.ts';
import { type ColorChoice, colorLevel } from '../color.ts';
import { Complaint } from '../complaint.ts';
import { standardOutput } from '../sink.ts';

export async function runRules(color: ColorChoice): Promise<void> {
  print(rulesText(ALL_RULES, await stylesFor(color)));
}

export async function runExplain(id: string, color: ColorChoice): Promise<void> {
  const rule = findRule(id);
  if (rule === undefined) throw new Complaint(unknownRule(id));
  print(explanationText(rule, await stylesFor(color), process.stdout.columns));
}

/** A sentence about an id that no rule has, with the nearest that one has. */
export function unknownRule(id: string): string {
  const nearest = ALL_RULES.map((rule) => ({ id: rule.id, distance: editDistance(id, rule.id) })).sort(
    (a, b) => a.distance - b.distance,
  )[0];
  const isNear = nearest !== undefined && nearest.distance <= Math.max(2, nearest.id.length * 0.4);
  return `there is no rule '${id}'${isNear ? ` (did you mean ${nearest.id}?)` : ''}; smtpscope rules lists them`;
}

/** Insertions, deletions, replacements from one to the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

function stylesFor(color: ColorChoice): Promise<Styles> {
  const level = colorLevel(color, { isTerminal: process.stdout.isTTY === true, env: process.env });
  return loadStyles(level, 'default');
}

function print(text: string): void {
  const output = standardOutput();
  output.write(text);
  output.flush();
}
