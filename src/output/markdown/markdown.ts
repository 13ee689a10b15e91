/**
 * `markdown`: the transcript and its diagnosis for an issue tracker or a mail. What matters stands first, so the run is
 * held until its end: as text, compressed while it waits. What is long, or healthy, is folded in <details>.
 *
 * Nothing from the wire becomes markup, HTML, a link or a mention: it stands in code blocks, or in sentences whose words
 * are looked at one by one (escape.ts). A session is never named as `#2`, which trackers take for something of theirs.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { SEVERITIES, type Severity } from '../../findings/rule.ts';
import {
  type CrossFindingRecord,
  type FindingRecord,
  type RecordOptions,
  type SessionRecord,
  type SummaryRecord,
  sessionRecord,
  summaryRecord,
} from '../../report/record.ts';
import { GOOD_OUTCOMES, OUTCOME_WORDS } from '../outcome-words.ts';
import { printable } from '../printable.ts';
import type { ReportWriter } from '../writer.ts';
import { codeBlock, codeSpan, prose } from './escape.ts';
import { type TimeView, transcript } from './transcript.ts';

export interface MarkdownOptions extends RecordOptions {
  readonly time: TimeView;
}

/** A transcript with more lines is folded. */
const LONG_LINES = 60;
/** Sessions that are open to the eye; those after them are folded. */
const OPEN_SESSIONS = 5;
/** Characters that wait uncompressed. */
const PENDING_CHARACTERS = 512 * 1024;
/** Different explanations kept; beyond that one is told in full again. */
const KEPT_EXPLANATIONS = 256;
/** A longer list of remedies is folded: one of them is the reader's. */
const OPEN_REMEDIES = 3;
/** Sessions that are named of each rule. */
const NAMED_SESSIONS = 5;

export function markdownWriter(options: MarkdownOptions): ReportWriter {
  const held: Buffer[] = [];
  let pending = '';
  const tallies = new Tallies();
  const told = new Map<string, number>();
  let open = 0;
  return {
    begin: () => '',
    session(report) {
      const record = sessionRecord(report, options);
      tallies.add(record);
      const lines = transcript(record, options.time);
      const isTroubled = record.findings.some(({ severity }) => severity !== 'notice');
      const isOpen = isTroubled && lines.length <= LONG_LINES && open < OPEN_SESSIONS;
      if (isOpen) open++;
      pending += sessionText(record, lines, { isOpen, named: options.severalCaptures, told });
      if (pending.length > PENDING_CHARACTERS) {
        held.push(deflateRawSync(pending, { level: 1 }));
        pending = '';
      }
      return '';
    },
    end(report) {
      const head = headText(summaryRecord(report), tallies, options);
      return Buffer.concat([Buffer.from(head), ...held.map((part) => inflateRawSync(part)), Buffer.from(pending)]);
    },
  };
}

interface Tally {
  readonly rule: string;
  readonly severity: Severity;
  readonly title: string;
  /** Of the first finding. */
  readonly message: string;
  sessions: number;
  readonly named: number[];
}

/** Findings by severity and rule, one count a session. */
class Tallies {
  readonly #bySeverity = new Map<string, Tally>();
  #troubled = 0;

  /** Sessions with a finding at or above error. */
  get troubled(): number {
    return this.#troubled;
  }

  add({ id, findings }: SessionRecord): void {
    const seen = new Set<Tally>();
    for (const { rule, severity, title, message } of findings) {
      const key = `${severity} ${rule}`;
      let tally = this.#bySeverity.get(key);
      if (tally === undefined) {
        tally = { rule, severity, title, message, sessions: 0, named: [] };
        this.#bySeverity.set(key, tally);
      }
      if (seen.has(tally)) continue;
      seen.add(tally);
      tally.sessions++;
      if (tally.named.length < NAMED_SESSIONS) tally.named.push(id);
    }
    if (findings.some(({ severity }) => severity === 'critical' || severity === 'error')) this.#troubled++;
  }

  /** The most serious first, then by sessions. */
  list(): Tally[] {
    return [...this.#bySeverity.values()].sort(
      (a, b) =>
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
        b.sessions - a.sessions ||
        (a.rule < b.rule ? -1 : 1),
    );
  }
}

function headText(summary: SummaryRecord, tallies: Tallies, { reveal }: MarkdownOptions): string {
  const parts = [`# SMTP report\n\n${leadText(summary, tallies)}\n`];
  if (reveal) parts.push('\n**This report shows credentials.** Take them out before it is posted.\n');
  const list = tallies.list();
  if (list.length > 0) {
    parts.push('\n## Findings\n\n');
    for (const tally of list) {
      const text = tally.sessions > 1 ? tally.title : tally.message;
      parts.push(`- **${tally.severity}** ${codeSpan(tally.rule)}: ${prose(text)} (${placesText(tally)})\n`);
    }
  }
  if (summary.crossFindings.length > 0) {
    parts.push('\n## Across sessions\n');
    for (const finding of summary.crossFindings) parts.push(`\n${crossText(finding)}`);
  }
  const outcomes = Object.entries(summary.outcomes).sort((a, b) => b[1] - a[1]);
  if (outcomes.length > 1) {
    const words = outcomes.map(([outcome, count]) => `${count} ${OUTCOME_WORDS[outcome as SessionRecord['outcome']]}`);
    parts.push(`\n## How the sessions ended\n\n${words.join(', ')}.\n`);
  }
  parts.push('\n## What was read\n\n');
  for (const { name, format, packets, bytes, cutShort } of summary.captures) {
    const cut = cutShort ? ', cut short' : '';
    parts.push(`- ${codeSpan(shownName(name))}: ${format}, ${packets} packets, ${bytes} bytes${cut}\n`);
  }
  for (const warning of summary.warnings) parts.push(`- Warning: ${prose(warning)}\n`);
  return parts.join('');
}

function leadText({ sessions, selected, outcomes }: SummaryRecord, tallies: Tallies): string {
  if (sessions === 0) return 'No SMTP session was found.';
  if (selected === 0) return `None of ${counted(sessions, 'session')} was selected.`;
  const all = selected === sessions ? counted(sessions, 'session') : `${selected} of ${counted(sessions, 'session')}`;
  if (tallies.troubled > 0)
    return `**${all}, ${tallies.troubled === selected ? 'all' : tallies.troubled} with errors.**`;
  const isGood = Object.keys(outcomes).every((outcome) => GOOD_OUTCOMES.has(outcome as SessionRecord['outcome']));
  return `**${all}, ${isGood ? 'and nothing went wrong in what was captured' : 'none with errors'}.**`;
}

function placesText({ named, sessions }: Tally): string {
  return `${sessions > 1 ? 'sessions' : 'session'} ${named.join(', ')}${sessions > named.length ? `, and ${sessions - named.length} more` : ''}`;
}

function crossText(finding: CrossFindingRecord): string {
  const { sessions } = finding;
  const shown = sessions.slice(0, NAMED_SESSIONS * 2).join(', ');
  const where = sessions.length === 0 ? '' : ` Sessions ${shown}${sessions.length > NAMED_SESSIONS * 2 ? ', …' : ''}.`;
  const text = `**${finding.severity}** ${codeSpan(finding.rule)}: ${sentence(finding.message)}${where}\n`;
  return `${text}\n${folded('Causes and remedies', explanationText(finding))}`;
}

function sessionText(
  record: SessionRecord,
  lines: readonly string[],
  { isOpen, named, told }: { isOpen: boolean; named: boolean; told: Map<string, number> },
): string {
  const { id, capture, client, server, outcome, findings } = record;
  const counts = SEVERITIES.map(
    (severity) => [severity, findings.filter((one) => one.severity === severity).length] as const,
  );
  const found = counts.filter(([, count]) => count > 0).map(([severity, count]) => counted(count, severity));
  const verdict = [OUTCOME_WORDS[outcome], ...found].join(', ');
  const body = [
    `${endpoint(client)} → ${endpoint(server)}, ${startText(record)}${named ? `, in ${codeSpan(shownName(capture))}` : ''}\n`,
    `\n${sentence(record.headline)}\n`,
    lines.length === 0 ? '' : `\n${codeBlock(lines, 'text')}`,
    ...findings.map((finding) => `\n${findingText(finding, id, told)}`),
    `\nWireshark: ${codeSpan(record.displayFilter)}\n`,
  ].join('');
  // What is in <summary> is HTML: nothing but our own words and numbers.
  return isOpen ? `\n## Session ${id}: ${verdict}\n\n${body}` : `\n${folded(`Session ${id}: ${verdict}`, body)}`;
}

function findingText(finding: FindingRecord, session: number, told: Map<string, number>): string {
  const { severity, rule, confidence, actor, message } = finding;
  const who = actor === null ? '' : `, for the ${actor === 'developer' ? 'software' : actor} to mend`;
  const head = `**${severity}** ${codeSpan(rule)} (${confidence}${who}): ${sentence(message)}\n`;
  const text = explanationText(finding);
  if (severity === 'notice' || text === '') return head;
  const before = told.get(text);
  if (before !== undefined) return `${head}\nCauses and remedies are told at session ${before}.\n`;
  if (told.size < KEPT_EXPLANATIONS) told.set(text, session);
  return `${head}\n${text}`;
}

function explanationText({ causes, remedies, references }: FindingRecord): string {
  const parts: string[] = [];
  if (causes.length > 0) {
    parts.push(`${causes.length > 1 ? 'Causes, likeliest first' : 'Cause'}:\n\n`);
    causes.forEach((cause, at) => {
      parts.push(`${at + 1}. ${prose(cause)}\n`);
    });
  }
  if (remedies.length > 0) {
    const list = remedies.map(({ applies, text, commands }) => {
      const code = commands.length > 0 ? `\n${codeBlock(commands.map(printable), 'sh', '  ')}` : '';
      return `- ${prose(applies)}: ${prose(text)}\n${code}`;
    });
    const text = list.join(list.some((item) => item.includes('\n\n')) ? '\n' : '');
    const lead = parts.length > 0 ? '\n' : '';
    parts.push(lead + (remedies.length > OPEN_REMEDIES ? folded('What to do', text) : `What to do:\n\n${text}`));
  }
  const links = references.filter(({ url }) => /^https:\/\/[\w.-]+\/[\w./#?=&%~+-]*$/.test(url));
  if (links.length > 0) {
    const list = links.map(({ title, url }) => `[${prose(title)}](${url})`);
    parts.push(`${parts.length > 0 ? '\n' : ''}References: ${list.join(', ')}\n`);
  }
  return parts.join('');
}

/** Markdown goes on inside <details> behind an empty line. */
function folded(summary: string, body: string): string {
  return body === '' ? '' : `<details>\n<summary>${summary}</summary>\n\n${body}\n</details>\n`;
}

function sentence(text: string): string {
  const shown = prose(text);
  return /[.!?…]$/.test(shown) ? shown : `${shown}.`;
}

function endpoint({ address, port }: { address: string; port: number }): string {
  return codeSpan(address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`);
}

function startText({ start, durationSeconds }: SessionRecord): string {
  const lasted = durationSeconds === null ? '' : `, ${durationSeconds.toFixed(3)} s`;
  return start === null ? 'no time' : `${start.slice(0, 10)} ${start.slice(11, 23)} UTC${lasted}`;
}

function shownName(name: string): string {
  return name === '-' ? 'standard input' : printable(name);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 || noun === 'critical' ? '' : 's'}`;
}
