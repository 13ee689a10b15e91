/** A finding in full: what was seen and where, why it may be, what mends it. */
import type { FindingRecord } from '../../../report/record.ts';
import { printable } from '../../printable.ts';
import { SeverityBadge } from './badges.tsx';
import { CopyButton } from './copy.tsx';
import { Prose, Wire } from './text.tsx';

const ACTORS: Readonly<Record<string, string>> = {
  client: 'for the client to mend',
  server: 'for the server to mend',
  network: 'for the network to mend',
  developer: 'for the software to mend',
};

interface Props {
  finding: FindingRecord;
  /** Causes and remedies are shown at first. */
  open: boolean;
  id?: string;
  /** Shows the line that proves it. */
  onEvidence?: (turn: number) => void;
}

export function FindingCard({ finding, open, id, onEvidence }: Props) {
  const { severity, rule, confidence, actor, title, message, evidence, causes, remedies, references } = finding;
  return (
    <article class={`finding ${severity}`} id={id} tabIndex={-1}>
      <header>
        <SeverityBadge severity={severity} />
        <code>{rule}</code>
        <span class="muted">
          {confidence}
          {actor === null ? '' : `, ${ACTORS[actor]}`}
        </span>
      </header>
      <h3>{title}</h3>
      <p>
        <Wire text={message} />
      </p>
      {evidence.length === 0 ? null : (
        <ul class="evidence" aria-label="Evidence">
          {evidence.map(({ turn, frame, note }, at) => {
            const words = (
              <>
                {frame === null ? '' : `frame ${frame}: `}
                <Wire text={note} />
              </>
            );
            return (
              <li key={at}>
                {turn === null || onEvidence === undefined ? (
                  words
                ) : (
                  <button type="button" onClick={() => onEvidence(turn)}>
                    {words}
                  </button>
                )}
              </li>
            );
          })}
        </ul>
      )}
      {causes.length + remedies.length + references.length === 0 ? null : (
        <details open={open}>
          <summary>Causes and remedies</summary>
          {causes.length === 0 ? null : (
            <>
              <h4>{causes.length > 1 ? 'Causes, likeliest first' : 'Cause'}</h4>
              <ol class="causes">
                {causes.map((cause) => (
                  <li key={cause}>
                    <Prose text={cause} />
                  </li>
                ))}
              </ol>
            </>
          )}
          {remedies.length === 0 ? null : <h4>What to do</h4>}
          {remedies.map(({ applies, text, commands }) => (
            <section class="remedy" key={applies + text}>
              <h5>
                <Wire text={applies} />
              </h5>
              <p>
                <Prose text={text} />
              </p>
              {commands.length === 0 ? null : (
                <div class="commands">
                  <pre>
                    {commands.map((command) => (
                      <code key={command}>
                        <Wire text={command} />
                        {'\n'}
                      </code>
                    ))}
                  </pre>
                  <CopyButton text={commands.map(printable).join('\n')} what={`the commands for ${applies}`} />
                </div>
              )}
            </section>
          ))}
          {references.length === 0 ? null : (
            <p class="references">
              {references.map(({ title: name, url }) => (
                <Reference key={url} name={name} url={url} />
              ))}
            </p>
          )}
        </details>
      )}
    </article>
  );
}

/** References come from our rules; anything that is no web address is shown and leads nowhere. */
function Reference({ name, url }: { name: string; url: string }) {
  if (!/^https:\/\/[\w.-]+\//.test(url)) return <span>{name}</span>;
  return (
    <a href={url} rel="noreferrer noopener" target="_blank">
      {name}
    </a>
  );
}
