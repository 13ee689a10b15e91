import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { explain } from '../../src/findings/explain.ts';
import { ALL_RULES, findRule, SESSION_RULES } from '../../src/findings/index.ts';

/** Default severity and confidence of every rule: a change is a change of what users are told. */
const DEFAULTS: Readonly<Record<string, readonly [severity: string, confidence: string]>> = {
  'port25-syn-unanswered': ['error', 'likely'],
  'port25-rst-to-syn': ['error', 'certain'],
  'connect-icmp-unreachable': ['error', 'certain'],
  'drop-before-greeting': ['error', 'certain'],
  'greeting-timeout': ['error', 'likely'],
  'greeting-4xx': ['warning', 'certain'],
  'greeting-5xx': ['error', 'certain'],
  'ehlo-quit-auth-offered': ['error', 'certain'],
  'ehlo-quit-no-auth': ['notice', 'certain'],
  'helo-name': ['notice', 'certain'],
  'auth-535': ['error', 'certain'],
  'auth-530': ['error', 'certain'],
  'credentials-in-clear': ['critical', 'certain'],
  'starttls-offered-unused': ['warning', 'certain'],
  'relay-denied': ['error', 'certain'],
  'rejected-other': ['error', 'certain'],
  'deferred-other': ['warning', 'certain'],
  'mid-stream': ['notice', 'certain'],
  'one-side-missing': ['warning', 'certain'],
  gap: ['warning', 'certain'],
  'snaplen-truncated': ['warning', 'certain'],
  'overlap-conflict': ['warning', 'certain'],
  'linked-failures': ['notice', 'likely'],
  'retry-series': ['notice', 'likely'],
  drops: ['warning', 'certain'],
  'file-cut-short': ['warning', 'certain'],
};

describe('the list of rules', () => {
  it('has the severity and confidence of each rule', () => {
    const actual = Object.fromEntries(ALL_RULES.map(({ id, severity, confidence }) => [id, [severity, confidence]]));
    expect(actual).toEqual(DEFAULTS);
  });

  it('finds a rule by its id, and nothing by another', () => {
    for (const rule of ALL_RULES) expect(findRule(rule.id)).toBe(rule);
    expect(findRule('ehlo')).toBeUndefined();
  });

  it('has every file of rules/ in it', () => {
    const files = readdirSync('src/findings/rules').map((file) => file.replace(/\.ts$/, ''));
    expect(files.sort()).toEqual(SESSION_RULES.map(({ id }) => id).sort());
  });
});

describe.each(ALL_RULES.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  it('is named by its file and has a test', () => {
    const folder = rule.scope === 'session' ? 'rules' : 'across';
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(existsSync(`src/findings/${folder}/${id}.ts`)).toBe(true);
    expect(existsSync(`test/findings/${folder}/${id}.test.ts`)).toBe(true);
  });

  it('says what it means, why, and what mends it', () => {
    expect(rule.title).toMatch(/^[A-Z].*[^.!]$/);
    expect(rule.explanation.length).toBeGreaterThan(150);
    expect(rule.falseAlarms.length).toBeGreaterThan(0);
    expect(rule.causes(null).length).toBeGreaterThan(0);
    expect(rule.remedies(null).length).toBeGreaterThan(0);
    expect(rule.references.length).toBeGreaterThan(0);
    for (const { url } of rule.references) expect(() => new URL(url)).not.toThrow();
    for (const { applies, text } of rule.remedies(null)) {
      expect(applies).not.toBe('');
      expect(text).toMatch(/\.$/);
    }
  });

  it('speaks plainly: whole sentences, no exclamation marks, nothing left open', () => {
    const texts = [rule.title, rule.explanation, ...rule.falseAlarms, ...rule.causes(null)];
    for (const text of texts) {
      expect(text).not.toMatch(/!(?:\s|$)|undefined|\bTODO\b| {2}/);
      if (text !== rule.title) expect(text.trim()).toMatch(/[.)]$/);
    }
  });

  it('can be explained in sections', () => {
    const { sections } = explain(rule);
    expect(sections.map(({ title }) => title)).toEqual([
      'What it means',
      'When it is a false alarm',
      'Causes, likeliest first',
      'What mends it',
      'References',
    ]);
    for (const { paragraphs, items } of sections) expect(paragraphs.length + items.length).toBeGreaterThan(0);
  });
});
