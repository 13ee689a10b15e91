/** A message in the ladder: what it is about, its header section, its parts, and its text where that was kept. */
import type { MessageRecord } from '../../../report/record.ts';
import type { ShownSession, ShownTurn } from './data.ts';
import { counted, sizeText } from './format.ts';
import { type MimePart, outlineOf } from './mime-outline.ts';
import { Lines, Wire } from './text.tsx';

const SHOWN_FIELDS = ['From', 'To', 'Cc', 'Date', 'Message-ID', 'Content-Type'] as const;
/** Characters of a text that are put into the page at once. */
const MOST_TEXT = 200_000;

export function MessageOutline({ turn, session }: { turn: ShownTurn; session: ShownSession }) {
  const message = messageOf(turn, session);
  const fields = fieldsOf(turn.lines);
  return (
    <div class="message">
      <p class="subject">{message?.subject == null ? <em>Message</em> : <Wire text={message.subject} most={300} />}</p>
      <dl>
        {SHOWN_FIELDS.map((name) => {
          const value = fields.get(name.toLowerCase());
          return value === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <Wire text={value} most={300} />
              </dd>
            </div>
          );
        })}
        <div>
          <dt>Size</dt>
          <dd>
            {message === null ? `${counted(turn.bytes, 'byte')} on the wire` : counted(message.bytes, 'byte')}
            {message?.lines == null ? '' : `, ${counted(message.lines, 'line')}`}
          </dd>
        </div>
      </dl>
      {turn.lines.length === 0 ? null : (
        <details>
          <summary>{counted(turn.lines.length, 'header line')}</summary>
          <Lines lines={turn.lines} />
        </details>
      )}
      {message?.text == null ? null : <Body text={message.text} />}
    </div>
  );
}

function Body({ text }: { text: string }) {
  const outline = outlineOf(text);
  return (
    <>
      {outline.parts.length === 0 ? null : (
        <ul class="parts" aria-label="Parts of the message">
          <Part part={outline} />
        </ul>
      )}
      <details>
        <summary>Text, {sizeText(text.length)}</summary>
        <Lines lines={text.slice(0, MOST_TEXT).split('\r\n')} />
        {text.length > MOST_TEXT ? <em>… the rest is not shown; --eml writes the whole message</em> : null}
      </details>
    </>
  );
}

function Part({ part }: { part: MimePart }) {
  return (
    <li>
      <code>
        <Wire text={part.type} most={80} />
      </code>{' '}
      {part.name === null ? null : (
        <>
          “<Wire text={part.name} most={80} />”{' '}
        </>
      )}
      <span class="muted">{sizeText(part.size)}</span>
      {part.parts.length === 0 ? null : (
        <ul>
          {part.parts.map((inner, at) => (
            <Part key={at} part={inner} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** The message that this turn begins: the n-th message turn that is no later chunk has the n-th message. */
function messageOf(turn: ShownTurn, { dialogue, transactions }: ShownSession): MessageRecord | null {
  if (turn.lines.length === 0) return null;
  const begun = dialogue.filter(({ kind, lines }) => kind === 'message' && lines.length > 0);
  const messages = transactions.flatMap(({ message }) => (message === null ? [] : [message]));
  return begun.length === messages.length ? (messages[begun.indexOf(turn)] ?? null) : null;
}

/** Names in small letters to unfolded values; of a field that comes twice, the first. */
function fieldsOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let name = '';
  for (const line of lines) {
    if (/^[ \t]/.test(line)) {
      if (name !== '') fields.set(name, `${fields.get(name) ?? ''} ${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    const next = colon < 0 ? '' : line.slice(0, colon).trim().toLowerCase();
    name = next === '' || fields.has(next) ? '' : next;
    if (name !== '') fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}
