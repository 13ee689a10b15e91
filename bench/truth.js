/**
 * Holds the records of a run against the truth of a corpus, one record at a time.
 *
 * A session's promise says what must hold: see `Fidelity` in corpora.d.ts. SYNs of the flood are no sessions of the
 * truth; each must come back as an unanswered session or be counted in a warning.
 */

import { hash, signatureOf } from './signature.js';

/** Findings that a capture with missing parts may have on top of those of the whole session. */
const QUALITY_RULES = new Set(['gap', 'mid-stream', 'one-side-missing']);
const DIFFERENCES_SHOWN = 20;

export class TruthCheck {
  /** @param {import('./corpora.d.ts').CorpusTruth} truth */
  constructor(truth) {
    this.truth = truth;
    this.judged = new Set(truth.judgedRules);
    /** @type {Map<string, import('./corpora.d.ts').SessionTruth>} */
    this.waiting = new Map(truth.sessions.map((session) => [`${session.clientEnd}>${session.serverEnd}`, session]));
    this.records = 0;
    this.floodRecords = 0;
    this.differences = 0;
    /** The first differences, in words. @type {string[]} */
    this.shown = [];
    /** Sessions that differ, by promise. @type {Record<string, number>} */
    this.wrong = {};
    /** @type {number[][]} */
    this.order = [];
    this.summarySeen = false;
  }

  /** @param {any} record one line of ndjson */
  record(record) {
    if (record.type === 'session') this.#session(record);
    else if (record.type === 'summary') this.#summary(record);
    else this.#differ(`a record of type ${record.type}`);
  }

  /** Call after the last record. */
  finish() {
    for (const session of this.waiting.values()) {
      this.#wrong(session, [`is missing from the output`]);
    }
    if (!this.summarySeen) this.#differ('there is no summary');
    this.order.sort((a, b) => Number(a[0]) - Number(b[0]));
    for (let i = 1; i < this.order.length; i++) {
      if (Number(this.order[i]?.[1]) < Number(this.order[i - 1]?.[1])) {
        this.#differ(`session ${this.order[i]?.[0]} begins before the session numbered before it`);
        break;
      }
    }
    return {
      ok: this.differences === 0,
      sessions: this.records,
      floodSessions: this.floodRecords,
      differences: this.differences,
      wrongByPromise: this.wrong,
      shown: this.shown,
    };
  }

  /** @param {string} text */
  #differ(text) {
    this.differences += 1;
    if (this.shown.length < DIFFERENCES_SHOWN) this.shown.push(text);
  }

  /** @param {import('./corpora.d.ts').SessionTruth} expected @param {string[]} problems */
  #wrong(expected, problems) {
    if (problems.length === 0) return;
    this.wrong[expected.promise] = (this.wrong[expected.promise] ?? 0) + 1;
    const name = `${expected.clientEnd} → ${expected.serverEnd} (${expected.script}, ${expected.promise})`;
    this.#differ(`${name}: ${problems.join('; ')}`);
  }

  /** @param {any} record */
  #session(record) {
    this.records += 1;
    this.order.push([record.id, record.frames.first]);
    const key = `${record.client.address} ${record.client.port}>${record.server.address} ${record.server.port}`;
    const expected = this.waiting.get(key);
    if (expected) {
      this.waiting.delete(key);
      this.#wrong(expected, compareSession(record, expected, this.judged));
    } else if (record.outcome === 'not-connected' && record.transport.opening === 'unanswered') {
      this.floodRecords += 1;
    } else {
      this.#differ(`${key}: a session that is not in the capture, or is there twice`);
    }
  }

  /** @param {any} summary */
  #summary(summary) {
    const { truth } = this;
    this.summarySeen = true;
    const packets = summary.captures[0]?.packets;
    if (packets !== truth.packets) this.#differ(`${packets} packets read of ${truth.packets}`);
    if (summary.sessions !== this.records) {
      this.#differ(`the summary counts ${summary.sessions} sessions, ${this.records} were printed`);
    }
    const counted = this.floodRecords + countedInWarnings(summary.warnings);
    if (counted !== truth.halfOpenSyns) {
      this.#differ(
        `${counted} unanswered connections accounted for (${this.floodRecords} as sessions) of ${truth.halfOpenSyns}; ` +
          `warnings: ${JSON.stringify(summary.warnings).slice(0, 400)}`,
      );
    }
    if (truth.totals.exactSessions !== truth.totals.sessions) return;
    same(summary.outcomes, truth.totals.outcomes, 'outcomes in the summary', (text) => this.#differ(text));
    const findings = Object.fromEntries(Object.entries(summary.findings).filter(([rule]) => this.judged.has(rule)));
    same(findings, truth.totals.findings, 'findings in the summary', (text) => this.#differ(text));
  }
}

/**
 * Connections that were too many to be sessions: the sum of the first numbers of warnings that speak of them.
 * @param {string[]} warnings
 */
export function countedInWarnings(warnings) {
  let sum = 0;
  for (const warning of warnings) {
    if (!/answer|half-open|SYN/i.test(warning)) continue;
    const number = /\d[\d,]*(?= (?:\S+ ){0,3}(?:connection|attempt|SYN|half-open))/i.exec(warning);
    if (number) sum += Number(number[0].replaceAll(',', ''));
  }
  return sum;
}

/**
 * What a record says otherwise than its truth; empty when nothing.
 * @param {any} record
 * @param {import('./corpora.d.ts').SessionTruth} expected
 * @param {ReadonlySet<string>} judged
 */
export function compareSession(record, expected, judged) {
  /** @type {string[]} */
  const problems = [];
  /** @param {string} text */
  const problem = (text) => problems.push(text);
  const raised = [...new Set(record.findings.map((/** @type {any} */ f) => f.rule))]
    .filter((r) => judged.has(r))
    .sort();
  const { transport } = record;
  const bytes = [transport.client.bytes, transport.server.bytes];
  const missing = [transport.client.missingBytes, transport.server.missingBytes];
  is(transport.opening, expected.opening, 'opening', problem);

  if (expected.promise === 'lost' || expected.promise === 'mid-start') {
    for (const rule of raised) {
      if (!expected.findings.includes(rule) && !QUALITY_RULES.has(rule)) problem(`invents ${rule}`);
    }
    const quality = expected.promise === 'lost' ? 'gap' : 'mid-stream';
    if (!raised.includes(quality)) problem(`does not report ${quality}`);
    const accepted = answeredMessages(record).filter(([, , code]) => code === 250).length;
    const acceptedInTruth = expected.messages.filter(([, , code]) => code === 250).length;
    if (accepted > acceptedInTruth) problem(`${accepted} accepted messages of ${acceptedInTruth}`);
    if (expected.promise === 'lost') {
      same(missing, expected.missing, 'missing bytes', problem);
      same(sum(bytes, missing), expected.bytes, 'bytes seen and missing', problem);
    }
    return problems;
  }

  is(record.outcome, expected.outcome, 'outcome', problem);
  is(record.service, expected.service, 'service', problem);
  is(transport.closing, expected.closing, 'closing', problem);
  is(record.frames.first, expected.firstFrame, 'first frame', problem);
  same(bytes, expected.bytes, 'bytes', problem);
  same(missing, [0, 0], 'missing bytes', problem);
  same(raised, expected.findings, 'findings', problem);
  const { commands, replies } = countTurns(record.dialogue);
  same(commands, expected.commands, 'commands', problem);
  same(replies, expected.replies, 'replies', problem);
  /** @type {string[]} */
  const auth = record.authentication.map((/** @type {any} */ a) => `${a.mechanism} ${a.outcome} ${a.identity}`);
  same(auth, expected.auth, 'authentication', problem);
  const messages = answeredMessages(record);
  same(
    messages.map((m) => m.slice(0, 3)),
    expected.messages,
    'messages',
    problem,
  );
  is(hash(messages.map((m) => m[3]).join('\n')), expected.subjects, 'hash of subjects', problem);
  /** @type {Record<string, number>} */
  const recipients = {};
  for (const transaction of record.transactions) {
    for (const { code } of transaction.recipients) recipients[code] = (recipients[code] ?? 0) + 1;
  }
  same(recipients, expected.recipients, 'recipients', problem);
  const signature = signatureOf(record.dialogue);
  if (expected.client !== null) is(signature.client, expected.client, 'fingerprint of the client’s turns', problem);
  is(signature.server, expected.server, 'fingerprint of the server’s turns', problem);
  if (expected.order !== null && expected.promise === 'exact') {
    is(signature.order, expected.order, 'fingerprint of the order of turns', problem);
  }
  return problems;
}

/** Messages that got a reply: [bytes, lines, code, subject]. @param {any} record @returns {any[][]} */
function answeredMessages(record) {
  return record.transactions
    .map((/** @type {any} */ transaction) => transaction.message)
    .filter((/** @type {any} */ message) => message !== null && message.code !== null && message.bytes > 0)
    .map((/** @type {any} */ message) => [message.bytes, message.lines, message.code, message.subject]);
}

/** @param {any[]} dialogue */
function countTurns(dialogue) {
  /** @type {Record<string, number>} */
  const commands = {};
  /** @type {Record<string, number>} */
  const replies = {};
  for (const turn of dialogue) {
    if (turn.kind === 'command') commands[turn.verb] = (commands[turn.verb] ?? 0) + 1;
    else if (turn.kind === 'reply') replies[turn.code] = (replies[turn.code] ?? 0) + 1;
  }
  return { commands, replies };
}

/** @param {number[]} a @param {number[]} b */
function sum(a, b) {
  return a.map((value, i) => value + Number(b[i]));
}

/** @param {unknown} actual @param {unknown} expected @param {string} what @param {(text: string) => void} problem */
function is(actual, expected, what, problem) {
  if (actual !== expected) problem(`${what} ${actual}, not ${expected}`);
}

/** Arrays in order, objects by key. @param {any} actual @param {any} expected @param {string} what @param {(text: string) => void} problem */
function same(actual, expected, what, problem) {
  const [a, b] = [actual, expected].map((value) =>
    JSON.stringify(Array.isArray(value) ? value : Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1))),
  );
  if (a !== b) problem(`${what} ${a}, not ${b}`);
}
