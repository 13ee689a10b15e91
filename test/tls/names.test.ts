import { describe, expect, it } from 'vitest';
import {
  alertName,
  cipherSuiteName,
  groupName,
  isGrease,
  isSignallingSuite,
  versionName,
} from '../../src/tls/names.ts';

describe('names', () => {
  it('are those of the registries, and numbers where there is none', () => {
    expect([0x0300, 0x0301, 0x0304, 0x7f1c].map(versionName)).toEqual(['SSLv3', 'TLSv1.0', 'TLSv1.3', 'TLS 0x7f1c']);
    expect([0xc02f, 0x009c, 0x0005, 0x1234].map(cipherSuiteName)).toEqual([
      'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
      'TLS_RSA_WITH_AES_128_GCM_SHA256',
      'TLS_RSA_WITH_RC4_128_SHA',
      'TLS_0x1234',
    ]);
    expect([0x0017, 0x001d, 0x11ec, 0x0001].map(groupName)).toEqual([
      'secp256r1',
      'x25519',
      'X25519MLKEM768',
      '0x0001',
    ]);
    expect([0, 40, 48, 70, 120, 200].map(alertName)).toEqual([
      'close_notify',
      'handshake_failure',
      'unknown_ca',
      'protocol_version',
      'no_application_protocol',
      'alert_200',
    ]);
  });

  it('GREASE is sixteen values, and signalling suites are two', () => {
    const all = Array.from({ length: 0x10000 }, (_, value) => value);
    const grease = all.filter(isGrease);
    expect(grease).toHaveLength(16);
    expect(grease.every((value) => value % 0x1010 === 0x0a0a)).toBe(true);
    expect(all.filter(isSignallingSuite)).toEqual([0x00ff, 0x5600]);
  });
});
