/** One session: what it was, its ladder, and its findings beside the lines that prove them. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { OutcomeBadge } from './badges.tsx';
import { CopyButton } from './copy.tsx';
import { type Report, readSession, type ShownSession } from './data.ts';
import { FindingCard } from './finding.tsx';
import { CLOSINGS, counted, durationText, endpointText, grouped, sizeText } from './format.ts';
import { Ladder } from './ladder.tsx';
import { showElement } from './scroll.ts';
import { hashOf, listed, neighbour, type TimeView, timeView } from './state.ts';
import { Wire } from './text.tsx';

export function SessionView({ report, id }: { report: Report; id: number }) {
  const { table } = report;
  const row = table.rowOf(id);
  const [session, setSession] = useState<ShownSession | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (row === undefined) return;
    let isWanted = true;
    readSession(table.part[row] as number, table.place[row] as number).then(
      (read) => isWanted && setSession(read),
      (error: Error) => isWanted && setProblem(error.message),
    );
    return () => {
      isWanted = false;
    };
  }, [row, table]);
  if (row === undefined) return <p class="empty">There is no session #{id} in this report.</p>;
  if (problem !== null) {
    return (
      <p class="empty" role="alert">
        {problem}
      </p>
    );
  }
  return (
    <div class="session">
      <Way id={id} row={row} />
      {session === null ? <p class="empty">Reading …</p> : <Shown session={session} report={report} />}
    </div>
  );
}

function Way({ id, row }: { id: number; row: number }) {
  const at = listed.value.indexOf(row);
  return (
    <nav class="way" aria-label="Sessions before and after">
      <a href={hashOf({ view: 'sessions' })}>← List</a>
      <span class="muted">{at < 0 ? '' : `${grouped(at + 1)} of ${grouped(listed.value.length)}`}</span>
      <Step id={neighbour(id, -1)} name="previous" sign="‹" />
      <Step id={neighbour(id, 1)} name="next" sign="›" />
    </nav>
  );
}

function Step({ id, name, sign }: { id: number | null; name: string; sign: string }) {
  if (id === null) return <span class="step off">{sign}</span>;
  return (
    <a class="step" href={hashOf({ view: 'session', id })} aria-label={`The ${name} session, #${id}`}>
      {sign}
    </a>
  );
}

function Shown({ session, report }: { session: ShownSession; report: Report }) {
  const { client, server, findings, headline, outcome } = session;
  const hasFindings = findings.length > 0;
  // Where findings stand above the dialogue, open causes would push it out of sight.
  const isWide = matchMedia('(min-width: 1181px)').matches;
  return (
    <>
      <header class="about">
        <h1>
          <span class="muted">#{session.id}</span>{' '}
          <span class="wire">
            <span class="client">{endpointText(client.address, client.port)}</span> →{' '}
            <span class="server">{endpointText(server.address, server.port)}</span>
          </span>
        </h1>
        <p class="verdict">
          <OutcomeBadge outcome={outcome} /> <Wire text={headline} />
        </p>
        <Facts session={session} />
        <Envelope session={session} />
      </header>
      <div class={hasFindings ? 'split' : ''}>
        <section aria-label="Dialogue" class="dialogue">
          <div class="dialogue-head">
            <h2>Dialogue</h2>
            <TimeChoice />
          </div>
          <Ladder session={session} captures={report.summary.summary.captures.map(({ name }) => name)} />
        </section>
        {hasFindings ? (
          <aside aria-label="Findings">
            <h2>{counted(findings.length, 'finding')}</h2>
            {findings.map((finding, at) => (
              <FindingCard
                key={at}
                id={`finding-${at}`}
                finding={finding}
                open={at === 0 && finding.severity !== 'notice' && isWide}
                onEvidence={showTurn}
              />
            ))}
          </aside>
        ) : null}
      </div>
    </>
  );
}

function showTurn(turn: number): void {
  showElement(`turn-${turn}`);
}

const OPENINGS: Readonly<Record<string, string>> = {
  complete: 'connected',
  unanswered: 'the connection was never answered',
  refused: 'the connection was refused',
  unreachable: 'the server could not be reached',
  'half-open': 'the handshake was not finished',
  'not-captured': 'the start was not captured',
};

function Facts({ session }: { session: ShownSession }) {
  const { transport, encryption, hello, authentication, frames, displayFilter } = session;
  return (
    <dl class="facts">
      <Fact name="Start, UTC">
        {session.start === null ? 'no time' : session.start.replace('T', ' ').replace('Z', '')}
      </Fact>
      <Fact name="Duration">{durationText(session.durationSeconds)}</Fact>
      {session.times === null ? null : (
        <Fact name="Time taken by">
          {`the client ${durationText(session.times.clientSeconds)}, the server ${durationText(session.times.serverSeconds)}, ` +
            `the network ${durationText(session.times.networkSeconds)}`}
        </Fact>
      )}
      <Fact name="Connection">
        {OPENINGS[transport.opening]}, {transport.opening === 'refused' ? '' : CLOSINGS[transport.closing]}
      </Fact>
      <Fact name="Round trip">{durationText(transport.roundTripSeconds)}</Fact>
      <Fact name="Client sent">
        <Half half={transport.client} />
      </Fact>
      <Fact name="Server sent">
        <Half half={transport.server} />
      </Fact>
      {hello === null ? null : (
        <Fact name={hello.verb}>
          <Wire text={hello.name} most={200} />
        </Fact>
      )}
      {encryption === null ? null : (
        <Fact name="TLS">
          {encryption.by === 'implicit' ? 'from the first byte' : 'STARTTLS'}, {encryption.outcome}
          {[encryption.version, encryption.cipher, encryption.serverName].map((detail) =>
            detail === null ? null : (
              <span key={detail}>
                {', '}
                <Wire text={detail} most={120} />
              </span>
            ),
          )}
          {encryption.alert === null
            ? null
            : `, ${encryption.alert.level} alert of the ${encryption.alert.from}: ${encryption.alert.description}`}
          {encryption.decrypted ? ', readable in this capture' : ''}
        </Fact>
      )}
      {authentication.map(({ mechanism, identity, outcome, code }, at) => (
        <Fact key={at} name="AUTH">
          <Wire text={mechanism === '' ? 'no mechanism' : mechanism} most={40} />
          {identity === null ? null : (
            <>
              {' as '}
              <Wire text={identity} most={120} />
            </>
          )}
          , {outcome}
          {code === null ? '' : ` (${code})`}
        </Fact>
      ))}
      <Fact name="Frames">
        {grouped(frames.first)} – {grouped(frames.last)}, {counted(frames.count, 'packet')}
      </Fact>
      <Fact name="Capture">
        <Wire text={session.capture === '-' ? 'standard input' : session.capture} most={200} />
      </Fact>
      <Fact name="Wireshark">
        <code class="filter">{displayFilter}</code> <CopyButton text={displayFilter} what="the display filter" />
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Half({ half }: { half: ShownSession['transport']['client'] }) {
  return (
    <>
      {sizeText(half.bytes)} in {counted(half.packets, 'packet')}
      {half.retransmissions > 0 ? `, ${counted(half.retransmissions, 'retransmission')}` : ''}
      {half.missingBytes > 0 ? <strong>, {counted(half.missingBytes, 'byte')} not captured</strong> : null}
    </>
  );
}

/** Recipients that are shown before the reader asks for all. */
const FIRST_RECIPIENTS = 8;

function Envelope({ session }: { session: ShownSession }) {
  const { transactions } = session;
  const [isWhole, setWhole] = useState(false);
  if (transactions.length === 0) return null;
  const hidden = transactions.reduce(
    (sum, { recipients }) => sum + Math.max(0, recipients.length - FIRST_RECIPIENTS),
    0,
  );
  return (
    <section class="envelopes" aria-label="Envelopes">
      {transactions.slice(0, isWhole ? undefined : 20).map(({ from, recipients, message }, at) => (
        <div class="envelope-box" key={at}>
          <p>
            <span class="label">From</span>{' '}
            <span class="wire">
              <Wire text={from === '' ? '<>' : from} most={300} />
            </span>
          </p>
          <ul>
            {recipients.slice(0, isWhole ? undefined : FIRST_RECIPIENTS).map(({ to, code, enhancedCode }, place) => (
              <li key={place}>
                <span class="label">To</span>{' '}
                <span class="wire">
                  <Wire text={to} most={300} />
                </span>{' '}
                <Code code={code} enhancedCode={enhancedCode} />
              </li>
            ))}
          </ul>
          {message === null ? (
            <p class="muted">no message</p>
          ) : (
            <p>
              <span class="label">Message</span>{' '}
              {message.subject === null ? null : (
                <>
                  “<Wire text={message.subject} most={200} />
                  ”,{' '}
                </>
              )}
              {counted(message.bytes, 'byte')}
              {message.lines === null ? '' : ` in ${counted(message.lines, 'line')}`}{' '}
              <Code code={message.code} enhancedCode={message.enhancedCode} />
            </p>
          )}
        </div>
      ))}
      {isWhole || (hidden === 0 && transactions.length <= 20) ? null : (
        <button type="button" onClick={() => setWhole(true)}>
          Show {transactions.length > 20 ? counted(transactions.length, 'envelope') : counted(hidden, 'more recipient')}
        </button>
      )}
    </section>
  );
}

function Code({ code, enhancedCode }: { code: number | null; enhancedCode: string | null }) {
  if (code === null) return <span class="code none">no reply</span>;
  const tone = code >= 500 ? 'bad' : code >= 400 ? 'mixed' : 'good';
  return (
    <span class={`code ${tone}`}>
      {code}
      {enhancedCode === null ? '' : ` ${enhancedCode}`}
    </span>
  );
}

const TIME_VIEWS: readonly { readonly view: TimeView; readonly name: string; readonly title: string }[] = [
  { view: 'offset', name: 'since start', title: 'Seconds since the session began' },
  { view: 'delta', name: 'since last', title: 'Seconds since the line before' },
  { view: 'clock', name: 'clock', title: 'Time of day, UTC' },
];

function TimeChoice() {
  return (
    <fieldset class="choice">
      <legend class="offscreen">Times</legend>
      {TIME_VIEWS.map(({ view, name, title }) => (
        <label key={view} title={title}>
          <input
            type="radio"
            name="time"
            checked={timeView.value === view}
            onChange={() => {
              timeView.value = view;
            }}
          />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
  );
}
