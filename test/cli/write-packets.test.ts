/**
 * `--write` over every capture of captures/: the packets come out as they went in, and the written capture reads as the
 * sessions did.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PacketMeta, PacketSink } from '../../src/capture/packet-sink.ts';
import { readCapture } from '../../src/capture/source/file.ts';
import { PacketsFile } from '../../src/cli/write-packets.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../src/inspect.ts';
import type { SessionReport, SummaryReport } from '../../src/report/report.ts';
import { pcapFile } from '../support/pcap-bytes.ts';

const capturesFolder = fileURLToPath(new URL('../../captures', import.meta.url));
const captures = readdirSync(capturesFolder, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(pcap(ng)?(\.(gz|zst|xz|lz4))?|snoop|cap)$/.test(path))
  .sort();

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'smtpscope-test-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** What of a session does not depend on frame numbers or on when the capture ended. */
interface Seen {
  readonly id: number;
  readonly frames: { first: number; last: number; count: number };
  readonly client: string;
  readonly start: number;
  readonly outcome: string;
  readonly turns: readonly string[];
  readonly findings: readonly string[];
}

interface Packet {
  readonly bytes: string;
  readonly time: string;
  readonly linkType: number;
  readonly originalLength: number;
}

class Packets implements PacketSink {
  readonly all: Packet[] = [];
  readonly frames: number[] = [];
  readonly comments = new Map<number, string>();

  comment(frame: number, text: string): void {
    this.comments.set(frame, text);
  }

  packet(bytes: Buffer, start: number, end: number, meta: PacketMeta): void {
    const { timeUs, timeNanos, linkType, originalLength } = meta;
    this.all.push({
      bytes: bytes.toString('hex', start, end),
      time: `${timeUs}.${timeNanos}`,
      linkType,
      originalLength,
    });
    this.frames.push(meta.frame);
  }
}

async function sessionsOf(
  paths: readonly string[],
  onSession: (report: SessionReport) => void = () => {},
  select?: (report: SessionReport) => boolean,
): Promise<{ sessions: Seen[]; summary: SummaryReport }> {
  const sessions: Seen[] = [];
  const analysis = createAnalysis(
    { ports: DEFAULT_PORTS, keepBodies: false, ...(select === undefined ? {} : { select }) },
    (report) => {
      sessions.push(seen(report));
      onSession(report);
    },
  );
  for (const path of paths) {
    analysis.beginCapture(path);
    analysis.endCapture(await readCapture(path, analysis));
  }
  return { sessions, summary: analysis.finish() };
}

function seen({ session, findings }: SessionReport): Seen {
  return {
    id: session.id,
    frames: { ...session.frames },
    client: `${session.client.address} ${session.client.port}`,
    start: session.start.us,
    outcome: session.outcome,
    turns: session.turns.map(({ from, kind, bytes, offset }) => `${from} ${kind} ${bytes} at ${offset}`),
    findings: findings.map(({ rule, severity, confidence, evidence }) => {
      const places = evidence.map(({ turn, direction, offset, length }) => [turn, direction, offset, length].join(' '));
      return `${rule} ${severity} ${confidence}: ${places.join('; ')}`;
    }),
  };
}

async function written(
  names: readonly string[],
  select?: (report: SessionReport) => boolean,
): Promise<{ path: string; before: Seen[]; said: string }> {
  const inputs = names.map((name) => join(capturesFolder, name));
  const path = join(directory, `${names.join('+').replaceAll('/', '-')}-${Math.random()}.pcapng`);
  const file = new PacketsFile(path, false, inputs);
  const { sessions, summary } = await sessionsOf(inputs, (report) => file.session(report), select);
  const said = await file.finish(inputs, summary, () => {});
  return { path, before: sessions, said };
}

async function packetsOf(path: string): Promise<Packets> {
  const packets = new Packets();
  await readCapture(path, packets);
  return packets;
}

const inOrder = (sessions: readonly Seen[]) => [...sessions].sort((a, b) => a.id - b.id);

describe('--write', () => {
  it.each(captures)('%s: the same packets, the same sessions, the same findings', async (name) => {
    const { path, before } = await written([name]);
    const original = await packetsOf(join(capturesFolder, name));
    const copy = await packetsOf(path);
    // Each packet is one of the original, byte for byte, and they come in its order.
    let at = -1;
    for (const packet of copy.all) {
      at = original.all.findIndex((one, index) => index > at && one.bytes === packet.bytes && one.time === packet.time);
      expect(at).toBeGreaterThanOrEqual(0);
      expect(packet).toEqual(original.all[at]);
    }
    expect(copy.all.length).toBeGreaterThanOrEqual(before.reduce((sum, { frames }) => sum + frames.count, 0));
    const { sessions } = await sessionsOf([path]);
    const plain = ({ turns, findings, client, start, outcome, frames }: Seen) => ({
      turns,
      findings,
      client,
      start,
      outcome,
      count: frames.count,
    });
    expect(inOrder(sessions).map(plain)).toEqual(inOrder(before).map(plain));
  });

  it('takes only what was selected', async () => {
    const { path, before, said } = await written(['founding-case-2007.pcap'], ({ session }) => session.id === 2);
    expect(before).toHaveLength(1);
    const copy = await packetsOf(path);
    expect(copy.all).toEqual((await packetsOf(join(capturesFolder, 'founding-case-2007.pcap'))).all.slice(6, 20));
    expect(said).toBe(
      `${path}: 14 packets of 1 session, byte for byte: passwords and messages that were sent readable are readable in it`,
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('carries findings as comments, on the packets that show them', async () => {
    const { path } = await written(['founding-case-2007.pcap'], ({ session }) => session.id === 2);
    const { comments } = await packetsOf(path);
    expect([...comments.keys()]).toEqual([1, 6, 8, 9]);
    expect(comments.get(1)).toMatch(/^smtpscope: session 2: After EHLO /);
    expect(comments.get(1)).toMatch(/\nsmtpscope: notice linked-failures .* \(sessions 1, 2\)$/);
    expect(comments.get(9)).toMatch(/^smtpscope: error ehlo-quit-auth-offered \(certain\): After EHLO /);
  });

  it('keeps comments that were there, and of TLS secrets only those of its sessions', async () => {
    const name = 'format/pcapng-comments-names-secrets.pcapng';
    const original = await packetsOf(join(capturesFolder, name));
    const { path } = await written([name]);
    const copy = await packetsOf(path);
    expect(original.comments.size).toBeGreaterThan(0);
    for (const [frame, text] of original.comments) {
      const at = copy.all.findIndex(({ bytes }) => bytes === original.all[original.frames.indexOf(frame)]?.bytes);
      if (at >= 0) expect(copy.comments.get(at + 1)).toContain(text);
    }
    const secrets = (bytes: Buffer) => bytes.toString('latin1').match(/CLIENT_[A-Z_]+ [0-9a-f]{64}/g) ?? [];
    const before = secrets(readFileSync(join(capturesFolder, name)));
    for (const line of secrets(readFileSync(path))) expect(before).toContain(line);
  });

  it('takes a connection that goes on in the next capture out of both', async () => {
    const original = await packetsOf(join(capturesFolder, 'healthy/postfix-pipelining.pcap'));
    const packets = original.all.map(({ bytes, time }) => ({
      data: Buffer.from(bytes, 'hex'),
      timeUs: Number(time.split('.')[0]),
    }));
    const halves = [packets.slice(0, 9), packets.slice(9)].map((half, index) => {
      const path = join(directory, `half-${index}.pcap`);
      writeFileSync(path, pcapFile(half));
      return path;
    });
    const file = new PacketsFile(join(directory, 'joined.pcapng'), false, halves);
    const { sessions, summary } = await sessionsOf(halves, (report) => file.session(report));
    expect(sessions).toHaveLength(1);
    await file.finish(halves, summary, () => {});
    expect((await packetsOf(join(directory, 'joined.pcapng'))).all.map(({ bytes }) => bytes)).toEqual(
      original.all.map(({ bytes }) => bytes),
    );
  });

  it('writes an empty capture where no session is selected', async () => {
    const { path, said } = await written(['founding-case-2007.pcap'], () => false);
    expect(said).toContain('0 packets of 0 sessions');
    expect((await packetsOf(path)).all).toEqual([]);
  });
});
