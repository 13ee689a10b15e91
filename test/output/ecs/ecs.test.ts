import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ecsWriter } from '../../../src/output/ecs/ecs.ts';
import { parseAddress } from '../../../src/wire/addresses.ts';
import { actingControls } from '../../support/hostile.ts';
import { hostileCapture } from '../../support/hostile-dialogues.ts';
import { written } from '../support/written.ts';
import { ALLOWED, ECS_FIELDS } from './ecs-fields.ts';

const OPTIONS = { body: 'headers', captures: ['capture.pcap'], reveal: false } as const;

// biome-ignore lint/suspicious/noExplicitAny: documents of any shape
type Document = any;

async function documents(capture: Buffer, options: Parameters<typeof ecsWriter>[0] = OPTIONS): Promise<Document[]> {
  const lines = (await written(ecsWriter(options), capture)).split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line));
}

const capture = (name: string) => readFileSync(new URL(`../../../captures/${name}`, import.meta.url));
const of = async (name: string) => documents(capture(name));

/** What of a document is no field of ECS, or not of its type; `smtp.*` is a namespace of our own. */
function faults(value: unknown, path = ''): string[] {
  if (path === 'smtp') return [];
  const type = ECS_FIELDS[path];
  if (type === undefined) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no field`];
    const members = Object.entries(value);
    return members.length === 0
      ? [`${path} is empty`]
      : members.flatMap(([name, member]) => faults(member, path === '' ? name : `${path}.${name}`));
  }
  const isList = type.endsWith('[]');
  if (isList && !Array.isArray(value)) return [`${path} is no array`];
  const values = Array.isArray(value) ? value : [value];
  return values.flatMap((one) => {
    if (ALLOWED[path] !== undefined && !ALLOWED[path].includes(one)) return [`${path}: ${one} is not allowed`];
    return isOf(one, type.replace('[]', '')) ? [] : [`${path}: ${JSON.stringify(one)} is no ${type}`];
  });
}

function isOf(value: unknown, type: string): boolean {
  switch (type) {
    case 'long':
      return Number.isSafeInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'ip':
      return typeof value === 'string' && parseAddress(value) !== null;
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);
    default:
      return typeof value === 'string';
  }
}

describe('ECS', () => {
  it.each([
    'founding-case-2007.pcap',
    'healthy/exim-bdat-chunking.pcap',
    'healthy/postfix-dovecot-lmtp.pcap',
    'healthy/postfix-starttls-tls12.pcap',
    'healthy/msmtp-implicit-tls-465.pcap',
    'rules/no-reply-after-dot-delivered-twice.pcap',
    'rules/auth-535-then-success.pcap',
    'rules/tls-alert-certificate-expired.pcap',
    'rules/http-on-smtp-curl.pcap',
    'rules/port25-syn-unanswered.pcap',
    'format/mid-stream.pcap',
  ])('has no field that it does not know, and none of another type: %s', async (name) => {
    const all = await of(name);
    expect(all.length).toBeGreaterThan(0);
    for (const document of all) expect(faults(document), JSON.stringify(document)).toEqual([]);
  });

  it('has a document a session and one a finding, joined by session and Community ID', async () => {
    const all = await of('founding-case-2007.pcap');
    const sessions = all.filter(({ event }) => event.dataset === 'smtpscope.session');
    expect(sessions).toMatchObject([
      { event: { outcome: 'failure' }, smtp: { session: { id: 1 }, outcome: 'no-greeting' } },
      {
        '@timestamp': '2007-08-12T13:17:23.316204Z',
        source: { ip: '192.0.2.222', port: 34131 },
        destination: { ip: '198.51.100.123', port: 25 },
        network: { protocol: 'smtp', community_id: '1:izer9bbLAmBlKCYHEOhwJDBkQgM=' },
        event: { kind: 'event', duration: 95_035_000, outcome: 'failure' },
        smtp: { session: { id: 2 }, hello: { verb: 'EHLO', name: 'local' } },
      },
    ]);
    const finding = all.find(({ rule }) => rule?.id === 'ehlo-quit-auth-offered');
    expect(finding).toMatchObject({
      log: { level: 'error' },
      event: { kind: 'alert', severity: 3, dataset: 'smtpscope.finding' },
      rule: { reference: expect.stringMatching(/^https:/) },
      network: { community_id: '1:izer9bbLAmBlKCYHEOhwJDBkQgM=' },
      smtp: { session: { id: 2 }, finding: { confidence: 'certain', frames: expect.arrayContaining([15]) } },
    });
    expect(all.at(-1)).toMatchObject({ rule: { id: 'linked-failures' }, smtp: { session: { id: [1, 2] } } });
  });

  it('has a document a transaction: the header as email, the envelope as smtp', async () => {
    const mails = (await of('healthy/postfix-two-messages-one-connection.pcap')).filter(
      ({ event }) => event.dataset === 'smtpscope.mail',
    );
    expect(mails).toMatchObject([
      {
        event: { outcome: 'success', sequence: 1 },
        email: {
          from: { address: ['anna@client.example'] },
          subject: 'First of two',
          message_id: 'first-of-two@client.example',
          origination_timestamp: '2025-01-06T10:00:00.000Z',
        },
        smtp: { envelope: { from: 'anna@client.example', to: ['anna@mail.example'] }, response: { code: 250 } },
      },
      { event: { sequence: 2 }, smtp: { envelope: { to: ['bert@mail.example'] } } },
    ]);
  });

  it('calls a refused transaction denied', async () => {
    const mails = (await of('rules/relay-denied-postfix-554-map-key.pcap')).filter(({ smtp }) => smtp.envelope);
    expect(mails[0]).toMatchObject({ event: { outcome: 'failure', type: ['info', 'denied'] } });
    expect(mails[0].smtp.envelope.refused).toEqual(mails[0].smtp.envelope.to);
  });

  it('has TLS as the handshake showed it', async () => {
    const [session] = await of('rules/tls-alert-certificate-expired.pcap');
    expect(session.tls.established).toBe(false);
    const [healthy] = await of('healthy/postfix-starttls-tls12.pcap');
    expect(healthy.tls).toMatchObject({ established: true, version: '1.2', version_protocol: 'tls' });
  });

  it('names users and shows no credentials; nothing of a header with --body none', async () => {
    const bytes = capture('healthy/swaks-auth-plain-587-private.pcap');
    const all = await documents(bytes);
    expect(all[0].user.name).toBe(all[0].related.user[0]);
    const secret = /AUTH PLAIN ([A-Za-z0-9+/=]{12,})/.exec(bytes.toString('latin1'))?.[1] as string;
    const password = Buffer.from(secret, 'base64').toString().split('\0').at(-1) as string;
    expect(password.length).toBeGreaterThan(3);
    const text = JSON.stringify(all);
    expect(text).not.toContain(secret);
    expect(text).not.toContain(password);
    const bare = await documents(bytes, { ...OPTIONS, body: 'none' });
    expect(bare.find(({ smtp }) => smtp.envelope)).not.toHaveProperty('email');
  });

  it('takes no harm from a hostile capture', async () => {
    const bytes = hostileCapture();
    expect(actingControls(await written(ecsWriter(OPTIONS), bytes))).toEqual([]);
    for (const document of await documents(bytes)) expect(faults(document), JSON.stringify(document)).toEqual([]);
  });
});
