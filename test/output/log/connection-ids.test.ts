import { describe, expect, it } from 'vitest';
import { communityId, connectionUid, flowId } from '../../../src/output/log/connection-ids.ts';
import { session } from '../../support/reports.ts';

const between = (client: [string, number], server: [string, number]) => ({
  client: { address: client[0], port: client[1] },
  server: { address: server[0], port: server[1] },
});

describe('the Community ID', () => {
  it.each([
    // The first is of the specification's own baseline; the others are what tshark 4.0.17 says of captures/.
    ['128.232.110.120', 34855, '66.35.250.204', 80, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
    ['192.0.2.222', 34127, '198.51.100.123', 25, '1:cCwWinYCJxmPrRyllH2gnQX+PBA='],
    ['192.0.2.222', 34131, '198.51.100.123', 25, '1:izer9bbLAmBlKCYHEOhwJDBkQgM='],
  ] as const)('of %s:%i and %s:%i', (client, clientPort, server, serverPort, id) => {
    expect(communityId(between([client, clientPort], [server, serverPort]))).toBe(id);
    expect(communityId(between([server, serverPort], [client, clientPort]))).toBe(id);
  });

  it('orders ends with one address by their ports', () => {
    const id = communityId(between(['::1', 25], ['::1', 40000]));
    expect(communityId(between(['::1', 40000], ['::1', 25]))).toBe(id);
    expect(id).toMatch(/^1:[A-Za-z0-9+/]{27}=$/);
  });
});

describe('uid and flow id', () => {
  it('are those of the connection, whatever run sees it', () => {
    expect(connectionUid(session([]))).toBe(
      connectionUid(session([], { id: 77, frames: { first: 1, last: 2, count: 2 } })),
    );
    expect(connectionUid(session([]))).toMatch(/^C[0-9A-Za-z]{17}$/);
    expect(Number.isSafeInteger(flowId(session([])))).toBe(true);
    expect(flowId(session([]))).toBeGreaterThan(0);
  });

  it('are others for another connection between the same ends', () => {
    const later = session([], { start: { us: 1_186_924_643_316_205, nanos: 0 } });
    expect(connectionUid(later)).not.toBe(connectionUid(session([])));
    expect(flowId(later)).not.toBe(flowId(session([])));
  });

  it('are told apart by frames where packets have no time', () => {
    const start = { us: Number.NaN, nanos: 0 };
    const first = session([], { start });
    const second = session([], { start, frames: { first: 9, last: 20, count: 3 } });
    expect(connectionUid(first)).not.toBe(connectionUid(second));
  });
});
