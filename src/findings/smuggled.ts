/**
 * Messages with an end of data inside that not every server sees, and what stands behind it: nothing but text, commands,
 * or commands that the server answered.
 */
import { Fact, type Message, type Session } from '../smtp/session.ts';
import type { Suspect } from '../smtp/smuggling.ts';
import type { Turn } from '../smtp/turn.ts';

export interface Smuggled {
  readonly message: Message;
  readonly carrier: Turn;
  readonly suspects: readonly Suspect[];
  /** The place that the finding is about: with commands behind it, else the first. */
  readonly suspect: Suspect;
  /** Command lines that stand behind it, in order, as far as kept. */
  readonly commands: readonly string[];
  /** Replies beyond those that the message was to get: the server read what stands behind as commands. */
  readonly extra: readonly Turn[];
  /** Nothing stands behind the place. */
  readonly isLast: boolean;
}

const COMMAND =
  /^(?:MAIL[ \t]+FROM:|RCPT[ \t]+TO:|DATA[ \t]*$|BDAT[ \t]+\d|(?:EHLO|HELO|LHLO|VRFY|EXPN|AUTH)[ \t]+\S|(?:RSET|QUIT|NOOP|STARTTLS)[ \t]*$)/i;
const MOST_COMMANDS = 8;

let lastSession: Session | null = null;
let lastSmuggled: readonly Smuggled[] = [];

/** One for each message that has such a place. */
export function smuggledIn(session: Session): readonly Smuggled[] {
  if ((session.facts & Fact.oddMessage) === 0) return NONE;
  if (session !== lastSession) {
    lastSession = session;
    lastSmuggled = session.transactions.flatMap((transaction) => {
      const { message } = transaction;
      return message === null || message.suspects.length === 0 ? [] : [describe(session, message)];
    });
  }
  return lastSmuggled;
}

const NONE: readonly Smuggled[] = [];

/** Replies that a smuggled message got: they answer commands that stand in no turn. */
export function ghostReplies(session: Session): ReadonlySet<Turn> {
  return new Set(smuggledIn(session).flatMap(({ extra }) => extra));
}

function describe(session: Session, message: Message): Smuggled {
  const carrier = message.turns[0] as Turn;
  const { suspects } = message;
  const lists = suspects.map(commandsBehind);
  const at = lists.findIndex((commands) => commands.length > 0);
  const suspect = suspects[Math.max(0, at)] as Suspect;
  const commands = at < 0 ? [] : (lists[at] as readonly string[]);
  const stop = suspect.offset + suspect.length;
  return {
    message,
    carrier,
    suspects,
    suspect,
    commands,
    extra: commands.length === 0 ? [] : extraReplies(session, carrier, message),
    isLast: stop === carrier.offset + carrier.bytes + message.missing,
  };
}

/** Lines of any line end, from the first on that is a command up to the end of what it sends. */
function commandsBehind({ behind }: Suspect): readonly string[] {
  const lines = behind.toString('latin1').split(/\r\n|\n|\r/);
  const first = lines[0] ?? '';
  if (!COMMAND.test(first)) return [];
  const commands: string[] = [];
  let isText = false;
  for (const line of lines) {
    if (commands.length >= MOST_COMMANDS) break;
    if (isText) isText = line !== '.';
    else if (COMMAND.test(line)) {
      // Credentials are never shown.
      commands.push(line.trimEnd().replace(/^(AUTH[ \t]+\S+)[ \t].*$/i, '$1 ****'));
      isText = /^DATA[ \t]*$/i.test(line);
    }
  }
  return commands;
}

/** One reply is due (LMTP: one for each recipient); what came besides and answers no command came for the ghost. */
function extraReplies(session: Session, carrier: Turn, message: Message): readonly Turn[] {
  const isLmtp = session.service === 'lmtp';
  const due = isLmtp ? message.replies.length : 1;
  const unasked = session.turns.filter(
    (turn) => turn.kind === 'reply' && turn.answers < 0 && turn.index > carrier.index && turn.code !== 421,
  );
  return [...message.replies.slice(due), ...unasked].sort((a, b) => a.index - b.index);
}
