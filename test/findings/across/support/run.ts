/**
 * Several connections through the whole pipeline, each at its time: what the rules that span sessions say of them.
 * Sessions are numbered in the order of their first packets.
 */
import { type CaptureFacts, newPacketMeta } from '../../../../src/capture/packet-sink.ts';
import type { CaptureQuality } from '../../../../src/findings/across/collector.ts';
import type { CrossFinding } from '../../../../src/findings/rule.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../../../src/inspect.ts';
import type { SummaryReport } from '../../../../src/report/report.ts';
import { saidIn } from '../../../support/dialogue.ts';
import { tcpPacket } from '../../../support/packet-bytes.ts';
import { type Close, connectionOf, otherSide, type Side } from '../../../support/segments.ts';

export interface Talk {
  /** As in test/support/dialogue.ts; empty: a SYN that nobody answers, sent five times. */
  readonly text: string;
  /** Seconds since the run's beginning. */
  readonly at?: number;
  readonly client?: string;
  readonly clientPort?: number;
  readonly server?: string;
  readonly port?: number;
  readonly close?: Close;
  /** Which capture of the run shows it. */
  readonly capture?: number;
}

export interface Run {
  readonly talks: readonly Talk[];
  readonly facts?: Partial<CaptureFacts & CaptureQuality>;
  /** Something else is captured at this second: the capture is known to reach so far. */
  readonly until?: number;
}

const START_US = 1_700_000_000_000_000;
const STEP_US = 1_000;
const SYN_SECONDS = [0, 1, 3, 7, 15];
const INITIAL: Readonly<Record<Side, number>> = { client: 1_000, server: 0x1234_5678 };

interface Packet {
  readonly us: number;
  readonly bytes: Buffer;
}

export function run({ talks, facts = {}, until }: Run): SummaryReport {
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: false }, () => {});
  const captures = Math.max(1, ...talks.map(({ capture = 0 }) => capture + 1));
  let port = 40_000;
  const numbered = talks.map((talk) => ({ ...talk, clientPort: talk.clientPort ?? port++ }));
  for (let capture = 0; capture < captures; capture++) {
    const packets = numbered.filter((talk) => (talk.capture ?? 0) === capture).flatMap(packetsOf);
    if (until !== undefined && capture === captures - 1) packets.push(...packetsOf(laterTalk(until)));
    packets.sort((a, b) => a.us - b.us);
    const meta = newPacketMeta();
    meta.linkType = 101;
    analysis.beginCapture(`capture${capture}.pcap`);
    for (const { us, bytes } of packets) {
      meta.timeUs = us;
      meta.frame++;
      meta.originalLength = bytes.length;
      analysis.packet(bytes, 0, bytes.length, meta);
    }
    analysis.endCapture({
      format: 'packets',
      compression: null,
      linkTypes: [101],
      packets: packets.length,
      bytes: 0,
      cutShort: false,
      dropped: 0,
      warnings: [],
      ...facts,
    } as CaptureFacts);
  }
  return analysis.finish();
}

/** The findings of one rule. */
export function told(rule: string, talks: readonly Talk[], more: Omit<Run, 'talks'> = {}): readonly CrossFinding[] {
  return run({ talks, ...more }).crossFindings.filter((finding) => finding.rule === rule);
}

function laterTalk(at: number): Talk & { clientPort: number } {
  return {
    text: 'S: 220 other.example\nC: QUIT\nS: 221 bye',
    at,
    client: '203.0.113.200',
    server: '203.0.113.201',
    clientPort: 39_999,
  };
}

function packetsOf(talk: Talk & { clientPort: number }): Packet[] {
  const start = START_US + Math.round((talk.at ?? 0) * 1e6);
  if (talk.text === '') {
    const bytes = packet(talk, 'client', 'S', 0, 0, Buffer.alloc(0));
    return SYN_SECONDS.map((seconds) => ({ us: start + seconds * 1e6, bytes }));
  }
  return connectionOf(saidIn(talk.text), talk.close).map(({ from, flags, seq, ack, payload }, i) => ({
    us: start + i * STEP_US,
    bytes: packet(talk, from, flags, seq, ack, payload),
  }));
}

function packet(
  { client = '198.51.100.7', server = '192.0.2.25', port = 25, clientPort }: Talk & { clientPort: number },
  from: Side,
  flags: string,
  seq: number,
  ack: number,
  payload: Buffer,
): Buffer {
  const isClient = from === 'client';
  return tcpPacket({
    src: isClient ? client : server,
    dst: isClient ? server : client,
    sport: isClient ? clientPort : port,
    dport: isClient ? port : clientPort,
    seq: INITIAL[from] + seq,
    ack: flags.includes('A') ? INITIAL[otherSide(from)] + ack : 0,
    flags,
    payload,
  });
}

export interface Mail {
  readonly from?: string;
  readonly to?: string;
  /** Reply to MAIL, to RCPT, after the message; a refusal ends it. */
  readonly mail?: string;
  readonly rcpt?: string;
  readonly done?: string;
  readonly size?: number;
  readonly id?: string | null;
  readonly hello?: string;
  readonly quit?: boolean;
  readonly body?: string;
}

/** The dialogue of one mail. */
export function mail({
  from = 'a@client.example',
  to = 'b@mx.example',
  mail: mailReply = '250 ok',
  rcpt = '250 ok',
  done = '250 queued',
  size,
  id = '<1.abcdef@client.example>',
  hello = 'client.example',
  quit = true,
  body = 'hello',
}: Mail = {}): string {
  const lines = [
    'S: 220 mx.example ESMTP',
    `C: EHLO ${hello}`,
    'S: 250-mx.example',
    'S: 250 SIZE 1000000',
    `C: MAIL FROM:<${from}>${size === undefined ? '' : ` SIZE=${size}`}`,
    `S: ${mailReply}`,
  ];
  if (mailReply.startsWith('2')) lines.push(`C: RCPT TO:<${to}>`, `S: ${rcpt}`);
  if (mailReply.startsWith('2') && rcpt.startsWith('2')) {
    lines.push('C: DATA', 'S: 354 go on', `C: From: <${from}>`, 'C: Date: Mon, 06 Jan 2025 10:00:00 +0000');
    if (id !== null) lines.push(`C: Message-ID: ${id}`);
    lines.push('C: ', `C: ${body}`, 'C: .', `S: ${done}`);
  }
  if (quit) lines.push('C: QUIT', 'S: 221 bye');
  return lines.join('\n');
}

/** A login with PLAIN, and the server's answer. */
export function login(user: string, reply = '535 5.7.8 Error: authentication failed', password = 'secret'): string {
  const token = Buffer.from(`\0${user}\0${password}`).toString('base64');
  return `S: 220 mx.example
    C: EHLO client.example
    S: 250-mx.example
    S: 250 AUTH PLAIN
    C: AUTH PLAIN ${token}
    S: ${reply}
    C: QUIT
    S: 221 bye`;
}
