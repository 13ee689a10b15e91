/** What `starttls-454` and `starttls-5xx` have in common: the server refuses the STARTTLS that it was asked for. */
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { turnShows } from './evidence.ts';
import { type Detection, NOTHING } from './rule.ts';
import { count, quote } from './words.ts';

export interface StartTlsRefusal {
  readonly words: string;
  readonly code: number;
  readonly times: number;
  /** STARTTLS was in the server's offer. */
  readonly offered: boolean;
  /** It had something behind it. */
  readonly argument: boolean;
  /** TLS was in use already. */
  readonly second: boolean;
  readonly next: 'delivered' | 'in-clear' | 'left';
}

export function refusedStartTls(session: Session, digit: 4 | 5): readonly Detection<StartTlsRefusal>[] {
  const refused: [Turn, Turn][] = [];
  let agreed = false;
  let second = false;
  for (const turn of session.turns) {
    if (turn.kind === 'tls') agreed = true;
    if (turn.kind !== 'command' || turn.verb !== 'STARTTLS' || turn.answeredBy < 0) continue;
    const reply = session.turns[turn.answeredBy] as Turn;
    if (reply.code < 400) agreed = true;
    else if (Math.floor(reply.code / 100) === digit) {
      if (refused.length === 0) second = agreed;
      refused.push([turn, reply]);
    }
  }
  const [first] = refused;
  if (first === undefined) return NOTHING;
  const [command, reply] = first;
  const delivered = session.outcome === 'delivered' || session.outcome === 'partly-delivered';
  const inClear = session.transactions.some(({ mail }) => mail.index > command.index);
  const offer = session.offers.findLast((one) => one.reply.index < command.index);
  return [
    {
      evidence: refused
        .slice(0, 3)
        .flatMap(([request, answer]) => [turnShows(request, 'asks for TLS'), turnShows(answer, 'is refused')]),
      data: {
        words: quote(session, reply),
        code: reply.code,
        times: refused.length,
        offered: offer?.extensions.has('STARTTLS') ?? false,
        argument: command.argument !== null,
        second,
        next: delivered ? 'delivered' : inClear ? 'in-clear' : 'left',
      },
      ...(delivered ? { severity: 'notice' } : {}),
    },
  ];
}

export function startTlsRefusalWords({ words, times, next }: StartTlsRefusal): string {
  const then = {
    delivered: '; the mail was then delivered in clear',
    'in-clear': '; the client went on in clear',
    left: '; no mail was sent',
  }[next];
  return `The server refused STARTTLS${times > 1 ? ` ${count(times, 'time')}` : ''}: ${words}${then}`;
}
