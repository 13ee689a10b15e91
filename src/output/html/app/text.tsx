/** Text from the wire: text nodes, with everything that could act or hide shown as a visible escape. */
import type { ComponentChildren } from 'preact';
import { printable } from '../../printable.ts';

const UNSAFE = /([\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+)/u;

export function Wire({ text, most }: { text: string; most?: number }) {
  const shown = most !== undefined && text.length > most ? `${text.slice(0, most)}…` : text;
  if (!UNSAFE.test(shown)) return <bdi>{shown}</bdi>;
  // Every second piece is what the expression caught.
  const pieces: ComponentChildren[] = shown.split(UNSAFE).map((piece, at) =>
    at % 2 === 0 ? (
      piece
    ) : (
      <span key={at} class="escape">
        {printable(piece)}
      </span>
    ),
  );
  return <bdi>{pieces}</bdi>;
}

/** Code as the sentences of rules mark it. */
const MARKED_CODE = /(?<=^|[\s(])`([^`']+)`(?=$|[\s.,;:)])/;

/** A sentence of a rule: what it marks as code is shown as such. */
export function Prose({ text }: { text: string }) {
  return (
    <>
      {text.split(MARKED_CODE).map((piece, at) =>
        at % 2 === 0 ? (
          <Wire key={at} text={piece} />
        ) : (
          <code key={at}>
            <Wire text={piece} />
          </code>
        ),
      )}
    </>
  );
}

export function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <>
      {lines.map((line, at) => (
        <div class="line" key={at}>
          <Wire text={line === '' ? ' ' : line} />
        </div>
      ))}
    </>
  );
}
