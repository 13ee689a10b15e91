/** The rules for a person: the list of all, and one explained. */
import { type Explanation, explain } from '../../findings/explain.ts';
import { type AnyCrossRule, type AnyRule, SEVERITIES } from '../../findings/rule.ts';
import { styled } from './layout.ts';
import { linked } from './link.ts';
import { Page } from './page.ts';
import type { Styles } from './style.ts';
import { proseWidth, wrap } from './wrap.ts';

type KnownRule = AnyRule | AnyCrossRule;

const SCOPE_MARKS = { session: ' ', sessions: '+', capture: '*' } as const;

/** One line a rule, as the rules are grouped; lines are not wrapped, so that they can be searched. */
export function rulesText(rules: readonly KnownRule[], styles: Styles): string {
  const page = new Page();
  const ids = Math.max(...rules.map(({ id }) => id.length));
  const severities = Math.max(...SEVERITIES.map((severity) => severity.length));
  for (const { id, severity, title, scope } of rules) {
    styled(page, styles.heading, id.padEnd(ids));
    page.text(`  ${SCOPE_MARKS[scope]} `);
    styled(page, styles[severity], severity.padEnd(severities));
    page.text(`  ${title}\n`);
  }
  return page.view().toString();
}

export function explanationText(rule: KnownRule, styles: Styles, columns: number | undefined): string {
  const page = new Page();
  const width = proseWidth(columns);
  const explanation: Explanation = explain(rule);
  styled(page, styles.heading, explanation.id);
  page.text(': ');
  styled(page, styles[explanation.severity], explanation.severity);
  page.text(`, ${explanation.confidence}\n`);
  page.text(wrap(explanation.title, width, '', ''));
  for (const { title, paragraphs, items } of explanation.sections) {
    if (paragraphs.length === 0 && items.length === 0) continue;
    page.newline();
    styled(page, styles.heading, title);
    page.newline();
    paragraphs.forEach((paragraph, index) => {
      if (index > 0) page.newline();
      page.text(wrap(paragraph, width, '  ', '  '));
    });
    for (const { text, commands } of items) {
      const wrapped = wrap(text, width, '  - ', '    ');
      page.text(linked(wrapped, / (https:\/\/\S+)$/.exec(text)?.[1] ?? null, styles));
      for (const command of commands) page.text(`      ${command}\n`);
    }
  }
  return page.view().toString();
}
