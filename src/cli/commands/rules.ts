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

/** More names than this help nobody. */
const MOST_NAMED = 4;

/** A sentence about an id that no rule has, with those that it is a part of, else the nearest. */
export function unknownRule(id: string): string {
  const ids = ALL_RULES.map((rule) => rule.id);
  const longer = id === '' ? [] : ids.filter((known) => known.includes(id.toLowerCase()));
  const near = longer.length > 0 ? null : nearest(id, ids, Math.max(2, Math.floor(id.length * 0.4)));
  const meant = near === null ? longer : [near];
  const named = meant.length > MOST_NAMED ? [...meant.slice(0, MOST_NAMED), '…'] : meant;
  const words = named.length === 0 ? '' : ` (did you mean ${named.join(' or ').replace(' or …', ' …')}?)`;
  return `there is no rule '${id}'${words}; smtpscope rules lists them`;
}

function print(text: string): void {
  const output = standardOutput();
  output.write(text);
  output.flush();
}
