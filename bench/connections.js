/**
 * Millions of connections, pushed into the library one after the other, none of which ends by itself except every
 * fourth: SYNs alone, handshakes alone, greetings that nobody answers, whole short dialogues. Memory is told at each
 * tenth: it grows until the tables are full (docs/architecture.md, limits) and is flat from then on.
 *
 *   node --expose-gc bench/connections.js [COUNT] [OPEN]
 *
 * COUNT: connections, 10,000,000 by default. OPEN: how many may be open at once and half-open at once.
 */
import { createInspector } from '../dist/index.js';

const RAW_IP = 101;
const SYN = 2;
const SYN_ACK = 18;
const ACK = 16;
const PSH_ACK = 24;
const FIN_ACK = 17;
const STEP_US = 200;

const count = Number(process.argv[2] ?? 10_000_000);
const open = process.argv[3] === undefined ? undefined : Number(process.argv[3]);
const lines = [
  '220 mx.example ESMTP\r\n',
  'EHLO client.example\r\n',
  '250 mx.example\r\n',
  'QUIT\r\n',
  '221 bye\r\n',
].map((line) => Buffer.from(line, 'latin1'));

const packet = Buffer.alloc(1500);
packet[0] = 0x45;
packet[8] = 64;
packet[9] = 6;
packet[32] = 0x50;
packet.writeUInt16BE(65_535, 34);

let sessions = 0;
let timeUs = 1_700_000_000_000_000;
let ipId = 0;
const inspector = createInspector(
  () => {
    sessions++;
  },
  open === undefined ? {} : { limits: { connections: open, halfOpen: open } },
);

/** One segment of connection `number`; `fromClient` says whose. */
function send(number, fromClient, flags, seq, ack, payload) {
  const client = (0x0a000000 + (number >>> 5)) >>> 0;
  const port = 30_000 + (number & 31);
  packet.writeUInt16BE(40 + payload.length, 2);
  packet.writeUInt16BE(++ipId & 0xffff, 4);
  packet.writeUInt32BE(fromClient ? client : 0xc6336402, 12);
  packet.writeUInt32BE(fromClient ? 0xc6336402 : client, 16);
  packet.writeUInt16BE(fromClient ? port : 25, 20);
  packet.writeUInt16BE(fromClient ? 25 : port, 22);
  packet.writeUInt32BE(seq, 24);
  packet.writeUInt32BE(ack, 28);
  packet[33] = flags;
  payload.copy(packet, 40);
  timeUs += STEP_US;
  inspector.packet(packet.subarray(0, 40 + payload.length), { timeUs, linkType: RAW_IP });
}

const none = Buffer.alloc(0);

function connect(number) {
  const kind = number & 3;
  send(number, true, SYN, 1000, 0, none);
  if (kind === 0) return;
  send(number, false, SYN_ACK, 5000, 1001, none);
  send(number, true, ACK, 1001, 5001, none);
  if (kind === 1) return;
  const next = [1001, 5001];
  for (const [index, line] of lines.entries()) {
    const side = index % 2 === 0 ? 1 : 0;
    send(number, side === 0, PSH_ACK, next[side], next[1 - side], line);
    next[side] += line.length;
    if (kind === 2) return;
  }
  send(number, true, FIN_ACK, next[0], next[1], none);
  send(number, false, FIN_ACK, next[1], next[0] + 1, none);
}

/** What is held, with what the collector may free taken away where it can be asked. */
function heldBytes() {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const beganMs = performance.now();
const held = [];
for (let tenth = 1; tenth <= 10; tenth++) {
  for (let number = Math.floor((count * (tenth - 1)) / 10); number < Math.floor((count * tenth) / 10); number++) {
    connect(number);
  }
  held.push(heldBytes());
  const { rss } = process.memoryUsage();
  const seconds = (performance.now() - beganMs) / 1000;
  process.stdout.write(
    `${Math.floor((count * tenth) / 10)} connections, ${sessions} handed on, ${seconds.toFixed(1)} s, ` +
      `held ${(held[tenth - 1] / 2 ** 20).toFixed(1)} MiB, resident ${(rss / 2 ** 20).toFixed(0)} MiB\n`,
  );
}
const { warnings } = inspector.finish();
process.stdout.write(`${JSON.stringify({ count, held, warnings })}\n`);
