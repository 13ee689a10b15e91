/** SMTP is found by what is said, whichever port it is on: what the usual ports show, `any` shows as well. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inspect } from '../../src/library.ts';
import type { SessionRecord } from '../../src/report/record.ts';
import { analysed, type Captured, sent } from '../support/captured.ts';
import { needsSharedCaptures } from '../support/requirements.ts';

const OWN = fileURLToPath(new URL('../../captures', import.meta.url));
const CAPTURE = /\.(pcap|pcapng|snoop|cap)(\.(gz|zst|xz|lz4))?$/;

/** Those of which enough was said to know what they are. */
const spoken = (sessions: readonly SessionRecord[]) =>
  sessions
    .filter(
      ({ service, dialogue }) =>
        service === 'smtp' && dialogue.some(({ verb }) => /^(EHLO|HELO|LHLO|MAIL)$/.test(verb ?? '')),
    )
    .map(({ client, server, dialogue }) => ({
      client,
      server,
      turns: dialogue.map(({ from, kind, lines }) => [from, kind, lines]),
    }));

async function lostIn(folder: string): Promise<string[]> {
  const lost: string[] = [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => CAPTURE.test(file));
  for (const file of files.sort()) {
    const usual = await inspect(join(folder, file)).catch(() => null);
    if (usual === null) continue;
    const any = (await inspect(join(folder, file), { ports: 'any' })).sessions;
    const found = new Set(spoken(any).map((session) => JSON.stringify(session)));
    for (const session of spoken(usual.sessions)) {
      if (!found.has(JSON.stringify(session))) lost.push(`${file} ${session.client.address}:${session.client.port}`);
    }
  }
  return lost;
}

it('in our captures', { timeout: 120_000 }, async () => {
  expect(await lostIn(OWN)).toEqual([]);
});

it('in those that others made', { timeout: 240_000 }, async (context) => {
  expect(await lostIn(needsSharedCaptures(context))).toEqual([]);
});

describe('on a port that is no mail port', () => {
  const PORT = 50_080;

  /** Each line in a packet of its own, or in several; the handshake first, where it was captured. */
  function conversation(lines: readonly [from: 'client' | 'server', text: string][], isBegun = true): Captured[] {
    const seq = { client: 1000, server: 5000 };
    const packets: Captured[] = [];
    const send = (from: 'client' | 'server', flags: string, payload = '') => {
      const ports = from === 'client' ? { sport: 40_000, dport: PORT } : { sport: PORT, dport: 40_000 };
      const ack = flags.includes('A') ? seq[from === 'client' ? 'server' : 'client'] : 0;
      const atUs = packets.length * 10_000;
      packets.push(sent({ from, atUs, flags, seq: seq[from], ack, payload, ipId: packets.length + 1, ...ports }));
      seq[from] += payload.length + (/[SF]/.test(flags) ? 1 : 0);
    };
    if (isBegun) {
      send('client', 'S');
      send('server', 'SA');
      send('client', 'A');
    }
    for (const [from, text] of lines) send(from, 'PA', text);
    send('server', 'FA');
    send('client', 'FA');
    return packets;
  }

  const found = (packets: readonly Captured[]) =>
    analysed(
      packets,
      ({ session }) => [
        session.server.port,
        ...session.turns.map(({ from, lines }) => `${from === 'client' ? 'C' : 'S'}: ${lines.join(' ')}`),
      ],
      { ports: 'any' },
    ).sessions;

  const GREETING = ['server', '220 mx.example ESMTP\r\n'] as const;
  const PLAIN_GREETING = ['server', '220 mx.example ready\r\n'] as const;
  const EHLO = ['client', 'EHLO client.example\r\n'] as const;
  const ANSWER = ['server', '250 mx.example\r\n'] as const;
  const said = (...lines: readonly (readonly ['client' | 'server', string])[]) => [
    PORT,
    ...lines.map(([from, text]) => `${from === 'client' ? 'C' : 'S'}: ${text.trim()}`),
  ];

  it.each([
    ['the server speaks first, and names it', [GREETING, EHLO, ANSWER]],
    ['the server speaks first and says nothing of it; the client tells', [PLAIN_GREETING, EHLO, ANSWER]],
    ['the client does not wait for the greeting', [EHLO, GREETING, ANSWER]],
    ['the client does not wait for a greeting that says nothing of it', [EHLO, PLAIN_GREETING, ANSWER]],
    ['LMTP', [PLAIN_GREETING, ['client', 'LHLO client.example\r\n'], ANSWER]],
    [
      'begun before the capture, the client first',
      [
        ['client', 'MAIL FROM:<a@b.example>\r\n'],
        ['server', '250 ok\r\n'],
      ],
      false,
    ],
  ] as const)('%s', (_, lines, isBegun: boolean = true) => {
    const list = lines.map(([from, text]): ['client' | 'server', string] => [from, text]);
    const [session, ...others] = found(conversation(list, isBegun));
    expect(others).toEqual([]);
    expect([...(session ?? [])].sort()).toEqual([...said(...list)].sort());
  });

  it('a first line in single bytes is read whole', () => {
    const bytes = [...GREETING[1]].map((byte): ['server', string] => ['server', byte]);
    expect(found(conversation([...bytes, ['client', EHLO[1]], ['server', ANSWER[1]]]))).toEqual([
      said(GREETING, EHLO, ANSWER),
    ]);
  });

  it.each([
    [
      'HTTP',
      [
        ['client', 'GET / HTTP/1.1\r\n'],
        ['server', 'HTTP/1.1 200 OK\r\n'],
      ],
    ],
    [
      'FTP',
      [
        ['server', '220 FTP server ready\r\n'],
        ['client', 'USER anonymous\r\n'],
        ['server', '331 Password\r\n'],
      ],
    ],
    [
      'POP3',
      [
        ['server', '+OK ready\r\n'],
        ['client', 'USER a\r\n'],
        ['server', '+OK\r\n'],
      ],
    ],
  ] as const)('%s is none', (_, lines) => {
    expect(found(conversation(lines.map(([from, text]): ['client' | 'server', string] => [from, text])))).toEqual([]);
  });
});
