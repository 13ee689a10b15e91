/**
 * The dialogue as a ladder: the client's lane on the left, the server's on the right, time down the page. Each step has
 * its frame, its time and its size; what was long in coming stands apart; findings stand under the line that proves them.
 */
import { Fragment } from 'preact';
import { SeverityBadge } from './badges.tsx';
import type { ShownSession, ShownTurn } from './data.ts';
import { CLOSINGS, counted, durationText, endpointText, grouped, sizeText } from './format.ts';
import { MessageOutline } from './message.tsx';
import { showElement } from './scroll.ts';
import { type TimeView, timeView } from './state.ts';
import { Lines, Wire } from './text.tsx';

/** Silence before a line that is worth a line of its own. */
const SLOW_SECONDS = 1;
/** From so many turns on the browser leaves out of its work what is out of sight. */
const LONG_TURNS = 300;
/** Lines of one turn that are shown at once; a reply may have hundreds. */
const FIRST_LINES = 40;

interface Note {
  /** Of the finding in the session's list. */
  readonly place: number;
  readonly words: string;
  /** The line that completes the proof: it carries the whole sentence. */
  readonly isMain: boolean;
}

export function Ladder({ session, captures }: { session: ShownSession; captures: readonly string[] }) {
  const { client, server, dialogue, transport, findings } = session;
  const notes = notesByTurn(session);
  const view = timeView.value;
  const finish = session.durationSeconds;
  const last = dialogue.at(-1);
  const turnedAt = dialogue.findIndex(isTurned);
  const lastSilence =
    (finish ?? 0) - (last === undefined ? (transport.roundTripSeconds ?? 0) : (last.ended ?? finish ?? 0));
  return (
    <ol class={dialogue.length > LONG_TURNS ? 'ladder long' : 'ladder'}>
      <li class="lanes">
        <span class="frame">Frame</span>
        <span class="time">Time</span>
        <span class="lane client">
          <b>Client</b> {endpointText(client.address, client.port)}
        </span>
        <span class="lane server">
          <b>Server</b> {endpointText(server.address, server.port)}
        </span>
      </li>
      {transport.opening === 'not-captured' ? (
        <Event text="The capture begins in the middle of this connection." />
      ) : (
        <Event text={openingText(session)} />
      )}
      {dialogue.map((turn, at) => {
        const before = dialogue[at - 1];
        const silence = silenceBefore(turn, before, session);
        return (
          <Fragment key={turn.index}>
            {turn.capture !== null && before !== undefined && turn.capture !== before.capture ? (
              <Event text={`continues in ${captures[turn.capture] ?? ''}`} />
            ) : null}
            {at === turnedAt ? (
              <Event text="client and server change places: from here on the server sends mail" />
            ) : null}
            {silence >= SLOW_SECONDS ? <Event text={`${durationText(silence)} of silence`} isSlow /> : null}
            <Step turn={turn} time={timeText(view, turn, before, session)} session={session} />
            <Proofs notes={notes.get(turn.index)} findings={findings} />
          </Fragment>
        );
      })}
      {lastSilence >= SLOW_SECONDS ? <Event text={`${durationText(lastSilence)} of silence`} isSlow /> : null}
      <Event
        text={`${CLOSINGS[transport.closing] ?? ''}${finish !== null && last !== undefined ? `, ${durationText(finish)} after the start` : ''}`}
      />
      <Proofs notes={notes.get(-1)} findings={findings} />
    </ol>
  );
}

/** Behind a TURN or ATRN that was granted, and nowhere else, commands are the server’s and replies the client’s. */
function isTurned({ from, kind }: ShownTurn): boolean {
  return (kind === 'command' && from === 'server') || (kind === 'reply' && from === 'client');
}

/** Under the line that shows it: what was found, and the way to all of it. */
function Proofs({ notes, findings }: { notes: readonly Note[] | undefined; findings: ShownSession['findings'] }) {
  return (
    <>
      {notes?.map(({ place, words, isMain }) => {
        const { severity, rule } = findings[place] as ShownSession['findings'][number];
        return (
          <li class="proof" key={place}>
            <button
              type="button"
              class={`note ${severity}${isMain ? '' : ' minor'}`}
              onClick={() => showElement(`finding-${place}`)}
            >
              <SeverityBadge severity={severity} label={`${severity}, ${rule}`} />
              <span class="words">
                <Wire text={words} />
              </span>
            </button>
          </li>
        );
      })}
    </>
  );
}

function openingText({ transport }: ShownSession): string {
  switch (transport.opening) {
    case 'complete':
      return `TCP connection${transport.roundTripSeconds === null ? '' : `, round trip ${durationText(transport.roundTripSeconds)}`}`;
    case 'unanswered':
      return `SYN, ${counted(Math.max(1, transport.client.packets), 'time')}; no answer came`;
    case 'refused':
      return 'SYN, answered by a reset: nothing listens there, or a firewall refuses';
    case 'unreachable':
      return 'SYN, answered by ICMP: unreachable';
    default:
      return 'The TCP handshake was not finished';
  }
}

function Event({ text, isSlow = false }: { text: string; isSlow?: boolean }) {
  return (
    <li class={isSlow ? 'event slow' : 'event'}>
      <span>
        <Wire text={text} />
      </span>
    </li>
  );
}

function Step({ turn, time, session }: { turn: ShownTurn; time: string; session: ShownSession }) {
  const { from, kind, code } = turn;
  const tone = code === null ? '' : code >= 500 ? ' bad' : code >= 400 ? ' mixed' : '';
  return (
    <li class={`step ${from} ${kind}${tone}`} id={`turn-${turn.index}`} tabIndex={-1}>
      <span class="frame">{grouped(turn.frame)}</span>
      <time class="time">{time}</time>
      <div class="lane">
        <div class="said">
          <span class="who">{from === 'client' ? 'C' : 'S'}</span>
          <div class="lines">
            <Said turn={turn} session={session} />
          </div>
          <span class="size" title={counted(turn.bytes, 'byte')}>
            {sizeText(turn.bytes)}
          </span>
        </div>
        <i class="arrow" aria-hidden="true" />
      </div>
    </li>
  );
}

function Said({ turn, session }: { turn: ShownTurn; session: ShownSession }) {
  const { kind, lines, from, bytes } = turn;
  if (kind === 'gap')
    return (
      <em>
        {counted(bytes, 'byte')} of the {from} not captured
      </em>
    );
  if (kind === 'tls') return <em>TLS, {counted(bytes, 'byte')}</em>;
  if (kind === 'message') return <MessageOutline turn={turn} session={session} />;
  if (lines.length <= FIRST_LINES) return <Lines lines={lines} />;
  return (
    <>
      <Lines lines={lines.slice(0, FIRST_LINES)} />
      <details>
        <summary>{counted(lines.length - FIRST_LINES, 'more line')}</summary>
        <Lines lines={lines.slice(FIRST_LINES)} />
      </details>
    </>
  );
}

/** Seconds from the last byte that was said before it to its first. */
function silenceBefore(turn: ShownTurn, before: ShownTurn | undefined, session: ShownSession): number {
  const since = before === undefined ? (session.transport.roundTripSeconds ?? 0) : before.ended;
  return turn.begun === null || since === null ? 0 : Math.max(0, turn.begun - since);
}

function timeText(view: TimeView, turn: ShownTurn, before: ShownTurn | undefined, session: ShownSession): string {
  if (turn.begun === null) return '–';
  if (view === 'offset') return turn.begun.toFixed(3);
  if (view === 'delta') return silenceBefore(turn, before, session).toFixed(3);
  if (session.start === null) return '–';
  return clockText(session.start, turn.begun);
}

/** Time of day so many seconds after `start` (RFC 3339), to the millisecond below, as the text output has it. */
function clockText(start: string, seconds: number): string {
  const whole = Date.parse(`${start.slice(0, 19)}Z`);
  const micros = Math.round((Number(`0${start.slice(19, -1)}`) + seconds) * 1e6);
  return new Date(whole + Math.floor(micros / 1000)).toISOString().slice(11, 23);
}

/** Each finding once a turn; what no turn shows stands under -1. */
function notesByTurn({ findings }: ShownSession): ReadonlyMap<number, Note[]> {
  const notes = new Map<number, Note[]>();
  findings.forEach(({ evidence, message }, place) => {
    const turns = new Map<number, string>();
    evidence.forEach(({ turn, note }) => {
      const at = turn ?? -1;
      if (!turns.has(at)) turns.set(at, note);
    });
    if (turns.size === 0) turns.set(-1, message);
    const lastTurn = [...turns.keys()].at(-1);
    for (const [turn, note] of turns) {
      const isMain = turn === lastTurn;
      notes.set(turn, [...(notes.get(turn) ?? []), { place, isMain, words: isMain ? message : note }]);
    }
  });
  return notes;
}
