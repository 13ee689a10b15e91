/** The dialogue as lines of text for a code block: frame, time, side, words, with findings under what proves them. */
import type { SessionRecord, TurnRecord } from '../../report/record.ts';
import { printable } from '../printable.ts';

export type TimeView = 'offset' | 'delta' | 'clock';

/** Silence before a line that is worth a word. */
const SLOW_SECONDS = 1;

export function transcript(record: SessionRecord, time: TimeView): string[] {
  const { dialogue, findings, transport } = record;
  const proofs = new Map<number, string[]>();
  for (const { rule, severity, evidence } of findings) {
    const shown = evidence.findLast(({ turn }) => turn !== null);
    if (shown?.turn == null) continue;
    const line = `^^ ${severity} ${rule}${shown.note === '' ? '' : `: ${printable(shown.note)}`}`;
    proofs.set(shown.turn, [...(proofs.get(shown.turn) ?? []), line]);
  }
  const frames = Math.max(0, ...dialogue.map(({ frame }) => String(frame).length));
  const times = dialogue.map((turn, at) => timeText(time, turn, dialogue[at - 1], transport.roundTripSeconds));
  const width = Math.max(0, ...times.map((text) => text.length));
  const lines: string[] = [];
  dialogue.forEach((turn, at) => {
    const begin = `${String(turn.frame).padStart(frames)}  ${(times[at] as string).padStart(width)}  `;
    const margin = ' '.repeat(begin.length);
    const side = turn.from === 'client' ? 'C: ' : 'S: ';
    const silence = secondsBefore(turn, dialogue[at - 1], transport.roundTripSeconds);
    wordsOf(turn, record).forEach((words, line) => {
      const slow = line === 0 && silence >= SLOW_SECONDS ? `  [after ${silence.toFixed(1)} s]` : '';
      lines.push(`${line === 0 ? begin : margin}${side}${words}${slow}`.trimEnd());
    });
    for (const proof of proofs.get(turn.index) ?? []) lines.push(`${margin}${proof}`);
  });
  return lines;
}

function wordsOf(turn: TurnRecord, record: SessionRecord): string[] {
  const { kind, from, bytes } = turn;
  switch (kind) {
    case 'gap':
      return [`[gap: ${bytes} bytes of the ${from} not captured]`];
    case 'tls':
      return [`[TLS: ${bytes} bytes]`];
    case 'message':
      return [...turn.lines.map(printable), ...messageWords(turn, record)];
    default:
      return turn.lines.length === 0 ? [''] : turn.lines.map(printable);
  }
}

/** The message's size and, where its text was kept, all of it behind the header lines. */
function messageWords(turn: TurnRecord, { dialogue, transactions }: SessionRecord): string[] {
  const size = `[message: ${turn.bytes} bytes on the wire]`;
  const begun = dialogue.filter(({ kind, lines }) => kind === 'message' && lines.length > 0);
  const messages = transactions.flatMap(({ message }) => (message === null ? [] : [message]));
  const text = begun.length === messages.length ? messages[begun.indexOf(turn)]?.text : null;
  if (text == null) return [size];
  const body = text.split(/\r\n/).slice(turn.lines.length);
  return [...body.map(printable), size];
}

function timeText(view: TimeView, turn: TurnRecord, before: TurnRecord | undefined, roundTrip: number | null): string {
  if (turn.time === null || turn.offsetSeconds === null) return '-';
  if (view === 'clock') return turn.time.slice(11, 23);
  return (view === 'offset' ? turn.offsetSeconds : secondsBefore(turn, before, roundTrip)).toFixed(3);
}

/** From the last byte of the turn before, else from the end of the handshake. */
function secondsBefore(turn: TurnRecord, before: TurnRecord | undefined, roundTrip: number | null): number {
  if (turn.offsetSeconds === null) return 0;
  if (before === undefined) return Math.max(0, turn.offsetSeconds - (roundTrip ?? 0));
  const lasted =
    before.endTime === null || before.time === null ? 0 : Date.parse(before.endTime) - Date.parse(before.time);
  return Math.max(0, turn.offsetSeconds - (before.offsetSeconds ?? 0) - lasted / 1000);
}
