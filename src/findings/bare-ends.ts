/** What `bare-lf` and `bare-cr` have in common: where the line ends stand, and whether mail was refused for them. */
import { MARK } from '../bytes/kernel/message-scan.ts';
import { Fact, type Session } from '../smtp/session.ts';
import { turnShows } from './evidence.ts';
import { isChunked } from './known-commands.ts';
import { oddLines } from './odd-lines.ts';
import { type Detection, NOTHING } from './rule.ts';
import { refusedFor } from './syntax-refusals.ts';
import { quote } from './words.ts';

export interface BareEnds {
  readonly commands: number;
  readonly replies: number;
  readonly messages: number;
  /** The refusal; null when nothing was refused for it. */
  readonly words: string | null;
}

const SHOWN = 3;

export function bareEnds(session: Session, octet: 'LF' | 'CR'): readonly Detection<BareEnds>[] {
  const lines = octet === 'LF' ? oddLines(session).bareLf : oddLines(session).bareCr;
  const mark = octet === 'LF' ? MARK.bareLf : MARK.bareCr;
  const marked =
    (session.facts & Fact.oddMessage) === 0
      ? []
      : session.transactions.flatMap(({ message }) =>
          // At the border of a hole the other half of a line end may be missing.
          message !== null && (message.marks & mark) !== 0 && message.missing === 0 && !isChunked(session, message)
            ? [message]
            : [],
        );
  if (lines.length + marked.length === 0) return NOTHING;
  const refusal = refusedFor(session, octet === 'LF' ? 'bare-lf' : 'bare-cr')[0];
  const replies = lines.filter(({ from }) => from === 'server').length;
  return [
    {
      evidence: [
        ...lines.slice(0, SHOWN).map((turn) => turnShows(turn, `bare ${octet}`)),
        ...marked
          .slice(0, SHOWN)
          .map(({ turns: [first] }) => turnShows(first as NonNullable<typeof first>, `bare ${octet} in it`)),
        ...(refusal === undefined ? [] : [turnShows(refusal.reply, 'refused for it')]),
      ],
      data: {
        commands: lines.length - replies,
        replies,
        messages: marked.length,
        words: refusal === undefined ? null : quote(session, refusal.reply),
      },
      severity: refusal !== undefined ? 'error' : lines.length > 0 ? 'warning' : 'notice',
      ...(replies > 0 && replies === lines.length && marked.length === 0 ? { actor: 'server' } : {}),
    },
  ];
}
