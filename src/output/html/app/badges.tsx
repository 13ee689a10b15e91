/** Small signs that are the same everywhere: severity, outcome, a session's number. */
import { SEVERITIES } from './data.ts';
import { outcomeText, toneOf } from './format.ts';
import { hashOf } from './state.ts';

/** Shape and word beside the colour: none of them carries the meaning alone. */
const SIGNS: Readonly<Record<string, string>> = { critical: '▲', error: '■', warning: '◆', notice: '●' };

export function SeverityBadge({ severity, label = severity }: { severity: string; label?: string }) {
  return (
    <span class={`severity ${severity}`}>
      <span aria-hidden="true">{SIGNS[severity]}</span> {label}
    </span>
  );
}

/** A sign alone, for narrow places; its name is there for those who do not see it. */
export function SeveritySign({ index }: { index: number }) {
  const severity = SEVERITIES[index];
  if (severity === undefined) return null;
  return (
    <span class={`severity sign ${severity}`} title={severity}>
      <span aria-hidden="true">{SIGNS[severity]}</span>
      <span class="offscreen">{severity}</span>
    </span>
  );
}

export function OutcomeBadge({ outcome }: { outcome: string }) {
  return <span class={`ending ${toneOf(outcome)}`}>{outcomeText(outcome)}</span>;
}

/** Sessions by number; beyond `most` they are counted. */
export function SessionLinks({ ids, most = 12 }: { ids: readonly number[]; most?: number }) {
  return (
    <span class="links">
      {ids.slice(0, most).map((id) => (
        <a key={id} href={hashOf({ view: 'session', id })}>
          #{id}
        </a>
      ))}
      {ids.length > most ? <span>and {(ids.length - most).toLocaleString('en-US')} more</span> : null}
    </span>
  );
}
