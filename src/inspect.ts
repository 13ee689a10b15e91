/**
 * The whole pipeline on one page: packets in, explained sessions out. This is the place that joins the rooms; it has
 * no I/O and no clock.
 *
 *   packet ── wire ── reassembly ──┬── smtp: dialogue ── (session ends) ── smtp: session
 *                                  └── (nothing was said) ───────────────────────┤
 *                              findings: diagnose, history, across ── report ── onSession
 */
import { ByteChains, type SpillStore } from './bytes/byte-chains.ts';
import type { CaptureFacts, PacketMeta, PacketSink } from './capture/packet-sink.ts';
import { Across } from './findings/across/across.ts';
import { diagnose } from './findings/diagnose.ts';
import { headline } from './findings/headline.ts';
import { History } from './findings/history.ts';
import { ANALYSIS_LIMITS, type AnalysisLimits } from './limits.ts';
import { Assembler, type ConnectionHandler } from './reassembly/assembler.ts';
import type { Connection } from './reassembly/connection.ts';
import type { ForgottenServers } from './reassembly/forgotten-servers.ts';
import type { IpFragmentCounters } from './reassembly/ip-fragments.ts';
import type { StreamListener } from './reassembly/stream-listener.ts';
import type { CaptureReport, SessionReport, SummaryReport } from './report/report.ts';
import { DecodedSession } from './smtp/build-session.ts';
import { type CompletedTurn, followTurns } from './smtp/completed-turn.ts';
import { type DecoderOptions, DialogueDecoder, replyCode } from './smtp/dialogue.ts';
import { Reached } from './smtp/limits.ts';
import { Recogniser } from './smtp/recogniser.ts';
import type { Outcome } from './smtp/session.ts';
import { watchAllPorts, watchPorts } from './wire/frame-view.ts';
import { linkTypeName } from './wire/link-types.ts';

export interface AnalysisOptions {
  /** Server ports, or `any`: SMTP is found on every port by what is said. */
  readonly ports: readonly number[] | 'any';
  /** Keep whole message texts (`--body full`). */
  readonly keepBodies: boolean;
  /** Which sessions are handed on; numbers and cross findings do not depend on it. */
  readonly select?: (report: SessionReport) => boolean;
  /** Where they differ from the defaults of limits.ts. */
  readonly limits?: Partial<AnalysisLimits>;
  /**
   * Where open sessions go that memory has no room for. Without one, those that have grown least recently are cut to
   * their beginnings. It is closed by `finish`.
   */
  readonly store?: SpillStore & { close(): void };
  /** Told of each turn the moment it is complete, long before its session is handed on. */
  readonly onTurn?: (connection: Connection, turn: CompletedTurn) => void;
}

export const DEFAULT_PORTS: readonly number[] = [24, 25, 465, 587, 2525];

export interface Analysis extends PacketSink {
  /** The packets that follow belong to this capture. */
  beginCapture(name: string): void;
  /** The current capture ends; `facts` come from its source. */
  endCapture(facts: CaptureFacts): void;
  /** No packet came, but the capture's clock stands here now: sessions age and are handed on. */
  tick(timeUs: number): void;
  /**
   * Attempts to connect of which no SYN came for `quietUs` are looked at as sessions from now on: the oldest `most` of
   * them, so that a flood costs no more than its table.
   */
  showAttempts(nowUs: number, quietUs: number, most: number): void;
  /** Sessions that are not over and for which `wanted` holds, in the order of their first packets. */
  underWay(wanted: (connection: Connection) => boolean): Connection[];
  /** What is known by `nowUs` of a session that is not over. It is not counted, and later sessions know nothing of it. */
  soFar(connection: Connection, nowUs: number): SessionReport;
  /**
   * Hands on what is still open and closes the run. Sessions that are open once `isLate` holds are counted in a warning
   * and not explained: a run that must end now does so however many there are.
   */
  finish(isLate?: () => boolean): SummaryReport;
}

/** `onSession` is called for each selected session as it ends; what it is given is lent until it returns. */
export function createAnalysis(options: AnalysisOptions, onSession: (report: SessionReport) => void): Analysis {
  return new Pipeline(options, onSession);
}

/** The order of packets is not kept to the microsecond where several interfaces, or processors, are captured. */
const CLOCK_JUMP_US = 1_000;

const EXPLAINED_TOGETHER = 16;

/** Servers of forgotten attempts that the warnings name. */
const NAMED_SERVERS = 20;

class Pipeline implements Analysis, ConnectionHandler {
  readonly #options: AnalysisOptions;
  readonly #onSession: (report: SessionReport) => void;
  readonly #assembler: Assembler;
  readonly #chains: ByteChains;
  readonly #history = new History();
  readonly #across = new Across();
  readonly #captures: CaptureReport[] = [];
  readonly #outcomes = new Map<Outcome, number>();
  readonly #findings = new Map<string, number>();
  #name = '';
  #sessions = 0;
  #selected = 0;
  /** Latest time of any packet, of this capture and of those before. */
  #lastUs = Number.NaN;
  #endedUs = Number.NaN;
  #isNewCapture = false;
  /** Captures that begin before the one before them ended. */
  #outOfOrder = 0;
  /** With `--ports any`: connections on the usual ports in which nothing was recognised. */
  #silentOnMailPorts = 0;
  /** Numbers of the selected sessions, where there is a selection. */
  readonly #chosen = new Set<number>();
  /** Of the packet before, in this capture, and how often a packet lay before its predecessor. */
  #beforeUs = Number.NaN;
  #timesBack = 0;
  #largestBackUs = 0;
  #firstBackFrame = 0;
  /** Of the packets of this capture, as far as its source hands them on. */
  #comments: Map<number, string> | null = null;
  #commented = 0;
  readonly #decoderOptions: DecoderOptions;
  /** Headers that a packet may lie in. */
  readonly #nesting: number;
  #sessionsCut = 0;
  #messagesCut = 0;
  #queuesFull = 0;
  #undecided = 0;
  #uncompared = 0;
  #handshakesCut = 0;
  #isLate: (() => boolean) | null = null;
  /** Sessions that are over and not explained yet; between two packets there are none. */
  readonly #built: DecodedSession[] = [];
  /** Sessions that were open when it was too late to explain them. */
  #leftOut = 0;

  constructor(options: AnalysisOptions, onSession: (report: SessionReport) => void) {
    this.#options = options;
    this.#onSession = onSession;
    const limits = { ...ANALYSIS_LIMITS, ...options.limits };
    this.#decoderOptions = { keepBodies: options.keepBodies, limits };
    this.#nesting = limits.nesting;
    this.#chains = new ByteChains({
      limitBytes: limits.openBytes,
      store: options.store ?? null,
    });
    const isAny = options.ports === 'any';
    this.#assembler = new Assembler(this, {
      ports: options.ports === 'any' ? watchAllPorts() : watchPorts(options.ports),
      numberLater: isAny,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
  }

  beginCapture(name: string): void {
    this.#name = name;
    this.#comments = null;
    this.#commented = this.#captures.length;
    this.#beforeUs = Number.NaN;
    this.#timesBack = 0;
    this.#largestBackUs = 0;
    this.#assembler.beginCapture(this.#captures.length);
    this.#endedUs = this.#lastUs;
    this.#isNewCapture = this.#captures.length > 0;
  }

  endCapture(facts: CaptureFacts): void {
    const { unreadLinkTypes } = this.#assembler.counters;
    const unread = [...unreadLinkTypes].map(([linkType, packets]) => ({
      linkType,
      name: linkTypeName(linkType),
      packets,
    }));
    unreadLinkTypes.clear();
    const timeBack =
      this.#timesBack === 0
        ? null
        : { count: this.#timesBack, largestUs: this.#largestBackUs, frame: this.#firstBackFrame };
    this.#captures.push({ lastUs: this.#lastUs, unread, timeBack, ...facts, name: this.#name });
  }

  packet(bytes: Buffer, start: number, end: number, meta: PacketMeta): void {
    if (this.#isNewCapture) {
      this.#isNewCapture = false;
      // Connections go on into the next capture only when it begins where the last one ended, or later.
      if (!(meta.timeUs >= this.#endedUs)) {
        this.#assembler.finish();
        this.#explain();
        this.#outOfOrder++;
      }
    }
    if (!(meta.timeUs <= this.#lastUs)) this.#lastUs = meta.timeUs;
    if (meta.timeUs < this.#beforeUs - CLOCK_JUMP_US) this.#goBack(meta);
    this.#beforeUs = meta.timeUs;
    this.#assembler.packet(bytes, start, end, meta);
    if (this.#built.length > 0) this.#explain();
  }

  #goBack({ timeUs, frame }: PacketMeta): void {
    if (this.#timesBack++ === 0) this.#firstBackFrame = frame;
    this.#largestBackUs = Math.max(this.#largestBackUs, this.#beforeUs - timeUs);
  }

  comment(frame: number, text: string): void {
    this.#comments ??= new Map();
    this.#comments.set(frame, text);
  }

  tick(timeUs: number): void {
    this.#assembler.tick(timeUs);
    this.#explain();
  }

  showAttempts(nowUs: number, quietUs: number, most: number): void {
    this.#assembler.showAttempts(nowUs, quietUs, most);
    this.#explain();
  }

  underWay(wanted: (connection: Connection) => boolean): Connection[] {
    return this.#assembler.open((connection) => connection.id > 0 && !connection.ignored && wanted(connection));
  }

  soFar(connection: Connection, nowUs: number): SessionReport {
    const session = new DecodedSession(connection, decoderOf(connection), {
      keepBodies: this.#options.keepBodies,
      quietSeconds: (nowUs - connection.endUs) / 1e6,
      isLast: true,
    });
    const findings = diagnose(session.beforeTurn, this.#history);
    return { session, findings, headline: headline(session, findings) };
  }

  finish(isLate?: () => boolean): SummaryReport {
    this.#isLate = isLate ?? null;
    this.#assembler.finish();
    this.#explain();
    this.#options.store?.close();
    // What is about a capture, or about nobody's sessions, is told whatever was selected.
    const crossFindings = this.#across
      .finish(this.#captures)
      .filter(
        ({ sessions }) =>
          this.#options.select === undefined || sessions.length === 0 || sessions.some((id) => this.#chosen.has(id)),
      );
    for (const { rule } of crossFindings) this.#count(rule);
    return {
      captures: this.#captures,
      sessions: this.#sessions,
      selected: this.#selected,
      outcomes: this.#outcomes,
      findings: this.#findings,
      crossFindings,
      warnings: this.#warnings(),
    };
  }

  open(connection: Connection): StreamListener {
    const { onTurn } = this.#options;
    const decoder = (): DialogueDecoder => {
      const made = new DialogueDecoder(this.#decoderOptions, connection.startCaptured, this.#chains);
      if (onTurn !== undefined) followTurns(made, (turn) => onTurn(connection, turn));
      return made;
    };
    if (this.#options.ports !== 'any') return decoder();
    return new Recogniser(
      () => {
        this.#assembler.assignId(connection);
        return decoder();
      },
      () => {
        connection.ignored = true;
      },
    );
  }

  speaksLikeServer(bytes: Buffer): boolean {
    return replyCode(bytes, 0, bytes.length) > 0;
  }

  closed(connection: Connection, known: boolean): void {
    if (connection.id === 0) {
      if (DEFAULT_PORTS.includes(connection.serverPort) && !connection.hasPayload) this.#silentOnMailPorts++;
      return;
    }
    const decoder = decoderOf(connection);
    if (this.#isLate?.() === true) {
      this.#leftOut++;
      decoder?.release();
      return;
    }
    decoder?.end();
    const session = new DecodedSession(connection, decoder, {
      keepBodies: this.#options.keepBodies,
      quietSeconds: (this.#lastUs - connection.endUs) / 1e6,
      isLast: known,
    });
    if (decoder !== null) {
      if (decoder.sessionCut) this.#sessionsCut++;
      if (decoder.overflow) this.#queuesFull++;
      if (decoder.tls?.isCut === true) this.#handshakesCut++;
      if (decoder.reached !== 0) this.#countReached(decoder.reached);
      decoder.release();
    }
    this.#built.push(session);
    // Who may be late looks at the clock after each.
    if (this.#built.length >= EXPLAINED_TOGETHER || this.#isLate !== null) this.#explain();
  }

  /**
   * Explains and hands on what was built. Building, explaining and printing are three bodies of code and data: each does
   * several sessions before the next has its turn.
   */
  #explain(): void {
    const reports: SessionReport[] = [];
    // Taken out first: whoever is handed a session may throw, and is not handed it again.
    for (const session of this.#built.splice(0)) {
      const asked = session.beforeTurn;
      const findings = diagnose(asked, this.#history);
      this.#across.see(asked, findings);
      this.#history.see(asked);
      this.#sessions++;
      reports.push({
        session,
        findings,
        headline: headline(session, findings),
        comments: session.capture === this.#commented ? this.#comments : null,
      });
    }
    // The first comes first, and is held by nothing here while the next ones are handed on.
    reports.reverse();
    for (let report = reports.pop(); report !== undefined; report = reports.pop()) this.#handOn(report);
  }

  #handOn(report: SessionReport): void {
    const { session, findings } = report;
    if (this.#options.select !== undefined && !this.#options.select(report)) return;
    if (this.#options.select !== undefined) this.#chosen.add(session.id);
    this.#selected++;
    this.#outcomes.set(session.outcome, (this.#outcomes.get(session.outcome) ?? 0) + 1);
    for (const { rule } of findings) this.#count(rule);
    this.#onSession(report);
  }

  #countReached(reached: number): void {
    if ((reached & Reached.message) !== 0) this.#messagesCut++;
    if ((reached & Reached.undecided) !== 0) this.#undecided++;
    if ((reached & Reached.comparisons) !== 0) this.#uncompared++;
  }

  #count(rule: string): void {
    this.#findings.set(rule, (this.#findings.get(rule) ?? 0) + 1);
  }

  /** What acted or was passed over, in sentences. */
  #warnings(): string[] {
    const warnings: string[] = [];
    const { fragments, evicted, forced, implausible, malformed, cutHeaders, forgotten, encryptedFrames, tooDeep } =
      this.#assembler.counters;
    const unread = new Map<number, number>();
    for (const one of this.#captures.flatMap((capture) => capture.unread)) {
      unread.set(one.linkType, (unread.get(one.linkType) ?? 0) + one.packets);
    }
    for (const [linkType, packets] of unread) {
      warnings.push(`${count(packets, 'packet')} of link type ${linkTypeName(linkType)} (${linkType}) were not read`);
    }
    if (this.#options.ports !== 'any') warnings.push(...forgottenWarnings(forgotten));
    if (this.#outOfOrder > 0)
      warnings.push(
        `${this.#outOfOrder === 1 ? 'A capture begins' : `${this.#outOfOrder} captures begin`} before the one before it ended: no connection was followed from one into the other; give captures in the order of their time, each once`,
      );
    if (this.#silentOnMailPorts > 0)
      warnings.push(
        `${count(this.#silentOnMailPorts, 'connection')} to ports of mail in which nothing was said ${this.#silentOnMailPorts === 1 ? 'is' : 'are'} left out: without --ports any they are explained`,
      );
    if (evicted > 0) warnings.push(`${count(evicted, 'session')} ended early: too many connections were open at once`);
    if (forced > 0) warnings.push(`${count(forced, 'hole')} given up early: too many bytes waited behind them`);
    if (this.#leftOut > 0)
      warnings.push(
        `${count(this.#leftOut, 'session')} still open at the end left out: there was no time to explain more`,
      );
    if (this.#sessionsCut > 0)
      warnings.push(`${count(this.#sessionsCut, 'session')} said more than is kept: their last turns are not shown`);
    if (this.#messagesCut > 0)
      warnings.push(
        `${count(this.#messagesCut, 'session')} with longer messages, or header sections, than are kept: what is over is only counted`,
      );
    if (this.#queuesFull > 0)
      warnings.push(
        `${count(this.#queuesFull, 'session')} with more commands without a reply than are followed: which reply is whose is not known for the rest`,
      );
    if (this.#undecided > 0)
      warnings.push(
        `${count(this.#undecided, 'session')} with too much behind DATA before its reply came: whether it is a message was told by its look`,
      );
    if (this.#uncompared > 0)
      warnings.push(
        `${count(this.#uncompared, 'session')} with more repeated bytes than are compared: a difference in the rest was not looked for`,
      );
    if (this.#handshakesCut > 0)
      warnings.push(
        `${count(this.#handshakesCut, 'session')} with more in the TLS handshake than is kept: lists, names or alerts are not whole`,
      );
    if (implausible > 0)
      warnings.push(
        `${count(implausible, 'segment')} with sequence numbers far from those of ${implausible === 1 ? 'its' : 'their'} connection ${implausible === 1 ? 'was' : 'were'} passed over`,
      );
    if (malformed > 0)
      warnings.push(`${count(malformed, 'packet')} with lengths that contradict each other were passed over`);
    if (cutHeaders > 0)
      warnings.push(
        `${count(cutHeaders, 'packet')} ${cutHeaders === 1 ? 'was' : 'were'} cut by the snapshot length before ${cutHeaders === 1 ? 'its' : 'their'} headers ended and ${cutHeaders === 1 ? 'was' : 'were'} not read: capture whole packets (\`tcpdump -s 0\`)`,
      );
    if (encryptedFrames > 0)
      warnings.push(
        `${count(encryptedFrames, 'frame')} of a wireless network are encrypted and were not read; Wireshark, given the key, can decrypt them into a new capture`,
      );
    if (tooDeep > 0)
      warnings.push(`${count(tooDeep, 'packet')} in more than ${this.#nesting} nested headers were not read`);
    const lost = fragments.counters;
    const incomplete = lost.timedOut + lost.evicted + lost.open + lost.cut;
    if (incomplete > 0)
      warnings.push(`${count(incomplete, 'fragmented datagram')} never became whole${reasonsOf(lost)}`);
    return warnings;
  }
}

/** Who reads it; null where nothing was said, or (with `--ports any`) nothing that is SMTP. */
function decoderOf({ listener }: Connection): DialogueDecoder | null {
  const reader = listener instanceof Recogniser ? listener.reader : listener;
  return reader instanceof DialogueDecoder ? reader : null;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Why fragments did not become a datagram, where it was more than a piece that is not there. */
function reasonsOf({ evicted, cut }: IpFragmentCounters): string {
  const reasons = [
    ...(evicted > 0 ? [`${evicted} made room for others`] : []),
    ...(cut > 0 ? [`${cut} cut by the snapshot length`] : []),
  ];
  return reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
}

function forgottenWarnings(forgotten: ForgottenServers): string[] {
  const servers = forgotten.list();
  const named = servers.slice(0, NAMED_SERVERS).map(({ server: { address, port }, attempts }) => {
    const server = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
    return `${count(attempts, 'half-open connection')} to ${server} were not kept: too many at once`;
  });
  const rest = servers.slice(NAMED_SERVERS).reduce((sum, { attempts }) => sum + attempts, forgotten.others);
  if (rest > 0) named.push(`${count(rest, 'half-open connection')} to other servers were not kept: too many at once`);
  return named;
}
