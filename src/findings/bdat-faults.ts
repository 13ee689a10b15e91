/** Faults in the use of BDAT (RFC 3030), in wire order. Sessions without BDAT cost a look at each verb. */
import type { Session } from '../smtp/session.ts';
import type { Turn } from '../smtp/turn.ts';
import { replyTo } from './in-clear.ts';
import { isUnknown, surelyLacks } from './known-commands.ts';

export type BdatFaultKind = 'syntax' | 'empty' | 'no-last' | 'not-offered' | 'count' | 'mixed';

export interface BdatFault {
  readonly kind: BdatFaultKind;
  readonly turn: Turn;
  readonly reply: Turn | null;
}

let lastSession: Session | null = null;
let lastFaults: readonly BdatFault[] = [];

export function bdatFaults(session: Session): readonly BdatFault[] {
  if (session !== lastSession) {
    lastSession = session;
    lastFaults = session.turns.some(({ verb }) => verb === 'BDAT') ? find(session) : [];
  }
  return lastFaults;
}

const ARGUMENT = /^(\d{1,15})(?:[ \t]+(LAST))?$/i;

function find(session: Session): readonly BdatFault[] {
  const faults: BdatFault[] = [];
  const add = (kind: BdatFaultKind, turn: Turn) => faults.push({ kind, turn, reply: replyTo(session, turn) });
  /** BDAT without LAST that was taken, and nothing ended it yet. */
  let open: Turn | null = null;
  let byData = false;
  let previous: Turn | null = null;
  for (const turn of session.turns) {
    if (turn.from !== 'client') continue;
    if (turn.kind === 'gap' || !turn.complete) {
      open = null;
      previous = null;
      byData = false;
      continue;
    }
    const chunkBefore: Turn | null = previous?.kind === 'message' ? previous : null;
    const isChunkEnd = chunkBefore !== null && isChunkTurn(session, chunkBefore);
    previous = turn;
    if (turn.kind !== 'command') continue;
    const isRefused = (replyTo(session, turn)?.code ?? 0) >= 400;
    switch (turn.verb) {
      case 'BDAT': {
        const match = ARGUMENT.exec(turn.argument ?? '');
        if (match === null) add('syntax', turn);
        else if (Number(match[1]) === 0 && match[2] === undefined) add('empty', turn);
        else if (byData) add('mixed', turn);
        else if (surelyLacks(session, turn, ['CHUNKING'])) add('not-offered', turn);
        open = match !== null && match[2] === undefined && !isRefused ? turn : null;
        break;
      }
      case 'DATA':
        if (open !== null) add('mixed', turn);
        open = null;
        byData = !isRefused;
        break;
      case 'MAIL':
      case 'QUIT':
        if (open !== null) add('no-last', open);
        open = null;
        byData = false;
        break;
      case 'RSET':
      case 'EHLO':
      case 'HELO':
        open = null;
        byData = false;
        break;
      default:
        if (isChunkEnd && isUnknown(turn) && (replyTo(session, turn)?.code ?? 0) >= 500) add('count', turn);
        break;
    }
    if (turn.verb !== 'DATA' && byData) byData = false;
  }
  return faults;
}

function isChunkTurn(session: Session, message: Turn): boolean {
  for (let i = message.index - 1; i >= 0; i--) {
    const turn = session.turns[i] as Turn;
    if (turn.from === 'client' && turn.kind !== 'gap') return turn.verb === 'BDAT';
  }
  return false;
}
