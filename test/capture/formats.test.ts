/** Every shape of the same session holds the same dialogue: link layers, tunnels, fragments, files, compressions. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inspect } from '../../src/library.ts';

const folder = fileURLToPath(new URL('../../captures/format', import.meta.url));
const session = async (name: string) => (await inspect(join(folder, name))).sessions;

/** The dialogue without what differs between shapes: numbers of frames, and the microseconds between pieces. */
function said(sessions: Awaited<ReturnType<typeof session>>): string {
  return JSON.stringify(
    sessions.map(({ dialogue, findings, outcome }) => ({ dialogue, rules: findings.map(({ rule }) => rule), outcome })),
    (key, value) => (/^(frames?|time|endTime|offset|.*Seconds|.*Frame|.*Ms)$/i.test(key) ? undefined : value),
  );
}

/** Those with both sessions, or with something missing: they have tests and goldens of their own. */
const OTHERS =
  /^(big-endian|bsd-loopback|cut-short|ethernet|gzip|lz4|linux-cooked|lost|mid-stream|nanosecond|one-side|pcapng-(one|two)|raw-ip\.|router|snaplen|vlan|xz|zstd|fragments-one-missing|nested-too-deep|wlan-protected)/;
const OVER_IPV6 = /^(6in4|fragments-ipv6|ipv6-extension|pppoe-vlan-ipv6|raw-ipv6)/;
const names = readdirSync(folder).filter((name) => !OTHERS.test(name) || /^bsd-loopback-/.test(name));

describe('the refused recipient', async () => {
  const expected = said(await session('raw-ipv4.pcap'));

  it('is what it is', () => {
    expect(expected).toContain('550 5.1.1 <unknown@mail.example>');
    expect(expected).toContain('user-unknown');
  });

  it.each(names.filter((name) => !OVER_IPV6.test(name)))('%s', async (name) => {
    expect(said(await session(name))).toBe(expected);
  });
});

describe('the delivery over IPv6', async () => {
  const expected = said(await session('raw-ipv6.pcap'));

  it('is what it is', () => {
    expect(expected).toContain('250 2.0.0');
    expect(expected).toContain('"outcome":"delivered"');
  });

  it.each(names.filter((name) => OVER_IPV6.test(name)))('%s', async (name) => {
    expect(said(await session(name))).toBe(expected);
  });
});

it('a datagram that lacks a piece is a gap, and the rest goes on', async () => {
  const [only, ...others] = await session('fragments-one-missing.pcap');
  expect(others).toEqual([]);
  expect(only?.outcome).toBe('delivered');
  expect(only?.findings.map(({ rule }) => rule)).toEqual(['gap']);
});

it('of link types that are not read, each is named with its packets', async () => {
  const { summary } = await inspect(join(folder, 'pcapng-unread-link-types.pcapng'));
  expect(summary.warnings).toEqual([
    '6 packets of link type USB_LINUX_MMAPPED (220) were not read',
    '3 packets of link type BLUETOOTH_HCI_H4_WITH_PHDR (201) were not read',
  ]);
});

it('encrypted radio and too many tunnels hold no session', async () => {
  expect(await session('wlan-protected.pcap')).toEqual([]);
  expect(await session('nested-too-deep.pcap')).toEqual([]);
});

it('each capture has its row in docs/reading.md and in captures/README.md', () => {
  const page = readFileSync(join(folder, '../../docs/reading.md'), 'utf8');
  const list = readFileSync(join(folder, '../README.md'), 'utf8');
  expect(readdirSync(folder).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  expect(readdirSync(folder).filter((name) => !list.includes(`\`format/${name}\``))).toEqual([]);
});

it('docs/reading.md names no capture that is not there', () => {
  const page = readFileSync(join(folder, '../../docs/reading.md'), 'utf8');
  const named = [...page.matchAll(/`([a-z0-9./-]+\.(?:pcap(?:ng)?(?:\.[a-z0-9]+)?|snoop|cap))`/g)].map(
    ([, name]) => name as string,
  );
  const all = new Set(readdirSync(join(folder, '..'), { recursive: true, encoding: 'utf8' }));
  expect(named.filter((name) => !all.has(name.includes('/') ? name : `format/${name}`))).toEqual([]);
  expect(named.length).toBeGreaterThan(60);
});
