import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isForHost, readCertificates } from '../../src/tls/certificate.ts';
import { readDer } from '../../src/tls/der.ts';
import * as self from './certificate.ts';
import { authority, edwards, expired, good, weak } from './certificates.ts';

const der = (pem: string) => new X509Certificate(pem).raw;

function message(...certificates: readonly Buffer[]): Buffer {
  const list = Buffer.concat(certificates.flatMap((one) => [uint24(one.length), one]));
  return Buffer.concat([uint24(list.length), list]);
}

function uint24(value: number): Buffer {
  return Buffer.from([value >> 16, (value >> 8) & 255, value & 255]);
}

function read(...pems: readonly string[]) {
  const bytes = message(...pems.map(der));
  return readCertificates(bytes, 0, bytes.length);
}

describe('a chain', () => {
  it('says of each certificate whose it is, from when to when, and how strong', () => {
    const chain = read(good.cert, authority);
    expect(chain).toMatchObject({ count: 2, unreadable: 0, ordered: true });
    expect(chain.certificates[0]).toEqual({
      subject: 'CN=mx.example, O=Example',
      issuer: 'O=Example Trust, CN=Example Test CA',
      commonName: 'mx.example',
      names: ['mx.example', '*.mail.example', '192.0.2.25'],
      notBeforeUs: Date.UTC(2020, 0, 1) * 1000,
      notAfterUs: Date.UTC(2120, 0, 1) * 1000,
      keyType: 'RSA',
      keyBits: 2048,
      curve: null,
      signatureAlgorithm: 'ecdsa-with-SHA256',
      selfSigned: false,
      sha256: new X509Certificate(good.cert).fingerprint256.replaceAll(':', '').toLowerCase(),
      sizeBytes: der(good.cert).length,
    });
    expect(chain.certificates[1]).toMatchObject({ selfSigned: true, keyType: 'EC', keyBits: 256, curve: 'secp256r1' });
  });

  it.each([
    [
      'expired, EC P-384',
      expired.cert,
      { notAfterUs: Date.UTC(2021, 0, 1) * 1000, keyType: 'EC', keyBits: 384, curve: 'secp384r1' },
    ],
    ['1024 bits and SHA-1', weak.cert, { keyType: 'RSA', keyBits: 1024, signatureAlgorithm: 'ecdsa-with-SHA1' }],
    ['Ed25519', edwards.cert, { keyType: 'Ed25519', keyBits: 255, curve: null }],
    ['self-signed', self.cert, { selfSigned: true, names: ['mail.example'], signatureAlgorithm: 'ecdsa-with-SHA256' }],
  ])('reads: %s', (_name, pem, expected) => {
    expect(read(pem).certificates[0]).toMatchObject(expected);
  });

  it('tells when an issuer does not follow', () => {
    expect(read(authority, good.cert).ordered).toBe(false);
    expect(read(good.cert, self.cert).ordered).toBe(false);
    expect(read(good.cert).ordered).toBe(true);
  });

  it('passes over what is no certificate, and stops at what is cut', () => {
    const bytes = message(Buffer.from('not one'), der(good.cert), Buffer.from(good.cert));
    expect(readCertificates(bytes, 0, bytes.length)).toMatchObject({
      count: 3,
      unreadable: 2,
      certificates: [{ commonName: 'mx.example' }],
    });
    const cut = message(der(good.cert), der(authority));
    expect(readCertificates(cut, 0, cut.length - 5)).toMatchObject({ count: 2, unreadable: 1 });
    expect(readCertificates(cut, 0, 2)).toMatchObject({ count: 0, certificates: [] });
  });

  it('reads ten and counts the rest', () => {
    const chain = read(...Array.from({ length: 14 }, () => good.cert));
    expect(chain.certificates).toHaveLength(10);
    expect(chain.count).toBe(14);
  });

  it('reads the same certificate once', () => {
    expect(read(good.cert).certificates[0]).toBe(read(good.cert, authority).certificates[0]);
  });
});

describe('the name asked for', () => {
  const [mx] = read(good.cert).certificates;
  it.each([
    ['mx.example', true],
    ['MX.Example.', true],
    ['a.mail.example', true],
    ['a.b.mail.example', false],
    ['mail.example', false],
    ['192.0.2.25', true],
    ['other.example', false],
    ['', false],
  ])('%s: %s', (host, expected) => {
    expect(mx !== undefined && isForHost(mx, host)).toBe(expected);
  });

  it('is looked for in the common name only where there are no other names', () => {
    const bare = { names: [], commonName: 'old.example' } as never;
    expect(isForHost(bare, 'old.example')).toBe(true);
    expect(isForHost({ names: ['new.example'], commonName: 'old.example' } as never, 'old.example')).toBe(false);
  });
});

describe('hostile certificates', () => {
  const all = [good.cert, weak.cert, expired.cert, edwards.cert, authority].map(der);

  it('with bytes changed never throw', () => {
    const changes = fc.array(fc.tuple(fc.nat(2000), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.constantFrom(...all), changes, fc.nat(1200), (original, list, length) => {
        const bytes = Buffer.from(original.subarray(0, Math.max(1, length)));
        for (const [at, value] of list) bytes[at % bytes.length] = value;
        readDer(bytes);
        const whole = message(bytes);
        const chain = readCertificates(whole, 0, whole.length);
        expect(chain.certificates.length + chain.unreadable).toBe(1);
      }),
      { numRuns: 300 },
    );
  });

  it('of random bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
        const bytes = Buffer.from(random);
        readDer(bytes);
        readCertificates(bytes, 0, bytes.length);
      }),
    );
  });

  it('are remembered no longer than there is room', () => {
    for (let i = 0; i < 600; i++) {
      const bytes = message(Buffer.from([0x30, i >> 8, i & 255]));
      expect(readCertificates(bytes, 0, bytes.length).unreadable).toBe(1);
    }
    expect(read(good.cert).certificates[0]?.commonName).toBe('mx.example');
  });
});
