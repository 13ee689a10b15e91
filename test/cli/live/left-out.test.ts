/** A run that must end now says how many sessions there was no time for. */
import { expect, it } from 'vitest';
import { newPacketMeta } from '../../../src/capture/packet-sink.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../../src/inspect.ts';
import { segmentsOf } from '../../support/dialogue.ts';
import { packetOf } from '../../support/segments.ts';

const RAW_IP = 101;

it('explains sessions that are still open until it is too late, and counts the others', () => {
  let explained = 0;
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: false }, () => {
    explained++;
  });
  const meta = newPacketMeta();
  meta.linkType = RAW_IP;
  analysis.beginCapture('v0');
  const segments = segmentsOf('S: 220 mail.example.net ESMTP\nC: EHLO client.example\n', { close: 'none' });
  for (let i = 0; i < 10; i++) {
    for (const segment of segments) {
      const packet = packetOf(segment, { client: `192.0.2.${10 + i}` });
      meta.frame++;
      meta.timeUs = meta.frame * 1000;
      meta.originalLength = packet.length;
      analysis.packet(packet, 0, packet.length, meta);
    }
  }
  expect(explained).toBe(0);
  const summary = analysis.finish(() => explained >= 4);
  expect(explained).toBe(4);
  expect(summary).toMatchObject({ sessions: 4, selected: 4 });
  expect(summary.warnings).toEqual(['6 sessions still open at the end left out: there was no time to explain more']);
});
