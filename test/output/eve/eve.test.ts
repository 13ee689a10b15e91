import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { eveWriter } from '../../../src/output/eve/eve.ts';
import { actingControls } from '../../support/hostile.ts';
import { hostileCapture } from '../../support/hostile-dialogues.ts';
import { written } from '../support/written.ts';
import { EVE_SCHEMA } from './suricata-schema.ts';

const NAME = 'capture.pcap';
const OPTIONS = { body: 'headers', captures: [NAME] } as const;
const validate = new Ajv2020({ strict: false }).compile(EVE_SCHEMA);

interface Event {
  event_type: string;
  [field: string]: unknown;
}

async function events(capture: Buffer, options: Parameters<typeof eveWriter>[0] = OPTIONS): Promise<Event[]> {
  const lines = (await written(eveWriter(options), capture)).split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as Event);
}

const of = async (name: string) => events(readFileSync(new URL(`../../../captures/${name}`, import.meta.url)));

describe('EVE', () => {
  it.each([
    'founding-case-2007.pcap',
    'healthy/exim-bdat-chunking.pcap',
    'healthy/postfix-dovecot-lmtp.pcap',
    'rules/no-reply-after-dot-delivered-twice.pcap',
    'rules/relay-denied-postfix-554-map-key.pcap',
    'rules/port25-syn-unanswered.pcap',
    'format/mid-stream.pcap',
    'format/modified.pcap',
  ])("keeps to Suricata's schema: %s", async (name) => {
    for (const { smtpscope, ...event } of await of(name)) {
      expect(validate(event) ? [] : validate.errors, JSON.stringify(event)).toEqual([]);
      expect(smtpscope === undefined).toBe(event.event_type !== 'anomaly');
    }
  });

  it('has an smtp event a transaction, with the email in it', async () => {
    const [first, second, ...rest] = (await of('healthy/postfix-two-messages-one-connection.pcap')).filter(
      ({ event_type }) => event_type === 'smtp',
    );
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      tx_id: 0,
      pcap_cnt: 8,
      src_ip: '192.0.2.10',
      dest_port: 25,
      community_id: '1:W86H8FPOh+qHSuqS1eBE90IdtIE=',
      smtp: { helo: 'client.example', mail_from: '<anna@client.example>', rcpt_to: ['<anna@mail.example>'] },
      email: { status: 'PARSE_DONE', subject: 'First of two', to: ['<anna@mail.example>'] },
    });
    expect(second).toMatchObject({ tx_id: 1, flow_id: first?.flow_id });
  });

  it('has an anomaly a finding, at the packet that shows it and from its sender; those across sessions at the end', async () => {
    const all = await of('founding-case-2007.pcap');
    expect(all.map(({ event_type }) => event_type)).toContain('smtp');
    const anomalies = all.filter(({ event_type }) => event_type === 'anomaly');
    expect(anomalies).toMatchObject([
      { src_port: 25, anomaly: { type: 'stream', event: 'drop-before-greeting' } },
      {
        pcap_cnt: 15,
        src_ip: '192.0.2.222',
        anomaly: { app_proto: 'smtp', type: 'applayer', event: 'ehlo-quit-auth-offered', layer: 'proto_parser' },
        smtpscope: { session: 2, severity: 'error', confidence: 'certain' },
      },
      { anomaly: { event: 'helo-name' } },
      { src_ip: '198.51.100.123', anomaly: { event: 'plaintext-auth-offered-in-clear' } },
      { anomaly: { event: 'linked-failures' }, smtpscope: { sessions: [1, 2] } },
    ]);
    expect(anomalies.at(-1)).not.toHaveProperty('flow_id');
  });

  it('shows nothing of a header with --body none, and no credentials ever', async () => {
    const name = new URL('../../../captures/healthy/swaks-auth-plain-587-private.pcap', import.meta.url);
    const capture = readFileSync(name);
    const [mail] = await events(capture, { body: 'none', captures: [NAME] });
    expect(mail?.email).toEqual({ status: 'PARSE_DONE' });
    const secret = /AUTH PLAIN ([A-Za-z0-9+/=]{12,})/.exec(capture.toString('latin1'))?.[1] as string;
    expect(secret).toBeTypeOf('string');
    expect(JSON.stringify(await events(capture))).not.toContain(secret);
  });

  it('takes no harm from a hostile capture', async () => {
    const capture = hostileCapture();
    expect(actingControls(await written(eveWriter(OPTIONS), capture))).toEqual([]);
    for (const { smtpscope: _, ...event } of await events(capture))
      expect(validate(event), JSON.stringify(event)).toBe(true);
  });
});
