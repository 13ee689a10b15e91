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
  'synack-retransmit': ['warning', 'likely'],
  'early-talker': ['warning', 'certain'],
  'greeting-4xx': ['warning', 'certain'],
  'greeting-5xx': ['error', 'certain'],
  'probe-session': ['notice', 'likely'],
  'slow-greeting': ['notice', 'certain'],
  'banner-masked': ['warning', 'likely'],
  'multi-line-greeting-problem': ['notice', 'certain'],
  'wrong-service': ['error', 'certain'],
  'banner-hostname': ['notice', 'certain'],
  'ehlo-quit-auth-offered': ['error', 'certain'],
  'ehlo-quit-no-auth': ['notice', 'certain'],
  'auth-only-after-tls': ['error', 'certain'],
  'no-ehlo-after-starttls': ['error', 'certain'],
  'auth-equals-syntax': ['warning', 'certain'],
  'auth-empty-or-odd': ['warning', 'certain'],
  'plaintext-auth-offered-in-clear': ['notice', 'certain'],
  'ehlo-rejected-helo-fallback': ['warning', 'certain'],
  'helo-name': ['notice', 'certain'],
  'helo-mismatch': ['notice', 'hint'],
  'auth-535': ['error', 'certain'],
  'auth-534': ['error', 'certain'],
  'auth-538': ['error', 'certain'],
  'auth-530': ['error', 'certain'],
  'auth-454': ['warning', 'certain'],
  'auth-504': ['error', 'certain'],
  'auth-501': ['error', 'certain'],
  'auth-432': ['error', 'certain'],
  'auth-503': ['error', 'certain'],
  'auth-too-many-errors': ['error', 'certain'],
  'auth-not-offered-but-sent': ['warning', 'certain'],
  'auth-mech-downgrade-choice': ['notice', 'likely'],
  'credentials-in-clear': ['critical', 'certain'],
  'auth-bruteforce': ['warning', 'likely'],
  'auth-success-then-failure': ['error', 'certain'],
  'starttls-offered-unused': ['warning', 'certain'],
  'starttls-stripped': ['critical', 'likely'],
  'starttls-454': ['error', 'certain'],
  'starttls-5xx': ['error', 'certain'],
  'tls-alert': ['error', 'certain'],
  'tls-version-or-cipher': ['notice', 'certain'],
  'starttls-command-injection': ['critical', 'likely'],
  'starttls-response-injection': ['critical', 'certain'],
  'tls-on-plaintext-port': ['error', 'certain'],
  'plaintext-on-465': ['error', 'certain'],
  'tls-required-not-offered': ['error', 'certain'],
  'starttls-handshake-stall': ['error', 'likely'],
  'tls-then-plaintext': ['warning', 'certain'],
  'relay-denied': ['error', 'certain'],
  'user-unknown': ['notice', 'certain'],
  'null-mx': ['error', 'certain'],
  'sender-domain': ['error', 'certain'],
  dnsbl: ['error', 'certain'],
  spf: ['error', 'certain'],
  dkim: ['error', 'certain'],
  dmarc: ['error', 'certain'],
  rdns: ['error', 'certain'],
  greylisting: ['notice', 'likely'],
  'rate-limit': ['warning', 'likely'],
  '421-mid-session': ['warning', 'certain'],
  'mailbox-full': ['error', 'certain'],
  'size-declared-too-big': ['error', 'certain'],
  'size-mid-data': ['error', 'certain'],
  'too-many-rcpts': ['notice', 'certain'],
  'sender-rejected': ['error', 'certain'],
  'content-rejected': ['error', 'likely'],
  'temp-local-error': ['warning', 'certain'],
  'bounce-null-sender-rejected': ['warning', 'certain'],
  'smtputf8-missing': ['error', 'certain'],
  'enhanced-as-code': ['notice', 'certain'],
  'code-class-mismatch': ['notice', 'certain'],
  'rejected-other': ['error', 'certain'],
  'deferred-other': ['warning', 'certain'],
  'http-on-smtp': ['warning', 'certain'],
  'proxy-protocol-mismatch': ['error', 'certain'],
  'vrfy-expn-harvest': ['warning', 'likely'],
  'lmtp-vs-smtp': ['error', 'certain'],
  'open-relay-evidence': ['critical', 'hint'],
  'exploit-probe': ['warning', 'certain'],
  'xclient-xforward-abuse': ['critical', 'certain'],
  'turn-etrn-atrn': ['notice', 'certain'],
  'internal-info-leak': ['notice', 'certain'],
  'no-reply-after-dot': ['error', 'certain'],
  'data-stall': ['error', 'certain'],
  'lost-connection-in-data': ['error', 'certain'],
  'eod-never-sent': ['error', 'certain'],
  'pmtu-blackhole': ['error', 'likely'],
  'zero-window-stall': ['warning', 'certain'],
  'retransmission-storm': ['warning', 'likely'],
  'rst-injected': ['error', 'likely'],
  'server-closes-first': ['warning', 'certain'],
  'client-vanishes': ['notice', 'certain'],
  'slow-server': ['notice', 'certain'],
  'slow-client': ['notice', 'certain'],
  'mid-stream': ['notice', 'certain'],
  'one-side-missing': ['warning', 'certain'],
  gap: ['warning', 'certain'],
  'snaplen-truncated': ['warning', 'certain'],
  'overlap-conflict': ['warning', 'certain'],
  'linked-failures': ['notice', 'likely'],
  'retry-series': ['notice', 'likely'],
  'port25-blocked-587-works': ['error', 'likely'],
  'stale-credential-device': ['warning', 'likely'],
  '5xx-retry': ['warning', 'likely'],
  '4xx-giveup': ['notice', 'hint'],
  'duplicate-delivery-seen': ['error', 'likely'],
  'same-mail-several-hosts': ['notice', 'certain'],
  'rcpt-harvest': ['warning', 'likely'],
  backscatter: ['warning', 'likely'],
  'spam-bot-pattern': ['critical', 'likely'],
  offload: ['notice', 'certain'],
  'duplicate-packets': ['notice', 'certain'],
  'clock-jump': ['notice', 'certain'],
  drops: ['warning', 'certain'],
  linktype: ['warning', 'certain'],
  'file-cut-short': ['warning', 'certain'],
  'ts-userland': ['notice', 'certain'],
  'bare-lf': ['notice', 'certain'],
  'bare-cr': ['notice', 'certain'],
  'smtp-smuggling': ['warning', 'certain'],
  'multiline-code-mismatch': ['error', 'certain'],
  'reply-without-command': ['error', 'certain'],
  'command-without-reply': ['warning', 'certain'],
  'pipelining-not-offered': ['warning', 'likely'],
  'pipelining-after-sync-command': ['warning', 'likely'],
  'pipelining-server-broken': ['error', 'likely'],
  'data-after-all-rcpt-failed': ['warning', 'certain'],
  'body-sent-after-refusal': ['error', 'certain'],
  'bad-sequence': ['warning', 'certain'],
  'unknown-command': ['notice', 'certain'],
  'path-syntax': ['notice', 'certain'],
  'idle-timeout': ['notice', 'certain'],
  'line-too-long': ['notice', 'certain'],
  '8bit-without-8bitmime': ['notice', 'certain'],
  'dot-stuffing-missing': ['error', 'certain'],
  'dot-stuffing-in-bdat': ['warning', 'likely'],
  'bdat-errors': ['error', 'certain'],
  'junk-command-flood': ['notice', 'certain'],
  'non-ascii-in-command': ['notice', 'certain'],
  'nul-in-stream': ['notice', 'certain'],
  'mail-params-unsupported': ['warning', 'certain'],
  'received-loop': ['error', 'certain'],
  'message-format': ['notice', 'certain'],
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
