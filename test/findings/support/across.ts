/** Runs sessions through diagnosis, history and the collector of cross findings, as the pipeline does. */
import { Across } from '../../../src/findings/across/across.ts';
import type { CaptureQuality } from '../../../src/findings/across/collector.ts';
import { diagnose } from '../../../src/findings/diagnose.ts';
import { History } from '../../../src/findings/history.ts';
import type { CrossFinding } from '../../../src/findings/rule.ts';
import type { Session } from '../../../src/smtp/session.ts';

export const GOOD_CAPTURE: CaptureQuality = { name: 'mail.pcap', packets: 100, cutShort: false, dropped: 0 };

export function crossFindings(
  sessions: readonly Session[],
  captures: readonly CaptureQuality[] = [GOOD_CAPTURE],
): readonly CrossFinding[] {
  const history = new History();
  const across = new Across();
  for (const session of sessions) {
    across.see(session, diagnose(session, history));
    history.see(session);
  }
  return across.finish(captures);
}
