/**
 * The decoder: two streams in, turns out. It knows at each moment what the next bytes of either side can be, and which
 * command the next reply answers; nothing else. Everything is kept as bytes (journal.ts) until the session is handed on.
 *
 * Each direction has a reader, chosen by what was said before:
 *
 *   probe    the first bytes, or those after STARTTLS was agreed: TLS, or text?
 *   lines    commands, replies, AUTH answers
 *   waiting  client only: behind DATA, until its reply says whether a message or a command follows
 *   message  client only: up to CRLF.CRLF (RFC 5321 §4.5.2), dots undone
 *   chunk    client only: as many bytes as BDAT announced (RFC 3030 §2), or XEXCH50
 *   opaque   TLS: flights are counted, the handshake is watched
 *   foreign  another protocol: runs are counted, their beginnings kept
 *   turned   TURN or ATRN was agreed to: another decoder reads on, to which the server is the client
 *
 * Replies are matched through a queue of what waits for one (RFC 5321 §4.2, RFC 2920): commands, the greeting, an AUTH
 * answer, the end of a message. The reassembler never delivers a reply before the bytes it acknowledges, so the queue is
 * right whatever the order of the packets.
 *
 * What was lost is never guessed over: after a gap in the commands an item that stands for "perhaps something" is
 * queued; after a gap in the replies those that may have been answered in it are set aside, and only a reply whose code
 * belongs to one kind of command (354, 334, 235, 221) finds its command again.
 */
import { ByteChains, Chain } from '../bytes/byte-chains.ts';
import { MARK, MessageScan, RunningPrint, scanMessage } from '../bytes/kernel/message-scan.ts';
import { int32be } from '../bytes/read.ts';
import { CLIENT, SERVER, type SegmentInfo, type Side, type StreamListener } from '../reassembly/stream-listener.ts';
import { TLS_LIMITS, type TlsLimits } from '../tls/limits.ts';
import { TlsObserver } from '../tls/observer.ts';
import { looksLikeTls } from '../tls/records.ts';
import { loginPrompt } from './auth/login-prompt.ts';
import { type ForeignService, foreignServer, isForeignClient } from './foreign.ts';
import { Entry, JournalBase, JournalReader, KIND, Opening, STEP, writeEntry } from './journal.ts';
import { DIALOGUE_LIMITS, type DialogueLimits, Reached } from './limits.ts';
import { OpenTurn } from './open-turn.ts';
import { mayBeProxyHeader, proxyHeaderLength, proxyHeaderText } from './proxy-header.ts';
import { RecentSegments } from './recent-segments.ts';
import { SmugglingScan, type Suspect } from './smuggling.ts';
import { VERB_REPLIES } from './verb-replies.ts';
import { isPlainlyCommand, readVerb, Verb } from './verbs.ts';

export interface DecoderOptions {
  /** Keep whole message texts, not only their headers. */
  readonly keepBodies: boolean;
  /** All of them; without, the defaults of limits.ts, here and in `tls`. */
  readonly limits?: DialogueLimits & TlsLimits;
}

const PROBE = 0;
const LINES = 1;
const WAITING = 2;
const MESSAGE = 3;
const CHUNK = 4;
const OPAQUE = 5;
const FOREIGN = 6;
const TURNED = 7;

/** What waits for a reply beside the verbs. */
const GREETING = 100;
const END_OF_MESSAGE = 101;
const AUTH_STEP = 102;
/** Commands that were not captured, if there were any. */
const UNKNOWN = 103;
/** What was sent on a 354 to XEXCH50. */
const BLOB = 104;

/** A line with nothing on it: some servers take it for an unknown command, and some for nothing. */
const EMPTY = 105;

/** The reply to a message that the replies for its recipients follow (PRDR). */
const CONTENT_ANALYSIS = 353;

/** Where an AUTH exchange stands (RFC 4954 §4). */
const NO_AUTH = 0;
const AUTH_SENT = 1;
const AUTH_CHALLENGED = 2;
const AUTH_REFUSED = 3;

const MECHANISM_OTHER = 0;
const MECHANISM_LOGIN = 1;

const DEFAULT_LIMITS = { ...DIALOGUE_LIMITS, ...TLS_LIMITS };

const BLOB_WANTED = Buffer.from('354 Send binary data');
const END_OF_HEAD = Buffer.from('\r\n\r\n');
/** The same as the last four bytes that were read. */
const EMPTY_LINE = 0x0d0a0d0a;
/** Without one of them a message ends where every server sees its end. */
const ODD_ENDS = MARK.bareLf | MARK.bareCr | MARK.nul;
/** A message begins at the start of a line. */
const LINE_START = 0x0d0a;

interface Outstanding {
  readonly turn: number;
  readonly verb: number;
  /** Stream offset behind it: a reply that acknowledges less cannot answer it. */
  readonly end: number;
  /** Replies still to come: LMTP has one for each recipient (RFC 2033 §4.2). 0: not yet known. */
  replies: number;
  next: Outstanding | null;
}

/** First bytes of a side that are too few to be told apart, and where the first of them came. */
interface Undecided {
  readonly bytes: Buffer;
  readonly offset: number;
  readonly segment: SegmentInfo;
}

/** Scratch of all decoders: none is used across calls. */
const opening = new Opening();
const entry = new Entry();
const chainsOf = new ByteChains();
const recent = new RecentSegments();
const journalReader = new JournalReader();
let decoders = 0;

function nextNumber(): number {
  decoders = (decoders + 2) | 0;
  return decoders;
}
let scratch = Buffer.allocUnsafe(65_536);

/** Room for `length` bytes; the last contents are gone. */
function scratchFor(length: number): Buffer {
  if (scratch.length < length) scratch = Buffer.allocUnsafe(length * 2);
  return scratch;
}

export class DialogueDecoder implements StreamListener {
  // What each segment of a message reads comes first, side by side (see Connection).
  #clientReader = PROBE;
  #serverReader = PROBE;
  /** Of all decoders of this process, two apart: what `recent` keeps of each side is told apart by it. */
  readonly #number = nextNumber();
  readonly #options: DecoderOptions;
  readonly #limits: DialogueLimits & TlsLimits;
  /** What `data` is reading is not all kept. */
  #unkept = false;
  #clientEnd = 0;
  readonly #client = new OpenTurn();
  /** Where the message stands that DATA or BDAT carries. */
  #scan: MessageScan | null = null;
  #headOpen = false;
  #print: RunningPrint | null = null;
  #tail = 0;
  #remaining = 0;
  #smuggling: SmugglingScan | null = null;
  /** Turns that have begun. */
  turns = 0;

  readonly chains: ByteChains;
  readonly journal: Chain;
  readonly #base: JournalBase;
  /** A PROXY header, which nobody answers unless it was taken for a command. */
  #proxyTurn = -1;
  /** Number of the first turn behind a TURN or ATRN that was agreed to; -1 for none. */
  turnedAt = -1;
  /** The session says more than is kept; turns beyond are counted in `turns` alone. */
  sessionCut = false;
  service: ForeignService | null = null;
  lmtp = false;
  /** TLS from the first byte. */
  implicitTls = false;
  /** STARTTLS was agreed to. */
  startTls = false;
  /** After STARTTLS was agreed to, text came: from the client, from the server. */
  plainAfterStartTls = 0;
  tls: TlsObserver | null = null;
  /** A turn number: the STARTTLS command that was agreed to. */
  startTlsTurn = -1;
  /** Some SMTP was recognised: a verb or a reply. */
  spoken = false;
  overflow = false;
  /** Bits of `Reached`. */
  reached = 0;
  /** A reply has lines with different codes. */
  codeChanged = false;
  /** Told of each turn as it is completed, where somebody follows the session. What it is given is lent. */
  onTurn:
    | ((begin: Opening, entry: Entry, bytes: Buffer, start: number, end: number, text: Chain | null) => void)
    | null = null;

  /** First bytes of each side too few to be told apart. */
  #undecided: [Undecided | null, Undecided | null] | null = null;
  /** A reply of which some lines came, and its line that has no end yet. */
  #server: OpenTurn | null = null;
  #replyOpen = false;
  #replyCode = 0;
  #serverPartial: Chain | null = null;
  #run: OpenTurn | null = null;
  #runSide: Side = 0;

  #first: Outstanding | null = null;
  #last: Outstanding | null = null;
  #outstanding = 0;
  /** A line that is no reply came where the greeting was to come. */
  #greetedOddly = false;
  /** Stream offset that the server's last reply acknowledged. */
  #acked = -1;
  /** Commands that may have been answered in a gap. */
  #lost: Outstanding | null = null;
  /** The client's stream was resumed behind a gap, and no plausible line came yet. */
  #clientLost = false;
  #serverLost = false;
  /** Some bytes of either side were not captured. */
  #hasHole = false;

  #auth = NO_AUTH;
  #mechanism = MECHANISM_OTHER;
  #authSteps = 0;
  /** What the last challenge of LOGIN asks for: STEP.user, STEP.password, 0 for neither. */
  #asked = 0;
  #leftovers = 0;

  /** Bytes behind a DATA that has no reply yet, with their packets. */
  #held: { bytes: Buffer; offset: number; segment: SegmentInfo }[] | null = null;
  #heldBytes = 0;
  /** The reply to DATA lies in a gap. */
  #replyLost = false;
  #missing = 0;
  #answered = false;
  #chunkLast = false;
  /** What the chunk is belongs to no message: properties that one Exchange server tells another with XEXCH50. */
  #isBlob = false;
  #blobBytes = 0;
  /** The last 354 behind a hole has the words of Exchange's to XEXCH50. */
  #asksForBlob = false;
  /** Who reads on where ATRN or TURN was agreed to; it writes into the same journal. */
  #turned: DialogueDecoder | null = null;
  /** To this decoder the server of the connection is the client. */
  readonly #isTurned: boolean;
  #chunkVerbTurn = -1;
  #headKept = 0;
  /** The last four bytes of the header section so far. */
  #headTail = 0;
  #recipients = 0;
  #comparisons = 0;
  /** What the reply just matched lets the client's bytes be: AFTER_… */
  #after = 0;

  constructor(
    options: DecoderOptions,
    startCaptured: boolean,
    chains: ByteChains = chainsOf,
    before: DialogueDecoder | null = null,
  ) {
    this.#options = options;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.chains = chains;
    this.#isTurned = before !== null;
    this.journal = before === null ? new Chain() : before.journal;
    this.#base = before === null ? new JournalBase() : before.#base;
    if (before !== null) {
      this.turns = before.turns;
      this.onTurn = before.onTurn;
      this.#hasHole = before.#hasHole;
      this.spoken = true;
      this.#clientReader = LINES;
      this.#serverReader = LINES;
    }
    if (startCaptured) this.#push(GREETING, -1, 0);
    // The first line may be half of one, or an answer to a challenge.
    else this.#clientLost = true;
  }

  data(side: Side, bytes: Buffer, start: number, end: number, offset: number, segment: SegmentInfo): void {
    this.#unkept = false;
    if (side === CLIENT) this.#fromClient(bytes, start, end, offset, segment);
    else this.#fromServer(bytes, start, end, offset, segment);
    if (this.#unkept) recent.remember(this.#number + side, offset, bytes, start, end);
  }

  gap(side: Side, length: number, offset: number, segment: SegmentInfo): void {
    if (this.#turned !== null) {
      this.#turned.gap(otherSide(side), length, offset, segment);
      return;
    }
    this.#decide(side);
    this.#hasHole = true;
    if (side === CLIENT) this.#clientGap(length, offset, segment);
    else this.#serverGap();
    this.#writeGap(side, length, offset, segment);
  }

  /** Nothing more comes: what is open is written as far as it goes. */
  end(): void {
    this.#decide(CLIENT);
    this.#decide(SERVER);
    if (this.#clientReader === WAITING) this.#judgeHeld();
    this.#flushClient();
    this.#flushServer();
    this.#flushRun();
    const turned = this.#turned;
    if (turned === null) return;
    turned.end();
    this.turns = turned.turns;
    this.sessionCut ||= turned.sessionCut;
    this.overflow ||= turned.overflow;
    this.reached |= turned.reached;
  }

  /** Places in messages at which some servers see the end of data; null when there is none. */
  get suspects(): readonly Suspect[] | null {
    return this.#smuggling?.suspects ?? null;
  }

  /** Gives the kept bytes back. */
  release(): void {
    this.#turned?.release();
    this.chains.release(this.journal);
    this.chains.release(this.#client.text);
    if (this.#server !== null) this.chains.release(this.#server.text);
    if (this.#run !== null) this.chains.release(this.#run.text);
    if (this.#serverPartial !== null) this.chains.release(this.#serverPartial);
  }

  // ---- the client's side

  #fromClient(bytes: Buffer, start: number, end: number, offset: number, segment: SegmentInfo): void {
    const base = offset - start;
    this.#clientEnd = offset + end - start;
    let at = start;
    while (at < end) {
      switch (this.#clientReader) {
        case LINES:
          if ((this.startTls || this.#hasHole) && !this.#client.isOpen && looksLikeTls(bytes, at, end) === 'yes')
            this.#resumeAsTls(CLIENT);
          else at = this.#clientLine(bytes, at, end, base, segment);
          break;
        case MESSAGE:
          at = this.#message(bytes, at, end, base, segment);
          break;
        case CHUNK:
          at = this.#chunk(bytes, at, end, base, segment);
          break;
        case WAITING:
          this.#hold(bytes, at, end, base + at, segment);
          return;
        case PROBE:
          if (!this.#probe(CLIENT, bytes, at, end, base, segment)) return;
          break;
        case TURNED:
          (this.#turned as DialogueDecoder).data(SERVER, bytes, at, end, base + at, segment);
          return;
        default:
          this.#opaque(CLIENT, bytes, at, end, base + at, segment);
          return;
      }
    }
  }

  /** Reads one line, or keeps what is there of it. Returns where it stopped. */
  #clientLine(bytes: Buffer, start: number, end: number, base: number, segment: SegmentInfo): number {
    let feed = start;
    while (feed < end && bytes[feed] !== 10) feed++;
    const client = this.#client;
    if (feed === end) {
      if (!client.isOpen) client.begin(this.turns++, base + start, segment);
      client.add(this.chains, bytes, start, end, this.#limits.lineBytes, segment);
      return end;
    }
    const stop = feed + 1;
    if (!client.isOpen) {
      opening.begin(this.turns++, base + start, segment);
      const kept = stop - start > this.#limits.lineBytes ? start + this.#limits.lineBytes : stop;
      entry.cut = kept !== stop;
      this.#line(opening, bytes, start, kept, stop - start, base + stop, segment);
      return stop;
    }
    client.add(this.chains, bytes, start, stop, this.#limits.lineBytes, segment);
    const length = client.text.length;
    const line = Buffer.allocUnsafe(length);
    this.chains.copy(client.text, line, 0);
    entry.cut = client.cut || client.text.isCut;
    client.isOpen = false;
    this.chains.release(client.text);
    this.#line(client, line, 0, length, client.bytes, base + stop, segment);
    return stop;
  }

  /** A whole client line, as far as kept. `entry.cut` is set. */
  #line(
    begin: Opening,
    bytes: Buffer,
    start: number,
    end: number,
    wireBytes: number,
    endOffset: number,
    segment: SegmentInfo,
  ): void {
    entry.side = CLIENT;
    entry.endTimeUs = segment.timeUs;
    entry.endTimeNanos = segment.timeNanos;
    entry.bytes = wireBytes;
    entry.answers = -1;
    entry.complete = true;
    entry.step = STEP.none;
    entry.code = 0;
    if (this.#auth !== NO_AUTH && this.#isAuthLine(bytes, start, end)) {
      entry.kind = KIND.auth;
      entry.step = this.#nextStep(bytes, start, end);
      this.#auth = this.#auth === AUTH_REFUSED ? AUTH_REFUSED : AUTH_SENT;
      this.#write(begin, bytes, start, end, null);
      this.#push(AUTH_STEP, begin.number, endOffset);
      return;
    }
    const verb = readVerb(bytes, start, end);
    if (this.#clientLost) {
      // Behind a gap only what is plainly a command is one.
      if (!isPlainlyCommand(bytes, start, end)) {
        this.#unparsed(begin, bytes, start, end);
        return;
      }
      this.#clientLost = false;
    }
    if (verb === Verb.OTHER && !this.spoken && isForeignClient(bytes, start, end)) {
      this.service = 'http';
      this.#clientReader = FOREIGN;
      this.#serverReader = FOREIGN;
      this.#unparsed(begin, bytes, start, end);
      return;
    }
    if (verb !== Verb.OTHER) this.spoken = true;
    else if (this.#lost !== null && replyCode(bytes, start, end) === 220 && this.#hasLostTurn()) {
      // The word of consent lies in a hole; the greeting of who was the client says that there was one.
      this.#turn();
      this.turnedAt = begin.number;
      (this.#turned as DialogueDecoder).#greeting(begin, bytes, start, end, wireBytes, segment);
      return;
    }
    // Commands that the client saw answered while we did not.
    if (this.#lost !== null) this.#lost = null;
    entry.kind = KIND.command;
    entry.code = verb;
    this.#write(begin, bytes, start, end, null);
    if (verb === Verb.PROXY) {
      this.#proxyTurn = begin.number;
      return;
    }
    const isEmpty = verb === Verb.OTHER && lineLength(bytes, start, end) === 0;
    this.#push(isEmpty ? EMPTY : verb, begin.number, endOffset);
    switch (verb) {
      case Verb.DATA:
        this.#clientReader = WAITING;
        break;
      case Verb.BDAT:
        this.#beginChunks(begin.number, bytes, start, end);
        break;
      case Verb.XEXCH50:
        this.#blobBytes = blobLength(bytes, start, end);
        break;
      case Verb.MAIL:
      case Verb.RSET:
        this.#headKept = 0;
        break;
      case Verb.AUTH:
      case Verb.XEXPS:
        this.#auth = AUTH_SENT;
        this.#leftovers = 0;
        this.#readMechanism(bytes, start, end);
        break;
      default:
        break;
    }
  }

  /** A client line that is no command: after a gap, or of another protocol. What may be a secret is marked as one. */
  #unparsed(begin: Opening, bytes: Buffer, start: number, end: number): void {
    const secret = isBase64(bytes, start, end);
    entry.kind = secret ? KIND.auth : KIND.unparsed;
    entry.step = secret ? STEP.response : STEP.none;
    this.#write(begin, bytes, start, end, null);
  }

  // ---- AUTH (RFC 4954 §4)

  /**
   * By the client's grammar, not by the server's consent: credentials sent behind an AUTH that was never answered, or
   * was refused, are credentials all the same.
   */
  #isAuthLine(bytes: Buffer, start: number, end: number): boolean {
    if (this.#auth === AUTH_CHALLENGED) return true;
    if (isPlainlyCommand(bytes, start, end)) {
      if (this.#auth === AUTH_REFUSED) this.#auth = NO_AUTH;
      return false;
    }
    if (this.#auth === AUTH_SENT) return true;
    // Refused: what was already under way.
    if (this.#leftovers < 3 && isBase64(bytes, start, end)) {
      this.#leftovers++;
      return true;
    }
    this.#auth = NO_AUTH;
    return false;
  }

  #nextStep(bytes: Buffer, start: number, end: number): number {
    const first = bytes[start] as number;
    if (first === 42 && lineLength(bytes, start, end) === 1) return STEP.cancel;
    const length = lineLength(bytes, start, end);
    const isEmpty = length === 0 || (length === 1 && first === 61);
    if (this.#mechanism !== MECHANISM_LOGIN) return isEmpty ? STEP.empty : STEP.response;
    const asked = this.#asked;
    // Each challenge asks for one line.
    this.#asked = 0;
    const step = this.#authSteps++;
    if (isEmpty) return STEP.empty;
    // What the server asked for, and else the usual order.
    if (asked !== 0) return asked;
    return step === 0 ? STEP.user : step === 1 ? STEP.password : STEP.response;
  }

  #readMechanism(bytes: Buffer, start: number, end: number): void {
    const text = bytes.toString('latin1', start, Math.min(end, start + 64)).trim();
    const parts = text.split(/[ \t]+/, 3);
    this.#mechanism = parts[1]?.toUpperCase() === 'LOGIN' ? MECHANISM_LOGIN : MECHANISM_OTHER;
    this.#authSteps = parts.length > 2 && parts[2] !== '' ? 1 : 0;
    this.#asked = 0;
  }

  // ---- DATA (RFC 5321 §4.1.1.4)

  #hold(bytes: Buffer, start: number, end: number, offset: number, segment: SegmentInfo): void {
    this.#unkept = true;
    this.#held ??= [];
    this.#held.push({ bytes: Buffer.from(bytes.subarray(start, end)), offset, segment: { ...segment } });
    this.#heldBytes += end - start;
    const isTooMuch = this.#heldBytes > this.#limits.undecidedBytes;
    if (isTooMuch) this.reached |= Reached.undecided;
    if (this.#replyLost || isTooMuch) this.#judgeHeld();
  }

  /** No reply to DATA will tell: what follows it does. */
  #judgeHeld(): void {
    const first = this.#held?.[0]?.bytes;
    const isCommand = first !== undefined && isPlainlyCommand(first, 0, lineEnd(first));
    this.#leaveWaiting(first !== undefined && !isCommand);
  }

  /** The reply to DATA came, or was guessed: bytes that waited are read. */
  #leaveWaiting(accepted: boolean): void {
    this.#replyLost = false;
    if (accepted) this.#beginMessage();
    else this.#clientReader = LINES;
    const held = this.#held;
    this.#held = null;
    this.#heldBytes = 0;
    if (held === null) return;
    for (const piece of held) {
      this.#fromClient(piece.bytes, 0, piece.bytes.length, piece.offset, piece.segment);
    }
  }

  #beginMessage(): void {
    this.#clientReader = MESSAGE;
    this.#scan ??= new MessageScan();
    this.#scan.begin();
    this.#missing = 0;
    this.#tail = LINE_START;
    this.#openHead();
    this.#answered = false;
    this.#auth = NO_AUTH;
    this.#clientLost = false;
  }

  #openHead(): void {
    this.#headOpen = true;
    this.#headTail = 0;
    this.#print ??= new RunningPrint();
    this.#print.begin();
  }

  /** Message bytes up to the end of data. */
  #message(bytes: Buffer, start: number, end: number, base: number, segment: SegmentInfo): number {
    const client = this.#client;
    if (!client.isOpen) client.begin(this.turns++, base + start, segment);
    const scan = this.#scan as MessageScan;
    const at = scanMessage(scan, bytes, start, end);
    this.#unkept = true;
    this.#keepMessage(bytes, start, at, segment);
    if ((scan.marks & ODD_ENDS) !== 0) {
      this.#smuggling ??= new SmugglingScan();
      this.#smuggling.push(client.offset, this.#tail, bytes, start, at, base + start);
    }
    if (at - start >= 4) this.#tail = int32be(bytes, at - 4);
    else for (let i = start; i < at; i++) this.#tail = (this.#tail << 8) | (bytes[i] as number);
    if (scan.done) this.#endMessage(3, true);
    return at;
  }

  /** Counts `bytes[start, end)` of a message and keeps its header section (or all of it). */
  #keepMessage(bytes: Buffer, start: number, end: number, segment: SegmentInfo): void {
    const client = this.#client;
    const body = this.#headOpen ? this.#headEnd(bytes, start, end) : start;
    if (body < end) this.#print?.push(bytes, body, end);
    if (this.#options.keepBodies) {
      client.add(this.chains, bytes, start, end, this.#limits.messageBytes, segment);
      if (client.cut) this.reached |= Reached.message;
      return;
    }
    if (body > start) {
      const before = client.text.length;
      client.add(this.chains, bytes, start, body, before + this.#limits.headBytes - this.#headKept, segment);
      this.#headKept += client.text.length - before;
      if (client.cut) {
        this.reached |= Reached.message;
        this.#headOpen = false;
        client.cut = false;
      }
    }
    client.bytes += end - body;
    client.endTimeUs = segment.timeUs;
    client.endTimeNanos = segment.timeNanos;
  }

  /** Where in `bytes[start, end)` the header section ends, behind its empty line, which may have come in pieces. */
  #headEnd(bytes: Buffer, start: number, end: number): number {
    let tail = this.#headTail;
    const joint = Math.min(end, start + 3);
    for (let i = start; i < joint; i++) {
      tail = (tail << 8) | (bytes[i] as number);
      if (tail === EMPTY_LINE) {
        this.#headOpen = false;
        return i + 1;
      }
    }
    this.#headTail = end - start >= 4 ? int32be(bytes, end - 4) : tail;
    const blank = bytes.subarray(start, Math.min(end, start + this.#limits.headBytes)).indexOf(END_OF_HEAD);
    if (blank < 0) return end;
    this.#headOpen = false;
    return start + blank + END_OF_HEAD.length;
  }

  /** The message ends here; `terminator` bytes of it are the final dot and its line end. */
  #endMessage(terminator: number, complete: boolean): void {
    const client = this.#client;
    entry.kind = KIND.message;
    entry.side = CLIENT;
    entry.endTimeUs = client.endTimeUs;
    entry.endTimeNanos = client.endTimeNanos;
    entry.bytes = client.bytes;
    entry.answers = -1;
    entry.code = 0;
    entry.complete = complete;
    entry.cut = client.cut;
    entry.step = STEP.none;
    const scan = this.#scan as MessageScan;
    // Chunks have no dots to be undone (RFC 3030 §2).
    entry.messageBytes = client.bytes - (this.#clientReader === CHUNK ? 0 : scan.stuffed) - terminator;
    entry.messageLines = scan.feeds - (terminator > 0 ? 1 : 0);
    entry.messageMissing = this.#missing;
    entry.messageMarks = scan.marks;
    // A line that never ended is a line all the same.
    entry.messageLongest = Math.max(scan.longest, scan.open);
    entry.messagePrint = this.#print?.value ?? 0;
    const { number } = client;
    this.#smuggling?.end(client.offset, client.offset + client.bytes + this.#missing);
    this.#write(client, scratch, 0, 0, client.text);
    client.close(this.chains);
    this.#headKept = 0;
    this.#clientReader = LINES;
    if (!this.#answered) this.#push(END_OF_MESSAGE, number, this.#clientEnd);
  }

  // ---- BDAT (RFC 3030 §2)

  #beginChunks(turn: number, bytes: Buffer, start: number, end: number): void {
    const match = /^[ \t]*BDAT[ \t]+(\d{1,15})[ \t]*(LAST)?[ \t]*$/i.exec(
      bytes.toString('latin1', start, Math.min(end, start + 128)).replace(/\r?\n$/, ''),
    );
    if (match === null) return;
    this.#chunkVerbTurn = turn;
    this.#remaining = Number(match[1]);
    this.#chunkLast = match[2] !== undefined;
    this.#auth = NO_AUTH;
    if (this.#remaining === 0) {
      if (this.#chunkLast) this.#headKept = 0;
      return;
    }
    this.#clientReader = CHUNK;
    this.#scan ??= new MessageScan();
    this.#scan.begin();
    this.#missing = 0;
    if (this.#headKept === 0) this.#openHead();
  }

  /** The server waits for what XEXCH50 announced; its second reply answers the same command. */
  #beginBlob(turn: number): void {
    if (this.#clientReader !== LINES || this.#client.isOpen || this.#blobBytes === 0) return;
    this.#isBlob = true;
    this.#clientReader = CHUNK;
    this.#remaining = this.#blobBytes;
    this.#push(BLOB, turn, this.#clientEnd + this.#blobBytes);
  }

  /** Bytes of a blob, of which no more is kept than its beginning. */
  #blob(bytes: Buffer, start: number, end: number, segment: SegmentInfo): number {
    const count = Math.min(end - start, this.#remaining);
    this.#unkept = true;
    this.#client.add(this.chains, bytes, start, start + count, this.#limits.foreignBytes, segment);
    this.#remaining -= count;
    if (this.#remaining === 0) this.#endBlob(true);
    return start + count;
  }

  #endBlob(complete: boolean): void {
    const client = this.#client;
    this.#isBlob = false;
    this.#clientReader = LINES;
    entry.kind = KIND.unparsed;
    entry.side = CLIENT;
    entry.endTimeUs = client.endTimeUs;
    entry.endTimeNanos = client.endTimeNanos;
    entry.bytes = client.bytes;
    entry.answers = -1;
    entry.code = 0;
    entry.complete = complete;
    // That it is not all kept is no fault of the session.
    entry.cut = false;
    entry.step = STEP.none;
    this.#write(client, scratch, 0, 0, client.text);
    client.close(this.chains);
  }

  #chunk(bytes: Buffer, start: number, end: number, base: number, segment: SegmentInfo): number {
    const client = this.#client;
    if (!client.isOpen) client.begin(this.turns++, base + start, segment);
    if (this.#isBlob) return this.#blob(bytes, start, end, segment);
    const count = Math.min(end - start, this.#remaining);
    const scan = this.#scan as MessageScan;
    for (let at = start; at < start + count; ) {
      at = scanMessage(scan, bytes, at, start + count);
      // A chunk ends by its count alone: a dot on a line is a dot on a line.
      if (scan.done) scan.state = 2;
      scan.done = false;
    }
    this.#unkept = true;
    this.#keepMessage(bytes, start, start + count, segment);
    this.#remaining -= count;
    if (this.#remaining === 0) this.#endChunk(true);
    return start + count;
  }

  #endChunk(complete: boolean): void {
    if (this.#isBlob) {
      this.#endBlob(complete);
      return;
    }
    const kept = this.#headKept;
    // A chunk's reply answers its BDAT command.
    this.#answered = true;
    this.#endMessage(0, complete);
    this.#answered = false;
    this.#headKept = this.#chunkLast ? 0 : Math.max(kept, 1);
  }

  // ---- the server's side

  #fromServer(bytes: Buffer, start: number, end: number, offset: number, segment: SegmentInfo): void {
    const base = offset - start;
    let at = start;
    while (at < end) {
      switch (this.#serverReader) {
        case LINES:
          if (
            (this.startTls || this.#hasHole) &&
            this.#server?.isOpen !== true &&
            looksLikeTls(bytes, at, end) === 'yes'
          )
            this.#resumeAsTls(SERVER);
          else at = this.#serverLines(bytes, at, end, base, segment);
          break;
        case PROBE:
          if (!this.#probe(SERVER, bytes, at, end, base, segment)) return;
          break;
        case TURNED:
          (this.#turned as DialogueDecoder).data(CLIENT, bytes, at, end, base + at, segment);
          return;
        default:
          this.#opaque(SERVER, bytes, at, end, base + at, segment);
          return;
      }
    }
  }

  /** Reads one reply that is all here, or one line of a reply that is not. */
  #serverLines(bytes: Buffer, start: number, end: number, base: number, segment: SegmentInfo): number {
    if (!this.#replyOpen && (this.#serverPartial === null || this.#serverPartial.length === 0)) {
      const code = replyCode(bytes, start, end);
      if (code > 0) {
        let line = start;
        while (line < end) {
          const isLast = bytes[line + 3] !== 45 || replyCode(bytes, line, end) !== code;
          let feed = line + 3;
          while (feed < end && bytes[feed] !== 10) feed++;
          if (feed >= end) break;
          if (isLast) {
            if (replyCode(bytes, line, end) !== code) break;
            this.#wholeReply(code, bytes, start, feed + 1, base, segment);
            return feed + 1;
          }
          line = feed + 1;
        }
      }
    }
    let feed = start;
    while (feed < end && bytes[feed] !== 10) feed++;
    const server = this.#openReply();
    if (!server.isOpen) server.begin(this.turns++, base + start, segment);
    this.#serverPartial ??= new Chain();
    const partial = this.#serverPartial;
    if (feed === end) {
      // Only the beginning of an endless line is kept.
      const room = this.#limits.lineBytes - partial.length;
      if (room > 0) this.chains.append(partial, bytes, start, Math.min(end, start + room));
      server.bytes += end - start;
      return end;
    }
    const stop = feed + 1;
    this.chains.append(partial, bytes, start, stop);
    server.bytes += stop - start;
    server.endTimeUs = segment.timeUs;
    server.endTimeNanos = segment.timeNanos;
    const length = partial.length;
    const line = Buffer.allocUnsafe(length);
    this.chains.copy(partial, line, 0);
    this.chains.release(partial);
    this.#serverLine(line, segment);
    return stop;
  }

  #openReply(): OpenTurn {
    this.#server ??= new OpenTurn();
    return this.#server;
  }

  /** One line of a reply that came in pieces. */
  #serverLine(line: Buffer, segment: SegmentInfo): void {
    const server = this.#openReply();
    const code = replyCode(line, 0, line.length);
    if (!this.#replyOpen) {
      if (code === 0) {
        this.#strangeLine(line, segment);
        return;
      }
      this.#replyOpen = true;
      this.#replyCode = code;
    }
    if (code > 0 && code !== this.#replyCode) {
      this.codeChanged = true;
      if (code === 250 && this.#replyCode === 220 && this.#isHelloEarly() && line.length < this.#limits.lineBytes)
        this.#breakGreeting(code, line.length, segment);
    }
    const room = this.#limits.replyBytes - server.text.length;
    if (line.length <= room) this.chains.append(server.text, line, 0, line.length);
    else server.cut = true;
    if (code > 0 && line[3] !== 45) {
      this.#replyOpen = false;
      server.isOpen = false;
      const cut = server.cut || server.text.isCut;
      // The line without a hyphen ends the reply, whatever its code (Postfix, Sendmail, Exim, msmtp, nodemailer agree);
      // where the codes differ, the last one is what the server came to.
      this.#reply(code, server, server.bytes, cut, true, scratch, 0, 0, server.text, segment);
      this.chains.release(server.text);
    }
  }

  /** It greeted with a line that is no reply, and now says to a command that it has seen what no greeting says. */
  #isPastGreeting({ verb, end }: Outstanding, code: number, acked: number): boolean {
    return this.#greetedOddly && verb !== UNKNOWN && code !== 220 && code < 400 && acked >= end;
  }

  /** EHLO came before the greeting has ended, and nothing but it waits for a 250. */
  #isHelloEarly(): boolean {
    const next = this.#first?.verb === GREETING ? this.#first.next?.verb : undefined;
    return next === Verb.EHLO || next === Verb.HELO || next === Verb.LHLO;
  }

  /** The greeting has no last line: its place is taken by the reply to EHLO (postscreen, to clients that speak first). */
  #breakGreeting(code: number, lineBytes: number, segment: SegmentInfo): void {
    const server = this.#openReply();
    const bytes = server.bytes - lineBytes;
    const offset = server.offset + bytes;
    this.#reply(this.#replyCode, server, bytes, server.cut, true, scratch, 0, 0, server.text, segment);
    server.close(this.chains);
    server.begin(this.turns++, offset, segment);
    server.bytes = lineBytes;
    this.#replyCode = code;
  }

  /** A server line that is no reply: the greeting of another protocol, or noise. */
  #strangeLine(line: Buffer, segment: SegmentInfo): void {
    const server = this.#openReply();
    server.isOpen = false;
    entry.kind = KIND.unparsed;
    entry.side = SERVER;
    entry.endTimeUs = segment.timeUs;
    entry.endTimeNanos = segment.timeNanos;
    entry.bytes = server.bytes;
    entry.answers = -1;
    entry.code = 0;
    entry.complete = true;
    entry.cut = line.length < server.bytes;
    entry.step = STEP.none;
    this.#write(server, line, 0, line.length, null);
    if (this.#first?.verb === GREETING) this.#greetedOddly = true;
    if (!this.spoken) this.#notice(foreignServer(line, 0, line.length));
  }

  #wholeReply(code: number, bytes: Buffer, start: number, end: number, base: number, segment: SegmentInfo): void {
    opening.begin(this.turns++, base + start, segment);
    if (!this.spoken) this.#notice(foreignServer(bytes, start, end));
    this.#reply(code, opening, end - start, false, true, bytes, start, end, null, segment);
  }

  #notice(service: ForeignService | null): void {
    if (service === null) return;
    this.service = service;
    this.#serverReader = FOREIGN;
    this.#clientReader = FOREIGN;
  }

  #reply(
    code: number,
    begin: Opening,
    wireBytes: number,
    cut: boolean,
    complete: boolean,
    bytes: Buffer,
    start: number,
    end: number,
    text: Chain | null,
    segment: SegmentInfo,
  ): void {
    if (code === 334) {
      if (text === null) this.#asked = askedFor(bytes, start, end);
      else {
        const whole = Buffer.allocUnsafe(text.length);
        this.chains.copy(text, whole, 0);
        this.#asked = askedFor(whole, 0, whole.length);
      }
    } else if (code === 354 && this.#hasHole && text === null) {
      this.#asksForBlob =
        bytes.compare(BLOB_WANTED, 0, BLOB_WANTED.length, start, Math.min(end, start + BLOB_WANTED.length)) === 0;
    }
    // Matching may end a message first: its record is written from where it began, and leaves `begin` as it is.
    const answers = complete ? this.#answer(code, begin.acked, begin.timeUs) : (this.#first?.turn ?? -1);
    entry.kind = KIND.reply;
    entry.side = SERVER;
    entry.endTimeUs = segment.timeUs;
    entry.endTimeNanos = segment.timeNanos;
    entry.bytes = wireBytes;
    entry.answers = answers;
    entry.code = code;
    entry.complete = complete;
    entry.cut = cut;
    entry.step = STEP.none;
    this.#write(begin, bytes, start, end, text);
    this.#goOn();
  }

  /** What waited for a reply is read only when that is written, so that turns keep their order. */
  #goOn(): void {
    const after = this.#after;
    this.#after = 0;
    if (after === AFTER_DATA_ACCEPTED) this.#leaveWaiting(true);
    else if (after === AFTER_DATA_REFUSED) this.#leaveWaiting(false);
    this.spoken = true;
  }

  // ---- matching

  #push(verb: number, turn: number, end: number): void {
    if (this.#outstanding >= this.#limits.outstanding) {
      this.overflow = true;
      return;
    }
    const item: Outstanding = { turn, verb, end, replies: 0, next: null };
    if (this.#last === null) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
    this.#outstanding++;
  }

  #unshift(verb: number, end: number): void {
    const item: Outstanding = { turn: -1, verb, end, replies: 0, next: this.#first };
    this.#first = item;
    this.#last ??= item;
    this.#outstanding++;
  }

  #pop(): void {
    const first = this.#first as Outstanding;
    this.#first = first.next;
    if (this.#first === null) this.#last = null;
    this.#outstanding--;
  }

  /** Which turn a reply answers, as its number; -1 for none. Changes what comes next accordingly. */
  #answer(code: number, acked: number, timeUs: number): number {
    let item = this.#first;
    const before = this.#acked;
    this.#acked = acked;
    // No server agrees to an empty line: it passed it over, and speaks of what it has seen behind it.
    while (item?.verb === EMPTY && code < 400 && item.next !== null && acked >= item.next.end) {
      this.#pop();
      item = this.#first;
    }
    if (item !== null && item.verb === UNKNOWN) {
      item = this.#behindHole(code, acked, before);
      if (item === null) return this.#unasked(code, acked, timeUs, true);
    }
    if (item?.verb === Verb.QUIT && this.#hasHole) {
      // Whatever the lost replies were: no server says anything else to QUIT.
      if (code !== 221) return this.#unasked(code, acked, timeUs, true);
      // One that it went on after was none: octets behind a hole, which look like a command.
      item = this.#lastQuit(acked);
      if (item === null) return this.#unasked(code, acked, timeUs, true);
    }
    // Sent before the server had seen a command: it took the PROXY header for one.
    if (
      this.#proxyTurn >= 0 &&
      code >= 500 &&
      acked >= 0 &&
      item?.verb !== GREETING &&
      (item === null || acked < item.end)
    ) {
      return this.#proxyTurn;
    }
    if (item === null) return this.#unasked(code, acked, timeUs, false);
    if (this.#clientReader === MESSAGE && this.#client.isOpen && item.verb !== END_OF_MESSAGE) {
      // Nothing can be asked for while a message is being sent.
      this.#pop();
      return item.turn;
    }
    if (item.verb === GREETING) {
      this.#pop();
      item = this.#first;
      // Else the greeting was lost: the capture begins with the SYN, and yet the first reply answers a command.
      if (item === null || !this.#isPastGreeting(item, code, acked)) return -1;
    }
    if (
      item.verb === END_OF_MESSAGE ||
      (item.verb === Verb.BDAT && this.#chunkLast && item.turn === this.#chunkVerbTurn)
    ) {
      if (item.replies === 0) {
        item.replies = this.lmtp ? Math.max(1, this.#recipients) : 1;
        // PRDR: one for each recipient, and one for the message (draft-hall-prdr, Exim).
        if (code === CONTENT_ANALYSIS && !this.lmtp) item.replies = this.#recipients + 2;
        this.#recipients = 0;
      } else if (code === 221) {
        // Fewer replies than recipients: no server says goodbye to a message.
        this.#pop();
        if (this.#first?.verb !== Verb.QUIT) return -1;
        const { turn } = this.#first;
        this.#pop();
        return turn;
      }
      item.replies--;
      if (item.replies <= 0) {
        this.#pop();
        // Recipients whose acceptance was not captured have replies as well.
        if (this.lmtp && this.#hasHole) this.#unshift(UNKNOWN, item.end);
      }
      return item.turn;
    }
    this.#pop();
    this.#effect(item, code);
    return item.turn;
  }

  /**
   * The QUIT that a goodbye answers, now first in the queue, which begins with one; null when the client has sent
   * something else since.
   */
  #lastQuit(acked: number): Outstanding | null {
    let last = this.#first as Outstanding;
    for (let item = last.next; item !== null; item = item.next) if (acked >= item.end) last = item;
    if (last.verb !== Verb.QUIT) return null;
    while (this.#first !== last) this.#pop();
    return last;
  }

  /**
   * The command that a reply answers, now first in the queue, where commands before it were not captured; null when
   * nobody can know. Of commands that travelled together any may be the lost one, and only a code of its own tells a
   * reply's command. Where the client went on after replies, it had all of them: those commands are done with.
   * `before` is what the reply before this one acknowledged.
   */
  #behindHole(code: number, acked: number, before: number): Outstanding | null {
    const hole = this.#first as Outstanding;
    if (before >= hole.end && acked > before) {
      while (this.#first !== null && this.#first.end <= before) this.#pop();
      const item = this.#first;
      return item !== null && item.verb !== UNKNOWN && acked >= item.end && belongs(code, item.verb) ? item : null;
    }
    let item = hole.next;
    while (item !== null && !(isOwnCode(code, item.verb) && acked >= item.end)) item = item.next;
    if (item !== null) {
      while (this.#first !== item) this.#pop();
      // Some of them may have begun another transaction.
      this.#recipients = 0;
    }
    return item;
  }

  /** What a reply to `item` changes. */
  #effect(item: Outstanding, code: number): void {
    switch (item.verb) {
      case Verb.DATA:
        if (this.#clientReader === WAITING) this.#after = code === 354 ? AFTER_DATA_ACCEPTED : AFTER_DATA_REFUSED;
        break;
      case Verb.AUTH:
      case Verb.XEXPS:
      case AUTH_STEP:
        this.#auth = code === 334 ? AUTH_CHALLENGED : code >= 400 ? AUTH_REFUSED : NO_AUTH;
        break;
      case Verb.STARTTLS:
      case Verb.ANONYMOUSTLS:
        if (code >= 200 && code < 300) this.#beginTls(item.turn);
        break;
      case Verb.LHLO:
        if (code === 250) this.lmtp = true;
        break;
      case Verb.RSET:
        if (code === 250) this.#recipients = 0;
        break;
      case Verb.ATRN:
      case Verb.TURN:
        if (code === 250) this.#turn();
        break;
      case Verb.XEXCH50:
        if (code === 354) this.#beginBlob(item.turn);
        break;
      case Verb.MAIL:
        if (code < 300) this.#recipients = 0;
        break;
      case Verb.RCPT:
        if (code < 300) this.#recipients++;
        break;
      default:
        break;
    }
  }

  /** TURN or ATRN is among the commands that may have been answered in a gap. */
  #hasLostTurn(): boolean {
    for (let item = this.#lost; item !== null; item = item.next) {
      if (item.verb === Verb.ATRN || item.verb === Verb.TURN) return true;
    }
    return false;
  }

  /** The first line of who is the server now, read by the decoder before. */
  #greeting(begin: Opening, bytes: Buffer, start: number, end: number, wireBytes: number, segment: SegmentInfo): void {
    this.#reply(replyCode(bytes, start, end), begin, wireBytes, false, true, bytes, start, end, null, segment);
  }

  /** The two change places (RFC 2645 §5.3): what either says from here on, another decoder reads. */
  #turn(): void {
    if (this.#clientReader === WAITING) this.#judgeHeld();
    this.#flushClient();
    this.turnedAt = this.turns;
    this.#turned = new DialogueDecoder(this.#options, true, this.chains, this);
    this.#clientReader = TURNED;
    this.#serverReader = TURNED;
  }

  /** A reply that nothing in the queue asked for. */
  #unasked(code: number, acked: number, timeUs: number, commandsLost: boolean): number {
    const client = this.#client;
    if (this.#clientReader === MESSAGE && client.isOpen && code !== 354) {
      const { number } = client;
      const all = acked >= this.#clientEnd;
      if (this.#missing > 0 && all) {
        // Its end of data lies in a hole.
        this.#answered = true;
        this.#endMessage(0, false);
      } else if (all && endsLeniently(this.#tail) && !saysItWaited(code, timeUs - client.endTimeUs)) {
        // The server takes line ends that the standard does not know for the end of data.
        this.#answered = true;
        this.#endMessage(this.#tail >>> 16 === 0x2e0d ? 3 : 2, true);
      } else this.#answered = true;
      // Behind a hole, the goodbye to a QUIT that was taken for a line of the message.
      return code === 221 && this.#hasHole ? -1 : number;
    }
    if (commandsLost && this.#clientReader === WAITING && code !== 354) {
      // It may have been the reply to DATA: what the client sends tells.
      this.#replyLost = true;
      if (this.#held !== null) this.#judgeHeld();
    }
    const lost = this.#findLost(code, acked);
    if (lost !== null) {
      this.#lost = null;
      this.#effect(lost, code);
      return lost.turn;
    }
    if (code === 354 && (commandsLost || this.#serverLost || this.#clientLost)) {
      // A DATA that was not captured: a message follows. Or an XEXCH50, and nobody knows how many octets.
      if (this.#asksForBlob) return -1;
      if (this.#clientReader === LINES || this.#clientReader === WAITING) {
        this.#flushClient();
        this.#after = AFTER_DATA_ACCEPTED;
      }
    } else if (code === 334) {
      this.#auth = AUTH_CHALLENGED;
      this.#clientLost = false;
    }
    return -1;
  }

  /** The command, among those perhaps answered in a gap, that a reply with this code must belong to. */
  #findLost(code: number, acked: number): Outstanding | null {
    const only = this.#lost;
    // 421 answers nothing but the time (RFC 5321 §3.8).
    if (only === null || code === 421) return null;
    if (only.next === null) return belongs(code, only.verb) && acked >= only.end ? only : null;
    let found: Outstanding | null = null;
    for (let item: Outstanding | null = only; item !== null; item = item.next) {
      if (isOwnCode(code, item.verb)) found = item;
    }
    return found;
  }

  // ---- TLS and what is not SMTP

  #beginTls(turn: number): void {
    this.startTls = true;
    this.startTlsTurn = turn;
    this.tls = new TlsObserver(this.#limits);
    // Bytes already under way in clear were read as commands; from here on either side may begin with TLS.
    if (!this.#client.isOpen) this.#clientReader = PROBE;
    this.#serverReader = PROBE;
    this.#auth = NO_AUTH;
  }

  /** Records where lines were read: of TLS already agreed to, or the STARTTLS or its reply lies in a hole. */
  #resumeAsTls(side: Side): void {
    if (!this.startTls) this.#beginTls(this.#turnOfStartTls());
    if (side === CLIENT) this.#clientReader = OPAQUE;
    else this.#serverReader = OPAQUE;
  }

  /** The last STARTTLS whose reply did not come; -1 for none. */
  #turnOfStartTls(): number {
    let turn = -1;
    for (const first of [this.#lost, this.#first]) {
      for (let item = first; item !== null; item = item.next) if (item.verb === Verb.STARTTLS) turn = item.turn;
    }
    return turn;
  }

  /** Decides by first bytes. False when they are too few, and are kept. */
  #probe(side: Side, bytes: Buffer, start: number, end: number, base: number, segment: SegmentInfo): boolean {
    const held = this.#undecided?.[side] ?? null;
    const whole = held === null ? bytes : Buffer.concat([held.bytes, bytes.subarray(start, end)]);
    const from = held === null ? start : 0;
    const until = held === null ? end : whole.length;
    // A server that waits for the header says nothing before.
    const isBeforeServer = side === CLIENT && this.#serverReader === PROBE;
    if (isBeforeServer && whole[from] === 13 && mayBeProxyHeader(whole, from, until)) {
      const length = proxyHeaderLength(whole, from, until);
      if (length === 0) {
        this.#wait(side, whole.subarray(from, until), base + start, segment);
        return false;
      }
      this.#forget(side);
      const offset = base + start - (held === null ? 0 : held.bytes.length);
      this.#proxyHeader(whole, from, length, offset, segment);
      // What follows is probed as if nothing had come before.
      if (until > from + length) this.#fromClient(whole, from + length, until, offset + length, segment);
      return false;
    }
    const verdict = looksLikeTls(whole, from, until);
    if (verdict === 'maybe' && until - from < 16) {
      this.#wait(side, whole.subarray(from, until), base + start, segment);
      return false;
    }
    this.#forget(side);
    if (verdict === 'yes' || verdict === 'maybe') this.#becomeOpaque(side);
    else {
      // Nothing more of a header comes once the server has spoken.
      if (side === SERVER && this.#undecided?.[CLIENT]?.bytes[0] === 13) this.#decide(CLIENT);
      this.#becomeText(side);
    }
    if (held === null) return true;
    // Each part belongs to its own packet.
    this.#read(side, held.bytes, 0, held.bytes.length, held.offset, held.segment);
    this.#read(side, bytes, start, end, base + start, segment);
    return false;
  }

  #read(side: Side, bytes: Buffer, start: number, end: number, offset: number, segment: SegmentInfo): void {
    if (side === CLIENT) this.#fromClient(bytes, start, end, offset, segment);
    else this.#fromServer(bytes, start, end, offset, segment);
  }

  /** A load balancer says who the client is: shown as the line that version 1 of its protocol has for it. */
  #proxyHeader(bytes: Buffer, start: number, length: number, offset: number, segment: SegmentInfo): void {
    opening.begin(this.turns++, offset, segment);
    this.#proxyTurn = opening.number;
    const text = Buffer.from(`${proxyHeaderText(bytes, start, length)}\r\n`);
    entry.kind = KIND.command;
    entry.side = CLIENT;
    entry.endTimeUs = segment.timeUs;
    entry.endTimeNanos = segment.timeNanos;
    entry.bytes = length;
    entry.answers = -1;
    entry.code = Verb.PROXY;
    entry.complete = true;
    entry.cut = false;
    entry.step = STEP.none;
    this.#write(opening, text, 0, text.length, null);
  }

  /** The beginning of a PROXY header of version 2, without its end: no lines, whatever line ends are in it. */
  #tornHeader(bytes: Buffer, offset: number, segment: SegmentInfo): void {
    opening.begin(this.turns++, offset, segment);
    entry.kind = KIND.unparsed;
    entry.side = CLIENT;
    entry.endTimeUs = segment.timeUs;
    entry.endTimeNanos = segment.timeNanos;
    entry.bytes = bytes.length;
    entry.answers = -1;
    entry.code = 0;
    entry.complete = false;
    entry.cut = false;
    entry.step = STEP.none;
    this.#write(opening, bytes, 0, bytes.length, null);
  }

  /** Keeps first bytes that are too few to be told apart; what came last begins at `offset`. */
  #wait(side: Side, bytes: Buffer, offset: number, segment: SegmentInfo): void {
    this.#undecided ??= [null, null];
    const before = this.#undecided[side];
    this.#undecided[side] = {
      bytes: Buffer.from(bytes),
      offset: before?.offset ?? offset,
      segment: before?.segment ?? { ...segment },
    };
  }

  /** What was kept of this side's first bytes has been read, or is about to be. */
  #forget(side: Side): void {
    if (this.#undecided !== null) this.#undecided[side] = null;
  }

  /** First bytes that were too few to be told apart are text after all. */
  #decide(side: Side): void {
    const earlier = this.#undecided?.[side] ?? null;
    if (earlier === null) return;
    this.#forget(side);
    this.#becomeText(side);
    const { bytes, offset, segment } = earlier;
    // Two empty lines are no more of a header than a hand on the Enter key.
    const isTorn = side === CLIENT && bytes.length > 4 && bytes[0] === 13 && mayBeProxyHeader(bytes, 0, bytes.length);
    if (isTorn) this.#tornHeader(bytes, offset, segment);
    else this.#read(side, bytes, 0, bytes.length, offset, segment);
  }

  #becomeOpaque(side: Side): void {
    if (!this.startTls) this.implicitTls = true;
    this.tls ??= new TlsObserver(this.#limits);
    if (side === CLIENT) {
      this.#clientReader = OPAQUE;
      if (this.#serverReader === LINES) this.#serverReader = PROBE;
    } else {
      this.#serverReader = OPAQUE;
      if (this.#clientReader === LINES && !this.#client.isOpen) this.#clientReader = PROBE;
    }
  }

  #becomeText(side: Side): void {
    if (this.startTls) this.plainAfterStartTls |= side === CLIENT ? 1 : 2;
    if (side === CLIENT) this.#clientReader = LINES;
    else this.#serverReader = LINES;
  }

  /** A run of bytes of one side, without the other between them, is one turn. */
  #opaque(side: Side, bytes: Buffer, start: number, end: number, offset: number, segment: SegmentInfo): void {
    this.#run ??= new OpenTurn();
    const run = this.#run;
    if (run.isOpen && this.#runSide !== side) this.#flushRun();
    if (!run.isOpen) {
      run.begin(this.turns++, offset, segment);
      this.#runSide = side;
    }
    const isTls = this.service === null;
    if (isTls) this.tls?.push(side === CLIENT ? 'client' : 'server', bytes, start, end);
    this.#unkept = true;
    run.add(this.chains, bytes, start, end, isTls ? 0 : this.#limits.foreignBytes, segment);
  }

  #flushRun(): void {
    const run = this.#run;
    if (run === null || !run.isOpen) return;
    const isTls = this.service === null;
    entry.kind = isTls ? KIND.tls : KIND.unparsed;
    entry.side = this.#runSide;
    entry.endTimeUs = run.endTimeUs;
    entry.endTimeNanos = run.endTimeNanos;
    entry.bytes = run.bytes;
    entry.answers = -1;
    entry.code = 0;
    entry.complete = true;
    entry.cut = !isTls && run.cut;
    entry.step = STEP.none;
    this.#write(run, scratch, 0, 0, run.text);
    run.close(this.chains);
  }

  // ---- gaps

  #clientGap(length: number, offset: number, segment: SegmentInfo): void {
    this.#clientEnd = offset + length;
    switch (this.#clientReader) {
      case MESSAGE:
        if (!this.#client.isOpen) this.#client.begin(this.turns++, offset, segment);
        this.#missing += length;
        this.#headOpen = false;
        // No line is read across it.
        this.#tail = -1;
        this.#smuggling?.gap();
        if (this.#scan !== null) this.#scan.state = 0;
        break;
      case CHUNK:
        if (!this.#client.isOpen) this.#client.begin(this.turns++, offset, segment);
        this.#missing += Math.min(length, this.#remaining);
        this.#headOpen = false;
        if (length < this.#remaining) {
          this.#remaining -= length;
          break;
        }
        {
          const exact = length === this.#remaining;
          this.#remaining = 0;
          this.#endChunk(false);
          if (!exact) this.#loseClient(offset + length);
        }
        break;
      case OPAQUE:
      case FOREIGN:
        if (this.#clientReader === OPAQUE) this.tls?.gap('client');
        this.#flushRun();
        break;
      case WAITING:
        this.#judgeHeld();
        this.#clientGap(length, offset, segment);
        break;
      default:
        this.#flushClient();
        this.#clientReader = LINES;
        this.#loseClient(offset + length);
        break;
    }
  }

  #loseClient(end: number): void {
    this.#clientLost = true;
    if (this.#auth === AUTH_CHALLENGED) this.#auth = AUTH_SENT;
    this.#loseAuthStep();
    this.#push(UNKNOWN, -1, end);
  }

  /** Which line of the exchange the next one is, nobody knows: no name, until a challenge asks for it. */
  #loseAuthStep(): void {
    this.#asked = 0;
    this.#authSteps = 2;
  }

  #serverGap(): void {
    this.#loseAuthStep();
    if (this.#serverReader === OPAQUE || this.#serverReader === FOREIGN) {
      if (this.#serverReader === OPAQUE) this.tls?.gap('server');
      this.#flushRun();
      return;
    }
    this.#flushServer();
    this.#serverReader = LINES;
    this.#serverLost = true;
    // Any of them may have been answered in the gap, and have begun another transaction.
    for (let item = this.#first; item !== null; item = item.next) {
      if (item.verb === Verb.MAIL || item.verb === Verb.RSET) this.#recipients = 0;
    }
    this.#lost = this.#first;
    this.#first = null;
    this.#last = null;
    this.#outstanding = 0;
    if (this.#clientReader === WAITING) {
      // Whether DATA was accepted was said in the gap: what the client sends tells.
      this.#replyLost = true;
      if (this.#held !== null) this.#judgeHeld();
    }
  }

  #writeGap(side: Side, length: number, offset: number, segment: SegmentInfo): void {
    opening.begin(this.turns++, offset, segment);
    opening.acked = -1;
    entry.kind = KIND.gap;
    entry.side = side;
    entry.endTimeUs = segment.timeUs;
    entry.endTimeNanos = segment.timeNanos;
    entry.bytes = length;
    entry.answers = -1;
    entry.code = 0;
    entry.complete = true;
    entry.cut = false;
    entry.step = STEP.none;
    this.#write(opening, scratch, 0, 0, null);
  }

  /** Writes the client's open turn as far as it came. */
  #flushClient(): void {
    const client = this.#client;
    if (!client.isOpen) return;
    if (this.#clientReader === MESSAGE) {
      this.#answered = true;
      this.#endMessage(0, false);
      return;
    }
    if (this.#clientReader === CHUNK) {
      this.#endChunk(false);
      return;
    }
    const length = client.text.length;
    const line = Buffer.allocUnsafe(length);
    this.chains.copy(client.text, line, 0);
    client.isOpen = false;
    this.chains.release(client.text);
    const verb = readVerb(line, 0, length);
    entry.side = CLIENT;
    entry.endTimeUs = client.endTimeUs;
    entry.endTimeNanos = client.endTimeNanos;
    entry.bytes = client.bytes;
    entry.answers = -1;
    entry.code = verb;
    entry.complete = false;
    entry.cut = client.cut;
    entry.step = STEP.none;
    const isAuth = this.#auth !== NO_AUTH && this.#isAuthLine(line, 0, length);
    if (isAuth || verb === Verb.OTHER) {
      // Half a line that no verb begins may be half a password.
      const secret = isAuth || isBase64(line, 0, length);
      entry.kind = secret ? KIND.auth : KIND.unparsed;
      entry.step = secret ? STEP.response : STEP.none;
      entry.code = 0;
      this.#write(client, line, 0, length, null);
      if (isAuth) this.#push(AUTH_STEP, client.number, this.#clientEnd);
      return;
    }
    entry.kind = KIND.command;
    this.#write(client, line, 0, length, null);
    if (verb === Verb.AUTH) {
      this.#auth = AUTH_SENT;
      this.#readMechanism(line, 0, length);
    }
    this.#push(verb, client.number, this.#clientEnd);
  }

  /** Writes the server's open reply as far as it came; its rest, if it comes, answers the same command. */
  #flushServer(): void {
    const server = this.#server;
    if (server === null || !server.isOpen) return;
    const partial = this.#serverPartial;
    if (partial !== null && partial.length > 0) {
      if (server.text.length + partial.length <= this.#limits.replyBytes) this.chains.appendChain(server.text, partial);
      this.chains.release(partial);
    }
    server.isOpen = false;
    const length = server.text.length;
    const text = Buffer.allocUnsafe(length);
    this.chains.copy(server.text, text, 0);
    this.chains.release(server.text);
    const code = replyCode(text, 0, length);
    this.#replyOpen = false;
    const first = this.#first;
    // Its last line has begun, and says all that matters: what it answers is answered, whatever the rest was.
    const isLast = code > 0 && isLastLine(text, length);
    // Matching may end a message first, which is written in front of it.
    const answers = isLast
      ? this.#answer(code, server.acked, server.timeUs)
      : code > 0 && first !== null && first.verb !== UNKNOWN
        ? first.turn
        : -1;
    entry.kind = code > 0 ? KIND.reply : KIND.unparsed;
    entry.side = SERVER;
    entry.endTimeUs = server.endTimeUs;
    entry.endTimeNanos = server.endTimeNanos;
    entry.bytes = server.bytes;
    entry.answers = answers;
    entry.code = code;
    entry.complete = false;
    entry.cut = server.cut;
    entry.step = STEP.none;
    this.#write(server, text, 0, length, null);
    if (isLast) this.#goOn();
  }

  // ---- what is kept

  #write(begin: Opening, bytes: Buffer, start: number, end: number, text: Chain | null): void {
    if (this.#isTurned) entry.side = otherSide(entry.side as Side);
    this.onTurn?.(begin, entry, bytes, start, end, text);
    const most = this.#limits.sessionBytes + (this.#options.keepBodies ? this.#limits.messageBytes : 0);
    if (this.journal.length > most || this.journal.isCut) {
      this.sessionCut = true;
      return;
    }
    writeEntry(this.chains, this.journal, this.#base, begin, entry, bytes, start, end, text);
  }

  /**
   * Copies the journal to `target[at, …)`, which has room for `journalRoom` bytes, to be read from there. The reader is
   * that of all decoders: it serves until the next call on any of them.
   */
  readJournal(target: Buffer, at: number): JournalReader {
    const { length } = this.journal;
    // It may have been cut since its last turn was written.
    if (this.journal.isCut) this.sessionCut = true;
    this.chains.copy(this.journal, target, at);
    journalReader.begin(target, at, at + length);
    return journalReader;
  }

  /** Bytes of the journal, and as many as may be read behind a last record without its end. */
  get journalRoom(): number {
    return this.journal.length + 256;
  }

  differs(side: Side, bytes: Buffer, start: number, end: number, offset: number): boolean {
    if (++this.#comparisons > this.#limits.comparisons) {
      this.reached |= Reached.comparisons;
      return false;
    }
    if (recent.differs(this.#number + side, offset, bytes, start, end)) return true;
    if (this.#turned?.differs(otherSide(side), bytes, start, end, offset) === true) return true;
    const until = offset + end - start;
    const open = side === CLIENT ? this.#client : this.#server;
    if (open?.isOpen) {
      const text = Buffer.allocUnsafe(open.text.length);
      this.chains.copy(open.text, text, 0);
      if (unequal(bytes, start, offset, until, text, 0, text.length, open.offset)) return true;
    }
    if (side === SERVER && this.#serverPartial !== null && open?.isOpen) {
      const partial = Buffer.allocUnsafe(this.#serverPartial.length);
      this.chains.copy(this.#serverPartial, partial, 0);
      const from = open.offset + open.bytes - partial.length;
      if (unequal(bytes, start, offset, until, partial, 0, partial.length, from)) return true;
    }
    // The journal is that of both.
    if (this.#isTurned) return false;
    const kept = scratchFor(this.journalRoom);
    const reader = this.readJournal(kept, 0);
    while (reader.next()) {
      if (reader.entry.side !== side) continue;
      // A PROXY header of version 2 is kept in other words than those on the wire.
      if (reader.entry.code === Verb.PROXY && reader.textEnd - reader.textStart !== reader.entry.bytes) continue;
      if (unequal(bytes, start, offset, until, kept, reader.textStart, reader.textEnd, reader.opening.offset))
        return true;
    }
    return false;
  }
}

const AFTER_DATA_ACCEPTED = 1;
const AFTER_DATA_REFUSED = 2;

function otherSide(side: Side): Side {
  return side === CLIENT ? SERVER : CLIENT;
}

/** A server that has seen no end of a message waits for three minutes at least, and then gives up (RFC 5321 §4.5.3.2.5). */
const GIVES_UP_US = 180e6;

/** A reply to a message that tells of no end of it, but of a server that waited for one. */
function saysItWaited(code: number, silentUs: number): boolean {
  return code === 421 || (code >= 400 && code < 500 && silentUs >= GIVES_UP_US);
}

/** Whether what both have of the stream from `offset` to `until` differs. */
function unequal(
  bytes: Buffer,
  start: number,
  offset: number,
  until: number,
  kept: Buffer,
  keptStart: number,
  keptEnd: number,
  keptOffset: number,
): boolean {
  const from = Math.max(offset, keptOffset);
  const to = Math.min(until, keptOffset + keptEnd - keptStart);
  if (from >= to) return false;
  const a = start + from - offset;
  const b = keptStart + from - keptOffset;
  return bytes.compare(kept, b, b + to - from, a, a + to - from) !== 0;
}

/** Whether the last line that is there of a reply has a code and a space: no other follows (RFC 5321 §4.2.1). */
function isLastLine(text: Buffer, length: number): boolean {
  const line = length < 2 ? 0 : text.lastIndexOf(10, length - 2) + 1;
  return line + 3 < length && text[line + 3] === 32 && replyCode(text, line, length) > 0;
}

/** The code of a reply line (RFC 5321 §4.2), 0 when it is none: three digits, then space, hyphen or the line's end. */
export function replyCode(bytes: Buffer, start: number, end: number): number {
  if (start + 3 > end) return 0;
  const a = (bytes[start] as number) - 48;
  const b = (bytes[start + 1] as number) - 48;
  const c = (bytes[start + 2] as number) - 48;
  if (a < 1 || a > 5 || b < 0 || b > 9 || c < 0 || c > 9) return 0;
  if (start + 3 < end) {
    const next = bytes[start + 3] as number;
    if (next !== 32 && next !== 45 && next !== 13 && next !== 10 && next !== 9) return 0;
  }
  return a * 100 + b * 10 + c;
}

/** Whether a reply with this code can answer that command at all. */
function belongs(code: number, verb: number): boolean {
  if (verb === UNKNOWN || verb === GREETING) return false;
  if (code >= 400) return true;
  const known = VERB_REPLIES[verb === AUTH_STEP ? Verb.AUTH : verb];
  // A message, a blob, a verb that nobody knows.
  if (known === undefined) return code < 300 && code !== 220 && code !== 221 && code !== 235;
  return known.codes.includes(code);
}

function isAuth(verb: number): boolean {
  return verb === Verb.AUTH || verb === AUTH_STEP || verb === Verb.XEXPS;
}

/** What the challenge of LOGIN in a 334 asks for, 0 for nothing: `VXNlcm5hbWU6`, `UGFzc3dvcmQ6` and their like. */
function askedFor(bytes: Buffer, start: number, end: number): number {
  const word = bytes.toString('latin1', start + 4, Math.min(end, start + 132)).trim();
  if (word === '' || word === '=') return 0;
  // Some servers ask in plain words.
  const text = /^[A-Za-z0-9+/]+={0,2}$/.test(word) ? Buffer.from(word, 'base64').toString('utf8') : word;
  // What it asks for with words that nobody knows may be the password.
  return loginPrompt(text) === 'user' ? STEP.user : STEP.password;
}

/** Whether the code belongs to that kind of command and to no other. */
function isOwnCode(code: number, verb: number): boolean {
  if (code === 354) return verb === Verb.DATA;
  if (code === 334 || code === 235 || code === 535) return isAuth(verb);
  if (code === 221) return verb === Verb.QUIT;
  if (code === 220) return verb === Verb.STARTTLS;
  return false;
}

/** Octets that `XEXCH50 SP octets SP recipients` announces; 0 when it does not say. */
function blobLength(bytes: Buffer, start: number, end: number): number {
  const words = bytes
    .toString('latin1', start, Math.min(end, start + 64))
    .trim()
    .split(/[ \t]+/, 2);
  return /^\d{1,9}$/.test(words[1] ?? '') ? Number(words[1]) : 0;
}

function lineLength(bytes: Buffer, start: number, end: number): number {
  let stop = end;
  if (stop > start && bytes[stop - 1] === 10) stop--;
  if (stop > start && bytes[stop - 1] === 13) stop--;
  return stop - start;
}

function lineEnd(bytes: Buffer): number {
  const feed = bytes.indexOf(10);
  return feed < 0 ? bytes.length : feed + 1;
}

/** Four characters and more of the base64 alphabet and nothing else (RFC 4648 §4). */
function isBase64(bytes: Buffer, start: number, end: number): boolean {
  const length = lineLength(bytes, start, end);
  if (length < 4) return false;
  for (let i = start; i < start + length; i++) {
    const byte = bytes[i] as number;
    const isLetter = (byte | 32) >= 97 && (byte | 32) <= 122;
    if (!isLetter && !(byte >= 48 && byte <= 57) && byte !== 43 && byte !== 47 && byte !== 61) return false;
  }
  return true;
}

/** Whether the last four bytes of a message are an end of data to a server that takes LF alone for a line end. */
function endsLeniently(tail: number): boolean {
  return (tail & 0xffffff) === 0x0a2e0a || tail === 0x0a2e0d0a;
}
