/**
 * Where text and TLS meet in a session: worked out once, for the rules that look at it from different sides. A thing has
 * one place: text in front of TLS is `smuggled` or `injected`; text where TLS should be is `clear`; a client that speaks
 * TLS to a server that does not is `tlsOnPlainPort`, and the other way round `textOnTlsPort`. Which of them a session
 * shows decides which rule speaks, and that none repeats another.
 */
import type { Encryption, Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { VERB_NAMES } from '../smtp/verbs.ts';
import type { TlsAlert, TlsFacts } from '../tls/observer.ts';

type Side = 'client' | 'server';

export interface TlsScene {
  readonly encryption: Encryption;
  /** Null where no byte of TLS was seen. */
  readonly handshake: TlsFacts | null;
  /** The first flight of each side. */
  readonly firstFlight: Readonly<Record<Side, Turn | null>>;
  /** Client lines behind an agreed STARTTLS and in front of its TLS. */
  readonly smuggled: readonly Turn[];
  /** The server's answers in clear to them. */
  readonly smuggledAnswers: readonly Turn[];
  /** Server lines behind its 220 to STARTTLS and in front of its TLS that answer nothing. */
  readonly injected: readonly Turn[];
  /** Text where TLS had been agreed to, or after it had begun; null when there is none. */
  readonly clear: ClearText | null;
  /** The client began with TLS where the server greeted in clear: the server's text. */
  readonly tlsOnPlainPort: Turn | null;
}

export interface ClearText {
  readonly turns: readonly Turn[];
  readonly from: 'client' | 'server' | 'both';
  /** `instead`: no TLS at all; `answer`: the server answered a TLS hello with text; `inside`: TLS records stopped. */
  readonly where: 'instead' | 'answer' | 'inside';
  /** All of it is text, both ways: a device on the path took TLS off before the capture. */
  readonly decrypted: boolean;
}

let lastSession: Session | null = null;
let lastScene: TlsScene | null = null;

/** Null for a session without TLS and without STARTTLS. */
export function tlsScene(session: Session): TlsScene | null {
  if (session !== lastSession) {
    lastScene = session.encryption === null ? null : readScene(session, session.encryption);
    lastSession = session;
  }
  return lastScene;
}

function readScene(session: Session, encryption: Encryption): TlsScene {
  const handshake = encryption.handshake ?? null;
  const firstFlight = { client: firstTls(session, 'client'), server: firstTls(session, 'server') };
  const smuggled: Turn[] = [];
  const smuggledAnswers: Turn[] = [];
  const injected: Turn[] = [];
  const afterwards: Turn[] = [];
  const { command, reply } = encryption;
  if (encryption.by === 'starttls' && command !== null && reply !== null && reply.code >= 200 && reply.code < 300) {
    const seenFrom = reply.offset + reply.bytes;
    for (const turn of session.turns) {
      if (turn.kind === 'tls' || turn.kind === 'gap') continue;
      if (turn.from === 'client' && turn.index > command.index && isBefore(turn, firstFlight.client)) {
        // Without TLS behind it, what was sent in the knowledge of the 220 is something else.
        if (firstFlight.client !== null || isBlind(turn, reply, seenFrom)) smuggled.push(turn);
        else afterwards.push(turn);
      } else if (turn.from === 'server' && turn.index > reply.index && isBefore(turn, firstFlight.server)) {
        const asked = session.turns[turn.answers];
        if (asked !== undefined && smuggled.includes(asked)) smuggledAnswers.push(turn);
        else if (firstFlight.server !== null || isBehindReply(turn, command, reply)) injected.push(turn);
        else afterwards.push(turn);
      }
    }
  }
  const broken = handshake === null ? [] : plainText(session, handshake, firstFlight);
  return {
    encryption,
    handshake,
    firstFlight,
    smuggled,
    smuggledAnswers,
    injected,
    clear: clearText(afterwards, broken, firstFlight),
    tlsOnPlainPort: greetedInClear(session, encryption, firstFlight.client),
  };
}

function firstTls(session: Session, side: Side): Turn | null {
  return session.turns.find(({ kind, from }) => kind === 'tls' && from === side) ?? null;
}

function isBefore(turn: Turn, flight: Turn | null): boolean {
  return flight === null || turn.index < flight.index;
}

/** Sent before the 220 could be seen. */
function isBlind(turn: Turn, reply: Turn, seenFrom: number): boolean {
  return turn.acked >= 0 ? turn.acked < seenFrom : turn.timeUs < reply.timeUs;
}

/** Sent in one go with the 220: it acknowledges nothing that the client said after STARTTLS. */
function isBehindReply(turn: Turn, command: Turn, reply: Turn): boolean {
  const sameFlight = turn.frame === reply.frame || turn.timeUs - reply.endTimeUs < 1e6;
  return sameFlight && turn.acked >= 0 && turn.acked <= command.offset + command.bytes && turn.code !== 421;
}

function clearText(
  afterwards: readonly Turn[],
  broken: readonly Turn[],
  firstFlight: TlsScene['firstFlight'],
): ClearText | null {
  const turns = afterwards.length > 0 ? afterwards : broken;
  if (turns.length === 0) return null;
  const fromClient = turns.some(({ from }) => from === 'client');
  const fromServer = turns.some(({ from }) => from === 'server');
  const both = fromClient && fromServer;
  const from = both ? 'both' : fromClient ? 'client' : 'server';
  if (afterwards.length === 0) return { turns, from, where: 'inside', decrypted: both };
  const hasTls = firstFlight.client !== null || firstFlight.server !== null;
  return { turns, from, where: hasTls ? 'answer' : 'instead', decrypted: both && !hasTls };
}

/** Verbs, or a reply code with its separator: what no record begins with. */
const SMTP_TEXT =
  /^(?:[2-5]\d\d[ -]|(?:EHLO|HELO|LHLO|MAIL|RCPT|DATA|BDAT|RSET|NOOP|QUIT|AUTH|STARTTLS|VRFY|EXPN|HELP|XCLIENT|XFORWARD)\b)/i;

/** The flights in which records gave way to SMTP in clear. */
function plainText(session: Session, handshake: TlsFacts, firstFlight: TlsScene['firstFlight']): Turn[] {
  return (['client', 'server'] as const).flatMap((side) => {
    const { notTls, notTlsAt } = handshake[side];
    if (notTls === null || !SMTP_TEXT.test(notTls)) return [];
    const turn = flightAt(session, firstFlight[side], notTlsAt);
    return turn === null ? [] : [turn];
  });
}

/** The turn that holds this byte of a side's TLS stream; `first` is the flight with which that stream begins. */
function flightAt(session: Session, first: Turn | null, at: number): Turn | null {
  if (first === null) return null;
  const offset = first.offset + at;
  const holds = (turn: Turn) =>
    turn.kind === 'tls' && turn.from === first.from && turn.offset <= offset && offset < turn.offset + turn.bytes;
  return session.turns.find(holds) ?? null;
}

export function alertFlight(session: Session, scene: TlsScene, alert: TlsAlert): Turn | null {
  return flightAt(session, scene.firstFlight[alert.from], alert.offset);
}

function greetedInClear(session: Session, encryption: Encryption, flight: Turn | null): Turn | null {
  if (encryption.by !== 'implicit' || flight === null) return null;
  const spoken = session.turns.find(({ from, kind }) => from === 'client' && kind !== 'gap');
  if (spoken !== flight) return null;
  return session.turns.find(({ from, kind }) => from === 'server' && kind === 'reply') ?? null;
}

/** The verb of a command; '' for what is none: such a word may be half a password. */
export function knownVerb({ verb }: Turn): string {
  return verb !== null && VERB_NAMES.includes(verb) ? verb : '';
}

/** The last flight of this side. */
export function lastFlight(session: Session, side: Side): Turn | null {
  return session.turns.findLast(({ kind, from }) => kind === 'tls' && from === side) ?? null;
}

/** Seconds from a moment to the end of the connection, or of what the capture shows of it. */
export function secondsToEnd(session: Session, fromUs: number): number {
  const { closing, closed } = session.transport;
  if (closing !== 'none' && closed !== null) return (closed.us - fromUs) / 1e6;
  const quiet = Number.isNaN(session.quietSeconds) ? 0 : session.quietSeconds;
  return (session.end.us - fromUs) / 1e6 + quiet;
}

/** The port on which TLS begins with the first byte (RFC 8314 §3.3). */
export const IMPLICIT_TLS_PORT = 465;

/** What is known of text where the server expects TLS. */
export interface TextOnTlsPort {
  /** The client's first command; null when both sides wait. */
  readonly command: Turn | null;
  /** The server answered it with a TLS record, an alert. */
  readonly answered: boolean;
  /** How long both sides waited; NaN when the client spoke. */
  readonly seconds: number;
}

const COMMANDS: ReadonlySet<string> = new Set([
  'EHLO',
  'HELO',
  'LHLO',
  'MAIL',
  'AUTH',
  'STARTTLS',
  'NOOP',
  'RSET',
  'QUIT',
]);
/** Programs that expect a greeting wait that long at least; a scan or a health check is gone before. */
const BOTH_WAIT_SECONDS = 5;

/**
 * The client speaks SMTP in clear, or waits for a greeting, where the server expects TLS. Rules about servers that do not
 * greet are silent where this is not null.
 */
export function textOnTlsPort(session: Session): TextOnTlsPort | null {
  const { transport, turns } = session;
  const isTlsPort = session.server.port === IMPLICIT_TLS_PORT;
  if (transport.opening !== 'complete' || (!isTlsPort && session.encryption?.by !== 'implicit')) return null;
  if (transport.server.missingBytes > 0) return null;
  const first = turns.find(({ from }) => from === 'client');
  if (first === undefined) {
    const { client, server } = transport;
    if (!isTlsPort || client.bytes + server.bytes + client.missingBytes > 0) return null;
    const seconds = secondsToEnd(session, transport.established?.us ?? Number.NaN);
    return seconds >= BOTH_WAIT_SECONDS ? { command: null, answered: false, seconds } : null;
  }
  if (first.kind !== 'command' || !COMMANDS.has(first.verb ?? '')) return null;
  if (turns.some(({ from, kind }) => from === 'server' && kind !== 'tls')) return null;
  const answered = turns.some(({ from, kind }) => from === 'server' && kind === 'tls');
  if (!answered && !isTlsPort) return null;
  return { command: first, answered, seconds: Number.NaN };
}
