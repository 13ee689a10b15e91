/**
 * The transcript of sessions that go on at the same time: each turn is printed when it is complete, with the number of
 * its session before every line.
 *
 *     #1    192.0.2.7:34131 → 198.51.100.25:25  2026-11-24T07:00:01.123Z
 *     #1       4    0.061  S: 220 mail.example.net ESMTP
 *     #2    …
 *     #1       5    0.062  C: EHLO client.example
 *     #1    -- closed by the client after 0.095 s: aborted, 1 error
 *     #1    ^^ error ehlo-quit-auth-offered: …
 *
 * What one line costs does not depend on how much was said before it.
 */
import type { Finding } from '../../findings/rule.ts';
import { decodeEncodedWords } from '../../message/encoded-words.ts';
import { headerSectionEnd } from '../../message/header-section.ts';
import { dateOf, isExact } from '../../report/instant.ts';
import { mayHoldSecret, shownLines } from '../../report/redact.ts';
import type { SessionReport, SummaryReport } from '../../report/report.ts';
import { unstuff } from '../../smtp/build-session.ts';
import type { CompletedTurn } from '../../smtp/completed-turn.ts';
import type { Endpoint, Instant, Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { decodeWireText } from '../../smtp/wire-text.ts';
import { printable } from '../printable.ts';
import type { Chunk } from '../writer.ts';
import { Explanations } from './explanations.ts';
import { columnsMaker, counted, duration, grouped, type Layout, styled } from './layout.ts';
import { Page } from './page.ts';
import { SummaryText } from './summary-text.ts';
import type { TerminalOptions } from './terminal.ts';
import { GOOD_OUTCOMES, verdict, worstSeverity } from './verdict.ts';
import { columnsOrAny, proseWidth, wrap } from './wrap.ts';

/** What is known of a session from its first packet on. */
export interface OpenSession {
  readonly id: number;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly start: Instant;
  /** Its first packet was not captured. */
  readonly fromTheMiddle: boolean;
}

/** What is remembered of a session between two of its lines. */
interface Shown {
  readonly session: OpenSession;
  readonly mark: string;
  previousUs: number;
  /** Turns of AUTH exchanges that replies may still quote, by number; the last few. */
  readonly secrets: Turn[];
  /** Findings that stand in the transcript already, and those whose causes and remedies do. */
  readonly told: Set<string>;
  readonly explained: Set<string>;
}

const FRAME_WIDTH = 6;
const TIME_WIDTH = { offset: 8, delta: 8, clock: 12 } as const;
const MARK_WIDTH = 6;
/** Silence before a line that is worth a word. */
const SLOW_US = 1_000_000;
const SECRETS_KEPT = 4;

export class LiveText {
  readonly #layout: Layout;
  readonly #page = new Page();
  readonly #explanations = new Explanations();
  readonly #summary = new SummaryText();
  readonly #shown = new Map<number, Shown>();

  constructor(options: TerminalOptions) {
    this.#layout = {
      page: this.#page,
      styles: options.styles,
      width: proseWidth(options.columns),
      room: columnsOrAny(options.columns),
      time: options.time,
      body: options.body,
      reveal: options.reveal,
      captures: options.captures,
      severalCaptures: false,
      verbose: options.verbose,
      columns: columnsMaker(options.styles),
    };
  }

  /** A turn that is complete, and the head of its session where this is its first line. */
  turn(session: OpenSession, completed: CompletedTurn): Chunk {
    this.#page.clear();
    const shown = this.#begun(session);
    this.#writeTurn(shown, completed);
    return this.#page.view();
  }

  /** What can be said of a session in which nothing is said. */
  waiting(session: OpenSession, words: string): Chunk {
    this.#page.clear();
    const shown = this.#begun(session);
    this.#writeAside(shown, words);
    return this.#page.view();
  }

  /**
   * Findings that no later packet takes back, while their session goes on. Causes and remedies follow at once where the
   * session is silent (`explain`), else when the dialogue is over.
   */
  early(session: OpenSession, findings: readonly Finding[], explain: boolean): Chunk {
    this.#page.clear();
    const shown = this.#begun(session);
    this.#writeFindings(shown, findings);
    if (explain) this.#explain(shown, findings);
    return this.#page.view();
  }

  /** A session is over, and only the summary tells of it. */
  count(report: SessionReport): void {
    this.#summary.add(report);
    this.#shown.delete(report.session.id);
  }

  /** A session is over. */
  end(report: SessionReport): Chunk {
    const { session, findings } = report;
    this.#page.clear();
    const { id, client, server, start, startCaptured } = session;
    const shown = this.#begun({ id, client, server, start, fromTheMiddle: !startCaptured });
    this.count(report);
    const { page, styles } = this.#layout;
    page.text(shown.mark);
    page.put(styles.aside.open);
    page.text(`-- ${closingWords(session)}: `);
    page.put(styles.aside.close);
    const worst = findings.length === 0 ? null : worstSeverity(findings);
    const good = GOOD_OUTCOMES.has(session.outcome) ? styles.good : styles.heading;
    styled(page, worst === null || worst === 'notice' ? good : styles[worst], verdict(report));
    const { encryption } = session;
    if (encryption !== null) {
      const known = [encryption.version, encryption.cipher, encryption.serverName].filter((part) => part !== null);
      if (known.length > 0) styled(page, styles.aside, ` (${printable(known.join(', '))})`);
    }
    page.newline();
    this.#writeFindings(shown, findings);
    this.#explain(shown, findings);
    return page.view();
  }

  summary(summary: SummaryReport): Chunk {
    this.#page.clear();
    this.#page.newline();
    this.#summary.write(this.#layout, summary);
    return this.#page.view();
  }

  #begun(session: OpenSession): Shown {
    const there = this.#shown.get(session.id);
    if (there !== undefined) return there;
    const mark = `#${session.id} `.padEnd(MARK_WIDTH);
    const shown: Shown = {
      session,
      mark,
      previousUs: session.start.us,
      secrets: [],
      told: new Set(),
      explained: new Set(),
    };
    this.#shown.set(session.id, shown);
    const { page, styles } = this.#layout;
    const { us } = session.start;
    const time = isExact(us) ? `${dateOf(us)}T${clockOf(us)}Z` : 'no time';
    page.text(mark);
    styled(page, styles.heading, `${endpoint(session.client)} → ${endpoint(session.server)}`);
    page.text(`  ${time}`);
    if (session.fromTheMiddle) styled(page, styles.aside, '  (its beginning was not captured)');
    page.newline();
    return shown;
  }

  #writeTurn(shown: Shown, { turn, message }: CompletedTurn): void {
    const { page, styles, time } = this.#layout;
    const side = turn.from === 'client' ? 'C: ' : 'S: ';
    page.text(shown.mark);
    page.put(styles.aside.open);
    page.integer(turn.frame, FRAME_WIDTH);
    page.text('  ');
    if (time === 'clock') page.clock(turn.timeUs);
    else page.seconds(turn.timeUs - (time === 'delta' ? shown.previousUs : shown.session.start.us), TIME_WIDTH[time]);
    page.put(styles.aside.close);
    page.text('  ');
    page.put(styles[turn.from].open);
    page.text(side);
    const next = (): void => {
      page.put(styles[turn.from].close);
      page.text(`\n${shown.mark}${' '.repeat(FRAME_WIDTH + 2 + TIME_WIDTH[time] + 2)}`);
      page.put(styles[turn.from].open);
      page.text(side);
    };
    if (message !== null) this.#writeMessage(turn, message, next);
    else if (turn.kind === 'gap') page.text(`[gap: ${counted(turn.bytes, 'byte')} of the ${turn.from} not captured]`);
    else if (turn.kind === 'tls') page.text(`[TLS: ${counted(turn.bytes, 'byte')}]`);
    else this.#writeLines(shown, turn, next);
    page.put(styles[turn.from].close);
    if (turn.cut && message === null) this.#writeNote(`only the beginning is kept of ${counted(turn.bytes, 'byte')}`);
    else if (!turn.complete && message === null && turn.kind !== 'gap' && turn.kind !== 'tls') {
      this.#writeNote('its end was not captured');
    }
    const silence = turn.timeUs - shown.previousUs;
    if (silence >= SLOW_US) this.#writeNote(`after ${duration(silence)}`);
    page.newline();
    shown.previousUs = turn.endTimeUs;
  }

  #writeLines(shown: Shown, turn: Turn, next: () => void): void {
    const { page, reveal } = this.#layout;
    const dialogue = { turns: turnsByNumber(shown.secrets) };
    if (turn.kind === 'auth' || turn.verb === 'AUTH') {
      shown.secrets.push(turn);
      if (shown.secrets.length > SECRETS_KEPT) shown.secrets.shift();
    }
    if (mayHoldSecret(dialogue, turn)) {
      shownLines(dialogue, turn, reveal).forEach((line, index) => {
        if (index > 0) next();
        page.wireText(line);
      });
      return;
    }
    const { raw } = turn;
    for (let at = page.wireLine(raw, 0, raw.length); at < raw.length; ) {
      next();
      at = page.wireLine(raw, at, raw.length);
    }
  }

  #writeMessage(turn: Turn, message: NonNullable<CompletedTurn['message']>, next: () => void): void {
    const { page, body } = this.#layout;
    if (body !== 'none' && !message.isChunk) {
      const text = unstuff(turn.raw).subarray(0, message.bytes);
      const end = body === 'full' ? text.length : headerSectionEnd(text);
      for (let at = 0; at < end; ) {
        const start = at;
        page.text('  ');
        at = page.wireLine(text, at, end);
        this.#writeDecoded(text, start, at);
        next();
      }
    } else if (body === 'full') {
      const { raw } = turn;
      for (let at = 0; at < raw.length; next()) {
        page.text('  ');
        at = page.wireLine(raw, at, raw.length);
      }
    }
    const missing = message.missing > 0 ? `, ${grouped(message.missing)} of them not captured` : '';
    const end = turn.complete ? '' : '; its end was not captured';
    page.text(`[${message.isChunk ? 'chunk' : 'message'}: ${counted(message.bytes, 'byte')}${missing}${end}]`);
  }

  /** What encoded words say, beside them (RFC 2047). */
  #writeDecoded(text: Buffer, start: number, end: number): void {
    if (!text.subarray(start, end).includes('=?')) return;
    const line = decodeWireText(text, start, end).trimEnd();
    const decoded = decodeEncodedWords(line);
    if (decoded !== line) this.#writeNote(decoded.slice(decoded.indexOf(':') + 1).trim());
  }

  #writeNote(note: string): void {
    const { page, styles } = this.#layout;
    page.text('  ');
    styled(page, styles.aside, `(${printable(note)})`);
  }

  #writeAside(shown: Shown, words: string): void {
    const { page, styles } = this.#layout;
    page.text(shown.mark);
    styled(page, styles.aside, `-- ${printable(words)}`);
    page.newline();
  }

  #writeFindings(shown: Shown, findings: readonly Finding[]): void {
    const fresh = findings.filter((finding) => !shown.told.has(keyOf(finding)));
    if (fresh.length === 0) return;
    const { page, styles, width } = this.#layout;
    for (const finding of fresh) {
      shown.told.add(keyOf(finding));
      const label = `${shown.mark}^^ ${finding.severity} ${finding.rule}`;
      const frame = finding.evidence.findLast((evidence) => evidence.frame !== null)?.frame ?? null;
      const at = frame === null ? '' : ` [frame ${frame}]`;
      const doubt = finding.confidence === 'certain' ? '' : ` (${finding.confidence})`;
      const rest = `${shown.mark}   `;
      const text = wrap(`: ${printable(finding.message)}${doubt}${at}`, width, label, rest);
      page.text(shown.mark);
      styled(page, styles[finding.severity], label.slice(shown.mark.length));
      page.text(text.slice(label.length));
    }
  }

  #explain(shown: Shown, findings: readonly Finding[]): void {
    const fresh = findings.filter((finding) => !shown.explained.has(keyOf(finding)));
    for (const finding of fresh) shown.explained.add(keyOf(finding));
    const { page } = this.#layout;
    const before = page.length;
    this.#explanations.write(this.#layout, shown.session.id, fresh);
    if (page.length > before) page.newline();
  }
}

/** A finding is the same as long as it is about the same line. */
function keyOf({ rule, evidence }: Finding): string {
  return `${rule} ${evidence.find(({ turn }) => turn !== null)?.turn ?? '-'}`;
}

function turnsByNumber(turns: readonly Turn[]): Turn[] {
  const byNumber: Turn[] = [];
  for (const turn of turns) byNumber[turn.index] = turn;
  return byNumber;
}

function endpoint({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function clockOf(us: number): string {
  return new Date(us / 1000).toISOString().slice(11, 23);
}

function closingWords(session: Session): string {
  const { transport } = session;
  const lasted = duration(session.end.us - session.start.us);
  switch (transport.opening) {
    case 'unanswered':
      return `no answer to ${counted(transport.synCount, 'SYN')} in ${lasted}`;
    case 'refused':
      return `refused (RST) after ${lasted}`;
    case 'unreachable':
      return `unreachable (ICMP from ${transport.icmp?.from ?? '?'}) after ${lasted}`;
    case 'half-open':
      return `no handshake after SYN and SYN/ACK in ${lasted}`;
    default:
      break;
  }
  switch (transport.closing) {
    case 'client-fin':
      return `closed by the client after ${lasted}`;
    case 'server-fin':
      return `closed by the server after ${lasted}`;
    case 'client-rst':
      return `reset by the client (RST) after ${lasted}`;
    case 'server-rst':
      return `reset by the server (RST) after ${lasted}`;
    case 'none':
      return `not over after ${lasted}`;
  }
}
