/**
 * One run of `live`: packets from the capturing process into the analysis, each turn to the output the moment it is
 * complete, and an end that always brings the summary.
 */

import { become, type Identity } from '../../capture/live/identity.ts';
import { LiveError, LiveSource } from '../../capture/live/source.ts';
import type { CaptureFacts } from '../../capture/packet-sink.ts';
import { SpillFile } from '../../capture/source/spill-file.ts';
import type { Finding, Severity } from '../../findings/rule.ts';
import { type Analysis, createAnalysis } from '../../inspect.ts';
import { counted, duration } from '../../output/terminal/layout.ts';
import type { LiveText, OpenSession } from '../../output/terminal/live-text.ts';
import type { ReportWriter } from '../../output/writer.ts';
import type { Connection } from '../../reassembly/connection.ts';
import { type SessionReport, type SummaryReport, warningsOf } from '../../report/report.ts';
import type { CompletedTurn } from '../../smtp/completed-turn.ts';
import { linkTypeWords } from '../../wire/link-types.ts';
import { Complaint, sayOnStderr } from '../complaint.ts';
import { messageFiles } from '../eml.ts';
import { atLeast, exitCode, worse } from '../exit-code.ts';
import { RUNNING_LINGER_US } from '../running-stream.ts';
import { selector } from '../select.ts';
import { fileOutput, type Sink } from '../sink.ts';
import { holdYoungGeneration } from '../young-generation.ts';
import { type FlowingSink, flowingOutput } from './flowing-output.ts';
import { growingFile } from './growing-file.ts';
import type { LiveCommandOptions } from './options.ts';
import { LivePackets } from './packets.ts';
import { Patience } from './patience.ts';

/** How often time is told to sessions in which nothing happens. */
const TICK_MS = 250;
/** Silent sessions are looked at every so many ticks. */
const TICKS_A_LOOK = 4;
/** Turns up to which a refusal is judged at once: later ones wait for the session's end, so that no line costs much. */
const JUDGED_TURNS = 256;

/**
 * Who ends a run wants its summary at once. From the signal on, in milliseconds: until then packets are read that had
 * been captured; sessions that had not ended are printed; are explained; and the lines that wait for who reads them
 * are handed on. The summary is waited for as long as some of it is taken, so much apart.
 */
const LAST = { read: 150, print: 350, explain: 450, output: 550, idle: 200 } as const;
/** A run that ends by itself after a session or a finding still reads the lines that come with it. */
const AFTERWORD_MS = 250;
/** Of two signals closer than this the second is the same key, passed on by a parent. */
const SAME_KEY_MS = 100;

/** Findings that nothing said later takes back: they are told while their session goes on. */
const EARLY_RULES: ReadonlySet<string> = new Set([
  'port25-syn-unanswered',
  'connect-icmp-unreachable',
  'greeting-timeout',
  'greeting-4xx',
  'greeting-5xx',
  'auth-530',
  'relay-denied',
  'credentials-in-clear',
]);

export interface LiveParts {
  readonly device: string;
  readonly user: Identity | null;
  /** Prints turns as they come; null where sessions are printed whole. */
  readonly text: LiveText | null;
  readonly writer: ReportWriter;
  /** Names of the run's captures, for the writers. */
  readonly captures: string[];
}

export class LiveRun {
  readonly #options: LiveCommandOptions;
  readonly #parts: LiveParts;
  readonly #source: LiveSource;
  readonly #analysis: Analysis;
  readonly #patience = new Patience();
  readonly #isShown: (open: OpenSession) => boolean;
  readonly #linkTypes: number[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #begunMs = Date.now();
  /** Null until the device was open for the first time. */
  #output: Sink | null = null;
  #writeMessages: ((report: SessionReport) => void) | null = null;
  readonly #packets: LivePackets | null;
  #heardMs = 0;
  #ticks = 0;
  /** When a signal came that ends the run, as `performance.now`; sessions are printed and explained for so much longer. */
  #signalledMs = Number.POSITIVE_INFINITY;
  #unprinted = 0;
  /** Whether packets that were captured and not read are worth a word: not where enough had been seen. */
  #wantsAll = true;
  #isHeld = false;
  /** The summary is made: nothing is to come any more. */
  #isOver = false;
  #failed = false;
  #sessions = 0;
  #missingBytes = 0;
  #worst: Severity | null = null;

  constructor(options: LiveCommandOptions, parts: LiveParts) {
    this.#options = options;
    this.#parts = parts;
    const { device, user } = parts;
    const { ports, filter, ringBytes, wait, selection } = options;
    const chosen = selector(selection);
    const isShown = shownFromTheStart(options);
    const select =
      options.count === null
        ? chosen
        : (report: SessionReport): boolean => !this.#hasAll && (chosen === null || chosen(report));
    this.#isShown = (open) => !this.#hasAll && isShown(open);
    this.#analysis = createAnalysis(
      {
        ports,
        keepBodies: options.body === 'full' || options.eml !== null,
        store: new SpillFile(),
        limits: { lingerUs: RUNNING_LINGER_US, ...options.limits },
        ...(select === null ? {} : { select }),
        ...(parts.text === null && options.untilFinding === null
          ? {}
          : { onTurn: (connection, completed) => this.#turn(connection, completed) }),
      },
      (report) => this.#session(report),
    );
    const { write, force, rotation } = options;
    this.#packets =
      write === null
        ? null
        : new LivePackets({ path: write, force, rotation, ports }, this.#analysis, (words) => this.#say(words, true));
    this.#source = new LiveSource({ device, ports, filter, ringBytes, user, wait }, this.#packets ?? this.#analysis, {
      opened: (linkType) => this.#opened(linkType),
      caughtUp: () => {
        this.#heardMs = Date.now();
        this.#output?.flush();
      },
      waiting: (reason) =>
        this.#say(`${reason.message.replace(/; (?:start again, or use )?--wait.*$/, '')}; waiting for it`),
    });
  }

  /** Resolves to the exit status. */
  async run(): Promise<number> {
    for (const signal of SIGNALS) process.on(signal, this.#signal);
    try {
      this.#source.start();
      if (this.#options.durationMs !== null) this.#later(this.#options.durationMs, () => this.#stop(WHOLE));
      await this.#watch();
      const status = exitCode({ failed: this.#failed, worst: this.#worst }, this.#options.failOn);
      // To give back a large heap piece by piece takes as long as to print the summary.
      if (this.#wasSignalled) process.exit(status);
      return status;
    } catch (error) {
      this.#output?.abandon();
      this.#packets?.abandon();
      throw error;
    } finally {
      for (const timer of this.#timers) clearInterval(timer);
      for (const signal of SIGNALS) process.off(signal, this.#signal);
    }
  }

  async #watch(): Promise<void> {
    try {
      await this.#source.finished();
    } catch (error) {
      if (process.env.SMTPSCOPE_DEBUG !== undefined) process.stderr.write(this.#source.said);
      if (!(error instanceof LiveError)) throw error;
      if (this.#output === null) throw new Complaint(error.message);
      this.#failed = true;
      this.#finish();
      this.#say(error.message, true);
      return;
    }
    if (this.#output === null) this.#say(`${this.#parts.device} was not open yet`);
    else this.#finish();
  }

  /** As many sessions were handed on as are wanted: the others are counted, and no more. */
  get #hasAll(): boolean {
    return this.#sessions === this.#options.count;
  }

  get #wasSignalled(): boolean {
    return this.#signalledMs !== Number.POSITIVE_INFINITY;
  }

  /** Whether a signal came, and so many milliseconds have gone by since. */
  #isPast(ms: number): boolean {
    return this.#wasSignalled && performance.now() > this.#signalledMs + ms;
  }

  /** The first ends the run with its summary, the second at once. */
  readonly #signal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (!this.#wasSignalled) {
      this.#signalledMs = now;
      this.#stop(LAST.read);
    } else if (now - this.#signalledMs > SAME_KEY_MS) {
      this.#output?.abandon();
      this.#packets?.abandon();
      this.#source.fail(new Error(signal));
      this.#leaveSignalsAlone();
      process.kill(process.pid, signal);
    }
  };

  /** From here on a signal ends the process, whatever it does. */
  #leaveSignalsAlone(): void {
    for (const signal of SIGNALS) process.removeAllListeners(signal);
  }

  /** No more packets; those that were captured are read for so long. */
  #stop(budgetMs: number): void {
    this.#source.stop(budgetMs);
  }

  /** Enough was seen. */
  #enough(): void {
    this.#wantsAll = false;
    this.#stop(AFTERWORD_MS);
  }

  /** The device is open: from here on nothing needs a privilege, and what is written is the user's. */
  #opened(linkType: number): void {
    if (!this.#linkTypes.includes(linkType)) this.#linkTypes.push(linkType);
    const { device, user, captures, writer, text } = this.#parts;
    if (this.#output !== null) {
      this.#say(`${device} is back; packets of the time between were not captured`);
      return;
    }
    if (user !== null) become(user);
    const { output, force, format, eml, quiet } = this.#options;
    this.#output = this.#outputFor(output, force, format);
    this.#packets?.open();
    // A file that is placed when it is whole ends itself by signals; here they end the run, and then the file.
    for (const signal of SIGNALS) process.removeAllListeners(signal).on(signal, this.#signal);
    this.#writeMessages = eml === null ? null : messageFiles(eml);
    captures.push(device);
    this.#analysis.beginCapture(device);
    if (text === null) this.#output.write(writer.begin());
    if (!quiet) this.#say(`watching ${device} (${linkTypeWords(linkType)}${asWhom(user)}); Ctrl-C ends`);
    this.#heardMs = Date.now();
    // Behind what has come since: a machine that is late must not take its own lateness for silence on the wire.
    this.#every(TICK_MS, () => setImmediate(this.#guarded(() => this.#tick())));
    const { heartbeatMs } = this.#options;
    if (heartbeatMs !== null) this.#every(heartbeatMs, () => this.#heartbeat());
  }

  #tick(): void {
    if (this.#isOver) return;
    holdYoungGeneration();
    const { pipe } = this.#source;
    if (Number.isNaN(pipe.lastUs)) return;
    // What waits in the pipe is older than the clock: only where nothing waits does the clock tell the time.
    const nowMs = Date.now();
    const isBehind = this.#isHeld || nowMs - this.#heardMs < TICK_MS;
    const nowUs = isBehind ? pipe.lastUs : Math.max(pipe.lastUs, nowMs * 1000);
    this.#analysis.tick(nowUs);
    if (++this.#ticks % TICKS_A_LOOK === 0) this.#lookAtSilence(nowUs);
    this.#output?.flush();
  }

  #lookAtSilence(nowUs: number): void {
    const { text } = this.#parts;
    const { untilFinding } = this.#options;
    if (text === null && untilFinding === null) return;
    for (const { connection, words, judge } of this.#patience.look(this.#analysis, nowUs)) {
      const open = openSession(connection);
      if (!this.#isShown(open)) continue;
      if (words !== null && text !== null) this.#output?.write(text.waiting(open, words));
      if (judge) this.#judge(connection, open, nowUs, true);
    }
  }

  #turn(connection: Connection, completed: CompletedTurn): void {
    // What waited behind a hole comes when its session is ended, be there time for it or not.
    if (this.#isPast(LAST.explain)) return;
    const open = openSession(connection);
    if (!this.#isShown(open)) return;
    const { text } = this.#parts;
    if (text !== null) this.#output?.write(text.turn(open, completed));
    const { turn } = completed;
    const isTelling = turn.kind === 'reply' ? turn.code >= 400 : turn.kind === 'auth' || turn.verb === 'AUTH';
    if (isTelling && turn.index < JUDGED_TURNS) this.#judge(connection, open, turn.endTimeUs, false);
  }

  /** Tells what is certain of a session that goes on; `isSilent`: in which nothing is said. */
  #judge(connection: Connection, open: OpenSession, nowUs: number, isSilent: boolean): void {
    const { text } = this.#parts;
    const { findings } = this.#analysis.soFar(connection, nowUs);
    const certain = findings.filter((finding) => EARLY_RULES.has(finding.rule) && finding.confidence !== 'hint');
    if (certain.length === 0) return;
    if (text !== null) this.#output?.write(text.early(open, certain, isSilent));
    this.#stopAt(certain);
  }

  #session(report: SessionReport): void {
    const { session, findings } = report;
    this.#sessions++;
    this.#missingBytes += session.transport.client.missingBytes + session.transport.server.missingBytes;
    for (const { severity } of findings) this.#worst = worse(this.#worst, severity);
    const { text, writer } = this.#parts;
    const output = this.#output as Sink;
    if (text === null) output.write(writer.session(report));
    else if (!this.#isPast(LAST.print)) output.write(text.end(report));
    else {
      text.count(report);
      this.#unprinted++;
    }
    this.#writeMessages?.(report);
    this.#packets?.session(report);
    this.#stopAt(findings);
    if (this.#hasAll) this.#enough();
  }

  #stopAt(findings: readonly Finding[]): void {
    const { untilFinding } = this.#options;
    if (untilFinding !== null && findings.some(({ severity }) => atLeast(severity, untilFinding))) this.#enough();
  }

  #finish(): void {
    const { text, writer } = this.#parts;
    const output = this.#output as Sink;
    // All that follows is done in one go, in which no handler would be called.
    this.#leaveSignalsAlone();
    this.#isOver = true;
    this.#analysis.endCapture(this.#facts());
    const summary = this.#analysis.finish(() => this.#isPast(LAST.explain));
    for (const { rule, severity } of summary.crossFindings) {
      // True of every live run: it says nothing of the traffic.
      if (rule !== 'ts-userland') this.#worst = worse(this.#worst, severity);
    }
    const conclude = (): void => {
      output.write(text === null ? writer.end(summary) : text.summary(summary));
    };
    if ('drain' in output && this.#wasSignalled) this.#concludeSoon(output as FlowingSink, conclude);
    else {
      conclude();
      output.commit();
    }
    if (this.#unprinted > 0) {
      this.#say(`${counted(this.#unprinted, 'session')} more that had not ended are in the summary alone`);
    }
    for (const warning of warningsOf(summary)) this.#say(`warning: ${warning}`);
    if (this.#packets !== null) {
      this.#say(this.#packets.finish(), true);
      this.#failed ||= this.#packets.failed;
    }
    this.#hint(summary);
  }

  /** Who reads slowly gets the summary without all that should have come before it; who reads nothing is left. */
  #concludeSoon(output: FlowingSink, conclude: () => void): void {
    const leftMs = this.#signalledMs + LAST.output - performance.now();
    let lost = output.drain(leftMs) === 0 ? 0 : output.discard();
    conclude();
    lost += output.drain(0, LAST.idle);
    output.abandon();
    if (lost > 0)
      this.#say(`${counted(lost, 'byte')} of output had not been taken by who reads it, and are lost`, true);
  }

  #facts(): CaptureFacts {
    const { packets, bytes } = this.#source.pipe;
    const { unread } = this.#source;
    const warnings = unread === 0 || !this.#wantsAll ? [] : [unreadWords(unread)];
    return {
      format: 'live',
      compression: null,
      linkTypes: this.#linkTypes,
      packets,
      bytes,
      cutShort: false,
      // The package cap hands packets on without their times.
      userlandTimes: true,
      dropped: 0,
      warnings,
    };
  }

  #hint({ sessions, warnings }: SummaryReport): void {
    if (sessions > 0 || warnings.length > 0 || this.#failed) return;
    const { ports } = this.#options;
    if (ports === 'any') this.#say('no SMTP session on any port');
    else this.#say(`no session on port ${ports.join(', ')}; --ports any finds SMTP on every port by what is said`);
  }

  #heartbeat(): void {
    const { packets } = this.#source.pipe;
    const open = this.#analysis.underWay(() => true);
    let missingBytes = this.#missingBytes;
    for (const { halves } of open) for (const half of halves ?? []) missingBytes += half.missingBytes;
    const lived = duration((Date.now() - this.#begunMs) * 1000);
    this.#say(
      `${lived}: ${counted(packets, 'packet')}, ${counted(this.#sessions, 'session')} over, ${open.length} open, ` +
        `${counted(missingBytes, 'byte')} not captured, ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`,
      true,
    );
  }

  #later(ms: number, action: () => void): void {
    this.#timers.push(setTimeout(action, ms));
  }

  #every(ms: number, action: () => void): void {
    this.#timers.push(setInterval(this.#guarded(action), ms));
  }

  #guarded(action: () => void): () => void {
    return () => {
      try {
        action();
      } catch (error) {
        this.#source.fail(error);
      }
    };
  }

  /** Text and ndjson are of use before they are whole: they grow in place. */
  #outputFor(path: string | null, force: boolean, format: string): Sink {
    if (path !== null) {
      return format === 'text' || format === 'ndjson' ? growingFile(path, force) : fileOutput(path, force, []);
    }
    return flowingOutput(
      (isFull) => {
        this.#isHeld = isFull;
        this.#source.isHeld = isFull;
      },
      (error) => this.#source.fail(error),
    );
  }

  #say(text: string, always = false): void {
    if (!this.#options.quiet || always) sayOnStderr(text);
  }
}

/** Everything that was captured is read, however long it takes. */
const WHOLE = Number.POSITIVE_INFINITY;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function asWhom(user: Identity | null): string {
  return user === null ? '' : `, as ${user.name ?? `user ${user.uid}`}`;
}

function unreadWords(packets: number | null): string {
  const some = packets === null ? 'packets' : counted(packets, 'packet');
  return `${some} that had been captured ${packets === 1 ? 'was' : 'were'} not read any more when the run was ended`;
}

function openSession(connection: Connection): OpenSession {
  return {
    id: connection.id,
    client: connection.clientEndpoint,
    server: connection.serverEndpoint,
    start: { us: connection.startUs, nanos: connection.startNanos },
    fromTheMiddle: !connection.startCaptured,
  };
}

/** What of the selection can be told of a session before it ends. */
function shownFromTheStart({ selection }: LiveCommandOptions): (open: OpenSession) => boolean {
  const { hosts, sessions, untilUs } = selection;
  if (hosts.length === 0 && sessions.length === 0 && untilUs === null) return () => true;
  return ({ id, client, server, start }) =>
    (hosts.length === 0 || hosts.includes(client.address) || hosts.includes(server.address)) &&
    (sessions.length === 0 || sessions.includes(id)) &&
    (untilUs === null || start.us <= untilUs);
}
