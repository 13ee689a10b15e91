/**
 * Findings across sessions: every session is shown to it as it ends, with its findings, and it tells at the end of
 * the run. What it keeps is bounded, each collector by the limits at its top.
 */
import type { Session } from '../../smtp/session.ts';
import { compareFindings } from '../order.ts';
import type { CrossFinding, Finding } from '../rule.ts';
import type { CaptureQuality } from './collector.ts';
import { collectDrops } from './drops.ts';
import { collectFileCutShort } from './file-cut-short.ts';
import { collectLinkedFailures } from './linked-failures.ts';
import { collectRetrySeries } from './retry-series.ts';

export class Across {
  readonly #collectors = [collectLinkedFailures(), collectRetrySeries(), collectDrops(), collectFileCutShort()];

  see(session: Session, findings: readonly Finding[]): void {
    for (const collector of this.#collectors) collector.see(session, findings);
  }

  /** `captures` in the order of the run: `Session.capture` is an index into it. */
  finish(captures: readonly CaptureQuality[]): readonly CrossFinding[] {
    return this.#collectors.flatMap((collector) => collector.finish(captures)).sort(compareFindings);
  }
}
