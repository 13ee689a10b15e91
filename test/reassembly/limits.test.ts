/** Each limit of reassembly reached, and what is said when it acts. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ReassemblyLimits } from '../../src/reassembly/limits.ts';
import { analysed, type Captured, sent } from '../support/captured.ts';
import { ipFragments, tcpPacket } from '../support/packet-bytes.ts';

type Options = Omit<Parameters<typeof sent>[0], 'from' | 'atUs'>;

const GREETING = '220 mx.example\r\n';
const client = (atUs: number, options: Options): Captured => sent({ from: 'client', atUs, ...options });
const server = (atUs: number, options: Options): Captured => sent({ from: 'server', atUs, ...options });

/** A handshake from `port`. */
function handshake(port: number, atUs: number): Captured[] {
  return [
    client(atUs, { sport: port, flags: 'S', seq: 100 }),
    server(atUs + 1, { dport: port, flags: 'SA', seq: 500, ack: 101 }),
    client(atUs + 2, { sport: port, flags: 'A', seq: 101, ack: 501 }),
  ];
}

const greeted = (port: number, atUs: number): Captured[] => [
  ...handshake(port, atUs),
  server(atUs + 3, { dport: port, flags: 'PA', seq: 501, ack: 101, payload: GREETING }),
];

const PORTS = Array.from({ length: 30 }, (_, index) => 40_000 + index);

function run(packets: readonly Captured[], limits: Partial<ReassemblyLimits>) {
  return analysed(
    packets,
    ({ session }) => ({
      port: session.client.port,
      said: session.turns.map(({ from, kind, bytes }) => `${from} ${kind} ${bytes}`),
      transport: {
        missing: [session.transport.client.missingBytes, session.transport.server.missingBytes],
        conflicts: session.transport.server.conflicts.length,
        conflictCount: session.transport.server.conflictCount,
      },
    }),
    { limits },
  );
}

describe('connections', () => {
  it('half-open ones: the oldest are forgotten, and counted for their server', () => {
    const { sessions, warnings } = run(
      PORTS.map((sport, index) => client(index * 1_000, { sport, flags: 'S', seq: 100 })),
      { halfOpen: 10 },
    );
    expect(sessions.map(({ port }) => port)).toEqual(PORTS.slice(20));
    expect(warnings).toEqual(['20 half-open connections to 198.51.100.2:25 were not kept: too many at once']);
  });

  it.each([
    ['that were greeted', greeted],
    ['of which nothing but the handshake came', handshake],
  ])('open ones %s: those that are silent longest end early', (_what, packets) => {
    const { sessions, warnings } = run(
      PORTS.flatMap((port, index) => packets(port, index * 1_000)),
      { connections: 10, halfOpen: 5 },
    );
    // They are handed on, all of them, in the order of their last packets.
    expect(sessions.map(({ port }) => port)).toEqual(PORTS);
    expect(warnings).toEqual([
      expect.stringMatching(/^1\d sessions ended early: too many connections were open at once$/),
    ]);
    expect(
      run(
        PORTS.flatMap((port, index) => packets(port, index * 1_000)),
        {},
      ).warnings,
    ).toEqual([]);
  });

  it('that are closed wait for stragglers, so many and so long', () => {
    const closed = PORTS.flatMap((port, index) => [
      ...greeted(port, index * 1_000),
      server(index * 1_000 + 4, { dport: port, flags: 'R', seq: 517 }),
    ]);
    const handedOn = (limits: Partial<ReassemblyLimits>) => {
      const order: number[] = [];
      // An open one, whose number is lower, is handed on behind those that are over before the end.
      run([...greeted(39_999, 0), ...closed], limits).sessions.forEach(({ port }) => void order.push(port));
      return order.indexOf(39_999);
    };
    expect(handedOn({ lingering: 5 })).toBe(30);
    expect(handedOn({ lingerUs: 10 })).toBe(30);
  });
});

describe('time', () => {
  /** What happens at `atUs` besides: a connection that is over, which makes the assembler look at the clock. */
  const meanwhile = (atUs: number) => [
    ...greeted(50_000, atUs),
    server(atUs + 4, { dport: 50_000, flags: 'R', seq: 517 }),
    client(atUs + 5, { sport: 39_999, flags: 'A', seq: 101, ack: 517 }),
  ];
  /** Of the sessions, those that were handed on before the one that goes on to the end. */
  const over = (packets: readonly Captured[], limits: Partial<ReassemblyLimits>) => {
    const alive = client(99_000_000, { sport: 39_999, flags: 'A', seq: 101, ack: 517 });
    const all = [...greeted(39_999, 0), ...packets, alive, ...meanwhile(100_000_000)];
    const ports = run(all, limits).sessions.map(({ port }) => port);
    return ports.slice(0, ports.indexOf(39_999));
  };

  it('an unanswered SYN is given up', () => {
    const syn = client(10, { flags: 'S', seq: 100 });
    expect(over([syn], { unansweredUs: 60_000_000 })).toContain(40_000);
    expect(over([syn], {})).not.toContain(40_000);
  });

  it('a silent connection is over', () => {
    expect(over(greeted(40_000, 10), { idleUs: 60_000_000 })).toContain(40_000);
    expect(over(greeted(40_000, 10), {})).not.toContain(40_000);
  });
});

describe('what is missing', () => {
  /** The server's stream goes on behind a hole, and the client acknowledges all of it. */
  function hole(count: number, size: number, ackEach = true): Captured[] {
    const packets = greeted(40_000, 0);
    let seq = 517 + 10;
    for (let index = 0; index < count; index++) {
      const payload = `${'x'.repeat(size - 2)}\r\n`;
      packets.push(server(1_000 + index * 10, { flags: 'A', seq, ack: 101, payload }));
      seq += size;
      if (ackEach) packets.push(client(1_005 + index * 10, { flags: 'A', seq: 101, ack: seq }));
    }
    return packets;
  }
  /** Turns that were there before the end of the capture forced all of them. */
  const turnsInTime = (limits: Partial<ReassemblyLimits>) => {
    let turns = 0;
    let inTime = 0;
    const onTurn = () => void turns++;
    analysed(
      hole(6, 20),
      () => {},
      { limits, onTurn },
      () => {
        inTime = turns;
      },
    );
    return inTime;
  };

  it.each([
    ['packets', { holdPackets: 6 }],
    ['time', { holdUs: 30 }],
  ])('is waited for so long once it was acknowledged: %s', (_what, limits) => {
    expect(turnsInTime({})).toBe(1);
    expect(turnsInTime(limits)).toBeGreaterThan(4);
    expect(run(hole(6, 20), limits).sessions).toMatchObject([{ transport: { missing: [0, 10] } }]);
  });

  it.each([
    ['bytes of a connection', { pendingBytes: 50 }],
    ['segments of a direction', { pendingSegments: 3 }],
    ['bytes of all', { pendingTotal: 50 }],
  ])('is given up early when too much waits behind it: %s', (_what, limits) => {
    const packets = hole(6, 20, false);
    expect(run(packets, {}).warnings).toEqual([]);
    const { sessions, warnings } = run(packets, limits);
    expect(sessions).toMatchObject([{ transport: { missing: [0, 10] } }]);
    expect(warnings).toEqual(['1 hole given up early: too many bytes waited behind them']);
  });
});

it('numbers that are far away belong to nothing, and that is said', () => {
  const packets = [
    ...greeted(40_000, 0),
    server(10, { flags: 'PA', seq: 517 + 5_000, ack: 101, payload: '250 Ok\r\n' }),
  ];
  expect(run(packets, {}).sessions).toMatchObject([{ transport: { missing: [0, 5_000] } }]);
  const { sessions, warnings } = run(packets, { plausibleDistance: 4_000 });
  expect(sessions).toMatchObject([{ transport: { missing: [0, 0] } }]);
  expect(warnings).toEqual(['1 segment with sequence numbers far from those of its connection was passed over']);
});

it('of a connection that began before, so many packets are looked at before its first byte is chosen', () => {
  // The first byte comes last.
  const lines = ['250 a\r\n', '250 b\r\n', '250 c\r\n'];
  const late = [2, 1, 0].map((index) =>
    server(10 - index, { flags: 'PA', seq: 501 + 7 * index, ack: 101, payload: lines[index] as string }),
  );
  expect(run(late, {}).sessions).toMatchObject([{ said: ['server reply 7', 'server reply 7', 'server reply 7'] }]);
  expect(run(late, { formingPackets: 1 }).sessions).toMatchObject([{ said: ['server reply 7'] }]);
});

it('so many conflicts are kept apart, all are counted', () => {
  const other = GREETING.toUpperCase();
  const again = Array.from({ length: 5 }, (_, index) =>
    server(1_000 + index, { flags: 'PA', seq: 501, ack: 101, payload: other, ipId: 900 + index }),
  );
  expect(run([...greeted(40_000, 0), ...again], { conflicts: 2 }).sessions).toMatchObject([
    { transport: { conflicts: 2, conflictCount: 5 } },
  ]);
});

describe('fragments', () => {
  /** First halves of datagrams, and then the second ones. */
  const pieces = [0, 1, 2, 3].map((index) =>
    ipFragments(
      tcpPacket({
        src: '198.51.100.2',
        dst: '192.0.2.1',
        sport: 25,
        dport: 40_000,
        flags: 'PA',
        seq: 501 + 16 * index,
        ack: 101,
        payload: GREETING,
        ipId: index + 1,
      }),
      24,
      index + 1,
    ),
  );
  const packets = [
    ...handshake(40_000, 0),
    ...[0, 1].flatMap((half) =>
      pieces.map((two, index) => ({ bytes: two[half] as Buffer, atUs: 1_000 * (1 + half) + index })),
    ),
  ];

  it('are put together, four datagrams at a time', () => {
    expect(pieces.every(({ length }) => length === 2)).toBe(true);
    const { sessions, warnings } = run(packets, {});
    expect(sessions).toMatchObject([{ transport: { missing: [0, 0] } }]);
    expect(warnings).toEqual([]);
  });

  it.each([
    ['datagrams', { fragmentDatagrams: 2 }, /never became whole \(\d made room for others\)/],
    ['bytes', { fragmentBytes: 6_000 }, /never became whole \(\d made room for others\)/],
    ['time', { fragmentUs: 500 }, /never became whole$/],
  ])('within limits: %s', (_what, limits, warning) => {
    const { sessions, warnings } = run(packets, limits);
    expect(sessions[0]?.said.length ?? 0).toBeLessThan(4);
    expect(warnings).toEqual([expect.stringMatching(warning)]);
  });
});

it('connections by the ten thousand, most of which never end, leave memory flat', { timeout: 120_000 }, () => {
  const script = fileURLToPath(new URL('../../bench/connections.js', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', script, '60000', '2000'], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const { held, warnings } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
    held: number[];
    warnings: string[];
  };
  expect(held).toHaveLength(10);
  // The tables are full after the first tenth.
  expect(Math.max(...held.slice(2))).toBeLessThan((held[1] as number) * 1.15);
  expect(warnings.join('; ')).toMatch(/half-open connections .* were not kept.*; .* ended early/);
});
