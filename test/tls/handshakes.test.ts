/** What a handshake shows beyond its hellos: certificates, how far it got, what broke it; made by real TLS. */
import { describe, expect, it } from 'vitest';
import { type TlsFacts, TlsObserver, type TlsStage } from '../../src/tls/observer.ts';
import { authority, edwards, expired, good, weak } from './certificates.ts';
import { type Piece, recordTls } from './record.ts';

const tls12 = { maxVersion: 'TLSv1.2' } as const;

function observe(pieces: readonly Piece[]): TlsFacts {
  const observer = new TlsObserver();
  for (const { from, bytes } of pieces) observer.push(from, bytes, 0, bytes.length);
  return observer.facts;
}

const chained = await recordTls(
  { ...good, ...tls12, cert: `${good.cert}\n${authority}` },
  { servername: 'mx.example' },
);
const current = await recordTls({ ...good }, { servername: 'mx.example', ALPNProtocols: ['smtp'] });

describe('the certificates of TLS 1.2', () => {
  it('are read, and held against the name asked for', () => {
    const facts = observe(chained.pieces);
    expect(facts.chain).toMatchObject({ count: 2, ordered: true, certificates: [{ commonName: 'mx.example' }, {}] });
    expect(facts.nameMatches).toBe(true);
    expect(facts).toMatchObject({
      established: true,
      resumed: false,
      stage: 'established',
      clientCertificate: 'not-asked',
    });
  });

  it.each([
    ['another name', good, 'other.example', { nameMatches: false }],
    ['no name asked for', good, '', { nameMatches: null }],
    ['out of date', expired, 'mx.example', { nameMatches: true, chain: { certificates: [{ keyBits: 384 }] } }],
    ['Ed25519', edwards, 'mx.example', { chain: { certificates: [{ keyType: 'Ed25519' }] } }],
  ])('%s', async (_name, certificate, servername, expected) => {
    const { pieces } = await recordTls({ ...certificate, ...tls12 }, { servername });
    expect(observe(pieces)).toMatchObject(expected);
  });

  it('of 1024 bits', async () => {
    const { pieces } = await recordTls(
      { ...weak, ...tls12, ciphers: 'ALL:@SECLEVEL=0' },
      { servername: 'mx.example', ciphers: 'ALL:@SECLEVEL=0' },
    );
    expect(observe(pieces).chain?.certificates[0]).toMatchObject({ keyBits: 1024, keyType: 'RSA' });
  });

  it('are not to be seen in TLS 1.3', () => {
    expect(observe(current.pieces)).toMatchObject({ chain: null, nameMatches: null, stage: 'established' });
  });
});

describe('the hello', () => {
  it('has what fingerprints need', () => {
    const hello = observe(current.pieces).clientHello;
    expect(hello?.ja4).toMatch(/^t13d\d{4}sp_[0-9a-f]{12}_[0-9a-f]{12}$/);
    expect(hello?.ja3).toMatch(/^[0-9a-f]{32}$/);
    expect(hello?.recordVersion).toBe('TLSv1.0');
    expect(hello?.cipherSuites[0]).toBe('TLS_AES_256_GCM_SHA384');
    expect(hello?.cipherSuites).toHaveLength(hello?.cipherSuiteCount ?? -1);
    expect(hello?.signatureAlgorithms).toContain('ecdsa_secp256r1_sha256');
    expect(hello?.records).toBe(1);
    expect(observe(chained.pieces).clientHello?.ja4).not.toBe(hello?.ja4);
  });

  it('is put together from several records', () => {
    const [hello, ...rest] = current.pieces as [Piece, ...Piece[]];
    const body = hello.bytes.subarray(5);
    const parts = [body.subarray(0, 3), body.subarray(3, 200), body.subarray(200)];
    const split = Buffer.concat(
      parts.flatMap((part) => [Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part]),
    );
    const facts = observe([{ from: 'client', bytes: split }, ...rest]);
    expect(facts.clientHello?.records).toBe(3);
    expect(facts.clientHello?.ja4).toBe(observe(current.pieces).clientHello?.ja4);
    expect(facts.established).toBe(true);
  });
});

describe('the key exchange', () => {
  it('by finite field says how many bits its prime has', async () => {
    const ciphers = 'DHE-RSA-AES128-GCM-SHA256';
    const { pieces, error } = await recordTls({ ...good, ...tls12, ciphers, dhparam: 'auto' }, { ...tls12, ciphers });
    expect(error).toBeNull();
    expect(observe(pieces).serverHello).toMatchObject({ group: null, dhBits: 2048 });
  });

  it('without a certificate', async () => {
    const ciphers = 'ADH-AES128-SHA256:@SECLEVEL=0';
    const { pieces } = await recordTls(
      { key: undefined, cert: undefined, ...tls12, ciphers, dhparam: 'auto' } as never,
      {
        ...tls12,
        ciphers,
      },
    );
    expect(observe(pieces)).toMatchObject({ chain: null, established: true, resumed: false });
    expect(observe(pieces).serverHello?.cipher).toBe('TLS_DH_anon_WITH_AES_128_CBC_SHA256');
  });
});

describe('how far it got', () => {
  const stages = (pieces: readonly Piece[]): TlsStage[] =>
    pieces.map((_, index) => observe(pieces.slice(0, index + 1)).stage);

  it('TLS 1.2, step by step', () => {
    expect([...new Set(stages(chained.pieces))]).toEqual([
      'client-hello',
      'server-flight',
      'client-flight',
      'established',
    ]);
  });

  it('TLS 1.3, step by step', () => {
    expect([...new Set(stages(current.pieces))]).toEqual(['client-hello', 'server-flight', 'established']);
  });

  it('a flight that is cut is not whole', () => {
    for (const { pieces } of [chained, current]) {
      const [hello, flight] = pieces as [Piece, Piece];
      const half = { from: 'server', bytes: flight.bytes.subarray(0, flight.bytes.length - 20) } as const;
      expect(observe([hello, half])).toMatchObject({ stage: 'server-hello', server: { recordOpen: true } });
    }
  });

  it('nothing, and a hello asked for again', async () => {
    expect(observe([{ from: 'client', bytes: Buffer.from('160301', 'hex') }]).stage).toBe('nothing');
    const { pieces } = await recordTls({ ...good, ecdhCurve: 'P-384' }, { ecdhCurve: 'X25519:P-384' });
    expect(observe(pieces.slice(0, 2)).stage).toBe('hello-retry');
  });
});

describe('a certificate of the client', () => {
  it.each([
    ['sent', { key: good.key, cert: good.cert }],
    ['none-sent', {}],
  ] as const)('is asked for: %s', async (expected, client) => {
    const { pieces } = await recordTls({ ...good, ...tls12, requestCert: true }, client);
    expect(observe(pieces).clientCertificate).toBe(expected);
    expect(observe(pieces.slice(0, 2)).clientCertificate).toBe('asked');
  });
});

describe('a session that is resumed', () => {
  it.each([['TLSv1.2'], ['TLSv1.3']] as const)('%s: shows no certificate, and says so', async (version) => {
    const context = { ...good, minVersion: version, maxVersion: version, ticketKeys: Buffer.alloc(48, 7) };
    let session: Buffer | undefined;
    await recordTls(context, { onSession: (one) => (session = one) });
    expect(session).toBeDefined();
    const again = observe((await recordTls(context, { session })).pieces);
    expect(again).toMatchObject({ established: true, resumed: true, chain: null });
  });
});

describe('an encrypted alert', () => {
  const alert = { from: 'client', bytes: Buffer.from(`1703030013${'5a'.repeat(19)}`, 'hex') } as const;

  it('is told where it is all that the client sends behind its Finished', () => {
    // The third piece is the client’s Finished, with what it sends at once.
    const [hello, flight, second] = current.pieces as [Piece, Piece, Piece];
    const finished = { from: 'client', bytes: second.bytes.subarray(0, 6 + 5 + second.bytes.readUInt16BE(9)) } as const;
    expect(observe([hello, flight, finished])).toMatchObject({ established: true, probableAlertFrom: null });
    expect(observe([hello, flight, finished, alert]).probableAlertFrom).toBe('client');
  });

  it('is a close where the client had something to say', () => {
    expect(observe(current.pieces).probableAlertFrom).toBeNull();
  });
});

describe('what comes after the handshake', () => {
  it('ends with an alert on both sides, or without', () => {
    expect(observe(chained.pieces).lastAlert).toEqual({ client: 'seen', server: 'seen' });
    expect(observe(current.pieces).lastAlert).toEqual({ client: 'probable', server: 'probable' });
    const cut = current.pieces.filter(({ bytes }) => bytes.length !== 24);
    expect(observe(cut).lastAlert).toEqual({ client: 'none', server: 'none' });
  });

  it('another handshake inside: renegotiation, in TLS 1.2', () => {
    expect(observe(chained.pieces).renegotiated).toBe(false);
    const protectedHello = Buffer.concat([Buffer.from([22, 3, 3, 0, 80]), Buffer.alloc(80, 9)]);
    const established = chained.pieces.slice(0, 5);
    expect(observe(established).established).toBe(true);
    expect(observe([...established, { from: 'client', bytes: protectedHello }]).renegotiated).toBe(true);
  });

  it('text in place of a record is kept, its beginning', () => {
    const text = Buffer.from(`MAIL FROM:<anna@client.example> BODY=8BITMIME ${'x'.repeat(200)}\r\n`);
    const facts = observe([...current.pieces, { from: 'client', bytes: text }]);
    expect(facts.client.notTls).toBe(text.toString('latin1', 0, 64));
    expect(facts.server.notTls).toBeNull();
    const bytewise = observe([
      ...current.pieces,
      ...[...text].map((byte) => ({ from: 'client' as const, bytes: Buffer.from([byte]) })),
    ]);
    expect(bytewise.client).toEqual({ ...facts.client, flights: bytewise.client.flights });
  });
});

describe('opaque data', () => {
  it('is counted and not kept', () => {
    const observer = new TlsObserver();
    for (const { from, bytes } of current.pieces.slice(0, 4)) observer.push(from, bytes, 0, bytes.length);
    const record = Buffer.concat([Buffer.from([23, 3, 3, 0x40, 0]), Buffer.alloc(16_384, 1)]);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 2000; i++) observer.push('client', record, 0, record.length);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
    expect(observer.facts.client.applicationBytes).toBeGreaterThan(32_000_000);
  });
});
