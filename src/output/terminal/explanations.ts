/**
 * Causes and remedies, after the dialogue that they belong to. A capture may hold the same failure a thousand times:
 * the same words are printed in full once, and by reference to that session afterwards.
 */
import type { CrossFinding, Finding } from '../../findings/rule.ts';
import { printable } from '../printable.ts';
import { type Layout, styled } from './layout.ts';
import { linked } from './link.ts';
import { wrap } from './wrap.ts';

/** Different wordings kept of one rule; beyond that it is printed in full again. */
const KEPT = 32;

interface Told {
  readonly finding: Finding;
  readonly session: number;
}

export class Explanations {
  readonly #told = new Map<string, Told[]>();

  /** What the reader of session `id` should know about its findings. Notices have said all in their line. */
  write(layout: Layout, id: number, findings: readonly Finding[]): void {
    let begun = false;
    for (const finding of findings) {
      if (finding.severity === 'notice' && !layout.verbose) continue;
      if (!begun) layout.page.newline();
      begun = true;
      const before = layout.verbose ? undefined : this.#toldBefore(finding, id);
      if (before === undefined) {
        writeTitle(layout, finding);
        writeExplanation(layout, finding);
      } else {
        layout.page.text('  ');
        styled(layout.page, layout.styles[finding.severity], `${finding.severity} ${finding.rule}`);
        layout.page.text(`: causes and remedies are told at session #${before}\n`);
      }
    }
  }

  #toldBefore(finding: Finding, session: number): number | undefined {
    const told = this.#told.get(finding.rule);
    if (told === undefined) {
      this.#told.set(finding.rule, [{ finding, session }]);
      return undefined;
    }
    for (const earlier of told) {
      if (saysTheSame(earlier.finding, finding)) return earlier.session === session ? undefined : earlier.session;
    }
    if (told.length < KEPT) told.push({ finding, session });
    return undefined;
  }
}

function saysTheSame(a: Finding, b: Finding): boolean {
  if (a.causes.length !== b.causes.length || a.remedies.length !== b.remedies.length) return false;
  for (let i = 0; i < a.causes.length; i++) if (a.causes[i] !== b.causes[i]) return false;
  for (let i = 0; i < a.remedies.length; i++) {
    const x = a.remedies[i];
    const y = b.remedies[i];
    if (x === y || x === undefined || y === undefined) continue;
    if (x.applies !== y.applies || x.text !== y.text || x.commands.length !== y.commands.length) return false;
    for (let j = 0; j < x.commands.length; j++) if (x.commands[j] !== y.commands[j]) return false;
  }
  return true;
}

const ACTORS = {
  client: 'for the client to mend',
  server: 'for the server to mend',
  network: 'for the network to mend',
  developer: 'for the software to mend',
};

function writeTitle({ page, styles, width }: Layout, finding: Finding): void {
  const label = `  ${finding.severity} ${finding.rule}`;
  const who = finding.actor === null ? '' : `, ${ACTORS[finding.actor]}`;
  const text = wrap(`: ${printable(finding.title)} (${finding.confidence}${who})`, width, label, '      ');
  page.text('  ');
  styled(page, styles[finding.severity], label.slice(2));
  page.text(text.slice(label.length));
}

/** Causes, remedies, references of a finding whose title stands above. */
export function writeExplanation({ page, styles, width }: Layout, finding: Finding | CrossFinding): void {
  if (finding.causes.length > 0) {
    styled(page, styles.heading, finding.causes.length > 1 ? '      Causes, likeliest first' : '      Cause');
    page.newline();
    finding.causes.forEach((cause, index) => {
      const number = `${index + 1}. `;
      page.text(wrap(printable(cause), width, `        ${number}`, ' '.repeat(8 + number.length)));
    });
  }
  if (finding.remedies.length > 0) {
    styled(page, styles.heading, '      What to do');
    page.newline();
    for (const { applies, text, commands } of finding.remedies) {
      page.text(wrap(`${printable(applies)}: ${printable(text)}`, width, '        - ', '          '));
      for (const command of commands) page.text(`            ${printable(command)}\n`);
    }
  }
  styled(page, styles.heading, '      More');
  page.newline();
  page.text(`        smtpscope explain ${finding.rule}\n`);
  for (const { title, url } of finding.references) {
    page.text(`        ${linked(`${printable(title)}  ${printable(url)}`, url, styles)}\n`);
  }
}
