import type { Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { closeShows, turnShows } from '../evidence.ts';
import { greetingForm } from '../greeting-name.ts';
import { openingOf } from '../opening-words.ts';
import { type Detection, defineRule, NOTHING, postconf, rfc } from '../rule.ts';

interface Data {
  readonly problem: 'no-last-line' | 'other-code' | 'interrupted';
  readonly code: number;
  /** What stands where the last line should: `250`. */
  readonly instead: string;
  readonly verb: string;
}

const CAUSE = {
  old: 'The client takes the first line of the greeting for all of it: an old or home-made client that does not know replies of several lines.',
  postscreen:
    'postscreen sent the first line as a test (its teaser), the client spoke before the last one, and postscreen’s own ' +
    'SMTP engine answered instead.',
  dies: 'The server’s process ended, or waits for something, between the lines of its greeting.',
  middle: 'Something on the path does not let the rest of the greeting through.',
} as const;

export default defineRule<Data>({
  id: 'multi-line-greeting-problem',
  title: 'A greeting of several lines went wrong',
  severity: 'notice',
  confidence: 'certain',
  actor: 'client',
  triggers: ['oddGreeting'],
  needs: { client: 'any', server: 'withhold', start: 'withhold' },
  explains: ['idle', 'aborted', 'no-greeting'],
  detect(session) {
    const { greeting } = session;
    if (greeting === null || !greetingForm(greeting).hasMoreLines) return NOTHING;
    if (session.transport.server.missingBytes > 0) return NOTHING;
    const instead = lastLine(greeting);
    if (instead !== null) return unfinished(session, greeting, instead);
    const opening = openingOf(session);
    const first = opening?.next ?? null;
    // What acknowledges nothing at all was early, which is another finding.
    if (first === null || first.acked <= 0 || first.acked >= greeting.offset + greeting.bytes) return NOTHING;
    return [
      {
        evidence: [turnShows(greeting, 'the greeting'), turnShows(first, 'sent before its last line')],
        data: { problem: 'interrupted', code: greeting.firstCode, instead: '', verb: first.verb ?? '' },
      },
    ];
  },
  message: ({ problem, code, instead, verb }) => {
    if (problem === 'no-last-line') return `The greeting began with ${code}- and its last line never came`;
    if (problem === 'other-code')
      return `The greeting began with ${code}-, and instead of its last line the server went on with ${instead}`;
    return `The client sent ${verb === '' ? 'its first line' : verb} after the first line of the greeting, ${code}-, before its last one`;
  },
  explanation: `A reply may have several lines: all but the last have a hyphen behind the code, 220-, and the last has a space (RFC 5321 §4.2.1). A client has to wait for that one. Here either the last line never came, or the client did not wait for it. Replies and commands are then easily one apart for the rest of the session, and servers that look for such clients treat them as spammers.

It is certain: it is read off the lines and the acknowledgement numbers.`,
  falseAlarms: [
    'A greeting whose end was not captured: not raised.',
    'A client that spoke before any line came: that is early-talker, and postscreen may answer both at once.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    if (data.problem === 'interrupted') return [CAUSE.old];
    return data.problem === 'other-code' ? [CAUSE.postscreen, CAUSE.old] : [CAUSE.dies, CAUSE.middle];
  },
  remedies: () => [
    {
      applies: 'the client',
      text: 'Read lines until one has a space (or nothing) behind its code, for the greeting as for every reply.',
      commands: [],
    },
    {
      applies: 'Postfix with postscreen',
      text: 'An empty postscreen_greet_banner leaves the first line out, for clients that cannot be changed.',
      commands: ['postconf postscreen_greet_banner postscreen_access_list'],
    },
    {
      applies: 'Exim as server',
      text: 'A smtp_banner with a line break makes several lines; one line is enough for everyone.',
      commands: ['exim -bP smtp_banner'],
    },
  ],
  references: [rfc(5321, '4.2.1'), rfc(5321, '4.2'), postconf('postscreen_greet_banner')],
});

/** Null when the reply ends as it should; else the code of the line that stands there, '' when none does. */
function lastLine(greeting: Turn): string | null {
  const last = greeting.lines.at(-1) ?? '';
  const code = last.slice(0, 3);
  if (code !== String(greeting.firstCode)) return code;
  return last[3] === '-' || !greeting.complete ? '' : null;
}

function unfinished(session: Session, greeting: Turn, instead: string): readonly Detection<Data>[] {
  const next = instead === '' ? replyBehind(session, greeting) : null;
  const code = next === null ? instead : String(next.code);
  if (code === '' && !session.endCaptured) return NOTHING;
  return [
    {
      evidence: [
        turnShows(greeting, 'no last line'),
        ...(next === null ? [] : [turnShows(next, 'stands in its place')]),
        ...(code === '' ? closeShows(session, 'the end') : []),
      ],
      data: {
        problem: code === '' ? 'no-last-line' : 'other-code',
        code: greeting.firstCode,
        instead: code,
        verb: '',
      },
      ...(code === '' ? { actor: 'server' } : {}),
    },
  ];
}

/** The reply to a command that was sent before the greeting had ended, where it follows on the greeting. */
function replyBehind({ turns }: Session, greeting: Turn): Turn | null {
  const next = turns.find(({ index, from }) => index > greeting.index && from === 'server');
  return next?.kind === 'reply' && next.answers >= 0 && next.answers < greeting.index ? next : null;
}
