/** What happened to single mails over several sessions, in order: one paragraph a mail, the most serious first. */
import { type Step, type StepKind, type Story, storiesOf } from '../../findings/across/story.ts';
import type { CrossFinding } from '../../findings/rule.ts';
import { rfc3339 } from '../../report/instant.ts';
import { printable } from '../printable.ts';
import { counted, type Layout, styled } from './layout.ts';
import { wrap } from './wrap.ts';

/** Mails that are told of; the findings count them all. */
const STORIES = 5;
/** Steps of one mail: the first ones and the last. */
const FIRST_STEPS = 4;
const LAST_STEPS = 2;

/** What was done, and which word leads to the server; a comma parts what came of it. */
const STEP_WORDS: Readonly<Record<StepKind, readonly [done: string, preposition: string, end: string]>> = {
  accepted: ['accepted', 'by', ''],
  greylisted: ['put off', 'by', ''],
  deferred: ['refused for now', 'by', ''],
  rejected: ['refused', 'by', ''],
  unanswered: ['sent whole', 'to', ', never answered'],
  tried: ['begun', 'with', ', not finished'],
};

/** `findings` most serious first, as a summary holds them. */
export function writeStories({ page, styles, width }: Layout, findings: readonly CrossFinding[]): void {
  const stories = distinct(findings.flatMap(storiesOf));
  if (stories.length === 0) return;
  page.newline();
  styled(
    page,
    styles.heading,
    stories.length === 1 ? '  What happened to one mail' : '  What happened to single mails',
  );
  page.newline();
  for (const story of stories.slice(0, STORIES)) page.text(wrap(printable(storyWords(story)), width, '    ', '      '));
  if (stories.length > STORIES)
    page.text(`    and ${counted(stories.length - STORIES, 'other mail')} of the findings above\n`);
}

/** One mail may stand in several findings. */
function distinct(stories: readonly Story[]): Story[] {
  const byKey = new Map<string, Story>();
  for (const story of stories) {
    const key = JSON.stringify([story.from, story.to, story.steps.map(({ session }) => session)]);
    if (!byKey.has(key)) byKey.set(key, story);
  }
  return [...byKey.values()];
}

function storyWords({ messageId, from, to, others, steps }: Story): string {
  const mail =
    `mail ${messageId === null ? '' : `${messageId} `}from ${from === '' ? '<>' : from} to ${to}` +
    `${others === 0 ? '' : ` and ${counted(others, 'other recipient')}`}`;
  const shown =
    steps.length <= FIRST_STEPS + LAST_STEPS
      ? [steps]
      : [steps.slice(0, FIRST_STEPS), steps.slice(steps.length - LAST_STEPS)];
  const left = steps.length - shown.reduce((sum, some) => sum + some.length, 0);
  const isFast = areClose(steps);
  const parts: string[] = [];
  let before: Step | null = null;
  for (const [i, some] of shown.entries()) {
    if (i > 0) parts.push(`${counted(left, 'try', 'tries')} more`);
    for (const step of some) {
      parts.push(stepWords(step, before, isFast));
      before = step;
    }
  }
  return `${mail}: ${parts.join(', ')}`;
}

/** What is the same as in the step before is not said again. */
function stepWords(step: Step, before: Step | null, isFast: boolean): string {
  const { kind, code, client, server, session } = step;
  const [done, preposition, end] = STEP_WORDS[kind];
  const where = server === before?.server ? '' : ` ${preposition} ${server}`;
  const from = before === null || client === before.client ? '' : ` from ${client}`;
  const why = kind === 'greylisted' ? 'greylisting, ' : '';
  const reply = kind === 'accepted' || code === 0 ? '' : `${code}, `;
  return `${timeWords(step, before, isFast)}${done}${where}${from}${end} (${why}${reply}session #${session})`;
}

/** Two steps within one second: then seconds alone tell nothing. */
function areClose(steps: readonly Step[]): boolean {
  return steps.some((step, i) => i > 0 && Math.abs(step.timeUs - (steps[i - 1] as Step).timeUs) < 1e6);
}

/** `2026-11-24T09:00:06Z `; later on the same day `09:15:21Z `; nothing where the packet had no time. */
function timeWords({ timeUs }: Step, before: Step | null, isFast: boolean): string {
  const text = rfc3339(timeUs, 0, 6);
  if (text === null) return '';
  const clock = text.slice(11, isFast ? 23 : 19);
  const isSameDay = before !== null && rfc3339(before.timeUs, 0, 6)?.slice(0, 10) === text.slice(0, 10);
  return isSameDay ? `${clock}Z ` : `${text.slice(0, 11)}${clock}Z `;
}
