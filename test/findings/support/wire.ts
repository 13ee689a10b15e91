/**
 * The session that the whole pipeline makes of a dialogue with its times and acknowledgements: packets, reassembly,
 * decoder. Every row is a segment; 10 ms lie between them.
 *
 *     S: 220 …        C: EHLO …        a line of the server, of the client, CRLF added
 *     C*: QUIT                         sent before anything above could be seen: it acknowledges nothing new
 *     --2.5 s--                        a pause
 *     --gap 40 C--                     40 bytes of the client that were not captured
 *     C: \x16\x03\x01\-                any byte; `\-` at the end: no CRLF
 */
import { newPacketMeta } from '../../../src/capture/packet-sink.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../../src/inspect.ts';
import type { Session } from '../../../src/smtp/session.ts';
import { type Close, otherSide, packetOf, type Segment, type Side } from '../../support/segments.ts';

export interface WireOptions {
  readonly client?: string;
  readonly server?: string;
  readonly port?: number;
  /** Who sends the first FIN; `none`: the capture ends before. */
  readonly close?: Close;
  /** Instead of a FIN and its answer the closing side sends a RST. */
  readonly reset?: boolean;
  /** When it begins, behind a moment that all dialogues have in common. */
  readonly startSeconds?: number;
  /** The capture begins behind the handshake. */
  readonly midStream?: boolean;
  /** Times at which the server repeats its SYN/ACK, in seconds after the first. */
  readonly synAcksAgain?: readonly number[];
  /** How often each packet stands in the capture. */
  readonly copies?: number;
}

interface Timed extends Segment {
  readonly seconds: number;
}

const START_US = 1_700_000_000_000_000;
const STEP_SECONDS = 0.01;
const RAW_IP = 101;
const NOTHING = Buffer.alloc(0);
const ROW = /^([SC])(\*?): ?(.*)$/;
const PAUSE = /^--([\d.]+) s--$/;
const GAP = /^--gap (\d+) ([SC])--$/;

export function wire(text: string, options: WireOptions = {}): Session {
  const sessions: Session[] = [];
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: false }, ({ session }) => sessions.push(session));
  const meta = newPacketMeta();
  meta.linkType = RAW_IP;
  analysis.beginCapture('wire.pcap');
  const { client = '198.51.100.7', server = '192.0.2.25', port = 25 } = options;
  for (const segment of segmentsOf(text, options)) {
    const packet = packetOf(segment, { client, server, serverPort: port });
    for (let copy = 0; copy < (options.copies ?? 1); copy++) {
      meta.timeUs = START_US + Math.round(segment.seconds * 1e6) + copy;
      meta.frame++;
      meta.originalLength = packet.length;
      analysis.packet(packet, 0, packet.length, meta);
    }
  }
  analysis.finish();
  const [session] = sessions;
  if (session === undefined || sessions.length !== 1) throw new Error(`${sessions.length} sessions, not one`);
  return session;
}

function segmentsOf(text: string, options: WireOptions): Timed[] {
  const next: Record<Side, number> = { client: 1, server: 1 };
  const acked: Record<Side, number> = { client: 1, server: 1 };
  const segments: Timed[] = [];
  let seconds = options.startSeconds ?? 0;
  const send = (from: Side, flags: string, payload: Buffer, isBlind = false) => {
    if (!isBlind) acked[from] = next[otherSide(from)];
    segments.push({ from, flags, seq: next[from], ack: acked[from], payload, seconds });
    next[from] += payload.length + (flags.includes('F') ? 1 : 0);
    seconds += STEP_SECONDS;
  };
  if (options.midStream !== true) {
    segments.push({ from: 'client', flags: 'S', seq: 0, ack: 0, payload: NOTHING, seconds });
    segments.push({ from: 'server', flags: 'SA', seq: 0, ack: 1, payload: NOTHING, seconds: seconds + 0.004 });
    for (const later of options.synAcksAgain ?? []) {
      segments.push({
        from: 'server',
        flags: 'SA',
        seq: 0,
        ack: 1,
        payload: NOTHING,
        seconds: seconds + 0.004 + later,
      });
    }
    seconds += STEP_SECONDS;
    send('client', 'A', NOTHING);
  }
  for (const row of text.split('\n').map((line) => line.trimStart())) {
    if (row === '') continue;
    const pause = PAUSE.exec(row);
    const gap = GAP.exec(row);
    if (pause !== null) seconds += Number(pause[1]);
    else if (gap !== null) next[gap[2] === 'C' ? 'client' : 'server'] += Number(gap[1]);
    else {
      const [, side, early, content = ''] = ROW.exec(row) as RegExpExecArray;
      send(side === 'C' ? 'client' : 'server', 'PA', bytesOf(content), early !== '');
    }
  }
  const close = options.close ?? 'client';
  if (close !== 'none' && options.reset === true) {
    // As a kernel does it: what arrived is acknowledged long before.
    send(close, 'A', NOTHING);
    send(close, 'RA', NOTHING);
  } else if (close !== 'none') {
    send(close, 'FA', NOTHING);
    send(otherSide(close), 'FA', NOTHING);
    send(close, 'A', NOTHING);
  }
  return segments.sort((a, b) => a.seconds - b.seconds);
}

function bytesOf(text: string): Buffer {
  const isOpen = text.endsWith('\\-');
  const line = isOpen ? text.slice(0, -2) : `${text}\r\n`;
  const unescaped = line.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(unescaped, 'latin1');
}
