/**
 * One SMTP dialogue as it is written down: every call adds bytes to the wire and says at the same time what a reader
 * must make of them. The truth of a corpus is therefore what was meant, never what a program found.
 *
 * A flight is what one side sends before the other speaks; the flights go over the wire strictly one after the other.
 * Small text of a whole dialogue shares one buffer; message bodies stay in their pool.
 */

import { hash, signatureOf } from '../signature.js';

/**
 * @typedef {object} Piece
 * @property {Buffer | null} bytes null: the dialogue's own text
 * @property {number} start
 * @property {number} end
 */

/**
 * @typedef {object} Flight
 * @property {boolean} fromClient
 * @property {Piece[]} pieces
 * @property {number} bytes
 */

/** @typedef {'client-fin' | 'server-fin' | 'client-rst' | 'server-rst' | 'none'} Closing */

export class Dialogue {
  constructor() {
    /** @type {Flight[]} */
    this.flights = [];
    /** @type {import('../signature.js').Turn[]} */
    this.turns = [];
    /** @type {Closing} */
    this.closing = 'client-fin';
    /** @type {string} */
    this.outcome = 'delivered';
    this.service = 'smtp';
    /** Rules that must be raised, of those that a truth speaks about. @type {Set<string>} */
    this.findings = new Set();
    /** @type {{ mechanism: string, outcome: string, identity: string }[]} */
    this.authentication = [];
    /** Messages that reached their end: `[bytes, lines, code, subject]`. @type {[number, number, number, string][]} */
    this.messages = [];
    /** Replies to RCPT: code → count. @type {Record<string, number>} */
    this.recipients = {};
    /** Microseconds of silence before the connection is closed. */
    this.sleepUs = 0;
    /** The client's turns that are judged end with the connection in a place where readers may differ. */
    this.cutInMessage = false;
    this.text = '';
    this.payloadBytes = 0;
  }

  /** @param {boolean} fromClient */
  #flight(fromClient) {
    const last = this.flights.at(-1);
    if (last && last.fromClient === fromClient) return last;
    /** @type {Flight} */
    const flight = { fromClient, pieces: [], bytes: 0 };
    this.flights.push(flight);
    return flight;
  }

  /** @param {boolean} fromClient @param {Buffer | null} bytes @param {number} start @param {number} end */
  #piece(fromClient, bytes, start, end) {
    const flight = this.#flight(fromClient);
    const last = flight.pieces.at(-1);
    if (last && last.bytes === bytes && last.end === start) last.end = end;
    else flight.pieces.push({ bytes, start, end });
    flight.bytes += end - start;
    this.payloadBytes += end - start;
  }

  /** @param {boolean} fromClient @param {string} text */
  #text(fromClient, text) {
    const start = this.text.length;
    this.text += text;
    this.#piece(fromClient, null, start, this.text.length);
  }

  /** A command line; returns the index of its turn. @param {string} line @param {string} [verb] */
  command(line, verb = /** @type {string} */ (line.split(' ', 1)[0]).toUpperCase()) {
    this.#text(true, `${line}\r\n`);
    return this.turns.push({ from: 'client', kind: 'command', verb, lines: [line] }) - 1;
  }

  /** A reply of one or more lines, given with their codes. @param {number | null} answers @param {...string} lines */
  reply(answers, ...lines) {
    this.#text(false, `${lines.join('\r\n')}\r\n`);
    const code = Number(/** @type {string} */ (lines[0]).slice(0, 3));
    this.turns.push({ from: 'server', kind: 'reply', code, answers, lines });
    return code;
  }

  /** A reply to RCPT, counted. @param {number} answers @param {string} line */
  recipientReply(answers, line) {
    const code = this.reply(answers, line);
    this.recipients[code] = (this.recipients[code] ?? 0) + 1;
  }

  /** A client line of an AUTH exchange. @param {string} line */
  authLine(line) {
    this.#text(true, `${line}\r\n`);
    return this.turns.push({ from: 'client', kind: 'auth' }) - 1;
  }

  /**
   * What DATA carries, with the final dot; returns the index of its turn.
   * @param {string} headers with the empty line at the end; no line begins with a dot
   * @param {import('./bodies.js').Body} body
   */
  messageData(headers, body) {
    this.#text(true, headers);
    this.#piece(true, body.stuffed, 0, body.stuffed.length);
    this.#text(true, '.\r\n');
    return this.turns.push({ from: 'client', kind: 'message' }) - 1;
  }

  /** A message that breaks off: no dot. @param {string} headers @param {Buffer} part */
  brokenMessage(headers, part) {
    this.#text(true, headers);
    this.#piece(true, part, 0, part.length);
    this.turns.push({ from: 'client', kind: 'message' });
    this.cutInMessage = true;
  }

  /** The bytes of one BDAT chunk: text, then a part of a body. @param {string} text @param {Buffer} bytes @param {number} start @param {number} end */
  chunk(text, bytes, start, end) {
    if (text.length > 0) this.#text(true, text);
    if (end > start) this.#piece(true, bytes, start, end);
    if (text.length + end - start > 0) this.turns.push({ from: 'client', kind: 'message' });
  }

  /** A flight of TLS. @param {boolean} fromClient @param {Buffer} bytes @param {number} [start] @param {number} [end] */
  tls(fromClient, bytes, start = 0, end = bytes.length) {
    this.#piece(fromClient, bytes, start, end);
    this.turns.push({ from: fromClient ? 'client' : 'server', kind: 'tls' });
  }

  /** A message that was answered. @param {string} headers @param {import('./bodies.js').Body} body @param {number} code @param {string} subject */
  answered(headers, body, code, subject) {
    this.messages.push([headers.length + body.raw.length, lineCount(headers) + body.lines, code, subject]);
  }

  /**
   * The dialogue ends after the reply before QUIT and the connection stays open. Only for dialogues whose last command
   * is a QUIT in a flight of its own; else nothing is removed but the close.
   */
  leaveOpen() {
    const [command, reply] = this.turns.slice(-2);
    const asked = this.flights.at(-2);
    if (command?.kind === 'command' && command.verb === 'QUIT' && reply?.kind === 'reply' && asked?.bytes === 6) {
      this.turns.length -= 2;
      this.payloadBytes -= 6 + (this.flights.at(-1)?.bytes ?? 0);
      this.flights.length -= 2;
    }
    this.closing = 'none';
  }

  /** Gives the flights their bytes; nothing may be added afterwards. */
  finish() {
    const own = Buffer.from(this.text, 'latin1');
    for (const flight of this.flights) for (const piece of flight.pieces) piece.bytes ??= own;
    this.text = '';
  }

  /** Payload of one side, in bytes. @param {boolean} fromClient */
  bytesFrom(fromClient) {
    let sum = 0;
    for (const flight of this.flights) if (flight.fromClient === fromClient) sum += flight.bytes;
    return sum;
  }

  /** What a reader must find, without the connection around it. */
  truth() {
    /** @type {Record<string, number>} */
    const commands = {};
    /** @type {Record<string, number>} */
    const replies = {};
    for (const turn of this.turns) {
      if (turn.kind === 'command') count(commands, String(turn.verb));
      else if (turn.kind === 'reply') count(replies, String(turn.code));
    }
    const signature = signatureOf(this.turns);
    return {
      outcome: this.outcome,
      service: this.service,
      closing: this.closing,
      bytes: [this.bytesFrom(true), this.bytesFrom(false)],
      commands,
      replies,
      auth: this.authentication.map((a) => `${a.mechanism} ${a.outcome} ${a.identity}`),
      messages: this.messages.map(([bytes, lines, code]) => [bytes, lines, code]),
      subjects: hash(this.messages.map((message) => message[3]).join('\n')),
      recipients: this.recipients,
      findings: [...this.findings].sort(),
      client: this.cutInMessage ? null : signature.client,
      server: signature.server,
      order: this.cutInMessage ? null : signature.order,
    };
  }
}

/** @param {Record<string, number>} counts @param {string} key */
export function count(counts, key, by = 1) {
  counts[key] = (counts[key] ?? 0) + by;
}

/** @param {string} text */
function lineCount(text) {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
