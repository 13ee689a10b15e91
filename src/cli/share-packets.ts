/**
 * `--share`: the packets of the selected sessions as a capture that may be shown to strangers. Before it is written, what
 * is to be written is analysed: a session whose findings would not be the same is left out, and said.
 */
import { randomBytes } from 'node:crypto';
import { PcapngWriter } from '../capture/write/pcapng-writer.ts';
import { type AnalysisOptions, createAnalysis } from '../inspect.ts';
import { packetComments } from '../report/packet-comments.ts';
import type { SessionReport, SummaryReport } from '../report/report.ts';
import { Pseudonyms } from '../share/pseudonyms.ts';
import { isReserved, TextScrubber } from '../share/scrub-text.ts';
import { SharedPackets, StreamReading } from '../share/shared-packets.ts';
import { SharedSession } from '../share/shared-session.ts';
import type { InputsAgain, OnProgress } from './inputs-again.ts';
import { fileOutput, type Sink } from './sink.ts';
import { packageVersion } from './version.ts';
import { commentLine, counted } from './write-packets.ts';

/** Names are drawn anew where a drawn one happened to mean something. */
const DRAWS = 2;
/** Session numbers that a sentence names. */
const NAMED_SESSIONS = 20;

interface Expected {
  readonly shared: SharedSession;
  readonly findings: readonly Found[];
}

interface Found {
  readonly what: string;
  readonly frames: readonly (number | null)[];
}

interface Trial {
  readonly names: Pseudonyms;
  readonly reports: Map<number, string[]>;
  readonly failing: ReadonlySet<SharedSession>;
}

export class SharedFile {
  readonly #path: string;
  readonly #sink: Sink;
  readonly #inputs: InputsAgain;
  readonly #ports: AnalysisOptions['ports'];
  readonly #expected: Expected[] = [];

  constructor(
    path: string,
    force: boolean,
    inputs: readonly string[],
    again: InputsAgain,
    ports: AnalysisOptions['ports'],
  ) {
    this.#path = path;
    this.#sink = fileOutput(path, force, inputs);
    this.#inputs = again;
    this.#ports = ports;
  }

  session(report: SessionReport): void {
    this.#expected.push({ shared: new SharedSession(report.session), findings: foundIn(report) });
  }

  /** Writes the file, whole or not at all; resolves to a sentence for the user. Throws `Complaint`. */
  async finish(captures: readonly string[], _summary: SummaryReport, onProgress: OnProgress): Promise<string> {
    const streams = new StreamReading(this.#expected.map(({ shared }) => shared));
    for (const name of captures) {
      streams.beginCapture();
      await this.#inputs.read(name, streams, onProgress);
    }
    let kept: readonly Expected[] = this.#expected;
    let trial = await this.#try(captures, kept, onProgress);
    for (let draw = 1; trial.failing.size > 0; draw++) {
      if (draw >= DRAWS) {
        const { failing } = trial;
        kept = kept.filter(({ shared }) => !failing.has(shared));
      }
      trial = await this.#try(captures, kept, onProgress);
    }
    const packets = await this.#write(captures, kept, trial, onProgress);
    const left = this.#expected.filter((one) => !kept.includes(one)).map(({ shared }) => shared.id);
    const without =
      left.length === 0
        ? ''
        : `; left out because their findings would not be the same: ${left.slice(0, NAMED_SESSIONS).join(', ')}${left.length > NAMED_SESSIONS ? ' …' : ''}`;
    return (
      `${this.#path}: ${counted(packets, 'packet')} of ${counted(kept.length, 'session')}, addresses, names, ` +
      `credentials and messages replaced${without}; look through it before you post it`
    );
  }

  abandon(): void {
    this.#sink.abandon();
  }

  /** Draws names, and analyses what would be written with them. */
  async #try(captures: readonly string[], sessions: readonly Expected[], onProgress: OnProgress): Promise<Trial> {
    const names = new Pseudonyms(randomBytes(32), isReserved);
    const text = new TextScrubber(names);
    for (const { shared } of sessions) shared.scrub(names, text);
    const frames = new Map<string, number>();
    const found = new Map<string, readonly Found[]>();
    const reports = new Map<number, string[]>();
    const analysis = createAnalysis({ ports: this.#ports, keepBodies: false }, (report) => {
      found.set(keyOf(report.session.client, report.session.server, report.session.frames.first), foundIn(report));
      for (const { frame, text: words } of packetComments(report)) {
        reports.set(frame, [...(reports.get(frame) ?? []), commentLine(words)]);
      }
    });
    let capture = 0;
    const packets = new SharedPackets(
      sessions.map(({ shared }) => shared),
      names,
      (packet, meta, originalFrame) => {
        frames.set(`${capture} ${originalFrame}`, meta.frame);
        analysis.packet(packet, 0, packet.length, meta);
      },
    );
    analysis.beginCapture('shared');
    for (capture = 0; capture < captures.length; capture++) {
      packets.beginCapture();
      await this.#inputs.read(captures[capture] as string, packets, onProgress);
    }
    analysis.finish();
    const failing = new Set<SharedSession>();
    for (const { shared, findings } of sessions) {
      const end = ({ address, port }: SharedSession['client']) => ({ address: names.address(address) ?? '', port });
      const first = frames.get(`${shared.capture} ${shared.frames.first}`) ?? 0;
      const there = found.get(keyOf(end(shared.client), end(shared.server), first));
      const wanted = findings.map(({ what, frames: of }) => [
        what,
        ...of.map((frame) => (frame === null ? null : (frames.get(`${shared.capture} ${frame}`) ?? frame))),
      ]);
      const got = there?.map(({ what, frames: of }) => [what, ...of]);
      if (JSON.stringify(wanted) !== JSON.stringify(got)) failing.add(shared);
    }
    return { names, reports, failing };
  }

  async #write(
    captures: readonly string[],
    sessions: readonly Expected[],
    { names, reports }: Trial,
    onProgress: OnProgress,
  ): Promise<number> {
    const writer = new PcapngWriter(`smtpscope ${packageVersion()}`);
    this.#sink.write(writer.begin());
    let count = 0;
    const packets = new SharedPackets(
      sessions.map(({ shared }) => shared),
      names,
      (packet, meta) => {
        count++;
        for (const block of writer.packet(packet, 0, packet.length, meta, reports.get(meta.frame) ?? [])) {
          this.#sink.write(block);
        }
      },
    );
    for (const name of captures) {
      packets.beginCapture();
      await this.#inputs.read(name, packets, onProgress);
    }
    this.#sink.commit();
    return count;
  }
}

/** What must be the same in the original and in what is shared. */
function foundIn({ findings }: SessionReport): Found[] {
  return findings.map(({ rule, severity, confidence, evidence }) => ({
    what: [
      rule,
      severity,
      confidence,
      ...evidence.map(({ turn, direction, offset, length }) => `${turn} ${direction} ${offset} ${length}`),
    ].join(', '),
    frames: evidence.map(({ frame }) => frame),
  }));
}

function keyOf(client: SharedSession['client'], server: SharedSession['server'], frame: number): string {
  return `${client.address} ${client.port} ${server.address} ${server.port} ${frame}`;
}
