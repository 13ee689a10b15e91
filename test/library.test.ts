import { createReadStream, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CaptureError, createInspector, inspect, inspectEach, type SessionRecord } from '../src/index.ts';
import { schemaErrors } from './support/schema.ts';

const FOUNDING = fileURLToPath(new URL('../captures/founding-case-2007.pcap', import.meta.url));

/** Packets of a classic little-endian pcap, as a program that has its own source would have them. */
function* packetsOf(capture: Buffer): Generator<{ bytes: Buffer; timeUs: number }> {
  for (let at = 24; at < capture.length; ) {
    const length = capture.readUInt32LE(at + 8);
    const timeUs = capture.readUInt32LE(at) * 1e6 + capture.readUInt32LE(at + 4);
    yield { bytes: capture.subarray(at + 16, at + 16 + length), timeUs };
    at += 16 + length;
  }
}

describe('the library', () => {
  it('gives the records of a file, all valid', async () => {
    const { sessions, summary } = await inspect(FOUNDING);
    expect(sessions.map(({ outcome }) => outcome)).toEqual(['no-greeting', 'aborted']);
    expect(sessions[1]?.findings[0]?.rule).toBe('ehlo-quit-auth-offered');
    expect(summary.captures[0]).toMatchObject({ name: FOUNDING, format: 'pcap', packets: 20 });
    expect(schemaErrors(JSON.parse(JSON.stringify({ sessions, summary })), 'document')).toEqual([]);
  });

  it('gives the same from a URL, a stream, bytes, and packets pushed in', async () => {
    const bytes = readFileSync(FOUNDING);
    const name = 'the capture';
    const expected = await inspect(FOUNDING, { name });
    expect(await inspect(pathToFileURL(FOUNDING), { name })).toEqual(expected);
    expect(await inspect(createReadStream(FOUNDING), { name })).toEqual(expected);
    expect(await inspect(new Uint8Array(bytes), { name })).toEqual(expected);
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += 7) yield new Uint8Array(bytes.subarray(at, at + 7));
    }
    expect(await inspect(pieces(), { name })).toEqual(expected);

    const sessions: SessionRecord[] = [];
    const inspector = createInspector((session) => sessions.push(session), { name });
    for (const packet of packetsOf(bytes)) inspector.packet(packet.bytes, packet);
    const summary = inspector.finish();
    expect(sessions).toEqual(expected.sessions);
    expect(summary).toMatchObject({ sessions: 2, captures: [{ name, format: 'packets', packets: 20 }] });
  });

  it('keeps no session where each is handed on', async () => {
    const ids: number[] = [];
    const summary = await inspectEach(FOUNDING, ({ id }) => ids.push(id));
    expect(ids).toEqual([1, 2]);
    expect(summary.sessions).toBe(2);
  });

  it('looks at the ports that it is told', async () => {
    expect((await inspect(FOUNDING, { ports: [2525] })).sessions).toEqual([]);
    expect((await inspect(FOUNDING, { ports: 'any' })).sessions.length).toBeGreaterThan(0);
  });

  it('keeps to the limits that it is told', async () => {
    const gzip = fileURLToPath(new URL('../captures/format/gzip.pcap.gz', import.meta.url));
    await expect(inspect(gzip, { limits: { decompressedBytes: 100 } })).rejects.toMatchObject({ code: 'limit' });
    const fragments = fileURLToPath(new URL('../captures/format/fragments.pcap', import.meta.url));
    expect((await inspect(fragments, { limits: { fragmentUs: 1e6, openBytes: 1 << 20 } })).summary.warnings).toEqual(
      [],
    );
    const { summary } = await inspect(fragments, { limits: { fragmentDatagrams: 0 } });
    expect(summary.warnings).toEqual([expect.stringMatching(/fragmented datagrams never became whole/)]);
  });

  it('throws CaptureError with the byte offset for what is no capture', async () => {
    const error = await inspect(Buffer.from('no capture at all')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CaptureError);
    expect(error).toMatchObject({ code: 'not-a-capture', offset: 0 });
  });
});
