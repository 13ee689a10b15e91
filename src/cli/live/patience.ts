/**
 * Sessions in which nothing is said, though it should be: a SYN without answer, a greeting that does not come. Each is
 * spoken of once, and judged when the rules have seen enough.
 */
import type { Analysis } from '../../inspect.ts';
import type { Connection } from '../../reassembly/connection.ts';

export interface Silence {
  readonly connection: Connection;
  /** What there is to say; null where it was said before. */
  readonly words: string | null;
  /** A rule may be certain by now. */
  readonly judge: boolean;
}

const SECOND_US = 1_000_000;
/** A SYN is answered within a round trip; Linux repeats it after a second. */
const QUIET_US = 0.9 * SECOND_US;
const UNANSWERED_US = 1.5 * SECOND_US;
const UNANSWERED_JUDGED_US = 10 * SECOND_US;
const UNGREETED_US = 5 * SECOND_US;
const UNGREETED_JUDGED_US = 30 * SECOND_US;
/** A flood of connection attempts must not become a flood of lines. */
const WORDS_A_LOOK = 20;

/** How far a silent connection has been told of. */
const SEEN = 1;
const JUDGED = 2;

export class Patience {
  readonly #stages = new WeakMap<Connection, number>();

  /** What has become worth saying by `nowUs`. */
  look(analysis: Analysis, nowUs: number): Silence[] {
    const silences: Silence[] = [];
    let said = 0;
    analysis.showAttempts(nowUs, QUIET_US, WORDS_A_LOOK);
    for (const connection of analysis.underWay(isSilent)) {
      const stage = this.#stages.get(connection) ?? 0;
      if (stage >= JUDGED) continue;
      const answered = connection.established !== null || connection.halves !== null;
      const waitedUs = nowUs - (connection.established?.us ?? connection.startUs);
      const isJudged = connection.icmp !== null || waitedUs >= (answered ? UNGREETED_JUDGED_US : UNANSWERED_JUDGED_US);
      const isTold = stage >= SEEN || waitedUs < (answered ? UNGREETED_US : UNANSWERED_US);
      if (isTold && !isJudged) continue;
      const words = isTold || said >= WORDS_A_LOOK ? null : wordsFor(connection, answered);
      if (words !== null) said++;
      if (words === null && !isJudged) continue;
      this.#stages.set(connection, isJudged ? JUDGED : SEEN);
      silences.push({ connection, words, judge: isJudged });
    }
    return silences;
  }
}

/** The server has sent no payload, and the connection is not over. */
function isSilent(connection: Connection): boolean {
  if (connection.lingering || connection.done || !connection.startCaptured) return false;
  return connection.halves === null || connection.halves[1].bytes === 0;
}

function wordsFor(connection: Connection, answered: boolean): string {
  if (answered) return 'connected; nothing has come from the server yet';
  return connection.synAckCount > 0 ? 'SYN and SYN/ACK; the handshake is not complete' : 'SYN sent; no answer yet';
}
