/**
 * One session as a transcript: a head line, the lines of the dialogue with each finding under the line that proves it,
 * then what may have caused it and what mends it.
 *
 *     #2  192.0.2.222:34131 → 198.51.100.123:25  2007-08-12T13:17:23.316Z  0.095 s  aborted, 1 error
 *       10    0.061  S: 220 mail.example.ne.jp …
 *       12    0.062  C: EHLO local
 *                    ^^ notice helo-name: …
 *
 * Plain turns go from wire bytes to the page without a string between; what is rare may be slower.
 */
import type { Finding } from '../../findings/rule.ts';
import { decodeEncodedWords } from '../../message/encoded-words.ts';
import { headerSectionEnd } from '../../message/header-section.ts';
import { authNotes } from '../../report/auth-notes.ts';
import { dateOf, isExact } from '../../report/instant.ts';
import { messageOf } from '../../report/record.ts';
import { mayHoldSecret, shownLines } from '../../report/redact.ts';
import type { SessionReport } from '../../report/report.ts';
import type { Message, Session } from '../../smtp/session.ts';
import { timesOf } from '../../smtp/times.ts';
import type { Turn } from '../../smtp/turn.ts';
import { decodeWireText } from '../../smtp/wire-text.ts';
import { printable } from '../printable.ts';
import type { Explanations } from './explanations.ts';
import { type Columns, counted, duration, grouped, type Layout, styled } from './layout.ts';
import { partLines } from './message-parts.ts';
import { tlsNotes } from './tls-notes.ts';
import { GOOD_OUTCOMES, verdict, worstSeverity } from './verdict.ts';
import { wrap } from './wrap.ts';

const ARROW = Buffer.from(' → ');
const GAP = Buffer.from('  ');
const HASH = Buffer.from('#');
const COLON = Buffer.from(':');
const TIME = Buffer.from('T');
const ZULU = Buffer.from('Z');
const SECONDS = Buffer.from(' s');
const TAB = 9;
const FOLD = Buffer.from('    ');

/** Silence before a line that is worth a word. */
const SLOW_US = 1_000_000;
/** Bytes that nobody could read as SMTP are shown as far as this many lines. */
const UNPARSED_LINES = 24;
/** `C: [TLS: 16,384 bytes]  (` and `)`. */
const FLIGHT_COLUMNS = 28;
const NO_NOTES: readonly string[] = [];

export function writeSession(layout: Layout, explanations: Explanations, report: SessionReport): void {
  const { session, findings } = report;
  const { page } = layout;
  const columns = columnsOf(session, layout);
  writeHead(layout, report);
  writeOpening(layout, session, columns);

  const proofs = findings.length === 0 ? null : findingsByTurn(session, findings);
  const notes = session.authentication.length === 0 ? null : authNotes(session, layout.reveal);
  const comments = report.comments ?? null;
  let previousUs = session.transport.established?.us ?? session.start.us;
  let capture = session.capture;
  let closing = session.transport.closedFrame;
  for (const turn of session.turns) {
    if (closing > 0 && turn.frame > closing && turn.capture === session.capture) {
      writeClosing(layout, session, columns);
      closing = -1;
    }
    if (turn.capture !== capture) {
      capture = turn.capture;
      writeEvent(layout, columns, 0, Number.NaN, `continues in ${printable(layout.captures[capture] ?? '')}`);
    }
    if (turn.index === session.turnedAt) {
      writeEvent(layout, columns, 0, Number.NaN, 'client and server change places: from here on the server sends mail');
    }
    writeTurn(layout, columns, session, turn, previousUs, notes?.get(turn.index));
    if (comments !== null) writeComment(layout, columns, comments.get(turn.frame));
    previousUs = turn.endTimeUs;
    if (proofs !== null) writeFindings(layout, columns, proofs.get(turn.index));
  }
  if (closing >= 0) writeClosing(layout, session, columns);
  if (layout.verbose) writeTimes(layout, columns, session);
  if (proofs !== null) {
    writeFindings(layout, columns, proofs.get(-1));
    explanations.write(layout, session.id, findings);
  }
  page.newline();
}

/** Whose the time of a dialogue was (smtp/times.ts). */
function writeTimes(layout: Layout, columns: Columns, session: Session): void {
  const times = timesOf(session);
  if (times === null || session.turns.length === 0) return;
  const { clientSeconds, serverSeconds, networkSeconds } = times;
  const parts = [
    `the client ${duration(clientSeconds * 1e6)}`,
    `the server ${duration(serverSeconds * 1e6)}`,
    `the network ${duration(networkSeconds * 1e6)}`,
  ];
  writeEvent(layout, columns, 0, Number.NaN, `time taken by ${parts.join(', ')}`);
}

function writeHead(layout: Layout, report: SessionReport): void {
  const { page, styles } = layout;
  const { session, findings } = report;
  const begun = page.length;
  page.put(styles.heading.open);
  page.put(HASH);
  page.integer(session.id, 1);
  page.put(GAP);
  writeEndpoint(layout, session.client);
  page.put(ARROW);
  writeEndpoint(layout, session.server);
  page.put(styles.heading.close);
  page.put(GAP);
  const startUs = session.start.us;
  if (isExact(startUs)) {
    page.text(dateOf(startUs));
    page.put(TIME);
    page.clock(startUs);
    page.put(ZULU);
  } else {
    page.text('no time');
  }
  page.put(GAP);
  const lasted = session.end.us - startUs;
  if (lasted >= 0 && lasted < 10e6) {
    page.seconds(lasted, 1);
    page.put(SECONDS);
  } else {
    page.text(duration(lasted));
  }
  const outcome = verdict(report);
  const place = layout.severalCaptures ? `  in ${printable(layout.captures[session.capture] ?? '')}` : '';
  // All of it is one column a byte, but for the arrow and the style.
  const used = page.length - begun - styles.heading.open.length - styles.heading.close.length - (ARROW.length - 3);
  if (used + GAP.length + outcome.length + place.length <= layout.room) {
    page.put(GAP);
  } else {
    page.newline();
    page.text('    ');
  }
  const worst = findings.length === 0 ? null : worstSeverity(findings);
  const style =
    worst !== null && worst !== 'notice'
      ? styles[worst]
      : GOOD_OUTCOMES.has(session.outcome)
        ? styles.good
        : styles.heading;
  styled(page, style, outcome);
  page.text(place);
  page.newline();
}

function writeEndpoint({ page }: Layout, { address, port }: { address: string; port: number }): void {
  page.text(address.includes(':') ? `[${address}]` : address);
  page.put(COLON);
  page.integer(port, 1);
}

function writeTime(layout: Layout, columns: Columns, session: Session, us: number, previousUs: number): void {
  const { page, time } = layout;
  if (time === 'clock') page.clock(us);
  else page.seconds(us - (time === 'delta' ? previousUs : session.start.us), columns.time);
}

function writeTurn(
  layout: Layout,
  columns: Columns,
  session: Session,
  turn: Turn,
  previousUs: number,
  note: string | undefined,
): void {
  const { page, styles } = layout;
  const { from, kind } = turn;
  page.put(columns.start);
  page.integer(turn.frame, columns.frame);
  page.put(GAP);
  writeTime(layout, columns, session, turn.timeUs, previousUs);
  page.put(columns.first[from]);

  if (kind === 'message') {
    writeMessage(layout, columns, session, turn);
  } else if (kind === 'gap') {
    page.text(`[gap: ${counted(turn.bytes, 'byte')} of the ${from} not captured]`);
  } else if (kind === 'tls') {
    page.text(`[TLS: ${counted(turn.bytes, 'byte')}]`);
  } else if (mayHoldSecret(session, turn)) {
    writeStringLines(layout, columns, turn, shownLines(session, turn, layout.reveal));
  } else {
    writeWireLines(layout, columns, turn);
  }
  page.put(styles[from].close);

  const notes = kind === 'tls' ? tlsNotes(session, turn) : NO_NOTES;
  const isRoomy = columns.margin.length + FLIGHT_COLUMNS + (notes[0]?.length ?? 0) <= layout.room;
  if (isRoomy && notes.length > 0) writeNote(layout, notes[0] as string);
  if (turn.cut && kind !== 'message') writeNote(layout, `only the beginning is kept of ${counted(turn.bytes, 'byte')}`);
  else if (!turn.complete && (kind === 'command' || kind === 'reply' || kind === 'auth')) {
    writeNote(layout, 'its end was not captured');
  }
  if (note !== undefined) writeNote(layout, note);
  const silence = turn.timeUs - previousUs;
  if (silence >= SLOW_US) writeNote(layout, `after ${duration(silence)}`);
  page.newline();
  for (let i = isRoomy ? 1 : 0; i < notes.length; i++) {
    const lead = `${columns.margin}  (`;
    const text = wrap(`${printable(notes[i] as string)})`, layout.room, lead, `${columns.margin}   `);
    page.text(columns.margin);
    styled(page, styles.aside, text.slice(columns.margin.length, -1));
    page.newline();
  }
}

/** Lines straight from the bytes of a turn. */
function writeWireLines({ page }: Layout, columns: Columns, turn: Turn): void {
  const { buffer, end } = turn;
  const next = columns.next[turn.from];
  let at = page.wireLine(buffer, turn.start, end);
  for (let lines = 1; at < end; lines++) {
    page.put(next);
    if (turn.kind === 'unparsed' && lines === UNPARSED_LINES) {
      page.text(`[${counted(end - at, 'byte')} more, not shown]`);
      return;
    }
    at = page.wireLine(buffer, at, end);
  }
}

function writeStringLines({ page }: Layout, columns: Columns, turn: Turn, lines: readonly string[]): void {
  for (let i = 0; i < lines.length; i++) {
    if (i > 0) page.put(columns.next[turn.from]);
    page.wireText(lines[i] as string);
  }
}

/** Folded to its header and a line of size, or whole, or the size alone. */
function writeMessage(layout: Layout, columns: Columns, session: Session, turn: Turn): void {
  const { page, body } = layout;
  const message = messageOf(session, turn);
  const next = columns.next[turn.from];
  if (body !== 'none' && (message === null || message.turns[0] === turn)) {
    const text = body === 'full' ? (message?.text ?? null) : null;
    const bytes = text ?? message?.head ?? turn.raw;
    const end = text === null ? headerSectionEnd(bytes) : bytes.length;
    if (bytes.includes('=?')) {
      writeHeaderStrings(layout, columns, turn, bytes, end);
    } else {
      for (let at = 0; at < end; ) {
        page.put(GAP);
        at = page.wireLine(bytes, writeFold(layout, bytes, at), end);
        page.put(next);
      }
    }
  }
  page.text(sizeLine(message, turn, session.endCaptured));
  if (body !== 'full' || message === null || message.text === null || message.turns.at(-1) !== turn) return;
  for (const line of partLines(message.text)) {
    page.put(next);
    page.text(line);
  }
}

/** A tab that folds a header line is white space to its reader; returns where the text begins. */
function writeFold({ page }: Pick<Layout, 'page'>, bytes: Buffer, at: number): number {
  if (bytes[at] !== TAB) return at;
  page.put(FOLD);
  return at + 1;
}

/** The same where encoded words stand in it: what they say is put beside them. */
function writeHeaderStrings({ page, styles }: Layout, columns: Columns, turn: Turn, bytes: Buffer, end: number): void {
  for (let at = 0; at < end; ) {
    const start = at;
    page.put(GAP);
    at = page.wireLine(bytes, writeFold({ page }, bytes, at), end);
    const line = decodeWireText(bytes, start, at).trimEnd();
    const decoded = decodeEncodedWords(line);
    if (decoded !== line) {
      const note = /^[!-9;-~]+:/.test(decoded) ? decoded.slice(decoded.indexOf(':') + 1) : decoded;
      page.put(styles[turn.from].close);
      page.put(GAP);
      styled(page, styles.aside, `(${printable(note.trim())})`);
      page.put(styles[turn.from].open);
    }
    page.put(columns.next[turn.from]);
  }
}

function sizeLine(message: Message | null, turn: Turn, isOver: boolean): string {
  if (message === null) return `[message: ${counted(turn.bytes, 'byte')} on the wire]`;
  if (message.turns.length > 1) {
    const chunk = `[chunk ${message.turns.indexOf(turn) + 1} of ${message.turns.length}: ${counted(turn.bytes, 'byte')}`;
    return message.turns.at(-1) === turn ? `${chunk}; ${sizeWords(message, isOver)}]` : `${chunk}]`;
  }
  return `[${sizeWords(message, isOver)}]`;
}

function sizeWords(message: Message, isOver: boolean): string {
  const lines = message.lines === null ? '' : ` in ${counted(message.lines, 'line')}`;
  const missing = message.missing > 0 ? `, ${grouped(message.missing)} of them not captured` : '';
  const end = message.complete
    ? ''
    : message.missing === 0 && isOver
      ? '; its end of data never came'
      : '; its end was not captured';
  return `message: ${counted(message.bytes, 'byte')}${lines}${missing}${end}`;
}

/** What somebody wrote about the packet, on a line of its own. */
function writeComment({ page, styles, width }: Layout, { margin }: Columns, comment: string | undefined): void {
  if (comment === undefined) return;
  const text = wrap(printable(comment.replace(/\s+/g, ' ').trim()), width, `${margin}## `, `${margin}   `);
  page.text(margin);
  styled(page, styles.aside, text.slice(margin.length));
}

/** What the program adds to a line; never from the wire without `printable`. */
function writeNote({ page, styles }: Layout, note: string | null): void {
  if (note === null) return;
  page.put(GAP);
  styled(page, styles.aside, `(${printable(note)})`);
}

/** What TCP or ICMP did, where it belongs among the lines. */
function writeEvent(layout: Layout, columns: Columns, frame: number, offsetUs: number, text: string): void {
  const { page, styles } = layout;
  page.put(styles.aside.open);
  page.put(GAP);
  if (frame > 0) page.integer(frame, columns.frame);
  else page.text(' '.repeat(columns.frame));
  page.put(GAP);
  if (Number.isNaN(offsetUs)) page.text(' '.repeat(columns.time));
  else if (layout.time === 'clock') page.clock(offsetUs);
  else page.seconds(offsetUs, columns.time);
  page.put(GAP);
  page.text(`-- ${text}`);
  page.put(styles.aside.close);
  page.newline();
}

function writeOpening(layout: Layout, session: Session, columns: Columns): void {
  const { transport } = session;
  if (transport.opening === 'complete') return;
  const say = (frame: number, us: number, text: string): void => {
    writeEvent(layout, columns, frame, layout.time === 'clock' ? us : us - session.start.us, text);
  };
  const synUs = transport.firstSyn?.us ?? session.start.us;
  const tries = `SYN sent ${transport.synCount === 1 ? 'once' : `${transport.synCount} times`}`;
  const over =
    transport.lastSyn !== null && transport.synCount > 1 ? ` in ${duration(transport.lastSyn.us - synUs)}` : '';
  switch (transport.opening) {
    case 'unanswered':
      say(transport.synFrame, synUs, `${tries}${over}, no answer`);
      break;
    case 'refused':
      say(transport.synFrame, synUs, tries + over);
      say(
        transport.server.rstFrame,
        transport.server.rst?.us ?? Number.NaN,
        'RST in answer: the connection was refused',
      );
      break;
    case 'unreachable': {
      say(transport.synFrame, synUs, tries + over);
      const { icmp } = transport;
      if (icmp !== null) {
        say(icmp.frame, icmp.time.us, `ICMP type ${icmp.type} code ${icmp.code} from ${icmp.from}: unreachable`);
      }
      break;
    }
    case 'half-open':
      say(transport.synFrame, synUs, 'SYN and SYN/ACK, then no handshake');
      break;
    case 'not-captured':
      if (session.turns.length > 0) say(0, Number.NaN, 'the beginning of this connection was not captured');
      break;
  }
}

/** How the connection ended, unless it is what everybody expects after QUIT. */
function writeClosing(layout: Layout, session: Session, columns: Columns): void {
  const { transport } = session;
  if (transport.opening === 'unanswered' || transport.opening === 'refused' || transport.opening === 'unreachable')
    return;
  if (transport.closing.endsWith('-fin') && saidQuit(session)) return;
  const us = transport.closed?.us ?? Number.NaN;
  const at = layout.time === 'clock' ? us : us - session.start.us;
  const say = (text: string): void => writeEvent(layout, columns, transport.closedFrame, at, text);
  switch (transport.closing) {
    case 'client-fin':
      say('the client closed the connection');
      break;
    case 'server-fin':
      say('the server closed the connection');
      break;
    case 'client-rst':
      say('the client reset the connection (RST)');
      break;
    case 'server-rst':
      say('the server reset the connection (RST)');
      break;
    case 'none':
      say('the capture does not show the end of this connection');
  }
}

/** The client's last word was QUIT, or nobody can see what it was. */
function saidQuit(session: Session): boolean {
  for (let i = session.turns.length - 1; i >= 0; i--) {
    const turn = session.turns[i] as Turn;
    if (turn.from === 'client') return turn.verb === 'QUIT' || turn.kind === 'tls';
  }
  return false;
}

/** Findings by the turn that proves them; -1 for those that no turn shows. */
function findingsByTurn(session: Session, findings: readonly Finding[]): ReadonlyMap<number, Finding[]> {
  const byTurn = new Map<number, Finding[]>();
  for (const finding of findings) {
    const turn = proofTurn(finding);
    const key = turn < session.turns.length ? turn : -1;
    const there = byTurn.get(key);
    if (there === undefined) byTurn.set(key, [finding]);
    else there.push(finding);
  }
  return byTurn;
}

/** What is said of several turns is proved by the last of them. */
function proofTurn(finding: Finding): number {
  let last = -1;
  for (const { turn } of finding.evidence) if (turn !== null && turn > last) last = turn;
  return last;
}

function writeFindings(layout: Layout, columns: Columns, findings: readonly Finding[] | undefined): void {
  if (findings === undefined) return;
  const { page, styles, width } = layout;
  const { margin } = columns;
  for (const finding of findings) {
    const label = `${margin}^^ ${finding.severity} ${finding.rule}`;
    const doubt = finding.confidence === 'certain' ? '' : ` (${finding.confidence})`;
    const text = wrap(`: ${printable(finding.message)}${doubt}`, width, label, `${margin}   `);
    page.text(margin);
    styled(page, styles[finding.severity], label.slice(margin.length));
    page.text(text.slice(label.length));
  }
}

/** Room for the longest frame number and time of the session. */
function columnsOf(session: Session, layout: Layout): Columns {
  const seconds = (session.end.us - session.start.us) / 1e6;
  const time = layout.time === 'clock' ? 12 : Math.max(8, digits(seconds) + 4);
  return layout.columns(Math.max(4, digits(session.frames.last)), time);
}

function digits(value: number): number {
  let count = 1;
  for (let rest = value; rest >= 10; rest /= 10) count++;
  return count;
}
