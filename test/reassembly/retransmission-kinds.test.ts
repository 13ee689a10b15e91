/** Why a segment was sent again: asked for, by a timer, or for nothing. */
import { describe, expect, it } from 'vitest';
import type { RetransmissionKinds } from '../../src/reassembly/transport-facts.ts';
import { analysed, type Captured, sent } from '../support/captured.ts';

const PIECE = `${'x'.repeat(98)}\r\n`;
const ROUND_TRIP_US = 10_000;

/**
 * A message on its way. A line is one packet: `<ms> data <n>` the client's nth hundred bytes, `<ms> ack <n>` the server's
 * acknowledgment of all in front of the nth, with `sack <from>-<to>`, `window <size>` and `id <ip id>` where it has them.
 */
function message(script: string): Captured[] {
  const packets: Captured[] = [];
  let ids = 100;
  const say = (from: 'client' | 'server', atUs: number, flags: string, seq: number, ack: number, payload = '') =>
    packets.push(sent({ from, atUs, flags, seq, ack, payload, ipId: ids++ }));
  say('client', 0, 'S', 999, 0);
  say('server', ROUND_TRIP_US, 'SA', 4_999, 1_000);
  say('client', ROUND_TRIP_US, 'A', 1_000, 5_000);
  const start = 1_000;
  for (const line of script.trim().split('\n')) {
    const [at, what, index, ...rest] = line.trim().split(' ');
    const atUs = 100_000 + Number(at) * 1_000;
    const told = (name: string) => rest[rest.indexOf(name) + 1];
    const ipId = rest.includes('id') ? Number(told('id')) : ids++;
    const seq = start + Number(index) * PIECE.length;
    if (what === 'data') {
      packets.push(sent({ from: 'client', atUs, flags: 'A', seq, ack: 5_000, payload: PIECE, ipId }));
      continue;
    }
    const options = Buffer.from(rest.includes('sack') ? '0101050a0000000000000000' : '', 'hex');
    const [left = '0', right = '0'] = rest.includes('sack') ? (told('sack') as string).split('-') : [];
    if (options.length > 0) {
      options.writeUInt32BE(start + Number(left) * PIECE.length, 4);
      options.writeUInt32BE(start + Number(right) * PIECE.length, 8);
    }
    const window = rest.includes('window') ? Number(told('window')) : 500;
    packets.push(sent({ from: 'server', atUs, flags: 'A', seq: 5_000, ack: seq, options, window, ipId }));
  }
  return packets;
}

interface Told {
  readonly retransmissions: number;
  readonly kinds: RetransmissionKinds | null;
  readonly server: RetransmissionKinds | null;
}

function told(packets: readonly Captured[]): Told {
  const { sessions } = analysed(packets, ({ session: { transport } }) => ({
    retransmissions: transport.client.retransmissions,
    kinds: transport.client.retransmissionKinds,
    server: transport.server.retransmissionKinds,
  }));
  expect(sessions).toHaveLength(1);
  return sessions[0] as Told;
}

const NONE = { fast: 0, timeout: 0, needless: 0 };
const WINDOW = '0 data 0\n0 data 1\n0 data 2\n0 data 3\n0 data 4\n10 ack 1';
const ASKED = '11 ack 1\n12 ack 1\n13 ack 1';

it('nothing was sent again: no kinds', () => {
  expect(told(message(`${WINDOW}\n20 ack 5`))).toEqual({ retransmissions: 0, kinds: null, server: null });
});

it.each([
  ['after three duplicate acknowledgments', `${WINDOW}\n${ASKED}\n14 data 1`, { fast: 1 }],
  ['two are no request', `${WINDOW}\n11 ack 1\n12 ack 1\n14 data 1`, {}],
  ['nor are changes of the window', `${WINDOW}\n11 ack 1\n12 ack 1 window 400\n13 ack 1 window 300\n14 data 1`, {}],
  ['a selective one is, that names what came behind', `${WINDOW}\n11 ack 1 sack 2-3\n14 data 1`, { fast: 1 }],
  ['it says nothing of what lies behind it', `${WINDOW}\n11 ack 1 sack 2-3\n14 data 3`, {}],
  ['nor does one that names what came twice', `${WINDOW}\n11 ack 1 sack 0-1\n14 data 1`, {}],
  ['the next hole of the same recovery', `${WINDOW}\n${ASKED}\n14 data 1\n24 ack 3\n25 data 3`, { fast: 2 }],
  ['a timer', `${WINDOW}\n230 data 1`, { timeout: 1 }],
  ['each time that it ran out', `${WINDOW}\n230 data 1\n640 data 1\n1460 data 1`, { timeout: 3 }],
  ['what follows behind a timeout', `${WINDOW}\n230 data 1\n240 ack 2\n240 data 2\n240 data 3`, { timeout: 3 }],
  ['too soon for a timer, and nobody asked', `${WINDOW}\n60 data 1`, {}],
  ['asked for, and lost again', `${WINDOW}\n${ASKED}\n14 data 1\n250 data 1`, { fast: 1, timeout: 1 }],
  ['acknowledged before', `${WINDOW}\n230 data 0`, { needless: 1 }],
  ['acknowledged only in part', '0 data 0\n0 data 1\n5 ack 0.5\n230 data 0', { timeout: 1 }],
  ['acknowledged behind the repetition', `${WINDOW}\n230 data 1\n231 ack 5`, { timeout: 1 }],
  ['progress ends what was asked', `${WINDOW}\n${ASKED}\n14 ack 4\n15 data 4`, {}],
])('%s', (_case, script, kinds) => {
  const { retransmissions, kinds: found, server } = told(message(script));
  expect(found).toEqual({ ...NONE, ...kinds });
  const sum = Object.values(kinds).reduce((a, b) => a + b, 0);
  expect(retransmissions).toBeGreaterThanOrEqual(Math.max(1, sum));
  expect(server).toBeNull();
});

it('without the peer’s packets nothing tells why', () => {
  const fromClient = message(`${WINDOW}\n230 data 1`).filter(({ bytes }) => bytes.readUInt16BE(22) === 25);
  expect(told(fromClient)).toMatchObject({ retransmissions: 1, kinds: NONE });
});

describe('captured twice', () => {
  const twice = (packets: readonly Captured[], laterUs: number) =>
    [...packets, ...packets.map((packet) => ({ ...packet, atUs: packet.atUs + laterUs }))].sort(
      (a, b) => a.atUs - b.atUs,
    );

  it.each([3, 400, 2_500])('copies ask for nothing, and a repetition counts once: %i µs later', (laterUs) => {
    const one = message(`${WINDOW}\n11 ack 1\n230 data 1\n240 ack 5`);
    expect(told(twice(one, laterUs))).toMatchObject({ retransmissions: 1, kinds: { ...NONE, timeout: 1 } });
    const two = message(`${WINDOW}\n11 ack 1\n12 ack 1\n16 data 1\n26 ack 5`);
    expect(told(twice(two, laterUs))).toMatchObject({ retransmissions: 1, kinds: NONE });
    const three = message(`${WINDOW}\n${ASKED}\n16 data 1\n26 ack 5`);
    expect(told(twice(three, laterUs))).toMatchObject({ retransmissions: 1, kinds: { ...NONE, fast: 1 } });
  });
});
