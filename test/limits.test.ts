/**
 * Every limit but those of reassembly (reassembly/limits.test.ts) and openBytes (smtp/spill.test.ts), reached: nothing is told at its default, and when it
 * acts it is seen. The table in docs/reading.md has them all.
 */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CaptureLimits } from '../src/capture/format/limits.ts';
import { createScanner } from '../src/capture/format/scan.ts';
import { CaptureError } from '../src/capture/packet-sink.ts';
import { createPcapParserScanner } from '../src/capture/source/pcap-parser-scanner.ts';
import { limitValue } from '../src/cli/values.ts';
import { inspect } from '../src/library.ts';
import { checkLimits, LIMITS, type LimitName, type Limits, leastOf, mostOf } from '../src/limits.ts';
import type { DialogueLimits } from '../src/smtp/limits.ts';
import { TLS_LIMITS, type TlsLimits } from '../src/tls/limits.ts';
import { TlsObserver } from '../src/tls/observer.ts';
import { analysed, type Captured, sent } from './support/captured.ts';
import { type DialogueOptions, segmentsOf } from './support/dialogue.ts';
import { ipv4Packet, tcpPacket } from './support/packet-bytes.ts';
import { collectingSink, PcapngWriter, pcapFile } from './support/pcap-bytes.ts';
import { packetOf, type Segment } from './support/segments.ts';
import { good } from './tls/certificates.ts';
import { type Piece, recordTls } from './tls/record.ts';

/** What a session's turns and the summary say of limits. */
function told(packets: readonly Captured[], limits: Partial<Limits>, keepBodies: boolean): string[] {
  const { sessions, warnings } = analysed(
    packets,
    ({ session }) => session.turns.filter(({ cut }) => cut).map(({ kind }) => `cut ${kind}`),
    { limits, keepBodies },
  );
  return [...sessions.flat(), ...warnings];
}

interface Spoken extends DialogueOptions {
  readonly text: string;
  readonly keepBodies?: boolean;
  readonly limit: number;
  readonly seen: RegExp;
}

const HELLO = `
  S: 220 mx.example ESMTP
  C: EHLO client.example
  S: 250 mx.example`;
const MAIL = `${HELLO}
  C: MAIL FROM:<a@client.example>
  S: 250 2.1.0 Ok
  C: RCPT TO:<b@mx.example>
  S: 250 2.1.5 Ok`;
const MESSAGE = `${MAIL}
  C: DATA
  S: 354 go ahead
  C: Subject: one
  C: X-Long: two
  C: \\x0d\\x0atext\\x0d\\x0a.
  S: 250 2.0.0 Ok`;

const SPOKEN: Record<keyof DialogueLimits, Spoken> = {
  lineBytes: { text: HELLO, limit: 8, seen: /^cut command/ },
  replyBytes: {
    text: `${HELLO}\n C: HELP\n S: 214-one two three\n S: 214-four five six\n S: 214 seven`,
    splitBytes: 10,
    limit: 24,
    seen: /^cut reply/,
  },
  headBytes: {
    text: MESSAGE,
    limit: 20,
    keepBodies: false,
    seen: /^1 session with longer messages, or header sections/,
  },
  messageBytes: { text: MESSAGE, limit: 20, seen: /^cut message 1 session with longer messages/ },
  foreignBytes: { text: 'S: SSH-2.0-OpenSSH_9.6\n C: SSH-2.0-Client_1.0', limit: 4, seen: /^cut unparsed/ },
  sessionBytes: { text: MESSAGE, limit: 60, keepBodies: false, seen: /1 session said more than is kept/ },
  outstanding: {
    text: `${HELLO}\n C: NOOP\n C: NOOP\n C: NOOP\n C: NOOP\n S: 250 1\n S: 250 2\n S: 250 3\n S: 250 4`,
    limit: 2,
    seen: /1 session with more commands without a reply than are followed/,
  },
  undecidedBytes: {
    text: `${MAIL}\n C: DATA\n C: Subject: too soon\n C: .\n S: 354 go ahead\n S: 250 Ok`,
    limit: 10,
    seen: /1 session with too much behind DATA before its reply came/,
  },
  comparisons: {
    text: HELLO,
    // The greeting comes once more at the end.
    onTheWay: (segments) => [...segments.slice(0, -3), segments[3] as Segment, ...segments.slice(-3)],
    limit: 0,
    seen: /1 session with more repeated bytes than are compared/,
  },
};

describe('limits of the dialogue', () => {
  it.each(Object.entries(SPOKEN))('%s', (name, { text, keepBodies = true, limit, seen, ...options }) => {
    const segments = segmentsOf(text, options);
    // Each packet has an identification of its own, so that what comes twice was sent twice.
    const packets = (options.onTheWay?.(segments) ?? segments).map((segment, index) => {
      const bytes = packetOf(segment, options);
      bytes.writeUInt16BE(index + 1, 4);
      return { bytes, atUs: index * 300_000 };
    });
    expect(told(packets, {}, keepBodies)).toEqual([]);
    expect(told(packets, { [name]: limit }, keepBodies).join(' ')).toMatch(seen);
  });

  it('a header section that several packets bring is kept as far as one that came in one', () => {
    const lines = Array.from({ length: 60 }, (_, index) => `C: X-Field-${index}: ${'x'.repeat(200)}`).join('\n');
    const text = MESSAGE.replace('C: X-Long: two', lines);
    const packets = segmentsOf(text).map((segment, index) => ({ bytes: packetOf(segment, {}), atUs: index * 1_000 }));
    const kept = (limits: Partial<Limits>) =>
      analysed(packets, ({ session }) => session.turns.find(({ kind }) => kind === 'message')?.raw.length, {
        limits,
        keepBodies: false,
      });
    const whole = kept({});
    expect(whole.warnings).toEqual([]);
    expect(whole.sessions[0]).toBeGreaterThan(60 * 200);
    expect(kept({ headBytes: 1_000 }).sessions).toEqual([1_000]);
  });

  it.each([1, 2, 3])('a header section ends where its empty line comes in pieces of %i', (splitBytes) => {
    const segments = segmentsOf(MESSAGE, { splitBytes });
    const packets = segments.map((segment, index) => ({ bytes: packetOf(segment, {}), atUs: index * 1_000 }));
    const head = 'Subject: one\r\nX-Long: two\r\n\r\n';
    const { sessions, warnings } = analysed(
      packets,
      ({ session }) => String(session.turns.find(({ kind }) => kind === 'message')?.raw),
      { limits: { headBytes: head.length }, keepBodies: false },
    );
    expect({ sessions, warnings }).toEqual({ sessions: [head], warnings: [] });
  });

  it('a header section that is a chunk of its own is whole, however long the next one is', () => {
    const text = `${MAIL}\n C: BDAT 16\n C: Subject: one\\x0d\\x0a\n S: 250 Ok\n C: BDAT 42 LAST\n C: ${'x'.repeat(40)}\n S: 250 Ok`;
    const packets = segmentsOf(text).map((segment, index) => ({ bytes: packetOf(segment, {}), atUs: index * 1_000 }));
    expect(told(packets, { headBytes: 20 }, false)).toEqual([]);
  });

  it('a header section that a chunk’s end cuts in its empty line ends there', () => {
    const text = `${MAIL}\n C: BDAT 15\n C: Subject: one\\x0d\\x0a\\x0d\\-\n S: 250 Ok\n C: BDAT 41 LAST\n C: \\x0a${'x'.repeat(40)}\\-\n S: 250 Ok`;
    const packets = segmentsOf(text).map((segment, index) => ({ bytes: packetOf(segment, {}), atUs: index * 1_000 }));
    const { sessions } = analysed(packets, ({ session }) => String(session.transactions[0]?.message?.head), {
      keepBodies: false,
    });
    expect(sessions).toEqual(['Subject: one\r\n\r\n']);
  });
});

describe('limits of TLS', () => {
  let pieces: readonly Piece[] = [];
  beforeAll(async () => {
    const context = { ...good, maxVersion: 'TLSv1.2', ALPNProtocols: ['smtp', 'other'] } as const;
    pieces = (
      await recordTls({ ...context, ALPNProtocols: ['smtp'] }, { ...context, servername: 'mx.example' } as never)
    ).pieces;
  });
  const ALERT: Piece = { from: 'client', bytes: Buffer.from([21, 3, 3, 0, 2, 1, 90]) };
  const observed = (limits: Partial<TlsLimits>) => {
    const observer = new TlsObserver({ ...TLS_LIMITS, ...limits });
    for (const { from, bytes } of [ALERT, ...pieces]) observer.push(from, bytes, 0, bytes.length);
    return observer;
  };

  it('none acts in an honest handshake', () => {
    const { facts, isCut } = observed({});
    expect(isCut).toBe(false);
    expect(facts.chain?.certificates).toHaveLength(1);
    expect(facts.clientHello?.serverName).toBe('mx.example');
  });

  const CUT: Record<Exclude<keyof TlsLimits, 'certificatesRemembered' | 'notTlsBytes'>, number> = {
    helloBytes: 40,
    certificateBytes: 100,
    chainCertificates: 0,
    helloEntries: 1,
    helloCodes: 2,
    tlsNameBytes: 3,
    certificateNames: 1,
    subjectBytes: 5,
    alerts: 0,
  };
  it.each(Object.entries(CUT))('%s', (name, limit) => {
    expect(observed({ [name]: limit }).isCut).toBe(true);
    // What was read with other limits is not remembered as if it were this.
    expect(observed({}).isCut).toBe(false);
  });

  it('certificatesRemembered: what was forgotten is read again', () => {
    const chain = observed({}).facts.chain;
    expect(observed({ certificatesRemembered: 1 }).facts.chain).toEqual(chain);
    expect(observed({ certificatesRemembered: 1, subjectBytes: 400 }).facts.chain).toEqual(chain);
    expect(observed({ certificatesRemembered: 1 }).facts.chain).toEqual(chain);
  });

  it('notTlsBytes: so much of what is no record is shown', () => {
    const text = Buffer.from('HTTP/1.1 400 Bad Request\r\n');
    for (const [limit, kept] of [
      [64, text.length],
      [8, 8],
      [0, 5],
    ] as const) {
      const observer = new TlsObserver({ ...TLS_LIMITS, notTlsBytes: limit });
      observer.push('server', text, 0, text.length);
      expect(observer.facts.server.notTls).toBe(text.toString('latin1', 0, kept));
    }
  });

  it('that act are told in the summary', () => {
    const text = `${HELLO}\n C: STARTTLS\n S: 220 go ahead\n C: \\x15\\x03\\x01\\x00\\x02\\x02\\x28\\-`;
    const packets = segmentsOf(text).map((segment, index) => ({ bytes: packetOf(segment, {}), atUs: index * 1_000 }));
    expect(told(packets, {}, false)).toEqual([]);
    expect(told(packets, { alerts: 0 }, false)).toEqual([
      '1 session with more in the TLS handshake than is kept: lists, names or alerts are not whole',
    ]);
  });
});

describe('limits of a packet', () => {
  it('nesting', () => {
    const syn = sent({ from: 'client', atUs: 0, flags: 'S', seq: 1 });
    const packets = [{ ...syn, bytes: ipv4Packet('203.0.113.1', '203.0.113.2', 4, syn.bytes) }];
    expect(told(packets, {}, false)).toEqual([]);
    expect(told(packets, { nesting: 0 }, false)).toEqual(['1 packet in more than 0 nested headers were not read']);
  });
});

describe('limits of a capture', () => {
  const ng = new PcapngWriter();
  const packet = (comment: string) => ng.enhanced({ data: Buffer.alloc(60), options: [[1, Buffer.from(comment)]] });
  const head = [ng.section(), ng.interface()];
  const secrets = ng.block(10, Buffer.concat([Buffer.from('4b534c5405000000', 'hex'), Buffer.from('abcde\0\0\0')]));
  const plain = (bytes: number, snaplen: number) => pcapFile([Buffer.alloc(bytes)], { snaplen });

  function seen(bytes: Buffer, limits: Partial<CaptureLimits>): string[] {
    const scanner = createScanner(collectingSink(), { limits });
    try {
      scanner.push(bytes);
      const { warnings, comments } = scanner.finish();
      return [...warnings, ...(comments?.values() ?? [])];
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      return [`${error.code}: ${error.message}`];
    }
  }

  const SCANNED: Record<
    Exclude<keyof CaptureLimits, 'decompressedBytes' | 'windowBytes'>,
    { readonly bytes: Buffer; readonly limit: number; readonly seen: RegExp; readonly also?: Partial<CaptureLimits> }
  > = {
    recordBytes: { bytes: plain(60, 40), limit: 50, seen: /^bad-length: .* claims 60 captured bytes, but at most 50/ },
    packetBytes: {
      bytes: plain(150, 1_000),
      limit: 100,
      also: { recordBytes: 50 },
      seen: /^bad-length: .* claims 150 captured bytes, but at most 100/,
    },
    blockBytes: { bytes: Buffer.concat([...head, packet('')]), limit: 64, seen: /^bad-length: / },
    interfaces: { bytes: Buffer.concat([...head, ng.interface()]), limit: 1, seen: /^limit: .* more than 1 interface/ },
    comments: {
      bytes: Buffer.concat([...head, packet('one'), packet('two')]),
      limit: 1,
      seen: /^Comments from that of frame 2 on are not shown: there are too many\.,one$/,
    },
    commentsBytes: {
      bytes: Buffer.concat([...head, packet('one'), packet('two')]),
      limit: 5,
      seen: /^Comments from that of frame 2 on are not shown: there are too many\.,one$/,
    },
    commentBytes: { bytes: Buffer.concat([...head, packet('a long one')]), limit: 7, seen: /^a long…$/ },
    keyLogBytes: { bytes: Buffer.concat([...head, secrets]), limit: 4, seen: /^Only 4 bytes of the TLS secrets/ },
  };

  it.each(Object.entries(SCANNED))('%s', (name, { bytes, limit, also, seen: expected }) => {
    expect(seen(bytes, { ...also, [name]: limit }).join()).toMatch(expected);
    expect(seen(bytes, {}).join()).not.toMatch(expected);
  });

  it('recordBytes of snoop, and of what another package reads', async () => {
    const snoop = readFileSync(new URL('../captures/format/snoop.snoop', import.meta.url));
    expect(seen(snoop, {})).toEqual([]);
    expect(seen(snoop, { recordBytes: 50 }).join()).toMatch(/^bad-length: .* but at most 50/);
    const scanner = await createPcapParserScanner(collectingSink(), { recordBytes: 50 });
    expect(() => scanner.push(plain(60, 40))).toThrow('at most 50');
  });

  it('decompressedBytes', async () => {
    const bytes = gzipSync(plain(60, 40));
    expect((await inspect(bytes)).summary.warnings).toEqual([]);
    await expect(inspect(bytes, { limits: { decompressedBytes: 50 } })).rejects.toMatchObject({ code: 'limit' });
  });

  it('windowBytes', async () => {
    // A frame whose window is 2 MiB, of one block: an empty capture.
    const header = pcapFile([]);
    const block = Buffer.from([(header.length << 3) | 1, 0, 0]);
    const bytes = Buffer.concat([Buffer.from('28b52ffd0058', 'hex'), block, header]);
    expect((await inspect(bytes)).summary.warnings).toEqual([]);
    const refused = {
      code: 'limit',
      message: expect.stringMatching(/window of 2097152 bytes, more than 1048576.*zstd -d/),
    };
    await expect(inspect(bytes, { limits: { windowBytes: 1 << 20 } })).rejects.toMatchObject(refused);
  });
});

describe('limits by name', () => {
  const names = Object.keys(LIMITS) as LimitName[];

  it('are in the documentation, each with its default', () => {
    const page = readFileSync(new URL('../docs/reading.md', import.meta.url), 'utf8');
    const rows = [...page.slice(page.indexOf('## Limits')).matchAll(/^\| `(\w+)` \| (\S+) \|.+\|.+\|$/gm)];
    expect(rows.map(([, name]) => name)).toEqual(names);
    for (const [, name, fallback] of rows) {
      expect(limitValue(`${name}=${fallback}`), name).toEqual([name, LIMITS[name as LimitName]]);
    }
  });

  it('have room below and above their defaults', () => {
    checkLimits(LIMITS);
    for (const name of names) {
      expect(leastOf(name)).toBeLessThan(LIMITS[name]);
      expect(mostOf(name)).toBeGreaterThan(LIMITS[name]);
      for (const wrong of [leastOf(name) - 1, mostOf(name) + 1, 1.5, Number.NaN]) {
        expect(() => checkLimits({ [name]: wrong }), name).toThrow(RangeError);
      }
    }
    expect(() => checkLimits({ noSuch: 1 } as never)).toThrow('there is no limit noSuch');
  });

  it('are refused by the library where they make no sense', async () => {
    await expect(inspect(Buffer.alloc(0), { limits: { connections: 0 } })).rejects.toThrow(RangeError);
  });

  it('at their lowest and at their highest leave every dialogue without an exception', () => {
    const texts = Object.values(SPOKEN).map(({ text }) => text);
    const packets = texts.flatMap((text, index) =>
      segmentsOf(text).map((segment) => ({
        bytes: packetOf(segment, { client: `192.0.2.${index + 1}` }),
        atUs: 0,
      })),
    );
    const all = (value: (name: LimitName) => number) => Object.fromEntries(names.map((name) => [name, value(name)]));
    // The tables of half-open connections are made as large as they may become.
    const large = { ...all(mostOf), halfOpen: 1_000 };
    expect(analysed(packets, ({ session }) => session.outcome, { limits: large }).sessions).toHaveLength(texts.length);
    for (const least of names) {
      analysed(packets, ({ headline }) => expect(headline).not.toBe(''), { limits: { [least]: leastOf(least) } });
    }
    analysed(packets, ({ headline }) => expect(headline).not.toBe(''), { limits: all(leastOf) });
  });

  it('a SYN alone is a session at the default', () => {
    const bytes = tcpPacket({ src: '192.0.2.1', dst: '198.51.100.2', sport: 40_000, dport: 25, flags: 'S', seq: 1 });
    expect(analysed([{ bytes, atUs: 0 }], ({ session }) => session.outcome).sessions).toHaveLength(1);
  });
});
