import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TlsFacts, TlsObserver, type TlsSide } from '../../src/tls/observer.ts';
import { type Piece, recordTls } from './record.ts';

function observe(pieces: readonly Piece[]): TlsFacts {
  const observer = new TlsObserver();
  for (const { from, bytes } of pieces) observer.push(from, bytes, 0, bytes.length);
  return observer.facts;
}

/** Each byte in a call of its own, from the middle of a buffer that is overwritten afterwards. */
function observeByteByByte(pieces: readonly Piece[]): TlsFacts {
  const observer = new TlsObserver();
  const lent = Buffer.alloc(3, 0xee);
  for (const { from, bytes } of pieces) {
    for (const byte of bytes) {
      lent[1] = byte;
      observer.push(from, lent, 1, 2);
      lent[1] = 0xee;
    }
  }
  return observer.facts;
}

function recorded(name: string): Piece[] {
  const text = readFileSync(new URL(`recorded/${name}.txt`, import.meta.url), 'latin1');
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [from, hex = ''] = line.split(' ');
      return { from: from as TlsSide, bytes: Buffer.from(hex, 'hex') };
    });
}

const ecdsaAes128 = 'ECDHE-ECDSA-AES128-GCM-SHA256';
const handshakes = {
  tls13: await recordTls({}, { servername: 'mail.example', ALPNProtocols: ['smtp', 'x'] }),
  tls13Retried: await recordTls({ ecdhCurve: 'P-384' }, { ecdhCurve: 'X25519:P-384' }),
  tls12: await recordTls({ maxVersion: 'TLSv1.2', ciphers: ecdsaAes128 }, { servername: 'mail.example' }),
  protocolVersion: await recordTls({ minVersion: 'TLSv1.3' }, { maxVersion: 'TLSv1.2' }),
  handshakeFailure: await recordTls(
    { maxVersion: 'TLSv1.2', ciphers: ecdsaAes128 },
    { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
  ),
  noApplicationProtocol: await recordTls({ ALPNProtocols: ['smtp'] }, { ALPNProtocols: ['http/1.1'] }),
  unknownCa12: { pieces: recorded('unknown-ca-12'), error: null },
  unknownCa13: { pieces: recorded('unknown-ca-13'), error: null },
  serverRejects12: { pieces: recorded('server-rejects-12'), error: null },
  serverRejects13: { pieces: recorded('server-rejects-13'), error: null },
};
const named = Object.entries(handshakes).map(([name, { pieces }]) => ({ name, pieces }));

describe('a handshake that succeeds', () => {
  it('TLS 1.3: names what was offered and chosen', () => {
    const facts = observe(handshakes.tls13.pieces);
    expect(handshakes.tls13.error).toBeNull();
    expect(facts.clientHello).toMatchObject({
      versions: ['TLSv1.3', 'TLSv1.2'],
      serverName: 'mail.example',
      alpn: ['smtp', 'x'],
      keyShares: ['x25519'],
    });
    expect(facts.clientHello?.supportedGroups).toContain('secp384r1');
    expect(facts.clientHello?.cipherSuiteCount).toBeGreaterThan(3);
    expect(facts.serverHello).toEqual({
      version: 'TLSv1.3',
      versionCode: 0x0304,
      cipher: 'TLS_AES_256_GCM_SHA384',
      cipherCode: 0x1302,
      group: 'x25519',
      dhBits: null,
      preSharedKey: false,
    });
    expect(facts).toMatchObject({ established: true, failed: false, alerts: [], helloRetried: false });
    expect(facts.probableAlertFrom).toBeNull();
  });

  it('TLS 1.3: takes the hello after HelloRetryRequest, and keeps the first ClientHello', () => {
    const facts = observe(handshakes.tls13Retried.pieces);
    expect(facts).toMatchObject({ helloRetried: true, established: true, failed: false });
    expect(facts.serverHello).toMatchObject({ version: 'TLSv1.3', group: 'secp384r1' });
    expect(facts.clientHello?.keyShares).toEqual(['x25519']);
  });

  it('TLS 1.2: has its group from ServerKeyExchange, and counts protected alerts', () => {
    const facts = observe(handshakes.tls12.pieces);
    expect(facts.serverHello).toEqual({
      version: 'TLSv1.2',
      versionCode: 0x0303,
      cipher: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
      cipherCode: 0xc02b,
      group: 'x25519',
      dhBits: null,
      preSharedKey: false,
    });
    expect(facts).toMatchObject({ established: true, failed: false, alerts: [] });
    expect(facts.client).toMatchObject({ state: 'records', applicationRecords: 1, protectedAlerts: 1 });
    expect(facts.server).toMatchObject({ state: 'records', applicationRecords: 1, protectedAlerts: 1 });
  });

  it('is not established before both sides have sent protected data', () => {
    for (const name of ['tls13', 'tls12', 'tls13Retried'] as const) {
      const { pieces } = handshakes[name];
      const seen = pieces.map((_, index) => observe(pieces.slice(0, index + 1)).established);
      // TLS 1.3 is done with the client's second flight, 1.2 with the server's second; a retry adds one of each.
      expect(seen.indexOf(true)).toBe({ tls13: 2, tls12: 3, tls13Retried: 4 }[name]);
    }
  });

  it('counts bytes and flights of each side', () => {
    const { pieces } = handshakes.tls12;
    const facts = observe(pieces);
    for (const side of ['client', 'server'] as const) {
      const own = pieces.filter(({ from }) => from === side);
      expect(facts[side].bytes).toBe(own.reduce((sum, { bytes }) => sum + bytes.length, 0));
      const flights = pieces.filter(({ from }, index) => from === side && pieces[index - 1]?.from !== side).length;
      expect(facts[side].flights).toBe(flights);
    }
  });
});

describe('a handshake that fails', () => {
  it.each([
    ['protocolVersion', 'server', 'protocol_version'],
    ['handshakeFailure', 'server', 'handshake_failure'],
    ['noApplicationProtocol', 'server', 'no_application_protocol'],
    ['unknownCa12', 'client', 'unknown_ca'],
    ['unknownCa13', 'client', 'unknown_ca'],
    ['serverRejects12', 'server', 'unknown_ca'],
  ] as const)('%s: the %s says %s', (name, from, description) => {
    const facts = observe(handshakes[name].pieces);
    expect(facts.alerts).toEqual([{ from, level: 'fatal', description, offset: expect.any(Number) }]);
    expect(facts).toMatchObject({ failed: true, established: false });
  });

  it('TLS 1.3: a protected alert is all that the server answers to the client', () => {
    const facts = observe(handshakes.serverRejects13.pieces);
    expect(facts).toMatchObject({ alerts: [], failed: false, probableAlertFrom: 'server' });
  });

  it('TLS 1.3: a protected alert is all that the client sends after ServerHello', () => {
    const [hello, flight] = handshakes.tls13.pieces as [Piece, Piece];
    const alert = {
      from: 'client',
      bytes: Buffer.from(`140303000101${'1703030013'}${'5a'.repeat(19)}`, 'hex'),
    } as const;
    expect(observe([hello, flight, alert])).toMatchObject({
      established: false,
      failed: false,
      probableAlertFrom: 'client',
    });
  });

  it('TLS 1.3: an error alert ends the connection at whatever level', () => {
    const [hello, flight] = handshakes.tls13.pieces as [Piece, Piece];
    const alert = (description: string): Piece => ({
      from: 'client',
      bytes: Buffer.from(`150303000201${description}`, 'hex'),
    });
    expect(observe([hello, flight, alert('30')]).alerts).toEqual([
      { from: 'client', level: 'fatal', description: 'unknown_ca', offset: hello.bytes.length },
    ]);
    expect(observe([hello, flight, alert('00')])).toMatchObject({
      failed: false,
      alerts: [{ from: 'client', level: 'warning', description: 'close_notify' }],
    });
  });

  it('keeps eight alerts of a peer that sends many', () => {
    const many = Buffer.from('1503010002015a'.repeat(100), 'hex');
    const facts = observe([{ from: 'server', bytes: many }]);
    expect(facts.alerts).toHaveLength(8);
    expect(facts.server.records).toBe(100);
    expect(facts.failed).toBe(false);
  });
});

describe('how the bytes come', () => {
  it.each(named)('$name: byte by byte gives the same facts', ({ pieces }) => {
    expect(observeByteByByte(pieces)).toEqual(observe(pieces));
  });

  it.each(named)('$name: split in two at every byte gives the same facts', ({ pieces }) => {
    const whole = observe(pieces);
    for (const [index, { from, bytes }] of pieces.entries()) {
      for (let at = 1; at < bytes.length; at++) {
        const halves = [bytes.subarray(0, at), bytes.subarray(at)].map((part) => ({ from, bytes: part }));
        expect(observe([...pieces.slice(0, index), ...halves, ...pieces.slice(index + 1)])).toEqual(whole);
      }
    }
  });

  it('stops reading a direction at a gap, and only that one', () => {
    const { pieces } = handshakes.tls13;
    const [hello, flight] = pieces as [Piece, Piece];
    const observer = new TlsObserver();
    observer.push('client', hello.bytes, 0, 40);
    observer.gap('client');
    observer.push('client', hello.bytes, 60, hello.bytes.length);
    observer.push('server', flight.bytes, 0, flight.bytes.length);
    expect(observer.facts.client).toMatchObject({ state: 'gap', bytes: hello.bytes.length - 20, records: 1 });
    expect(observer.facts.server.state).toBe('records');
    expect(observer.facts).toMatchObject({
      clientHello: null,
      serverHello: { version: 'TLSv1.3' },
      established: false,
    });
  });

  it('says where a stream stops being TLS', () => {
    const [hello] = handshakes.tls13.pieces as [Piece];
    const facts = observe([hello, { from: 'server', bytes: Buffer.from('454 4.7.0 TLS not available\r\n') }, hello]);
    expect(facts.server).toMatchObject({ state: 'not-tls', notTlsAt: 0, records: 0 });
    const later = observe([hello, { from: 'client', bytes: Buffer.from('\x16\x03\x01QUIT\r\n', 'latin1') }]);
    expect(later.client).toMatchObject({ state: 'not-tls', notTlsAt: hello.bytes.length });
  });
});

describe('an SSL 2 hello', () => {
  // RFC 5246 §E.2: length, type 1, version 3.1, 6 bytes of cipher specs, no session id, a challenge of 16.
  const v2 = Buffer.concat([Buffer.from('801f01030100060000001000002f00000a', 'hex'), Buffer.alloc(16, 7)]);

  it('is read, and TLS records after it too', () => {
    const { pieces } = handshakes.protocolVersion;
    const facts = observe([{ from: 'client', bytes: v2 }, pieces[1] as Piece]);
    expect(facts.clientHello).toMatchObject({ versions: ['TLSv1.0'], cipherSuiteCount: 2, sizeBytes: 31 });
    expect(facts.client).toMatchObject({ state: 'records', records: 1 });
    expect(facts.failed).toBe(true);
    expect(observeByteByByte([{ from: 'client', bytes: v2 }])).toEqual(observe([{ from: 'client', bytes: v2 }]));
  });

  it('is taken at the start of a stream only', () => {
    const [hello] = handshakes.tls13.pieces as [Piece];
    const facts = observe([hello, { from: 'client', bytes: v2 }]);
    expect(facts.client).toMatchObject({ state: 'not-tls', notTlsAt: hello.bytes.length });
  });
});

describe('hostile bytes', () => {
  const side = fc.constantFrom<TlsSide>('client', 'server');

  it('random bytes never throw', () => {
    const piece = fc.record({ from: side, bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }).map(Buffer.from) });
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => void observe(pieces)));
  });

  it('random handshake messages in good records never throw, and cost no more than was sent', () => {
    const message = fc.tuple(fc.constantFrom(1, 2, 11, 12), fc.uint8Array({ minLength: 35, maxLength: 600 }));
    fc.assert(
      fc.property(side, fc.array(message, { minLength: 1, maxLength: 4 }), (from, messages) => {
        const body = Buffer.concat(
          messages.flatMap(([type, bytes]) => [Buffer.from([type, 0, bytes.length >> 8, bytes.length & 255]), bytes]),
        );
        const pieces = [
          { from, bytes: Buffer.concat([Buffer.from([22, 3, 3, body.length >> 8, body.length & 255]), body]) },
        ];
        expect(observeByteByByte(pieces)).toEqual(observe(pieces));
      }),
    );
  });

  it('mutated handshakes never throw, and say the same however they are split', () => {
    const change = fc.record({
      piece: fc.nat(),
      at: fc.nat({ max: 400 }),
      value: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...named),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        ({ pieces }, changes) => {
          const mutated = pieces.map(({ from, bytes }) => ({ from, bytes: Buffer.from(bytes) }));
          for (const { piece, at, value } of changes) {
            const target = mutated[piece % mutated.length]?.bytes as Buffer;
            target[at % target.length] = value;
          }
          expect(observeByteByByte(mutated)).toEqual(observe(mutated));
        },
      ),
    );
  });

  it('a hello that announces 16 MiB is read from its first 16 KiB, once', () => {
    const observer = new TlsObserver();
    const body = Buffer.alloc(16_384, 0);
    body.writeUInt16BE(0x0303, 0);
    body.writeUInt16BE(4, 35);
    body.set([0xc0, 0x2b, 0x13, 0x01, 1, 0], 37);
    const record = Buffer.concat([Buffer.from([22, 3, 1, 0x40, 0]), body]);
    record.copyWithin(9, 5);
    record.set([1, 0xff, 0xff, 0xff], 5);
    const more = Buffer.concat([Buffer.from([22, 3, 1, 0x40, 0]), Buffer.alloc(16_384, 1)]);
    observer.push('client', record, 0, record.length);
    expect(observer.facts.clientHello).toBeNull();
    for (let i = 0; i < 64; i++) observer.push('client', more, 0, more.length);
    expect(observer.facts.clientHello).toMatchObject({
      versions: ['TLSv1.2'],
      cipherSuiteCount: 2,
      sizeBytes: 2 ** 24 + 3,
    });
    expect(observer.facts.client.records).toBe(65);
  });
});
