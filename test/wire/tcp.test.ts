import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, FrameView, TCP, watchAllPorts } from '../../src/wire/frame.ts';
import { readTcpOptions, TcpOptions } from '../../src/wire/tcp.ts';
import { tcpPacket } from '../support/packet-bytes.ts';

const NONE = {
  mss: -1,
  windowScale: -1,
  sackPermitted: 0,
  sackBlocks: 0,
  hasTimestamps: 0,
  timestampValue: 0,
  timestampEcho: 0,
  incomplete: 0,
};

const reused = new TcpOptions();

/** The options as a packet carries them, which pads them with zeros; `captured` bytes of them. */
function read(hex: string, captured = Number.POSITIVE_INFINITY): Omit<TcpOptions, 'sackEdges'> & { edges: number[] } {
  const packet = tcpPacket({ options: Buffer.from(hex.replaceAll(' ', ''), 'hex') });
  const view = new FrameView(watchAllPorts());
  const end = Math.min(packet.length, 40 + captured);
  expect(decodeFrame(packet, 0, end, 101, packet.length, view)).toBe(TCP);
  readTcpOptions(packet, view, reused);
  const { sackEdges, ...rest } = reused;
  return { ...rest, edges: [...sackEdges.subarray(0, rest.sackBlocks * 2)].map((edge) => edge >>> 0) };
}

describe('TCP options', () => {
  it('those of a Linux SYN', () => {
    expect(read('020405b4 0402 080a 80000001 00000000 01 030307')).toEqual({
      ...NONE,
      mss: 1460,
      sackPermitted: 1,
      hasTimestamps: 1,
      timestampValue: 0x80000001 | 0,
      windowScale: 7,
      edges: [],
    });
  });

  it('SACK blocks, one to four', () => {
    expect(read('0101 050a fffffff0 00000010')).toEqual({ ...NONE, sackBlocks: 1, edges: [0xfffffff0, 0x10] });
    expect(read('0101 0522 00000001 00000002 00000003 00000004 00000005 00000006 00000007 00000008')).toEqual({
      ...NONE,
      sackBlocks: 4,
      edges: [1, 2, 3, 4, 5, 6, 7, 8],
    });
  });

  it('none, and only padding', () => {
    expect(read('')).toEqual({ ...NONE, edges: [] });
    expect(read('01010101')).toEqual({ ...NONE, edges: [] });
    expect(read('00020405b4030307')).toEqual({ ...NONE, edges: [] });
  });

  it('unknown kinds and kinds of another length are passed over', () => {
    expect(read('fe0412ab 0203aa 0304aabb 0403aa 080400ff 050400ff 020400ff')).toEqual({
      ...NONE,
      mss: 255,
      edges: [],
    });
    // 12 bytes are no whole number of SACK blocks.
    expect(read('050c 0000000100000002 0000 020400ff')).toEqual({ ...NONE, mss: 255, edges: [] });
  });

  it.each(['0200', '0201', 'fe00', '01010100fe00'])('a length of 0 or 1 ends it: %s', (hex) => {
    const options = read(`020405b4${hex.padEnd(8, '0')}`);
    expect(options.mss).toBe(1460);
    if (!hex.startsWith('0101')) expect(options.incomplete).toBe(1);
  });

  it('a length behind the end of the options ends it', () => {
    expect(read('020405b4 0101080a')).toEqual({ ...NONE, mss: 1460, incomplete: 1, edges: [] });
    expect(read('020405b4 01010108')).toEqual({ ...NONE, mss: 1460, incomplete: 1, edges: [] });
  });

  it('cut by the snapshot length: what was captured', () => {
    const syn = '020405b4 0402 080a 00000001 00000000 01 030307';
    expect(read(syn, 6)).toEqual({ ...NONE, mss: 1460, sackPermitted: 1, edges: [] });
    expect(read(syn, 15)).toEqual({ ...NONE, mss: 1460, sackPermitted: 1, incomplete: 1, edges: [] });
    expect(read(syn, 0)).toEqual({ ...NONE, edges: [] });
  });

  it('any bytes: it ends, and stays inside', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (options) => {
        const inside = Buffer.from(options);
        const bytes = new Proxy(inside, {
          get(target, key) {
            if (typeof key === 'string' && /^[0-9]+$/.test(key) && Number(key) >= target.length) {
              throw new Error(`read at ${key} of ${target.length}`);
            }
            return Reflect.get(target, key, target);
          },
        });
        const view = new FrameView(watchAllPorts());
        view.optionsStart = 0;
        view.optionsEnd = inside.length;
        readTcpOptions(bytes, view, reused);
        return reused.sackBlocks <= 4 && reused.mss >= -1 && reused.windowScale >= -1;
      }),
    );
  });
});
