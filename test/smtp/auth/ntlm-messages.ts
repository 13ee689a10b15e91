/** NTLM messages in base64, laid out as MS-NLMP §2.2.1 says. */

const UNICODE = 0x1;
const VERSION = 0x2000000;

function message(kind: number, tableEnd: number, fields: readonly [at: number, value: Buffer][]): Buffer {
  const head = Buffer.alloc(tableEnd);
  head.write('NTLMSSP\0', 0, 'latin1');
  head.writeUInt32LE(kind, 8);
  let offset = tableEnd;
  for (const [at, value] of fields) {
    head.writeUInt16LE(value.length, at);
    head.writeUInt16LE(value.length, at + 2);
    head.writeUInt32LE(offset, at + 4);
    offset += value.length;
  }
  return Buffer.concat([head, ...fields.map(([, value]) => value)]);
}

function writeVersion(bytes: Buffer, at: number, build: number): void {
  bytes.set([10, 0, build & 255, build >> 8, 0, 0, 0, 15], at);
}

export function negotiate(domain: string, host: string): string {
  const bytes = message(1, 40, [
    [16, Buffer.from(domain)],
    [24, Buffer.from(host)],
  ]);
  bytes.writeUInt32LE(VERSION | (domain === '' ? 0 : 0x1000) | (host === '' ? 0 : 0x2000), 12);
  writeVersion(bytes, 32, 19041);
  return bytes.toString('base64');
}

export function challenge(domain: string, host: string, dnsDomain: string, dnsHost: string): string {
  const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');
  const pair = (kind: number, value: Buffer): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(kind, 0);
    head.writeUInt16LE(value.length, 2);
    return Buffer.concat([head, value]);
  };
  const info = [pair(2, wide(domain)), pair(1, wide(host)), pair(4, wide(dnsDomain)), pair(3, wide(dnsHost))];
  const bytes = message(2, 56, [
    [12, wide(domain)],
    [40, Buffer.concat([...info, pair(7, Buffer.alloc(8, 9)), pair(0, Buffer.alloc(0))])],
  ]);
  bytes.writeUInt32LE(UNICODE | VERSION, 20);
  bytes.write('12345678', 24, 'latin1');
  writeVersion(bytes, 48, 17763);
  return bytes.toString('base64');
}

export function authenticate(domain: string, user: string, host: string, responseBytes: number): string {
  const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');
  const bytes = message(3, 64, [
    [28, wide(domain)],
    [36, wide(user)],
    [44, wide(host)],
    [12, Buffer.alloc(24, 'l')],
    [20, Buffer.alloc(responseBytes, 'r')],
  ]);
  bytes.writeUInt32LE(UNICODE, 60);
  return bytes.toString('base64');
}
