/** `inspect`: saved captures, or one that arrives on standard input. */
import { createReadStream, fstatSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CaptureError, type CaptureFacts, type PacketMeta, type PacketSink } from '../../capture/packet-sink.ts';
import { SpillFile } from '../../capture/source/spill-file.ts';
import { findRule } from '../../findings/index.ts';
import type { Severity } from '../../findings/rule.ts';
import { type Analysis, type AnalysisOptions, createAnalysis } from '../../inspect.ts';
import type { ReportWriter } from '../../output/writer.ts';
import { type SessionReport, type SummaryReport, warningsOf } from '../../report/report.ts';
import { Complaint, sayOnStderr } from '../complaint.ts';
import { messageFiles } from '../eml.ts';
import { exitCode, worse } from '../exit-code.ts';
import type { InputsAgain, OnProgress } from '../inputs-again.ts';
import type { InspectOptions } from '../options.ts';
import { Progress } from '../progress.ts';
import { isRunning, RUNNING_LINGER_US } from '../running-stream.ts';
import { selector } from '../select.ts';
import { fileOutput, type Sink, standardOutput } from '../sink.ts';
import { Skipped } from '../skipped.ts';
import { StandardInput } from '../standard-input.ts';
import { writerFor } from '../writers.ts';
import { holdYoungGeneration } from '../young-generation.ts';
import { unknownRule } from './rules.ts';

/** Resolves to the exit status. */
export async function runInspect(paths: readonly string[], options: InspectOptions): Promise<number> {
  for (const id of options.selection.rules) if (findRule(id) === undefined) throw new Complaint(unknownRule(id));
  const { output: report, write, share, eml } = options;
  if ([...paths, report, write, share, eml].includes('')) {
    throw new Complaint('the name of a file is empty; look where it comes from, a variable of the shell perhaps');
  }
  if (paths.filter((path) => path === '-').length > 1) throw new Complaint('standard input (-) can be read only once');
  const inputs = paths.filter((path) => path !== '-');
  const output = report === null ? standardOutput() : fileOutput(report, options.force, inputs);
  const again = write === null && share === null ? null : await inputsAgain(options.limits);
  const files: NewCapture[] = [];
  try {
    await openNewCaptures(options, inputs, again, files);
    const captures: string[] = [];
    const writer = await writerFor({ ...options, captures, severalCaptures: paths.length > 1 });
    return await new Run(paths, options, writer, output, captures, files, again).run();
  } catch (error) {
    output.abandon();
    for (const file of files) file.abandon();
    throw error;
  } finally {
    again?.remove();
  }
}

async function inputsAgain(limits: InspectOptions['limits']): Promise<InputsAgain> {
  const { InputsAgain } = await import('../inputs-again.ts');
  return new InputsAgain(limits);
}

/** What `--write` and `--share` make when the run is over. */
interface NewCapture {
  session(report: SessionReport): void;
  finish(captures: readonly string[], summary: SummaryReport, onProgress: OnProgress): Promise<string>;
  abandon(): void;
}

async function openNewCaptures(
  { write, share, output, force, ports }: InspectOptions,
  inputs: readonly string[],
  again: InputsAgain | null,
  files: NewCapture[],
): Promise<void> {
  const named = [output, write, share].filter((path) => path !== null);
  const twice = named.find((path, index) => named.findIndex((other) => resolve(other) === resolve(path)) < index);
  if (twice !== undefined) throw new Complaint(`${twice}: is named as two outputs; choose two names`);
  if (again === null) return;
  if (write !== null) {
    const { PacketsFile } = await import('../write-packets.ts');
    files.push(new PacketsFile(write, force, inputs, again));
  }
  if (share !== null) {
    const { SharedFile } = await import('../share-packets.ts');
    files.push(new SharedFile(share, force, inputs, again, ports));
  }
}

/** A stall of a capture that is not being made now: shorter ones let no time pass. */
const SLOW_MS = 500;

class Run {
  readonly #paths: readonly string[];
  readonly #options: InspectOptions;
  readonly #writer: ReportWriter;
  readonly #output: Sink;
  /** Names of the captures that gave at least one packet or could be read to their end. */
  readonly #captures: string[];
  readonly #newCaptures: readonly NewCapture[];
  readonly #again: InputsAgain | null;
  /** Made with the first capture, when it is known whether that is still being made. */
  #analysis: Analysis | null = null;
  #isRunning = false;
  readonly #progress: Progress;
  /** What is passed over is counted where it is asked for. */
  readonly #skipped: Skipped | null;
  readonly #select: AnalysisOptions['select'];
  readonly #writeMessages: ((report: SessionReport) => void) | null;
  #hasBegun = false;
  #failed = false;
  #sessions = 0;
  #worst: Severity | null = null;

  constructor(
    paths: readonly string[],
    options: InspectOptions,
    writer: ReportWriter,
    output: Sink,
    captures: string[],
    newCaptures: readonly NewCapture[],
    again: InputsAgain | null,
  ) {
    this.#paths = paths;
    this.#options = options;
    this.#writer = writer;
    this.#output = output;
    this.#captures = captures;
    this.#newCaptures = newCaptures;
    this.#again = again;
    this.#writeMessages = options.eml === null ? null : messageFiles(options.eml);
    this.#skipped = options.verbose ? new Skipped(options.selection) : null;
    this.#select = this.#skipped?.select ?? selector(options.selection) ?? undefined;
    // A progress line would run into a transcript on the same terminal.
    const isSeen = process.stderr.isTTY === true && (options.output !== null || process.stdout.isTTY !== true);
    const isOn = options.progress && !options.quiet && isSeen;
    // The packets of the selected sessions are looked for, and then copied.
    const times = options.write === null ? 1 : 3;
    this.#progress = new Progress(isOn, isOn ? bytesOf(paths, times) : null);
  }

  async run(): Promise<number> {
    for (const path of this.#paths) await this.#read(path);
    if (this.#analysis !== null) {
      await this.#writeNewCaptures(this.#finish(this.#analysis));
    } else {
      this.#output.abandon();
      for (const file of this.#newCaptures) file.abandon();
    }
    return exitCode({ failed: this.#failed, worst: this.#worst }, this.#options.failOn);
  }

  async #read(path: string): Promise<void> {
    const name = path === '-' ? 'standard input' : path;
    const sink = new BegunByItsFirstPacket((timeUs) => this.#beginCapture(path, timeUs));
    try {
      this.#endCapture(name, sink, await this.#readInto(path, name, sink));
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      this.#failed = true;
      this.#say(`${name}: ${error.message}`, true);
      if (sink.hasBegun && error.facts !== null) this.#endCapture(name, sink, error.facts);
    }
  }

  async #readInto(path: string, name: string, sink: BegunByItsFirstPacket): Promise<CaptureFacts> {
    const onProgress = (read: number): void => {
      holdYoungGeneration();
      this.#progress.update(name, read, this.#sessions);
    };
    const tick = (): void => this.#output.flush();
    // Time goes on for open sessions though the capture says nothing; a file that comes slowly says it soon enough.
    const idle = (elapsedMs: number): void => {
      if (sink.hasBegun && (this.#isRunning || elapsedMs >= SLOW_MS)) {
        this.#analysis?.tick(sink.lastUs + elapsedMs * 1000);
      }
      this.#output.flush();
    };
    const reading = { onProgress, tick, idle, limits: this.#options.limits };
    if (path === '-' && process.stdin.isTTY) {
      throw new Complaint('standard input is a terminal; pipe a capture into it');
    }
    const spool = this.#again?.spoolFor(path) ?? null;
    if (path === '-' || spool !== null) {
      const { readCaptureStream } = await import('../../capture/source/stream.ts');
      const input = path === '-' ? new StandardInput() : null;
      const stream = input?.stream ?? createReadStream(path);
      const isLeft = (): boolean => input?.isLeft === true;
      try {
        return (await readCaptureStream(spool?.copying(stream) ?? stream, sink, { ...reading, isLeft })).facts;
      } catch (error) {
        throw spool?.failure ?? error;
      } finally {
        input?.release();
        if (isLeft())
          this.#say('standard input had not ended when the run was: what was still to come is left out', true);
      }
    }
    const { readCapture } = await import('../../capture/source/file.ts');
    return await readCapture(path, sink, reading);
  }

  #beginCapture(path: string, timeUs: number): Analysis {
    this.#captures.push(path);
    this.#analysis ??= this.#analyse(timeUs);
    this.#analysis.beginCapture(path);
    return this.#analysis;
  }

  /** `timeUs`: of the first packet; NaN when there is none. */
  #analyse(timeUs: number): Analysis {
    const { ports, body, eml, limits } = this.#options;
    // Alone: where captures are read one after the other, nobody waits for the sessions of one.
    const isStream = this.#paths.length === 1 && this.#paths[0] === '-' && !fstatSync(0).isFile();
    this.#isRunning = isStream && isRunning(timeUs, Date.now());
    return createAnalysis(
      {
        ports,
        keepBodies: body === 'full' || eml !== null,
        store: new SpillFile(),
        limits: this.#isRunning ? { lingerUs: RUNNING_LINGER_US, ...limits } : limits,
        ...(this.#select === undefined ? {} : { select: this.#select }),
      },
      (report) => this.#session(report),
    );
  }

  #endCapture(name: string, sink: BegunByItsFirstPacket, facts: CaptureFacts): void {
    (sink.inner ?? sink.begin(Number.NaN)).endCapture(facts);
    if (this.#options.verbose) {
      const packed = facts.compression === null ? '' : `, ${facts.compression}`;
      this.#say(`${name}: ${facts.format}${packed}, ${facts.packets} packets, ${facts.bytes} bytes`, true);
    }
  }

  #session(report: SessionReport): void {
    this.#sessions++;
    for (const { severity } of report.findings) this.#worst = worse(this.#worst, severity);
    this.#begin();
    this.#output.write(this.#writer.session(report));
    this.#writeMessages?.(report);
    for (const file of this.#newCaptures) file.session(report);
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#output.write(this.#writer.begin());
  }

  #finish(analysis: Analysis): SummaryReport {
    const summary = analysis.finish();
    for (const { severity } of summary.crossFindings) this.#worst = worse(this.#worst, severity);
    this.#begin();
    this.#output.write(this.#writer.end(summary));
    this.#output.commit();
    for (const warning of warningsOf(summary)) this.#say(`warning: ${warning}`);
    for (const sentence of this.#skipped?.sentences(summary, this.#options.ports) ?? []) this.#say(sentence);
    this.#hint(summary);
    return summary;
  }

  async #writeNewCaptures(summary: SummaryReport): Promise<void> {
    const progress = (name: string, read: number): void =>
      this.#progress.update(name === '-' ? 'standard input' : name, read, this.#sessions);
    for (const file of this.#newCaptures) this.#say(await file.finish(this.#captures, summary, progress), true);
  }

  #hint(summary: SummaryReport): void {
    if (summary.sessions > 0 || this.#failed) return;
    const { ports } = this.#options;
    if (ports === 'any') this.#say('no SMTP session on any port');
    else this.#say(`no session on port ${ports.join(', ')}; --ports any finds SMTP on every port by what is said`);
  }

  /** A line on standard error; with --quiet only what must be said. */
  #say(text: string, always = false): void {
    if (this.#options.quiet && !always) return;
    this.#progress.clear();
    sayOnStderr(text);
  }
}

/** Bytes that will be read; null where one of the captures is no file. */
function bytesOf(paths: readonly string[], times: number): number | null {
  let sum = 0;
  for (const path of paths) {
    const file = path === '-' ? undefined : statSync(path, { throwIfNoEntry: false });
    if (file?.isFile() !== true) return null;
    sum += file.size;
  }
  return sum * times;
}

/** A capture counts from its first packet, or from its end: what is none has no place in the summary. */
class BegunByItsFirstPacket implements PacketSink {
  /** Null until it has begun. */
  inner: Analysis | null = null;
  /** Time of the latest packet that had one. */
  lastUs = Number.NaN;
  readonly #onBegin: (timeUs: number) => Analysis;

  /** `onBegin` is told the time of the first packet. */
  constructor(onBegin: (timeUs: number) => Analysis) {
    this.#onBegin = onBegin;
  }

  get hasBegun(): boolean {
    return this.inner !== null;
  }

  begin(timeUs: number): Analysis {
    this.inner ??= this.#onBegin(timeUs);
    return this.inner;
  }

  packet(bytes: Buffer, start: number, end: number, meta: PacketMeta): void {
    this.lastUs = meta.timeUs;
    (this.inner ?? this.begin(meta.timeUs)).packet(bytes, start, end, meta);
  }

  comment(frame: number, text: string): void {
    (this.inner ?? this.begin(Number.NaN)).comment?.(frame, text);
  }
}
