/**
 * A segment that the capture missed may leave a reply without its command; it never gives it another. That holds too where
 * the segment was a BDAT, an XEXCH50 or its 354, and octets that look like commands are read as such.
 */
import { describe, expect, it } from 'vitest';
import { newPacketMeta } from '../../src/capture/packet-sink.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../src/inspect.ts';
import type { Session } from '../../src/smtp/session.ts';
import type { Turn } from '../../src/smtp/turn.ts';
import { segmentsOf } from '../support/dialogue.ts';
import { drop, packetOf, type Segment } from '../support/segments.ts';
import { CORNERS } from './corners.ts';
import { FIXTURES, type Fixture } from './dialogues.ts';
import { EXTENSIONS } from './extensions.ts';

/** A reply and what it is said to answer, by their places in the two streams; null for nothing. */
interface Link {
  readonly reply: Place;
  readonly request: Place | null;
}

interface Place {
  readonly from: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const RAW_IP = 101;

function linksOf(segments: readonly Segment[], fixture: Fixture): Link[] {
  const links: Link[] = [];
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: false }, ({ session }) => {
    links.push(...linksIn(session));
  });
  const meta = newPacketMeta();
  meta.linkType = RAW_IP;
  analysis.beginCapture('dialogue.pcap');
  for (const segment of segments) {
    const packet = packetOf(segment, fixture);
    meta.frame++;
    meta.timeUs = meta.frame * 1000;
    meta.originalLength = packet.length;
    analysis.packet(packet, 0, packet.length, meta);
  }
  analysis.finish();
  return links;
}

function linksIn({ turns }: Session): Link[] {
  return turns
    .filter(({ kind }) => kind === 'reply')
    .map((reply) => ({
      reply: placeOf(reply),
      request: reply.answers < 0 ? null : placeOf(turns[reply.answers] as Turn),
    }));
}

function placeOf(turn: Turn): Place {
  return {
    from: turn.from,
    text: turn.lines.join('\n') || turn.kind,
    start: turn.offset,
    end: turn.offset + turn.bytes,
  };
}

/** Links that the whole dialogue has otherwise. */
function wrongIn(links: readonly Link[], whole: readonly Link[]): string[] {
  const wrong: string[] = [];
  for (const { reply, request } of links) {
    if (request === null) continue;
    const right = whole.find(
      (one) => reply.from === one.reply.from && reply.start >= one.reply.start && reply.start < one.reply.end,
    );
    if (right === undefined) continue;
    const isRight = right.request !== null && request.start >= right.request.start && request.start < right.request.end;
    if (!isRight) wrong.push(`${reply.text} <- ${request.text}, not ${right.request?.text ?? '(nothing)'}`);
  }
  return wrong;
}

describe.each([...FIXTURES, ...EXTENSIONS, ...CORNERS])('$name', (fixture) => {
  it.each([{ pipelined: false }, { pipelined: true }])('keeps its replies apart, %o', ({ pipelined }) => {
    const segments = segmentsOf(fixture.text, { ...fixture, pipelined });
    const whole = linksOf(segments, fixture);
    expect(whole.length).toBeGreaterThan(0);
    const wrong: string[] = [];
    segments.forEach(({ payload }, index) => {
      if (payload.length === 0) return;
      for (const one of wrongIn(linksOf(drop(segments, index), fixture), whole)) {
        wrong.push(`without ${JSON.stringify(payload.toString('latin1').slice(0, 40))}: ${one}`);
      }
    });
    expect(wrong).toEqual([]);
  });
});
