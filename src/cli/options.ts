/** What `inspect` was asked for, after its options have been read. */

import type { Severity } from '../findings/rule.ts';
import { DEFAULT_PORTS } from '../inspect.ts';
import type { LimitName, Limits } from '../limits.ts';
import type { TimeView } from '../output/terminal/layout.ts';
import type { PaletteName } from '../output/terminal/style.ts';
import type { BodyView } from '../report/record.ts';
import type { ColorChoice } from './color.ts';
import type { Selection } from './select.ts';

export const FORMATS = ['text', 'json', 'ndjson', 'markdown', 'html', 'zeek', 'zeek-json', 'eve', 'ecs'] as const;
export type FormatName = (typeof FORMATS)[number];

export interface InspectOptions {
  readonly format: FormatName;
  readonly output: string | null;
  readonly force: boolean;
  readonly ports: readonly number[] | 'any';
  readonly selection: Selection;
  readonly body: BodyView;
  readonly time: TimeView;
  readonly reveal: boolean;
  readonly eml: string | null;
  readonly write: string | null;
  readonly share: string | null;
  readonly failOn: Severity | null;
  readonly limits: Partial<Limits>;
  readonly color: ColorChoice;
  readonly palette: PaletteName;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly progress: boolean;
}

/** The options as commander hands them over: each value already checked. */
export interface RawOptions {
  format: FormatName;
  output?: string;
  force?: boolean;
  ports?: readonly number[] | 'any';
  flagged?: boolean;
  rule?: readonly string[];
  session?: readonly number[];
  host?: readonly string[];
  from?: readonly string[];
  to?: readonly string[];
  code?: readonly number[];
  since?: number;
  until?: number;
  body: BodyView;
  time: TimeView;
  reveal?: boolean;
  eml?: string;
  write?: string;
  share?: string;
  failOn?: Severity;
  limit?: readonly (readonly [LimitName, number])[];
  color: ColorChoice;
  palette: PaletteName;
  quiet?: boolean;
  verbose?: boolean;
  progress: boolean;
}

export function inspectOptions(raw: RawOptions): InspectOptions {
  return {
    format: raw.format,
    output: raw.output ?? null,
    force: raw.force === true,
    ports: raw.ports ?? DEFAULT_PORTS,
    selection: {
      flagged: raw.flagged === true,
      rules: raw.rule ?? [],
      sessions: raw.session ?? [],
      hosts: raw.host ?? [],
      from: raw.from ?? [],
      to: raw.to ?? [],
      codes: raw.code ?? [],
      sinceUs: raw.since ?? null,
      untilUs: raw.until ?? null,
    },
    body: raw.body,
    time: raw.time,
    reveal: raw.reveal === true,
    eml: raw.eml ?? null,
    write: raw.write ?? null,
    share: raw.share ?? null,
    failOn: raw.failOn ?? null,
    limits: Object.fromEntries(raw.limit ?? []),
    color: raw.color,
    palette: raw.palette,
    quiet: raw.quiet === true,
    verbose: raw.verbose === true,
    progress: raw.progress,
  };
}
