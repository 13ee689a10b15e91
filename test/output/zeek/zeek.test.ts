import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { listValue, stringValue, timeValue } from '../../../src/output/zeek/tsv.ts';
import { COLUMNS, zeekJsonWriter, zeekWriter } from '../../../src/output/zeek/zeek.ts';
import { parseAddress } from '../../../src/wire/addresses.ts';
import { HOSTILE_TEXTS, rawControls } from '../../support/hostile.ts';
import { hostileCapture } from '../../support/hostile-dialogues.ts';
import { written } from '../support/written.ts';

const OPTIONS = { body: 'headers', reveal: false } as const;
const capture = (name: string) => readFileSync(new URL(`../../../captures/${name}`, import.meta.url));
const log = async (name: string, options: Parameters<typeof zeekWriter>[0] = OPTIONS) =>
  written(zeekWriter(options), capture(name));

/** Of testing/btest/Baseline/scripts.base.protocols.smtp.basic/smtp.log in zeek/zeek; behind them what we add. */
const BASELINE_FIELDS =
  'ts uid id.orig_h id.orig_p id.resp_h id.resp_p trans_depth helo mailfrom rcptto date from to cc reply_to msg_id ' +
  'in_reply_to subject x_originating_ip first_received second_received last_reply path user_agent tls fuids';
const BASELINE_TYPES =
  'time string addr port addr port count string string set[string] string string set[string] set[string] string string ' +
  'string string addr string string string vector[addr] string bool vector[string]';

interface Row {
  readonly [column: string]: string;
}

function rowsOf(text: string): Row[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const values = line.split('\t');
    expect(values).toHaveLength(COLUMNS.length);
    return Object.fromEntries(COLUMNS.map(([name], index) => [name, values[index] as string]));
  });
}

/** Zeek's own way back: every `\xNN` is that byte. */
function unescaped(value: string): string {
  const bytes = Buffer.from(value).toString('latin1');
  const back = bytes.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(back, 'latin1').toString('utf8');
}

function mayBe(value: string, type: string): boolean {
  if (value === '-') return true;
  const inner = /^(?:set|vector)\[(\w+)\]$/.exec(type)?.[1];
  if (inner !== undefined) return value === '(empty)' || value.split(',').every((element) => mayBe(element, inner));
  switch (type) {
    case 'time':
      return /^\d+\.\d{6}$/.test(value);
    case 'addr':
      return parseAddress(value) !== null;
    case 'port':
    case 'count':
      return /^\d+$/.test(value);
    case 'bool':
      return /^[TF]$/.test(value);
    case 'string':
      return value !== '';
    default:
      throw new Error(`no type of Zeek: ${type}`);
  }
}

describe('smtp.log', () => {
  it("has Zeek's head, its columns in their order, the Community ID behind them", async () => {
    const lines = (await log('founding-case-2007.pcap')).split('\n');
    expect(lines.slice(0, 8)).toEqual([
      '#separator \\x09',
      '#set_separator\t,',
      '#empty_field\t(empty)',
      '#unset_field\t-',
      '#path\tsmtp',
      '#open\t2007-08-12-13-00-41',
      `#fields\t${BASELINE_FIELDS.replaceAll(' ', '\t')}\tcommunity_id`,
      `#types\t${BASELINE_TYPES.replaceAll(' ', '\t')}\tstring`,
    ]);
    expect(lines.at(-1)).toBe('');
    expect(lines.at(-2)).toBe('#close\t2007-08-12-13-17-23');
  });

  it('has a line a message, with the reply to it', async () => {
    const rows = rowsOf(await log('healthy/postfix-two-messages-one-connection.pcap'));
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      'id.orig_h': '192.0.2.10',
      'id.resp_p': '25',
      trans_depth: '1',
      helo: 'client.example',
      mailfrom: 'anna@client.example',
      rcptto: 'anna@mail.example',
      from: 'Anna <anna@client.example>',
      to: '<anna@mail.example>',
      cc: '-',
      msg_id: '<first-of-two@client.example>',
      subject: 'First of two',
      second_received: '-',
      path: '198.51.100.25,192.0.2.10',
      tls: 'F',
      fuids: '(empty)',
    });
    expect(rows[0]?.last_reply).toMatch(/^250 OK id=/);
    expect(rows[1]).toMatchObject({ trans_depth: '2', rcptto: 'bert@mail.example', uid: rows[0]?.uid });
  });

  it('has a line for a client that left without asking for mail', async () => {
    expect(rowsOf(await log('founding-case-2007.pcap'))).toMatchObject([
      {
        helo: 'local',
        mailfrom: '-',
        rcptto: '-',
        last_reply: '250 HELP',
        community_id: '1:izer9bbLAmBlKCYHEOhwJDBkQgM=',
      },
    ]);
  });

  it('has the refusal that settled a transaction, and not what followed it', async () => {
    const rows = rowsOf(await log('rules/greylisting-then-accepted.pcap'));
    expect(rows.map(({ last_reply }) => last_reply)).toEqual([
      '451 Greylisted, please try again in 5 minutes',
      expect.stringMatching(/^250 OK id=/),
    ]);
  });

  it('says that TLS began', async () => {
    expect(rowsOf(await log('healthy/postfix-starttls.pcap'))).toMatchObject([{ tls: 'T', mailfrom: '-' }]);
  });

  it('shows nothing of a header with --body none', async () => {
    const [row] = rowsOf(await log('healthy/postfix-pipelining.pcap', { body: 'none', reveal: false }));
    expect(row).toMatchObject({ subject: '-', from: '-', msg_id: '-', first_received: '-' });
    expect(row?.mailfrom).toContain('@');
  });

  it.each([
    'healthy/exim-bdat-chunking.pcap',
    'healthy/postfix-dovecot-lmtp.pcap',
    'healthy/postfix-opensmtpd-ipv6.pcap',
    'rules/rcpt-550-opensmtpd-one-of-two.pcap',
    'rules/relay-denied-postfix-554-map-key.pcap',
    'rules/greeting-554-postfix.pcap',
    'format/mid-stream.pcap',
  ])('has values of their types only: %s', async (name) => {
    for (const row of rowsOf(await log(name))) {
      for (const [column, type] of COLUMNS)
        expect([column, row[column], mayBe(row[column] as string, type)]).toEqual([column, row[column], true]);
    }
  });

  it('takes no harm from a hostile capture: no line is bent, and the texts come back', async () => {
    const text = await written(zeekWriter(OPTIONS), hostileCapture());
    expect(rawControls(text.replaceAll('\t', ''))).toEqual([]);
    const rows = rowsOf(text);
    expect(rows.length).toBeGreaterThan(20);
    const heard = rows.map(({ helo }) => unescaped(helo as string));
    expect(heard).toContain('\x1b[2J\x1b]8;;https://tracker.example/\x07link\x1b]8;;\x07');
    for (const row of rows) {
      for (const [column, type] of COLUMNS)
        expect(mayBe(row[column] as string, type), `${column} ${row[column]}`).toBe(true);
    }
  });
});

describe('smtp.log as JSON', () => {
  const objects = async (bytes: Buffer) =>
    (await written(zeekJsonWriter(OPTIONS), bytes))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it("has the shape of Zeek's: numbers, flags and lists, what is unset left out, the columns in their order", async () => {
    const [first, second, ...more] = await objects(capture('healthy/postfix-two-messages-one-connection.pcap'));
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      'id.orig_h': '192.0.2.10',
      'id.resp_p': 25,
      trans_depth: 1,
      rcptto: ['anna@mail.example'],
      path: ['198.51.100.25', '192.0.2.10'],
      tls: false,
      fuids: [],
    });
    expect(first?.ts).toBeCloseTo(
      Number(rowsOf(await log('healthy/postfix-two-messages-one-connection.pcap'))[0]?.ts),
      6,
    );
    expect(second).toMatchObject({ trans_depth: 2, uid: first?.uid });
    const order = COLUMNS.map(([name]) => name).filter((name) => name in (first ?? {}));
    expect(Object.keys(first ?? {})).toEqual(order);
    for (const name of ['cc', 'reply_to', 'second_received']) expect(first).not.toHaveProperty(name);
  });

  it('says what the lines of the log say, of a hostile capture too', async () => {
    const text = await written(zeekJsonWriter(OPTIONS), hostileCapture());
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u);
    const rows = rowsOf(await written(zeekWriter(OPTIONS), hostileCapture()));
    const heard = (await objects(hostileCapture())).map(({ helo }) => helo ?? null);
    expect(heard).toEqual(
      rows.map(({ helo }) => (helo === '-' ? null : unescaped(helo as string).replace(/^\(empty\)$/, ''))),
    );
  });
});

describe('values', () => {
  it.each([...HOSTILE_TEXTS.filter((text) => !/\p{Cs}/u.test(text)), 'tab\there', 'back\\slash \\x09', 'caf\u00e9'])(
    '%j comes back and does not act',
    (text) => {
      expect(rawControls(stringValue(text))).toEqual([]);
      expect(stringValue(text)).not.toContain('\t');
      expect(unescaped(stringValue(text))).toBe(text);
    },
  );

  it('are never taken for what is unset or empty', () => {
    expect([null, '', '-', '(empty)', '--'].map(stringValue)).toEqual(['-', '(empty)', '\\x2d', '\\x28empty)', '--']);
    expect(listValue(null)).toBe('-');
    expect(listValue([])).toBe('(empty)');
    expect(listValue(['a,b', '', '-'])).toBe('a\\x2cb,(empty),\\x2d');
  });

  it('have six digits of time, or none', () => {
    expect(timeValue(1_186_924_643_000_007)).toBe('1186924643.000007');
    expect(timeValue(Number.NaN)).toBe('-');
  });
});
