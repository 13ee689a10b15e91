/** `--eml`: what the sender wrote is what stands in the file, to the byte. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newPacketMeta } from '../../src/capture/packet-sink.ts';
import { readCapture } from '../../src/capture/source/file.ts';
import { Complaint } from '../../src/cli/complaint.ts';
import { messageFiles } from '../../src/cli/eml.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../src/inspect.ts';
import { saidIn } from '../support/dialogue.ts';
import { connectionOf, packetOf, type Said, type Segment, split } from '../support/segments.ts';

const RAW_IP = 101;

let directory: string;
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'smtpscope-eml-')), 'messages');
});
afterEach(() => rmSync(join(directory, '..'), { recursive: true, force: true }));

function writeMessages(segments: readonly Segment[], folder = directory): void {
  const write = messageFiles(folder);
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: true }, write);
  const meta = newPacketMeta();
  meta.linkType = RAW_IP;
  analysis.beginCapture('dialogue.pcap');
  for (const segment of segments) {
    const packet = packetOf(segment);
    meta.frame++;
    meta.timeUs = meta.frame * 1000;
    meta.originalLength = packet.length;
    analysis.packet(packet, 0, packet.length, meta);
  }
  analysis.finish();
}

/** Names and contents of what was written. */
function written(folder = directory): Record<string, Buffer> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

const ENVELOPE = saidIn(`
  S: 220 mx.example ESMTP
  C: EHLO client.example
  S: 250-mx.example
  S: 250 CHUNKING
  C: MAIL FROM:<../../etc/passwd@client.example>
  S: 250 Ok
  C: RCPT TO:<b@mx.example>
  S: 250 Ok`);
const GO_ON = saidIn('C: DATA\nS: 354 go on');
const ACCEPTED = saidIn('S: 250 queued');
const QUIT = saidIn('C: QUIT\nS: 221 bye');

const sent = (bytes: Buffer): Said => ({ from: 'client', bytes });

/** What a client sends for these lines: a dot before each that begins with one, a line of one dot at the end. */
function stuffed(lines: readonly Buffer[]): Buffer {
  const parts = lines.map((line) => Buffer.concat([Buffer.from(line[0] === 46 ? '.' : ''), line, Buffer.from('\r\n')]));
  return Buffer.concat([...parts, Buffer.from('.\r\n')]);
}

const unstuffed = (lines: readonly Buffer[]): Buffer =>
  Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\r\n')]));

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

const ODD_LINES = [
  'Subject: ../../x\x00',
  '',
  '.',
  '..',
  '.a',
  'a.',
  'bare\nfeed',
  '\n.',
  '\n..\nb',
  'bare\rreturn',
  'eight \xe4\xff\x80 bits',
  '\x00.\x00',
  '',
].map(bytesOf);

describe('a message by DATA', () => {
  it('is written as it was before dots were put in, whatever its octets', () => {
    writeMessages(connectionOf([...ENVELOPE, ...GO_ON, sent(stuffed(ODD_LINES)), ...ACCEPTED, ...QUIT]));
    expect(written()).toEqual({ 'session-1-message-1.eml': unstuffed(ODD_LINES) });
  });

  it('is the same for every message and every way to cut it', () => {
    const octet = fc.constantFrom(46, 13, 10, 0, 97, 228, 255);
    const line = fc
      .array(octet, { maxLength: 12 })
      .map((octets) => Buffer.from(octets))
      .filter((octets) => !octets.includes('\r\n') && octets.at(-1) !== 13);
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 });
    let folder = 0;
    fc.assert(
      fc.property(fc.array(line, { maxLength: 10 }), sizes, (lines, cuts) => {
        const one = join(directory, String(folder++));
        const said = [...ENVELOPE, ...GO_ON, sent(stuffed(lines)), ...ACCEPTED, ...QUIT];
        writeMessages(split(connectionOf(said), ...cuts), one);
        expect(written(one)).toEqual({ 'session-1-message-1.eml': unstuffed(lines) });
      }),
      { numRuns: 150 },
    );
  });

  it('has a file for each, numbered, and none where there was no message', () => {
    const one = (text: string) => [...GO_ON, sent(stuffed([bytesOf(text)])), ...ACCEPTED];
    const again = ENVELOPE.slice(-4);
    writeMessages(
      connectionOf([...ENVELOPE, ...one('1'), ...again, ...saidIn('C: RSET\nS: 250 Ok'), ...again, ...one('2')]),
    );
    expect(written()).toEqual({
      'session-1-message-1.eml': bytesOf('1\r\n'),
      'session-1-message-2.eml': bytesOf('2\r\n'),
    });
  });
});

describe('a message by BDAT', () => {
  it('is its chunks, one behind the other, dots as they are', () => {
    const chunks = ['Subject: s\r\n\r', '\n.\r\n..\r\n\x00\xff\n', '', 'no line end'].map(bytesOf);
    const said = chunks.flatMap((chunk, index) => [
      ...saidIn(`C: BDAT ${chunk.length}${index === chunks.length - 1 ? ' LAST' : ''}`),
      ...(chunk.length > 0 ? [sent(chunk)] : []),
      ...ACCEPTED,
    ]);
    writeMessages(connectionOf([...ENVELOPE, ...said, ...QUIT]));
    expect(written()).toEqual({ 'session-1-message-1.eml': Buffer.concat(chunks) });
  });

  it('is named partial where a chunk is missing', () => {
    const said: Said[] = [
      ...saidIn('C: BDAT 4'),
      sent(bytesOf('a: b')),
      ...ACCEPTED,
      ...saidIn('C: BDAT 10 LAST'),
      sent(bytesOf('\r\n')),
      { from: 'client', missing: 4 },
      sent(bytesOf('end.')),
      ...ACCEPTED,
    ];
    writeMessages(connectionOf([...ENVELOPE, ...said, ...QUIT]));
    expect(written()).toEqual({ 'session-1-message-1-partial.eml': bytesOf('a: b\r\nend.') });
  });
});

describe('what is not all there', () => {
  it('is named partial: bytes in the middle, or the end', () => {
    const said: Said[] = [sent(bytesOf('one\r\n')), { from: 'client', missing: 7 }, sent(bytesOf('two\r\n.\r\n'))];
    writeMessages(connectionOf([...ENVELOPE, ...GO_ON, ...said, ...ACCEPTED, ...QUIT]));
    expect(written()).toEqual({ 'session-1-message-1-partial.eml': bytesOf('one\r\ntwo\r\n') });
  });

  it('is named partial: the connection ends before the message does', () => {
    writeMessages(connectionOf([...ENVELOPE, ...GO_ON, sent(bytesOf('one\r\n..two\r\n'))]));
    expect(written()).toEqual({ 'session-1-message-1-partial.eml': bytesOf('one\r\n.two\r\n') });
  });

  it('is named partial: longer than what is kept', () => {
    const line = Buffer.alloc(60_000, 'a');
    const piece = Buffer.concat([line, bytesOf('\r\n')]);
    const many = Array.from({ length: 600 }, () => sent(piece));
    writeMessages(connectionOf([...ENVELOPE, ...GO_ON, ...many, sent(bytesOf('.\r\n')), ...ACCEPTED, ...QUIT]));
    const files = written();
    expect(Object.keys(files)).toEqual(['session-1-message-1-partial.eml']);
    expect((Object.values(files)[0] as Buffer).length).toBeGreaterThan(1 << 20);
  });
});

describe('the files', () => {
  const once = () => connectionOf([...ENVELOPE, ...GO_ON, sent(stuffed([bytesOf('new')])), ...ACCEPTED, ...QUIT]);

  it('are readable by their owner alone, and so is the directory', () => {
    writeMessages(once());
    expect(statSync(join(directory, 'session-1-message-1.eml')).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  it('never overwrite, nor follow a link', () => {
    writeMessages(once());
    const path = join(directory, 'session-1-message-1.eml');
    writeFileSync(path, 'old');
    expect(() => writeMessages(once())).toThrow(Complaint);
    expect(readFileSync(path, 'utf8')).toBe('old');
    const elsewhere = join(directory, '..', 'elsewhere');
    rmSync(path);
    symlinkSync(elsewhere, path);
    expect(() => writeMessages(once())).toThrow(Complaint);
    expect(existsSync(elsewhere)).toBe(false);
  });
});

describe('captures', () => {
  const root = fileURLToPath(new URL('../../captures', import.meta.url));

  async function messagesOf(name: string): Promise<Record<string, string>> {
    const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: true }, messageFiles(directory));
    analysis.beginCapture(name);
    await readCapture(join(root, name), analysis);
    analysis.finish();
    return Object.fromEntries(Object.entries(written()).map(([file, bytes]) => [file, bytes.toString('latin1')]));
  }

  it('Exim by BDAT: one chunk, and several joined', async () => {
    const messages = Object.values(await messagesOf('healthy/exim-bdat-chunking.pcap'));
    expect(messages).toHaveLength(2);
    for (const text of messages) {
      // A header, a blank line, a body that ends in CRLF, and nothing of the dialogue in it.
      expect(text).toMatch(/^Received: [\s\S]*\r\n\r\n[\s\S]*\r\n$/);
      expect(text).not.toMatch(/BDAT|\r\n\.\r\n|(?<!\r)\n/);
    }
    expect(Math.max(...messages.map(({ length }) => length))).toBeGreaterThan(30_000);
  });

  it('an end of data that never came: the bare feeds stand, the name says partial', async () => {
    const messages = await messagesOf('rules/eod-never-sent-bare-lf.pcap');
    expect(Object.keys(messages)).toEqual(['session-1-message-1-partial.eml']);
    expect(Object.values(messages)[0]).toMatch(/\n\.\n$/);
  });
});
