/**
 * The corpora that the speed of the program is measured on, made from a seed: `dense`, `mixed`, `open`, `hostile`, and
 * `hostile-quiet`, which is `hostile` without its flood of SYNs. Each comes with its truth, which the generator writes
 * down as it makes the bytes. See docs/performance.md for what each is.
 */

import { closeSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { smtpEnds } from './generator/addresses.js';
import { count, Dialogue } from './generator/dialogue.js';
import { DISTURBANCES, DisturbedFlow } from './generator/disturbed-flow.js';
import { OtherTraffic } from './generator/other-traffic.js';
import { PcapWriter } from './generator/pcap-writer.js';
import { Random } from './generator/random.js';
import { runInterleaved, runOpenAtOnce } from './generator/schedule.js';
import {
  ALL_SCRIPTS,
  DELIVERING_SCRIPTS,
  DISTURBABLE_SCRIPTS,
  JUDGED_RULES,
  World,
  weighted,
} from './generator/scripts.js';
import { SynFlood } from './generator/syn-flood.js';
import { TcpFlow } from './generator/tcp-flow.js';

/** @typedef {import('./corpora.d.ts').CorpusKind} CorpusKind */
/** @typedef {import('./corpora.d.ts').CorpusTruth} CorpusTruth */
/** @typedef {import('./corpora.d.ts').SessionTruth} SessionTruth */

/** @type {readonly CorpusKind[]} */
export const CORPUS_KINDS = ['dense', 'mixed', 'open', 'hostile', 'hostile-quiet'];

/** Changes whenever the generator's output does, so that a corpus of before is made again. */
export const GENERATOR_VERSION = 1;

/** Share of bytes that is SMTP in `mixed`. */
const MIXED_SMTP_SHARE = 0.05;
/** Sessions that are open at once in `open`, where the size allows 20 kB for each. */
const OPEN_SESSIONS = 50_000;
const OPEN_BYTES_A_SESSION = 20_000;
/** SYNs in `hostile` at 1 GB; in proportion below. */
const FLOOD_SYNS = 1_000_000;
const SYN_RECORD_BYTES = 85;
const CLIENTS_ON_V6 = 0.12;

/**
 * A corpus in memory: for tests.
 * @param {CorpusKind} kind
 * @param {{ bytes: number, seed?: number, syns?: number }} options
 * @returns {{ capture: Buffer, truth: CorpusTruth }}
 */
export function generateCorpus(kind, options) {
  /** @type {Buffer[]} */
  const chunks = [];
  const truth = generate(kind, options, (chunk) => chunks.push(Buffer.from(chunk)));
  return { capture: Buffer.concat(chunks), truth };
}

/**
 * Writes a corpus to `path` and its truth to `path` + `.truth.json`, the truth last.
 * @param {CorpusKind} kind
 * @param {string} path
 * @param {{ bytes: number, seed?: number, syns?: number }} options
 * @returns {CorpusTruth}
 */
export function writeCorpus(kind, path, options) {
  const file = openSync(`${path}.part`, 'w');
  let truth;
  try {
    truth = generate(kind, options, (chunk) => {
      for (let written = 0; written < chunk.length; ) written += writeSync(file, chunk, written);
    });
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.part`, path);
  writeFileSync(`${path}.truth.json`, JSON.stringify(truth));
  return truth;
}

/**
 * @param {CorpusKind} kind
 * @param {{ bytes: number, seed?: number, syns?: number }} options
 * @param {(chunk: Buffer) => void} sink
 * @returns {CorpusTruth}
 */
function generate(kind, { bytes, seed = 1, syns }, sink) {
  const random = new Random(seed);
  const writer = new PcapWriter(sink);
  const factory = new SmtpFlows(random, kind);
  /** @type {SynFlood | null} */
  let flood = null;
  switch (kind) {
    case 'dense':
      runInterleaved(writer, random, {
        target: bytes,
        atOnce: Math.min(64, Math.max(3, Math.round(bytes / 200_000))),
        meanGapUs: 700,
        next: () => factory.next(),
      });
      break;
    case 'mixed': {
      const other = new OtherTraffic(random);
      let smtpBytes = 0;
      let allBytes = 0;
      runInterleaved(writer, random, {
        target: bytes,
        atOnce: Math.min(400, Math.max(8, Math.round(bytes / 100_000))),
        meanGapUs: 700,
        next: () => {
          const smtp = smtpBytes <= MIXED_SMTP_SHARE * allBytes;
          const made = smtp ? factory.next() : other.next(writer);
          allBytes += made.bytes;
          if (smtp) smtpBytes += made.bytes;
          return made;
        },
      });
      break;
    }
    case 'open': {
      const sessions = Math.max(20, Math.min(OPEN_SESSIONS, Math.floor(bytes / OPEN_BYTES_A_SESSION)));
      const flows = [];
      for (let i = 0; i < sessions; i++) flows.push(factory.nextHeld());
      runOpenAtOnce(writer, flows);
      break;
    }
    case 'hostile':
    case 'hostile-quiet': {
      // The flood has its own dice and its own packets' bytes, so that both kinds hold the same sessions.
      const wanted = syns ?? Math.round(Math.min(1, bytes / 1e9) * FLOOD_SYNS);
      const target = Math.max(0, bytes - wanted * SYN_RECORD_BYTES);
      flood = new SynFlood(seed, wanted, target, kind === 'hostile');
      const stream = flood;
      runInterleaved(writer, random, {
        target,
        atOnce: Math.min(64, Math.max(3, Math.round(bytes / 200_000))),
        meanGapUs: 700,
        next: () => factory.nextDisturbed(),
        beforePacket: () => stream.advance(writer),
      });
      flood.finish(writer);
      break;
    }
    default:
      throw new Error(`there is no corpus ${kind}; there are ${CORPUS_KINDS.join(', ')}`);
  }
  writer.flush();
  return factory.truth(kind, seed, writer, flood?.written ?? 0);
}

/** Makes SMTP flows and keeps what must be found in them. */
class SmtpFlows {
  /** @param {Random} random @param {CorpusKind} kind */
  constructor(random, kind) {
    this.random = random;
    // Sizes that give about 48 KB a session on the wire; in `open`, where every session delivers, about 20 KB.
    this.world = new World(
      random,
      kind === 'open'
        ? { bodies: 48, smallest: 400, largest: 38_000 }
        : { bodies: 96, smallest: 400, largest: 190_000 },
    );
    this.pickAny = weighted(ALL_SCRIPTS);
    this.pickDelivering = weighted(DELIVERING_SCRIPTS);
    this.pickDisturbable = weighted(DISTURBABLE_SCRIPTS);
    this.serial = 0;
    /** @type {{ flow: TcpFlow, session: Omit<SessionTruth, 'firstFrame' | 'promise' | 'missing'> }[]} */
    this.made = [];
  }

  next() {
    const script = this.pickAny(this.random);
    return this.#flow(script, this.#dialogue(script), null);
  }

  /** A flow that stands still after what it delivered; every fifth stays so until the capture ends. */
  nextHeld() {
    const { random } = this;
    const script = this.pickDelivering(random);
    const dialogue = this.#dialogue(script);
    const stays = random.chance(0.2);
    if (stays) {
      dialogue.leaveOpen();
      if (dialogue.messages.length === 0) throw new Error('a session that delivers has a message');
    }
    const made = this.#flow(script, dialogue, null);
    made.flow.holdBefore = stays ? made.flow.flights.length : made.flow.flights.length - 2;
    return made.flow;
  }

  nextDisturbed() {
    const { random } = this;
    if (random.chance(0.4)) {
      const script = this.pickDisturbable(random);
      return this.#flow(script, this.#dialogue(script), null);
    }
    const script = this.pickDisturbable(random);
    const dialogue = this.#dialogue(script);
    const disturbance = random.pick(DISTURBANCES);
    // Too short to lose its beginning and still be seen to speak.
    const tooShort = dialogue.flights.length < 5;
    return this.#flow(script, dialogue, tooShort ? 'duplicated' : disturbance);
  }

  /** @param {import('./generator/scripts.js').Script} script */
  #dialogue(script) {
    const dialogue = new Dialogue();
    script.write(this.world, dialogue);
    return dialogue;
  }

  /**
   * @param {import('./generator/scripts.js').Script} script @param {Dialogue} dialogue
   * @param {import('./generator/disturbed-flow.js').Disturbance | null} disturbance
   */
  #flow(script, dialogue, disturbance) {
    const { random } = this;
    dialogue.finish();
    const ends = smtpEnds(this.serial++, random.chance(CLIENTS_ON_V6), random.below(8), script.port);
    const flow =
      disturbance === null
        ? new TcpFlow(ends, dialogue, random, script.opening)
        : new DisturbedFlow(ends, dialogue, random, disturbance);
    const session = {
      script: script.name,
      clientEnd: `${ends.client} ${ends.clientPort}`,
      serverEnd: `${ends.server} ${ends.serverPort}`,
      opening: script.opening ?? 'complete',
      ...dialogue.truth(),
    };
    this.made.push({ flow, session });
    const payload = dialogue.payloadBytes;
    return { flow, bytes: payload + Math.ceil(payload / 1460) * 105 + dialogue.flights.length * 100 + 500 };
  }

  /** @param {CorpusKind} kind @param {number} seed @param {PcapWriter} writer @param {number} syns @returns {CorpusTruth} */
  truth(kind, seed, writer, syns) {
    const sessions = this.made.map(({ flow, session }) => settle(flow, session));
    return {
      generator: GENERATOR_VERSION,
      kind,
      seed,
      bytes: writer.bytesWritten,
      packets: writer.frames,
      halfOpenSyns: syns,
      judgedRules: JUDGED_RULES,
      totals: totalsOf(sessions),
      sessions,
    };
  }
}

/** Adds what only the wire decided. @param {TcpFlow} flow @param {any} session @returns {SessionTruth} */
function settle(flow, session) {
  const settled = { ...session, firstFrame: flow.firstFrame, promise: 'exact', missing: [0, 0] };
  if (!(flow instanceof DisturbedFlow)) return settled;
  switch (flow.disturbance) {
    case 'reordered-within':
    case 'reordered-across':
    case 'duplicated':
      if (flow.marks > 0) settled.promise = flow.disturbance;
      break;
    case 'overlap-pending':
    case 'overlap-delivered':
      if (flow.marks === 0) break;
      settled.promise = flow.disturbance;
      if (flow.altered > 0) settled.findings = [...session.findings, 'overlap-conflict'].sort();
      break;
    case 'lost':
      if (flow.marks === 0) break;
      settled.promise = 'lost';
      settled.missing = flow.missing;
      settled.findings = [...session.findings, 'gap'].sort();
      break;
    case 'mid-start':
      settled.promise = 'mid-start';
      settled.opening = 'not-captured';
      settled.findings = [...session.findings, 'mid-stream'].sort();
      break;
  }
  return settled;
}

/** Sums over the sessions that must be reproduced exactly. @param {SessionTruth[]} sessions */
function totalsOf(sessions) {
  const totals = {
    sessions: sessions.length,
    exactSessions: 0,
    sessionsWithPayload: 0,
    messages: 0,
    messageBytes: 0,
    /** @type {Record<string, number>} */ promises: {},
    /** @type {Record<string, number>} */ outcomes: {},
    /** @type {Record<string, number>} */ commands: {},
    /** @type {Record<string, number>} */ replies: {},
    /** @type {Record<string, number>} */ recipients: {},
    /** @type {Record<string, number>} */ authentication: {},
    /** @type {Record<string, number>} */ findings: {},
  };
  for (const session of sessions) {
    count(totals.promises, session.promise);
    if (session.bytes[0] + session.bytes[1] > 0) totals.sessionsWithPayload += 1;
    if (session.promise !== 'exact') continue;
    totals.exactSessions += 1;
    count(totals.outcomes, session.outcome);
    for (const [verb, n] of Object.entries(session.commands)) count(totals.commands, verb, n);
    for (const [code, n] of Object.entries(session.replies)) count(totals.replies, code, n);
    for (const [code, n] of Object.entries(session.recipients)) count(totals.recipients, code, n);
    for (const attempt of session.auth) count(totals.authentication, attempt.split(' ', 2).join(' '));
    for (const rule of session.findings) count(totals.findings, rule);
    totals.messages += session.messages.length;
    for (const [bytes] of session.messages) totals.messageBytes += bytes;
  }
  return totals;
}
