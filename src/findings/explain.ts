/** One rule explained: what `smtpscope explain` prints and docs/rules hold, as titled sections without any layout. */
import type { AnyCrossRule, AnyRule, Confidence, Severity } from './rule.ts';

export interface ExplanationItem {
  readonly text: string;
  /** Commands that can be pasted. */
  readonly commands: readonly string[];
}

export interface ExplanationSection {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly items: readonly ExplanationItem[];
}

export interface Explanation {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly sections: readonly ExplanationSection[];
}

export function explain(rule: AnyRule | AnyCrossRule): Explanation {
  return {
    id: rule.id,
    title: rule.title,
    severity: rule.severity,
    confidence: rule.confidence,
    sections: [
      section(
        'What it means',
        rule.explanation.split(/\n\s*\n/).map((text) => text.trim()),
      ),
      listed('When it is a false alarm', rule.falseAlarms),
      listed('Causes, likeliest first', rule.causes(null)),
      {
        title: 'What mends it',
        paragraphs: [],
        items: rule.remedies(null).map(({ applies, text, commands }) => ({ text: `${applies}: ${text}`, commands })),
      },
      listed(
        'References',
        rule.references.map(({ title, url }) => `${title} ${url}`),
      ),
    ],
  };
}

function section(title: string, paragraphs: readonly string[]): ExplanationSection {
  return { title, paragraphs, items: [] };
}

function listed(title: string, texts: readonly string[]): ExplanationSection {
  return { title, paragraphs: [], items: texts.map((text) => ({ text, commands: [] })) };
}
