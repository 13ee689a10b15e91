/** TLS handshakes for the tests of rules, made by Node's own TLS, as things said in a dialogue. */
import type { Said } from '../../support/segments.ts';
import { expired, good } from '../../tls/certificates.ts';
import { type Piece, recordTls } from '../../tls/record.ts';

const tls12 = { maxVersion: 'TLSv1.2' } as const;
const OLD = 'ALL:@SECLEVEL=0';

export const tls13 = said((await recordTls({ ...good }, { servername: 'mx.example' })).pieces);
export const tls12Good = said((await recordTls({ ...good, ...tls12 }, { servername: 'mx.example' })).pieces);
export const tls12Expired = said((await recordTls({ ...expired, ...tls12 }, { servername: 'mx.example' })).pieces);
export const tls12OtherName = said((await recordTls({ ...good, ...tls12 }, { servername: 'other.example' })).pieces);
export const tls10 = said(
  (
    await recordTls(
      { ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: OLD },
      { servername: 'mx.example', minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: OLD },
    )
  ).pieces,
);
export const anonymous = said(
  (
    await recordTls(
      { key: undefined, cert: undefined, ...tls12, ciphers: 'ADH:@SECLEVEL=0', dhparam: 'auto' } as never,
      {
        ...tls12,
        ciphers: 'ADH:@SECLEVEL=0',
      },
    )
  ).pieces,
);
export const staticRsa = said(
  (await recordTls({ ...good, ...tls12, ciphers: 'AES128-GCM-SHA256' }, { ...tls12, ciphers: 'AES128-GCM-SHA256' }))
    .pieces,
);
export const noCommonVersion = said((await recordTls({ ...good, minVersion: 'TLSv1.3' }, tls12)).pieces);
export const noCommonCipher = said(
  (
    await recordTls(
      { ...good, ...tls12, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' },
      { ...tls12, ciphers: 'ECDHE-RSA-AES256-GCM-SHA384' },
    )
  ).pieces,
);
export const noCommonProtocol = said(
  (await recordTls({ ...good, ALPNProtocols: ['smtp'] }, { ALPNProtocols: ['http/1.1'] })).pieces,
);

function said(pieces: readonly Piece[]): Said[] {
  return pieces.map(({ from, bytes }) => ({ from, bytes }));
}

/** The hello and the server's answer: as far as it gets until the client speaks again. */
export function opening(handshake: readonly Said[]): Said[] {
  const second = handshake.findIndex(
    ({ from }, index) => index > 0 && from === 'client' && handshake[index - 1]?.from === 'server',
  );
  return handshake.slice(0, second);
}

export function alert(from: 'client' | 'server', description: number, version = 3): Said {
  return { from, bytes: Buffer.from([21, 3, version, 0, 2, 2, description]) };
}

/** A protected record of TLS 1.3 with so many bytes. */
export function protectedRecord(from: 'client' | 'server', length: number): Said {
  return { from, bytes: Buffer.concat([Buffer.from([23, 3, 3, length >> 8, length & 255]), Buffer.alloc(length, 90)]) };
}

/** 2026-12-01, when the certificates of these tests are in force. */
export const IN_2026_US = Date.UTC(2026, 11, 1) * 1000;
