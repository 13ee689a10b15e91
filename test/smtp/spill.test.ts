/** Sessions that are open at once, with far less memory than they need. */
import { describe, expect, it } from 'vitest';
import { newPacketMeta } from '../../src/capture/packet-sink.ts';
import { SpillFile } from '../../src/capture/source/spill-file.ts';
import { type AnalysisOptions, createAnalysis, DEFAULT_PORTS } from '../../src/inspect.ts';
import { type SessionRecord, sessionRecord } from '../../src/report/record.ts';
import type { SummaryReport } from '../../src/report/report.ts';
import { segmentsOf } from '../support/dialogue.ts';
import { packetOf } from '../support/segments.ts';
import { FIXTURES } from './dialogues.ts';

const COPIES = 6;
/** About what three of the sessions say. */
const FEW_BYTES = 4_096;
const TEXT = Array.from({ length: 20 }, (_, i) => `C: line ${i} of a message that is long enough to be worth a place`);

/** Every fixture several times over, a segment of each in turn. */
function run(options: Partial<AnalysisOptions>): { records: SessionRecord[]; summary: SummaryReport } {
  const records: SessionRecord[] = [];
  const view = { captures: ['many.pcap'], severalCaptures: false, body: 'headers', reveal: false } as const;
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: true, ...options }, (report) =>
    records.push(sessionRecord(report, view)),
  );
  const talks = Array.from({ length: COPIES }, () => FIXTURES)
    .flat()
    .map((one, index) => {
      const text = one.text.replace(/^( *C: Subject: one)$/m, ['$1', ...TEXT].join('\n'));
      return { segments: segmentsOf(text, one), addresses: { ...one, client: `192.0.2.${index + 1}` } };
    });
  const meta = newPacketMeta();
  meta.linkType = 101;
  meta.timeUs = 1_700_000_000_000_000;
  analysis.beginCapture('many.pcap');
  const longest = Math.max(...talks.map(({ segments }) => segments.length));
  for (let at = 0; at < longest; at++) {
    for (const { segments, addresses } of talks) {
      const segment = segments[at];
      if (segment === undefined) continue;
      const packet = packetOf(segment, addresses);
      meta.timeUs += 100;
      meta.frame++;
      meta.originalLength = packet.length;
      analysis.packet(packet, 0, packet.length, meta);
    }
  }
  return { summary: analysis.finish(), records };
}

/** Counts what goes through it. */
class CountedFile extends SpillFile {
  written = 0;
  isClosed = false;

  override write(bytes: Buffer, position: number): boolean {
    this.written += bytes.length;
    return super.write(bytes, position);
  }

  override close(): void {
    this.isClosed = true;
    super.close();
  }
}

describe('open sessions beyond the limit', () => {
  const whole = run({});

  it('are the same sessions where there is a file for them', () => {
    const store = new CountedFile();
    const spilled = run({ limits: { openBytes: FEW_BYTES }, store });
    expect(spilled.records).toEqual(whole.records);
    expect(store.written).toBeGreaterThan(FEW_BYTES);
    expect(store.isClosed).toBe(true);
  });

  it('are cut where there is none, and say so', () => {
    const cut = run({ limits: { openBytes: FEW_BYTES } });
    expect(cut.records.map(({ id }) => id)).toEqual(whole.records.map(({ id }) => id));
    const shorter = cut.records.filter(({ id, dialogue }) => {
      const all = whole.records.find((one) => one.id === id)?.dialogue ?? [];
      expect(dialogue.length).toBeLessThanOrEqual(all.length);
      return dialogue.length < all.length;
    });
    expect(shorter.length).toBeGreaterThan(0);
    expect(cut.summary.warnings.join()).toMatch(/\d+ sessions said more than is kept/);
    expect(whole.summary.warnings.join()).not.toMatch(/said more/);
  });
});
