import { describe, expect, it } from 'vitest';
import { communityId } from '../../src/report/community-id.ts';

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
