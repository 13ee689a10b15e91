/** `rules` and `explain`. */
import { ALL_RULES, findRule } from '../../findings/index.ts';
import { explanationText, rulesText } from '../../output/terminal/rules-text.ts';
import { type ColorChoice, stylesFor } from '../color.ts';
import { Complaint } from '../complaint.ts';
import { nearest } from '../nearest.ts';
import { standardOutput } from '../sink.ts';

export async function runRules(color: ColorChoice): Promise<void> {
  print(rulesText(ALL_RULES, await stylesFor(color, 'default', process.stdout.isTTY === true)));
}

export async function runExplain(id: string, color: ColorChoice): Promise<void> {
  const rule = findRule(id);
  if (rule === undefined) throw new Complaint(unknownRule(id));
  print(
    explanationText(rule, await stylesFor(color, 'default', process.stdout.isTTY === true), process.stdout.columns),
  );
}

/** A sentence about an id that no rule has, with the nearest that one has. */
export function unknownRule(id: string): string {
  const near = nearest(
    id,
    ALL_RULES.map((rule) => rule.id),
    Math.max(2, Math.floor(id.length * 0.4)),
  );
  return `there is no rule '${id}'${near === null ? '' : ` (did you mean ${near}?)`}; smtpscope rules lists them`;
}

function print(text: string): void {
  const output = standardOutput();
  output.write(text);
  output.flush();
}
