/** `--share` over every capture of captures/: the findings are the same, and nothing of anybody is in it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCapture } from '../../src/capture/source/file.ts';
import { InputsAgain } from '../../src/cli/inputs-again.ts';
import { SharedFile } from '../../src/cli/share-packets.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../src/inspect.ts';
import { sessionRecord } from '../../src/report/record.ts';
import type { SessionReport } from '../../src/report/report.ts';
import { isReserved } from '../../src/share/scrub-text.ts';
import { saidIn } from '../support/dialogue.ts';
import { pcapFile } from '../support/pcap-bytes.ts';
import { connectionOf, packetOf } from '../support/segments.ts';

const capturesFolder = fileURLToPath(new URL('../../captures', import.meta.url));
const captures = readdirSync(capturesFolder, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(pcap(ng)?(\.(gz|zst|xz|lz4))?|snoop|cap)$/.test(path))
  .sort();

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'smtpscope-share-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

async function analysed(path: string, onSession: (report: SessionReport) => void) {
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: true }, onSession);
  analysis.beginCapture(path);
  analysis.endCapture(await readCapture(path, analysis));
  return analysis.finish();
}

const VIEW = { captures: ['x'], severalCaptures: false, body: 'full', reveal: true } as const;

async function shared(input: string): Promise<{ path: string; said: string; reports: Seen[] }> {
  const path = join(directory, `${Math.random()}.pcapng`);
  const again = new InputsAgain();
  const file = new SharedFile(path, false, [input], again, DEFAULT_PORTS);
  const reports: Seen[] = [];
  const summary = await analysed(input, (report) => {
    file.session(report);
    reports.push(seen(report));
  });
  const said = await file.finish([input], summary, () => {});
  return { path, said, reports };
}

interface Seen {
  readonly id: number;
  readonly findings: readonly string[];
  readonly shape: readonly string[];
  readonly record: ReturnType<typeof sessionRecord>;
}

function seen(report: SessionReport): Seen {
  const { session, findings } = report;
  return {
    id: session.id,
    findings: findings.map(({ rule, severity, confidence, evidence }) => {
      const places = evidence.map(({ turn, direction, offset, length }) => [turn, direction, offset, length].join(' '));
      return `${rule} ${severity} ${confidence}: ${places.join('; ')}`;
    }),
    shape: [
      session.outcome,
      session.service,
      ...session.turns.map(({ from, kind, offset, bytes, code }) => `${from} ${kind} ${offset} ${bytes} ${code}`),
    ],
    record: sessionRecord(report, VIEW),
  };
}

describe('--share', () => {
  it.each(captures)('%s: the same findings', async (name) => {
    const { path, said, reports } = await shared(join(capturesFolder, name));
    const after: Seen[] = [];
    await analysed(path, (report) => after.push(seen(report)));
    const left = /not be the same: ([\d, ]+)/.exec(said)?.[1]?.split(', ').map(Number) ?? [];
    expect(left).toEqual([]);
    const byId = (all: readonly Seen[]) => [...all].sort((a, b) => a.id - b.id);
    expect(byId(after).map(({ findings }) => findings)).toEqual(byId(reports).map(({ findings }) => findings));
    expect(byId(after).map(({ shape }) => shape)).toEqual(byId(reports).map(({ shape }) => shape));
    // Nothing that names somebody in the original is in the copy.
    const packets = await payloadsOf(path);
    for (const { record } of reports) {
      for (const name of namesIn(record)) expect(packets).not.toContain(name);
      for (const { address } of [record.client, record.server]) {
        if (!isKept(address))
          expect(after.flatMap((one) => [one.record.client.address, one.record.server.address])).not.toContain(address);
      }
    }
  });

  it('leaves nothing of anybody in a dialogue that is full of it', async () => {
    const input = join(directory, 'private.pcap');
    writeFileSync(input, pcapFile(packetsOf(DIALOGUE), { linkType: 101 }));
    const { path, said } = await shared(input);
    expect(said).toMatch(/ of 1 session, addresses, names, credentials and messages replaced; look through it/);
    const bytes = readFileSync(path).toString('latin1').toLowerCase();
    for (const word of PRIVATE) {
      expect(bytes).not.toContain(word.toLowerCase());
      for (const cut of [0, 1, 2]) {
        const encoded = Buffer.from(word.slice(cut))
          .toString('base64')
          .slice(0, 4 * Math.floor((word.length - cut) / 3));
        if (encoded.length >= 6) expect(bytes).not.toContain(encoded.toLowerCase());
      }
    }
    const records: Seen[] = [];
    await analysed(path, (report) => records.push(seen(report)));
    const [record] = records.map(({ record: one }) => one);
    const [mail] = record?.transactions ?? [];
    // One name, one stand-in, wherever it stands; forms and lengths stay.
    expect(record?.authentication[0]?.identity).toBe(mail?.from);
    expect(mail?.from).toMatch(/^[a-z]{8}\.[a-z]{5}@[a-z]{14}\.[a-z]{2}\.[a-z]{2}$/);
    expect(record?.hello?.name).toMatch(/^\[[\d.]+\]$/);
    expect(record?.hello?.name.length).toBe('[203.0.113.77]'.length);
    expect(mail?.recipients[0]?.to).toMatch(/^[a-z]{7}\+[a-z]{9}@[a-z]{7}-[a-z]{10}\.[a-z]{2}$/);
    expect(record?.dialogue.find(({ code }) => code === 550)?.lines[0]).toMatch(
      /^550 5\.1\.1 <\S+>: Recipient address rejected: User unknown in [a-z]{6} recipient table; call /,
    );
  });

  it('gives other names to each run', async () => {
    const input = join(capturesFolder, 'founding-case-2007.pcap');
    const [one, other] = [await shared(input), await shared(input)];
    expect(readFileSync(one.path).equals(readFileSync(other.path))).toBe(false);
  });
});

const PRIVATE = [
  'gertrude',
  'stein',
  'acmeindustries',
  'hunter2secret',
  'zebedee',
  'kumquat',
  'wilhelmina',
  '203.0.113.77',
  '20-7946',
  '203-0-113-77',
  '20.7946',
  'db8:77',
  'QX77281',
  'takeover',
  'Quarterly',
  'confidential',
  'boundary77',
  'XPhoneHome',
];

const DIALOGUE = `
  S: 220 mx7.acmeindustries.co.jp ESMTP Postfix (Gertrude-Build)
  C: EHLO [203.0.113.77]
  S: 250-mx7.acmeindustries.co.jp Hello laptop-wilhelmina [203.0.113.77], pleased to meet you
  S: 250-AUTH PLAIN LOGIN
  S: 250-XPHONEHOME gertrude
  S: 250 SIZE 10485760
  C: AUTH PLAIN ${Buffer.from('\0gertrude.stein@acmeindustries.co.jp\0hunter2secret!').toString('base64')}
  S: 235 2.7.0 Authentication successful, gertrude
  C: MAIL FROM:<gertrude.stein@acmeindustries.co.jp> SIZE=1234 AUTH=<zebedee@kumquat.de>
  S: 250 2.1.0 Ok
  C: RCPT TO:<zebedee+kumquatic@kumquat-consulting.de> ORCPT=rfc822;zebedee@kumquat.de
  S: 550 5.1.1 <zebedee+kumquatic@kumquat-consulting.de>: Recipient address rejected: User unknown in zebede recipient table; call 0044-20-7946-0958 ticket QX77281
  C: RCPT TO:<wilhelmina>
  S: 250 2.1.5 Ok
  C: DATA
  S: 354 End data with <CR><LF>.<CR><LF>
  C: Received: from gertrude-laptop ([203.0.113.77]) by mx7.acmeindustries.co.jp; Mon, 6 Jan 2025 10:00:00 +0900
  C: From: "Gertrude Stein" <gertrude.stein@acmeindustries.co.jp>
  C: Subject: Quarterly takeover of kumquat
  C: XPhoneHome-Gertrude: confidential
  C: Content-Type: multipart/mixed; boundary="boundary77"
  C: \x20
  C: Dear Zebedee, the takeover is confidential.
  C: --boundary77
  C: .
  S: 250 2.0.0 Ok: queued as QX77281
  C: XPHONEHOME gertrude zebedee
  S: 500 5.5.2 Error: command not recognized
  C: NOOP
  S: 250 client:203.0.113.77 dsl-203-0-113-77.kumquat.de tel 0044.20.7946.0958 seen2001:db8:77::beef
  C: QUIT
  S: 221 2.0.0 Bye, wilhelmina
`;

function packetsOf(text: string) {
  return connectionOf(saidIn(text), 'client').map((segment, at) => ({
    data: packetOf(segment, { client: '203.0.113.77', server: '198.51.100.9' }),
    timeUs: 1_700_000_000_000_000 + at * 1_000,
  }));
}

/** Everything behind the Ethernet header, in small letters. */
async function payloadsOf(path: string): Promise<string> {
  const parts: string[] = [];
  await readCapture(path, {
    packet: (bytes, start, end) => {
      parts.push(bytes.toString('latin1', start + 14, end).toLowerCase());
    },
  });
  return parts.join('\n');
}

/** Long words of envelopes and headers that are no words of the protocol. */
function namesIn({ transactions, authentication, hello }: Seen['record']): string[] {
  const texts = [
    hello?.name ?? '',
    ...authentication.map(({ identity }) => identity ?? ''),
    ...transactions.flatMap(({ from, recipients, message }) => [
      from,
      ...recipients.map(({ to }) => to),
      message?.subject ?? '',
      message?.messageId ?? '',
    ]),
  ];
  const words = texts.flatMap((text) => text.toLowerCase().split(/[^a-z0-9]+/));
  return [...new Set(words)].filter((word) => word.length >= 6 && !isReserved(word) && /[a-z]/.test(word));
}

/** Addresses that say nothing of anybody. */
const isKept = (address: string) => /^(?:127\.|::1$|0\.0\.0\.0)/.test(address);
