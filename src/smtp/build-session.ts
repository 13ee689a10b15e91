/**
 * From what the decoder kept to the model that rules and outputs read. Done once, when the session is handed on; what a
 * healthy session does not need (its exchanges, what EHLO offered) is worked out when asked for.
 */
import { latin1 } from '../bytes/text.ts';
import type { Connection } from '../reassembly/connection.ts';
import type {
  Direction,
  Endpoint,
  FrameRange,
  HalfFacts,
  Instant,
  TransportFacts,
} from '../reassembly/transport-facts.ts';
import type { TlsFacts } from '../tls/observer.ts';
import { lastRead } from './auth/exchange.ts';
import { isReadableMechanism, readAuthCommand, readIdentity } from './auth.ts';
import type { DialogueDecoder } from './dialogue.ts';
import { extensionsIn } from './extensions.ts';
import { KIND, KINDS, STEPS } from './journal.ts';
import { judgeOutcome } from './outcome.ts';
import { readPath } from './path.ts';
import {
  type Anomaly,
  type AuthAttempt,
  type EhloOffer,
  type Encryption,
  type Exchange,
  Fact,
  type Message,
  type Outcome,
  type Recipient,
  type Service,
  type Session,
  Sign,
  type Transaction,
} from './session.ts';
import { readSigns } from './signs.ts';
import type { Suspect } from './smuggling.ts';
import { Turn } from './turn.ts';
import { VERB_NAMES, Verb } from './verbs.ts';

const EMPTY = Buffer.alloc(0);
/** What turns hold lies in pieces of memory that several sessions share: each is garbage with the last of them. */
const PIECE_BYTES = 65_536;
let piece = EMPTY;
let pieceUsed = 0;

/** Room for `length` bytes in `piece`, from where it returns on. */
function roomFor(length: number): number {
  if (pieceUsed + length > piece.length) {
    piece = Buffer.allocUnsafeSlow(Math.max(length, PIECE_BYTES));
    pieceUsed = 0;
  }
  const at = pieceUsed;
  // Whole words are copied where they begin at one.
  pieceUsed += (length + 3) & ~3;
  return at;
}
const NO_SUSPECTS: readonly Suspect[] = [];
/** Between two turns: more than a busy server needs. */
const SLOW_US = 5_000_000;
const DIRECTIONS: readonly Direction[] = ['client', 'server'];

/** A transaction while it is being read. Paths are read when somebody asks: most are counted and never shown. */
class OpenTransaction implements Transaction {
  readonly mail: Turn;
  readonly mailReply: Turn | null;
  readonly recipients: Recipient[] = [];
  message: Message | null = null;
  #from: string | null = null;

  constructor(mail: Turn, mailReply: Turn | null) {
    this.mail = mail;
    this.mailReply = mailReply;
  }

  get from(): string {
    this.#from ??= readPath(this.mail.argument);
    return this.#from;
  }
}

class AskedRecipient implements Recipient {
  readonly command: Turn;
  readonly reply: Turn | null;
  readonly code: number | null;
  #to: string | null = null;

  constructor(command: Turn, reply: Turn | null) {
    this.command = command;
    this.reply = reply;
    this.code = reply === null ? null : reply.code;
  }

  get to(): string {
    this.#to ??= readPath(this.command.argument);
    return this.#to;
  }

  get enhancedCode(): string | null {
    return this.reply === null ? null : this.reply.enhancedCode;
  }
}

const BRACE = 123;

interface Measures {
  bytes: number;
  lines: number;
  missing: number;
  marks: number;
  longest: number;
  print: number;
}

export interface BuildOptions {
  /** Whole message texts were kept. */
  readonly keepBodies: boolean;
  /** Capture seconds after the session's last packet; NaN when unknown. */
  readonly quietSeconds: number;
  /** The rest of the run has been read: the same ports will not be used again. */
  readonly isLast: boolean;
}

export class DecodedSession implements Session {
  readonly id: number;
  readonly capture: number;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly start: Instant;
  readonly end: Instant;
  readonly timeDigits: 6 | 9;
  readonly frames: FrameRange;
  readonly transport: TransportFacts;
  readonly turns: Turn[] = [];
  readonly transactions: OpenTransaction[] = [];
  readonly authentication: AuthAttempt[] = [];
  readonly anomalies: Anomaly[] = [];
  readonly startCaptured: boolean;
  readonly endCaptured: boolean;
  readonly quietSeconds: number;
  readonly portsReused: boolean;
  readonly ended: boolean;
  facts = 0;
  signs = 0;
  service: Service = 'silent';
  greeting: Turn | null = null;
  hello: { verb: string; name: string; turn: Turn; accepted: boolean } | null = null;
  encryption: Encryption | null = null;
  outcome: Outcome = 'idle';
  /** A transaction was open when the session ended. */
  transactionOpen = false;
  /** Greeting and EHLO replies, by turn; parsed when asked for. */
  readonly #ehlos: { command: Turn; reply: Turn }[] = [];
  #offers: EhloOffer[] | null = null;
  #exchanges: Exchange[] | null = null;
  #measures: Map<Turn, Measures> | null = null;
  #suspects: readonly Suspect[] | null = null;
  readonly #verbs: number[] = [];
  #hasQuit = false;
  #isTurnCut = false;
  #beforeTurn: Session | null = null;
  turnedAt = -1;

  constructor(connection: Connection, decoder: DialogueDecoder | null, options: BuildOptions) {
    this.id = connection.id;
    this.capture = connection.capture;
    this.client = connection.clientEndpoint;
    this.server = connection.serverEndpoint;
    this.start = { us: connection.startUs, nanos: connection.startNanos };
    this.end = { us: connection.endUs, nanos: connection.endNanos };
    this.timeDigits = connection.timeDigits;
    this.frames = connection.frames;
    this.transport = connection;
    this.startCaptured = connection.startCaptured;
    // What comes later may use the same ports: only at the end of the run is it known.
    this.portsReused = connection.portsReused || !options.isLast;
    this.quietSeconds = options.quietSeconds;
    const { halves } = connection;
    const closed = halves !== null && (halves[0].fin ?? halves[1].fin ?? halves[0].rst ?? halves[1].rst) !== null;
    this.endCaptured = closed || connection.refused;
    this.ended = this.endCaptured;
    if (decoder !== null) {
      this.#readTurns(decoder);
      const turned = this.turnedAt < 0 ? this.turns.length : this.turnedAt;
      this.#walk(options.keepBodies, 0, turned);
      if (turned < this.turns.length) this.#walk(options.keepBodies, turned, this.turns.length);
      this.signs |= readSigns(this.beforeTurn, this.#verbs);
    }
    this.#judge(connection, decoder);
  }

  /**
   * What rules read: the session as far as the client is the client. That is all of it, but for a TURN or ATRN that was
   * granted: then it is what came before, and how the connection ended belongs to what came behind.
   */
  get beforeTurn(): Session {
    if (this.turnedAt < 0) return this;
    this.#beforeTurn ??= this.#cutAtTurn(this.turnedAt);
    return this.#beforeTurn;
  }

  #cutAtTurn(at: number): Session {
    const transport = Object.create(this.transport, { closing: { value: 'none' }, closed: { value: null } });
    // Whatever is not named here is that of the whole.
    return Object.create(this, {
      turns: { value: this.turns.slice(0, at) },
      turnedAt: { value: -1 },
      transactions: { get: () => this.transactions.filter(({ mail }) => mail.index < at) },
      transport: { value: transport },
      endCaptured: { value: false },
      ended: { value: false },
      offers: { get: () => this.offers },
      exchanges: { get: () => this.exchanges },
      beforeTurn: { value: null },
    });
  }

  get offers(): readonly EhloOffer[] {
    this.#offers ??= this.#ehlos.map(({ command, reply }) => ({
      command,
      reply,
      complete: reply.complete && !this.#hasGap('server', command.index, reply.index + 1),
      extensions: extensionsIn(reply),
    }));
    return this.#offers;
  }

  get exchanges(): readonly Exchange[] {
    this.#exchanges ??= this.#readExchanges();
    return this.#exchanges;
  }

  #hasGap(from: Direction, first: number, last: number): boolean {
    if ((this.facts & Fact.gap) === 0) return false;
    // The turn after a reply may be the gap that cut it.
    for (let i = first; i <= last && i < this.turns.length; i++) {
      const turn = this.turns[i] as Turn;
      if (turn.kind === 'gap' && turn.from === from) return true;
    }
    return false;
  }

  #readExchanges(): Exchange[] {
    const exchanges: Exchange[] = [];
    if (this.greeting !== null) exchanges.push({ request: null, reply: this.greeting });
    for (const turn of this.beforeTurn.turns) {
      if (turn.kind !== 'command' && turn.kind !== 'auth' && turn.kind !== 'message') continue;
      // A chunk is answered at its command.
      const chunk = turn.kind === 'message' && turn.answeredBy < 0 && this.turns[turn.index - 1]?.verb === 'BDAT';
      if (!chunk) exchanges.push({ request: turn, reply: this.#reply(turn) });
    }
    return exchanges;
  }

  #reply(turn: Turn): Turn | null {
    return turn.answeredBy < 0 ? null : (this.turns[turn.answeredBy] as Turn);
  }

  /** Turns in the order in which they began, with `answers` as indexes. */
  #readTurns(decoder: DialogueDecoder): void {
    this.#suspects = decoder.suspects;
    const start = roomFor(decoder.journalRoom);
    const bytes = piece;
    const reader = decoder.readJournal(bytes, start);
    const { opening, entry } = reader;
    const turns = this.turns;
    const numbers: number[] = [];
    let sorted = true;
    let highest = -1;
    while (reader.next()) {
      const turn = new Turn();
      turn.from = DIRECTIONS[entry.side] as Direction;
      turn.kind = KINDS[entry.kind] as Turn['kind'];
      turn.timeUs = opening.timeUs;
      turn.timeNanos = opening.timeNanos;
      turn.endTimeUs = entry.endTimeUs;
      turn.endTimeNanos = entry.endTimeNanos;
      turn.frame = opening.frame;
      turn.capture = opening.capture;
      turn.offset = opening.offset;
      turn.acked = opening.acked;
      turn.bytes = entry.bytes;
      turn.answers = entry.answers;
      turn.complete = entry.complete;
      turn.cut = entry.cut;
      if (entry.cut) this.#isTurnCut = true;
      turn.step = STEPS[entry.step] ?? null;
      turn.index = opening.number;
      if (entry.kind === KIND.reply) turn.code = entry.code;
      turn.hold(bytes, reader.textStart, reader.textEnd);
      let verb = -1;
      if (entry.kind === KIND.command) {
        verb = entry.code;
        turn.verb = verb === Verb.OTHER ? firstWord(turn) : (VERB_NAMES[verb] as string);
      } else if (entry.kind === KIND.message) {
        this.#measures ??= new Map();
        this.#measures.set(turn, {
          bytes: entry.messageBytes,
          lines: entry.messageLines,
          missing: entry.messageMissing,
          marks: entry.messageMarks,
          longest: entry.messageLongest,
          print: entry.messagePrint,
        });
        if (entry.messageMarks !== 0 || entry.messageLongest > 1000) this.facts |= Fact.oddMessage;
      }
      if ((entry.kind === KIND.command || entry.kind === KIND.reply) && isOdd(bytes, turn.start, turn.end)) {
        this.facts |= Fact.oddLine;
      }
      if (opening.number < highest) sorted = false;
      else highest = opening.number;
      turns.push(turn);
      numbers.push(verb);
    }
    const verbs = this.#verbs;
    if (sorted) for (const verb of numbers) verbs.push(verb);
    else {
      const order = turns.map((_, i) => i).sort((a, b) => (turns[a] as Turn).index - (turns[b] as Turn).index);
      const unsorted = [...turns];
      for (let i = 0; i < order.length; i++) {
        turns[i] = unsorted[order[i] as number] as Turn;
        verbs.push(numbers[order[i] as number] as number);
      }
    }
    // Numbers have holes only where a session was cut.
    let indexOf: Map<number, number> | null = null;
    if (highest >= turns.length) {
      indexOf = new Map();
      for (let i = 0; i < turns.length; i++) indexOf.set((turns[i] as Turn).index, i);
    }
    // Turns are in order here, and still have their numbers.
    this.turnedAt = decoder.turnedAt < 0 ? -1 : turns.findIndex(({ index }) => index >= decoder.turnedAt);
    for (let i = 0; i < turns.length; i++) {
      const turn = turns[i] as Turn;
      turn.index = i;
      if (turn.answers < 0) continue;
      if (indexOf !== null) turn.answers = indexOf.get(turn.answers) ?? -1;
      const answered = turns[turn.answers];
      if (answered !== undefined) answered.answeredBy = i;
    }
  }

  /**
   * One pass over the dialogue: greeting, EHLO, AUTH, transactions. `end` is where the roles turn, or the dialogue ends;
   * from there on it is walked once more, for the mail that the server sends.
   */
  #walk(keepBodies: boolean, first: number, end: number): void {
    const { turns } = this;
    const isTurned = first > 0;
    let current: OpenTransaction | null = null;
    let chunks: Turn[] = [];
    let facts = 0;
    let fromClient = false;
    /** The last chunk, read with its command. */
    let taken: Turn | null = null;
    let before = this.transport.established?.us ?? this.start.us;
    let asked = false;
    for (let i = first; i < end; i++) {
      const turn = turns[i] as Turn;
      if (turn.timeUs - before > SLOW_US || turn.endTimeUs - turn.timeUs > SLOW_US) facts |= Fact.slow;
      before = turn.endTimeUs;
      if (turn.from === 'server') asked = false;
      else {
        if (asked) facts |= Fact.pipelined;
        asked = turn.kind === 'command';
      }
      if (turn.kind === 'reply') {
        if (turn.code >= 500) {
          facts |= Fact.refusal5xx;
          if (turn.code <= 504 || turn.code === 555) facts |= Fact.disorder;
        } else if (turn.code >= 400) facts |= Fact.refusal4xx;
        if (turn.answers < 0 && i > 0) facts |= Fact.disorder;
        if (this.greeting === null && !isTurned && turn.answers < 0 && isFirstReply(turns, i)) {
          // In mid-session any reply may come first; only a 220 before any command is surely a greeting.
          if (this.startCaptured || (turn.code === 220 && !fromClient)) {
            this.greeting = turn;
            if (turn.code >= 400) facts |= Fact.greetingRefused;
          }
        }
        continue;
      }
      if (turn.kind === 'gap') {
        facts |= Fact.gap;
        continue;
      }
      if (turn.from === 'client') fromClient = true;
      const reply = this.#reply(turn);
      const code = reply?.code ?? 0;
      if (turn.kind === 'message') {
        facts |= Fact.message;
        if (turn === taken) continue;
        if ((turns[i - 1] as Turn | undefined)?.verb === 'BDAT' || chunks.length > 0 || isChunk(turns, i)) {
          chunks.push(turn);
          continue;
        }
        if (current !== null) {
          current.message = this.#message([turn], repliesTo(turns, turn), keepBodies);
          current = null;
        }
        continue;
      }
      if (turn.kind !== 'command') continue;
      if (turn.answeredBy < 0 || this.#verbs[i] === Verb.OTHER) facts |= Fact.disorder;
      switch (this.#verbs[i]) {
        case Verb.EHLO:
        case Verb.LHLO:
        case Verb.HELO: {
          const accepted = code >= 200 && code < 300;
          if (!isTurned && (accepted || this.hello === null || !this.hello.accepted)) {
            this.hello = { verb: turn.verb as string, name: turn.argument ?? '', turn, accepted };
          }
          if (accepted) {
            facts |= Fact.ehloAccepted;
            if (!isTurned && this.#verbs[i] !== Verb.HELO) {
              this.#ehlos.push({ command: turn, reply: reply as Turn });
              facts |= offeredFacts(reply as Turn);
            }
            current = null;
            if (chunks.length > 0) chunks = [];
          }
          break;
        }
        case Verb.SEND:
        case Verb.SOML:
        case Verb.SAML:
        case Verb.MAIL: {
          facts |= this.#verbs[i] === Verb.MAIL ? Fact.mailCommand : Fact.mailCommand | Fact.rareCommand;
          const transaction: OpenTransaction = new OpenTransaction(turn, reply);
          this.transactions.push(transaction);
          // Refused inside another (503): that one goes on.
          if (current === null || code < 400) {
            current = transaction;
            if (chunks.length > 0) chunks = [];
          }
          break;
        }
        case Verb.RCPT:
          current?.recipients.push(new AskedRecipient(turn, reply));
          break;
        case Verb.RSET:
          if (code < 400) {
            current = null;
            chunks = [];
          }
          break;
        case Verb.BDAT:
          if (/\bLAST\b/i.test(turn.argument ?? '') && current !== null) {
            const chunk = chunkOf(turns, i);
            if (chunk !== null) {
              chunks.push(chunk);
              taken = chunk;
              facts |= Fact.message;
            }
            current.message = this.#message(chunks, repliesTo(turns, turn), keepBodies);
            chunks = [];
            current = null;
          }
          break;
        case Verb.BURL:
          facts |= Fact.rareCommand;
          // The server fetches it elsewhere (RFC 4468 §3): none of its bytes are here.
          if (/\bLAST\s*$/i.test(turn.argument ?? '') && current !== null) {
            current.message = { ...this.#message(chunks, repliesTo(turns, turn), keepBodies), complete: false };
            chunks = [];
            current = null;
          }
          break;
        case Verb.AUTH:
          if (!isTurned) facts |= this.#readAuth(i);
          break;
        case Verb.XCLIENT:
          facts |= Fact.rareCommand;
          // The server begins anew, with another greeting.
          if (code === 220) {
            current = null;
            chunks = [];
          }
          break;
        case Verb.STARTTLS:
        case Verb.ANONYMOUSTLS:
          facts |= Fact.startTlsCommand;
          break;
        case Verb.QUIT:
          this.#hasQuit = true;
          break;
        case Verb.DATA:
        case Verb.NOOP:
          break;
        default:
          facts |= Fact.rareCommand;
          break;
      }
    }
    if (chunks.length > 0 && current !== null) current.message = this.#message(chunks, [], keepBodies);
    // A transaction that was accepted and led nowhere; one refused whole is over.
    const unanswered = this.transactions.at(-1)?.message?.replies.length === 0;
    this.transactionOpen =
      unanswered ||
      (current !== null &&
        (current.mailReply === null || current.mailReply.code < 400) &&
        !(current.recipients.length > 0 && current.recipients.every((recipient) => (recipient.code ?? 0) >= 400)));
    // Facts are what rules ask for.
    if (!isTurned) this.facts |= facts;
  }

  #message(parts: readonly Turn[], replies: readonly Turn[], keepBodies: boolean): Message {
    let bytes = 0;
    let lines = 0;
    let missing = 0;
    let marks = 0;
    let longestLine = 0;
    let bodyPrint = 0;
    let complete = true;
    for (const part of parts) {
      const measures = this.#measures?.get(part) as Measures;
      bytes += measures.bytes;
      lines = measures.lines < 0 || lines < 0 ? -1 : lines + measures.lines;
      missing += measures.missing;
      marks |= measures.marks;
      longestLine = Math.max(longestLine, measures.longest);
      bodyPrint = measures.print;
      complete &&= part.complete;
    }
    const only = parts[0];
    const isData = parts.length === 1 && only !== undefined && !isChunkOf(this.turns, only);
    const raw = parts.length === 0 ? EMPTY : joined(parts);
    const whole = isData ? unstuff(raw) : raw;
    if (whole.length < raw.length) this.signs |= Sign.dotted;
    if (raw.indexOf(BRACE) >= 0) this.signs |= Sign.braced;
    const text = isData && complete ? whole.subarray(0, Math.min(whole.length, Math.max(0, bytes))) : whole;
    const reply = replies.at(-1) ?? null;
    return {
      bytes: Math.max(0, bytes),
      lines: lines < 0 ? null : lines,
      complete,
      missing,
      marks,
      longestLine,
      bodyPrint,
      suspects: isData ? this.#suspectsIn((only as Turn).offset) : NO_SUSPECTS,
      code: reply?.code ?? null,
      enhancedCode: reply?.enhancedCode ?? null,
      turns: parts,
      head: text,
      text: keepBodies ? text : null,
      replies,
    };
  }

  #suspectsIn(message: number): readonly Suspect[] {
    return this.#suspects === null ? NO_SUSPECTS : this.#suspects.filter((suspect) => suspect.message === message);
  }

  #readAuth(index: number): number {
    const { turns } = this;
    const command = turns[index] as Turn;
    const { mechanism, initial } = readAuthCommand(command);
    const steps: Turn[] = [];
    let reply = this.#reply(command);
    let outcome: AuthAttempt['outcome'] = 'incomplete';
    for (let i = index + 1; i < turns.length; i++) {
      const turn = turns[i] as Turn;
      if (turn.kind === 'auth') {
        steps.push(turn);
        // An answer to AUTH or to a step: the last one that is final counts; leftovers of a refusal do not.
        if (reply !== null && reply.code !== 334 && reply.code > 0) continue;
        reply = this.#reply(turn);
      } else if (turn.kind === 'command') break;
    }
    const code = reply !== null && reply.code !== 334 ? reply.code : null;
    if (code !== null) outcome = code < 400 ? 'accepted' : 'rejected';
    if (outcome === 'rejected' && steps.some((step) => step.step === 'cancel')) outcome = 'cancelled';
    const isReadable = isReadableMechanism(mechanism);
    const exposed =
      isReadable && this.encryptionInForce(index) === false ? credentials(mechanism, initial, command, steps) : null;
    this.authentication.push({
      mechanism,
      identity: readIdentity(mechanism, initial === '=' ? null : initial, this.#readSteps(command, steps)),
      outcome,
      code,
      enhancedCode: code === null ? null : (reply?.enhancedCode ?? null),
      command,
      steps,
      reply: code === null ? null : reply,
      exposed,
    });
    let facts: number = Fact.authCommand;
    if (code !== null && code >= 400) facts |= Fact.authRefused;
    if (exposed !== null) facts |= Fact.credentialsInClear;
    return facts;
  }

  /** The steps of an exchange up to its first hole or its end. */
  #readSteps(command: Turn, steps: readonly Turn[]): readonly Turn[] {
    const last = lastRead({ command, steps }, this.turns);
    return steps.filter((turn) => turn.index < last);
  }

  /** Whether TLS had been agreed to before this turn: what was read all the same was decrypted on the way. */
  encryptionInForce(index: number): boolean {
    for (let i = 0; i < index; i++) {
      const turn = this.turns[i] as Turn;
      if (turn.kind === 'tls') return true;
      if (this.#asksForTls(turn) && this.#reply(turn)?.code === 220) return true;
    }
    return false;
  }

  /** STARTTLS, or its sister between Exchange servers where it was agreed to: refused, it is no word about TLS. */
  #asksForTls(turn: Turn): boolean {
    if (turn.kind !== 'command') return false;
    return turn.verb === 'STARTTLS' || (turn.verb === 'X-ANONYMOUSTLS' && this.#reply(turn)?.code === 220);
  }

  #judge(connection: Connection, decoder: DialogueDecoder | null): void {
    const { halves } = connection;
    let facts = this.facts;
    const clientBytes = halves === null ? 0 : halves[0].bytes;
    const serverBytes = halves === null ? 0 : halves[1].bytes;
    const { opening } = connection;
    if (opening === 'unanswered') facts |= Fact.unanswered;
    else if (opening === 'refused') facts |= Fact.refused;
    else if (opening === 'unreachable') facts |= Fact.unreachable;
    else if (opening === 'complete' && serverBytes === 0) facts |= Fact.noServerBytes;
    if (!connection.startCaptured) facts |= Fact.midStream;
    if (connection.synAckCount > 2) facts |= Fact.transport;
    if (halves !== null) {
      const [client, server] = halves;
      if (connection.closing === 'server-fin' && !this.#hasQuit) facts |= Fact.transport;
      if (client.hasTrouble || server.hasTrouble) facts |= this.#troubleFacts(client, server);
    }
    if (decoder !== null) {
      if (decoder.service !== null) this.service = decoder.service;
      else if (decoder.implicitTls && !decoder.spoken) this.service = 'tls';
      else if (decoder.lmtp || (this.hello?.verb === 'LHLO' && this.hello.accepted)) this.service = 'lmtp';
      else if (decoder.spoken) this.service = 'smtp';
      else if (clientBytes + serverBytes > 0) this.service = saysSomethingElse(this.turns) ? 'other' : 'unknown';
      this.encryption = this.#readEncryption(decoder);
      if (this.encryption !== null && this.encryption.outcome !== 'rejected') facts |= Fact.tls;
      if (decoder.codeChanged) {
        facts |= Fact.disorder;
        for (const turn of this.turns) {
          if (turn.hasMixedCodes) this.anomalies.push({ kind: 'multiline-code-mismatch', turn: turn.index });
        }
      }
      if ((facts & Fact.disorder) !== 0) this.#noteStrayReplies((facts & Fact.gap) !== 0);
      if (decoder.plainAfterStartTls !== 0) this.anomalies.push({ kind: 'plaintext-after-starttls', turn: null });
      if (decoder.sessionCut) this.anomalies.push({ kind: 'session-cut', turn: null });
      if (decoder.overflow) this.anomalies.push({ kind: 'queue-overflow', turn: null });
      if (this.#isTurnCut) {
        for (const turn of this.turns) if (turn.cut) this.anomalies.push({ kind: 'line-cut', turn: turn.index });
      }
    }
    if (
      this.service !== 'smtp' &&
      this.service !== 'lmtp' &&
      this.service !== 'tls' &&
      this.service !== 'unknown' &&
      this.service !== 'silent'
    ) {
      facts |= Fact.notSmtp;
    }
    if ((facts & Fact.mailCommand) === 0) facts |= Fact.noMail;
    this.facts = facts;
    this.outcome = judgeOutcome(this, this.transactionOpen);
  }

  #troubleFacts(client: HalfFacts, server: HalfFacts): number {
    let facts = 0;
    if (
      client.retransmissions + server.retransmissions > 0 ||
      client.zeroWindow !== null ||
      server.zeroWindow !== null ||
      client.rst !== null ||
      server.rst !== null
    ) {
      facts |= Fact.transport;
    }
    if (client.missingBytes > 0 || server.missingBytes > 0) facts |= Fact.gap;
    if (client.truncatedBytes > 0 || server.truncatedBytes > 0) facts |= Fact.truncated;
    if (client.conflictCount > 0 || server.conflictCount > 0) facts |= Fact.conflict;
    // A side that said nothing is not a side that was not captured: the other acknowledged what is missing.
    if (client.bytes === 0 && server.bytes > 0 && client.missingBytes > 0) facts |= Fact.oneSided;
    if (server.bytes === 0 && client.bytes > 0 && server.missingBytes > 0) facts |= Fact.oneSided;
    return facts;
  }

  /** Replies that answer nothing; where bytes are missing, they stand where the order was lost. */
  #noteStrayReplies(hasGap: boolean): void {
    for (const turn of this.beforeTurn.turns) {
      if (turn.kind !== 'reply' || turn.answers >= 0 || turn === this.greeting || turn.index === 0) continue;
      this.anomalies.push({ kind: hasGap ? 'lost-sync' : 'reply-without-command', turn: turn.index });
    }
  }

  #readEncryption(decoder: DialogueDecoder): Encryption | null {
    const tls = decoder.tls?.facts ?? null;
    const command = this.turns.findLast((turn) => this.#asksForTls(turn)) ?? null;
    const reply = command === null ? null : this.#reply(command);
    if (tls === null && command === null) return null;
    const alert = tls?.alerts.findLast((one) => one.level === 'fatal') ?? null;
    return {
      by: decoder.implicitTls ? 'implicit' : 'starttls',
      outcome: this.#encryptionOutcome(decoder, tls, reply),
      version: tls?.serverHello?.version ?? null,
      cipher: tls?.serverHello?.cipher ?? null,
      serverName: tls?.clientHello?.serverName ?? null,
      alert: alert === null ? null : { from: alert.from, level: alert.level, description: alert.description },
      // Text in front of a handshake that then succeeds was put there; nothing was decrypted.
      decrypted: decoder.plainAfterStartTls !== 0 && tls?.established !== true,
      command,
      reply,
      ...(tls === null ? {} : { handshake: tls }),
    };
  }

  #encryptionOutcome(decoder: DialogueDecoder, tls: TlsFacts | null, reply: Turn | null): Encryption['outcome'] {
    if (tls === null) return reply !== null && reply.code >= 400 ? 'rejected' : 'unknown';
    // All that one side says behind the client’s Finished is an alert: it refused.
    const refusedBy = this.endCaptured ? tls.probableAlertFrom : null;
    if (tls.failed || refusedBy === 'server' || (refusedBy === 'client' && decoder.startTls)) return 'failed';
    if (tls.established) return 'established';
    if (decoder.plainAfterStartTls !== 0) return 'unknown';
    // It was running when the capture began.
    const records = tls.client.applicationRecords + tls.server.applicationRecords;
    if (tls.clientHello === null && tls.serverHello === null && records > 0) return 'established';
    if ((this.facts & Fact.gap) !== 0 || !this.endCaptured) return 'unknown';
    return 'failed';
  }
}

/** Bits for what an EHLO reply offers, read off its bytes. */
function offeredFacts(reply: Turn): number {
  const { buffer, end } = reply;
  let facts = 0;
  for (let at = reply.start; at < end; at++) {
    if (buffer[at] !== 10 || at + 9 >= end) continue;
    const letter = (buffer[at + 5] as number) | 32;
    if (letter === 97 && /^AUTH[ =\r\n]/i.test(latin1(buffer, at + 5, at + 10))) facts |= Fact.authOffered;
    else if (letter === 115 && /^STARTTLS\b/i.test(latin1(buffer, at + 5, Math.min(end, at + 14))))
      facts |= Fact.startTlsOffered;
  }
  return facts;
}

/** Whether a line has octets that are no printable ASCII, or an end that is not CRLF. */
function isOdd(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte >= 32 && byte < 127) continue;
    if (byte === 13 && i + 1 < end && bytes[i + 1] === 10) i++;
    else if (byte !== 9) return true;
  }
  return false;
}

function isFirstReply(turns: readonly Turn[], index: number): boolean {
  for (let i = 0; i < index; i++) if ((turns[i] as Turn).from === 'server') return false;
  return true;
}

function repliesTo(turns: readonly Turn[], request: Turn): Turn[] {
  if (request.answeredBy < 0) return [];
  const last = turns[request.answeredBy] as Turn;
  const replies = [];
  for (let i = request.index + 1; i < request.answeredBy; i++) {
    const turn = turns[i] as Turn;
    if (turn.answers === request.index) replies.push(turn);
  }
  replies.push(last);
  return replies;
}

/** The chunk that the BDAT command at `index` announced; null when none of its bytes came. */
function chunkOf(turns: readonly Turn[], index: number): Turn | null {
  const { from } = turns[index] as Turn;
  for (let i = index + 1; i < turns.length; i++) {
    const turn = turns[i] as Turn;
    if (turn.from === from && turn.kind !== 'gap') return turn.kind === 'message' ? turn : null;
  }
  return null;
}

/** Whether a message turn is a BDAT chunk: its sender's turn before it is its command. */
function isChunk(turns: readonly Turn[], index: number): boolean {
  const { from } = turns[index] as Turn;
  for (let i = index - 1; i >= 0; i--) {
    const turn = turns[i] as Turn;
    if (turn.from === from && turn.kind !== 'gap') return turn.verb === 'BDAT';
  }
  return false;
}

function isChunkOf(turns: readonly Turn[], turn: Turn): boolean {
  return isChunk(turns, turn.index);
}

function joined(parts: readonly Turn[]): Buffer {
  return parts.length === 1 ? (parts[0] as Turn).raw : Buffer.concat(parts.map((part) => part.raw));
}

/** Undoes dot-stuffing (RFC 5321 §4.5.2): a leading dot is deleted when anything but the line's end follows it. */
export function unstuff(raw: Buffer): Buffer {
  if (raw[0] !== 46 && raw.indexOf('\n.') < 0) return raw;
  const out = Buffer.allocUnsafe(raw.length);
  let length = 0;
  let atStart = true;
  for (let i = 0; i < raw.length; i++) {
    const byte = raw[i] as number;
    if (atStart && byte === 46 && !(raw[i + 1] === 13 && raw[i + 2] === 10 && i + 3 === raw.length)) {
      atStart = false;
      continue;
    }
    out[length++] = byte;
    atStart = byte === 10 && raw[i - 1] === 13;
  }
  return out.subarray(0, length);
}

/** The turn in which readable credentials went over the wire; null when none did. */
function credentials(mechanism: string, initial: string | null, command: Turn, steps: readonly Turn[]): Turn | null {
  if (mechanism === 'LOGIN') return steps.find((step) => step.step === 'password') ?? null;
  if (initial !== null && initial !== '=') return command;
  return steps.find((step) => step.step === 'response') ?? null;
}

function firstWord(turn: Turn): string {
  return /^\s*(\S{0,64})/.exec(turn.lines[0] ?? '')?.[1]?.toUpperCase() ?? '';
}

/** The server said a whole line, and it is no reply. */
function saysSomethingElse(turns: readonly Turn[]): boolean {
  return turns.some((turn) => turn.kind === 'unparsed' && turn.from === 'server' && turn.complete);
}
