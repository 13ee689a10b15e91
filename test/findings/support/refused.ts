/**
 * The two lists of a rule about replies, as dialogues that go through the whole pipeline. Each dialogue in which the rule
 * fires is read once more with a hole in it: that may make the finding less sure or take it away, and never adds one.
 */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/findings/rule.ts';
import { CONFIDENCES } from '../../../src/findings/rule.ts';
import type { SessionRecord } from '../../../src/report/record.ts';
import { type DialogueOptions, oneSession } from '../../support/dialogue.ts';

export const HELLO = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 SIZE 10240000';
export const MAIL = 'C: MAIL FROM:<a@client.example>\nS: 250 ok';
export const RCPT = 'C: RCPT TO:<b@mx.example>';
export const GOOD = 'C: RCPT TO:<good@mx.example>\nS: 250 ok';
export const DATA = 'C: DATA\nS: 354 go\nC: Subject: x\nC: \nC: text\nC: .';
export const QUIT = 'C: QUIT\nS: 221 bye';

/** A session whose only recipient gets this reply. */
export function atRcpt(...reply: string[]): string {
  return lines(HELLO, MAIL, RCPT, ...said(reply), QUIT);
}

export function atMail(...reply: string[]): string {
  return lines(HELLO, 'C: MAIL FROM:<a@client.example>', ...said(reply), QUIT);
}

export function atMessage(...reply: string[]): string {
  return lines(HELLO, MAIL, RCPT, 'S: 250 ok', DATA, ...said(reply), QUIT);
}

/** One recipient is refused, another gets the mail. */
export function besideDelivery(...reply: string[]): string {
  return lines(HELLO, MAIL, RCPT, ...said(reply), GOOD, DATA, 'S: 250 ok', QUIT);
}

export function lines(...parts: readonly string[]): string {
  return parts.join('\n');
}

function said(reply: readonly string[]): string[] {
  return reply.map((line) => `S: ${line}`);
}

export interface Dialogue {
  readonly name: string;
  readonly text: string;
  readonly options?: DialogueOptions;
}

export interface Fires extends Dialogue {
  readonly severity?: Finding['severity'];
  readonly confidence?: Finding['confidence'];
  readonly actor?: Finding['actor'];
  readonly message?: RegExp;
  readonly firstCause?: RegExp;
  /** Findings beside it, above notice. Nothing when absent. */
  readonly beside?: readonly string[];
  readonly also?: (finding: Finding, record: SessionRecord) => void;
}

export function testDialogues(id: string, fires: readonly Fires[], quiet: readonly Dialogue[]): void {
  describe(id, () => {
    it.each(fires.map((one) => [one.name, one] as const))('fires: %s', (_name, one) => {
      const record = oneSession(one.text, one.options);
      const finding = findingOf(record, id);
      expect(finding, `${id} among ${record.findings.map(({ rule }) => rule).join(', ')}`).toBeDefined();
      if (finding === undefined) return;
      const { severity, confidence, actor, message, firstCause, beside = [] } = one;
      if (severity !== undefined) expect(finding.severity).toBe(severity);
      if (confidence !== undefined) expect(finding.confidence).toBe(confidence);
      if (actor !== undefined) expect(finding.actor).toBe(actor);
      if (message !== undefined) expect(finding.message).toMatch(message);
      if (firstCause !== undefined) expect(finding.causes[0]).toMatch(firstCause);
      const others = record.findings.filter((other) => other.rule !== id && other.severity !== 'notice');
      expect(others.map(({ rule }) => rule)).toEqual(beside);
      checkForm(finding, record);
      one.also?.(finding, record);
    });
    it.each(quiet.map((one) => [one.name, one] as const))('quiet: %s', (_name, one) => {
      expect(oneSession(one.text, one.options).findings.map(({ rule }) => rule)).not.toContain(id);
    });
    it.each(fires.map((one) => [one.name, one] as const))('with a hole at the start: %s', (_name, one) => {
      const whole = findingOf(oneSession(one.text, one.options), id);
      const holed = findingOf(oneSession(one.text.replace('\n', '\n--gap 30 C--\n'), one.options), id);
      if (holed === undefined) return;
      expect(rank(holed)).toBeGreaterThanOrEqual(rank(whole as Finding));
    });
  });
}

function findingOf(record: SessionRecord, id: string): Finding | undefined {
  return record.findings.find(({ rule }) => rule === id) as Finding | undefined;
}

function rank({ confidence }: Finding): number {
  return CONFIDENCES.indexOf(confidence);
}

/** What holds of every finding: evidence that can be found again, words for a person, nothing left open. */
function checkForm(finding: Finding, record: SessionRecord): void {
  expect(finding.evidence.length).toBeGreaterThan(0);
  for (const { turn, direction, length } of finding.evidence) {
    if (turn === null) continue;
    expect(record.dialogue[turn]?.from).toBe(direction);
    expect(length).toBeGreaterThan(0);
  }
  expect(finding.message).not.toMatch(/undefined|NaN|\bnull\b(?! MX)|\[object|!$| {2}/);
  expect(finding.message).toMatch(/^[A-Z0-9“]/);
  expect(finding.causes.length).toBeGreaterThan(0);
  expect(new Set(finding.causes).size).toBe(finding.causes.length);
  expect(finding.remedies.length).toBeGreaterThan(0);
  for (const { applies, text } of finding.remedies) {
    expect(applies).not.toBe('');
    expect(text).toMatch(/^[^\s].*\.$/);
  }
}
