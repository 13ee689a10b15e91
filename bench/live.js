/**
 * Live capture, measured: `npm run bench:live` (as root, on Linux). Two network namespaces with one line between them;
 * the same load is replayed on it for each program in turn, several times over:
 *
 *   live      smtpscope live -f ndjson
 *   tcpdump   tcpdump -w /dev/null, with the same filter
 *   dumpcap   dumpcap -w /dev/null, with the same filter
 *   pipe      dumpcap -w - | smtpscope -f ndjson -
 *
 * For each: the share of the packets sent that it received, and its CPU a packet. Then the latency of `live`: from the
 * moment at which a client writes a line to the moment at which it is read from standard output. Everything is measured
 * on one machine, which sends as well: what is lost here on two cores need not be lost elsewhere, and ratios between the
 * programs are worth more than figures.
 *
 *   node bench/live.js --rates 2000,20000 --seconds 8 --rounds 3 --buffers 64,256 --only loss,latency,end
 */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generateCorpus } from './corpora.js';
import { median, PROGRAM } from './measure.js';

const SUPPORT = fileURLToPath(new URL('../test/live/support/', import.meta.url));
const PYTHON = '/usr/bin/python3';
const FILTER = [24, 25, 465, 587, 2525].map((port) => `tcp port ${port}`).join(' or ');
const HOSTS = { receiver: `smtpscope-bench-${process.pid}-a`, sender: `smtpscope-bench-${process.pid}-b` };
const TICKS_A_SECOND = 100;
const SETTLE_MS = 1_500;

const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '2000,20000' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    buffers: { type: 'string', default: '64' },
    lines: { type: 'string', default: '200' },
    only: { type: 'string', default: 'latency,loss,end' },
  },
});
const rates = values.rates.split(',').map(Number);
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const buffers = values.buffers.split(',').map(Number);

/** @typedef {{ received: number, cpuSeconds: number }} Result */
/** @typedef {(work: () => Promise<number>) => Promise<Result>} Program runs while `work` sends; it resolves to the sender's CPU */

/** @param {string[]} args */
function ip(...args) {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** @param {keyof typeof HOSTS} host @param {string[]} command */
function start(host, command) {
  const child = spawn('ip', ['netns', 'exec', HOSTS[host], ...command], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  const hear = (/** @type {Buffer} */ chunk) => {
    said += chunk;
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise((resolve) => child.once('close', resolve));
  return { child, ended, said: () => said };
}

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {() => boolean} isSo @param {string} what */
async function until(isSo, what) {
  for (let waited = 0; !isSo(); waited += 20) {
    if (waited > 30_000) throw new Error(`waited in vain: ${what}`);
    await sleep(20);
  }
}

/** CPU of all children that have ended, in seconds. */
function childrenCpuSeconds() {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_A_SECOND;
}

/**
 * What was captured may wait to be read: a program that tells of itself is waited for until it tells of no more.
 * @param {() => string} said
 */
async function settle(said) {
  await sleep(SETTLE_MS);
  const packets = () => /.*: ([\d,]+) packets(?![\s\S]*packets)/.exec(said())?.[1];
  for (let before = ''; packets() !== undefined && packets() !== before; await sleep(SETTLE_MS))
    before = packets() ?? '';
}

/**
 * @param {string[]} command @param {RegExp} ready what it says when it listens
 * @param {(said: string) => number} received packets, from all that it said
 * @returns {Program}
 */
function program(command, ready, received) {
  return async (work) => {
    const before = childrenCpuSeconds();
    const running = start('receiver', command);
    await until(() => ready.test(running.said()) || running.child.exitCode !== null, `${command[0]} to listen`);
    await sleep(300);
    const senderCpu = await work();
    await settle(running.said);
    running.child.kill('SIGINT');
    await running.ended;
    return { received: received(running.said()), cpuSeconds: childrenCpuSeconds() - before - senderCpu };
  };
}

/** @param {string} said @param {RegExp} pattern */
function numberIn(said, pattern) {
  const match = pattern.exec(said);
  if (match === null) throw new Error(`not said: ${pattern}\n${said.slice(-500)}`);
  return Number((match[1] ?? '').replaceAll(',', ''));
}

const summaryPackets = (/** @type {string} */ said) => numberIn(said, /"type":"summary".*?"packets":(\d+)/);

/** @returns {Record<string, Program>} */
function programs() {
  /** @type {Record<string, Program>} */
  const all = {};
  for (const buffer of buffers) {
    const args = [
      'live',
      'v0',
      '-f',
      'ndjson',
      '--host',
      '203.0.113.199',
      '--buffer',
      String(buffer),
      '--heartbeat',
      '500ms',
    ];
    all[`live ${buffer} MiB`] = program([process.execPath, PROGRAM, ...args], /watching/, summaryPackets);
  }
  all.tcpdump = program(['tcpdump', '-i', 'v0', '-s0', '-w', '/dev/null', FILTER], /listening on/, (said) =>
    numberIn(said, /(\d+) packets captured/),
  );
  const dumpcap = ['dumpcap', '-i', 'v0', '-B', '64', '-f', FILTER];
  all.dumpcap = program([...dumpcap, '-w', '/dev/null'], /Capturing on/, (said) =>
    numberIn(said, /received\/dropped on interface '[^']*': (\d+)\//),
  );
  const inner = `exec dumpcap -q -P -i v0 -s 262144 -B 64 -f '${FILTER}' -w -`;
  // Ctrl-C reaches both; the reader ends when its input does.
  const pipe = `trap : INT; (${inner}) | (trap '' INT; exec '${process.execPath}' '${PROGRAM}' -f ndjson --host 203.0.113.199 -) & wait; wait`;
  all.pipe = async (work) => {
    const before = childrenCpuSeconds();
    const child = spawn('setsid', ['ip', 'netns', 'exec', HOSTS.receiver, 'bash', '--norc', '-m', '-c', pipe], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    await until(() => /Capturing on/.test(said), 'dumpcap to listen');
    await sleep(300);
    const senderCpu = await work();
    await sleep(SETTLE_MS);
    for (const pid of descendants(child.pid ?? 0)) {
      if (readFileSync(`/proc/${pid}/comm`, 'latin1').trim() === 'dumpcap') process.kill(pid, 'SIGINT');
    }
    await ended;
    return { received: summaryPackets(said), cpuSeconds: childrenCpuSeconds() - before - senderCpu };
  };
  return all;
}

/** @param {number} pid @returns {number[]} */
function descendants(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/**
 * Frames of 1514 bytes, as when large messages are sent: a session for each 500 of them.
 * @param {number} packets
 */
function largeFrames(packets) {
  const records = [captureHead()];
  for (let i = 0; i < packets; i++) {
    const step = i % 500;
    const record = Buffer.alloc(16 + 1514, 'x');
    record.fill(0, 0, 16 + 54);
    record.writeUInt32LE(1514, 8);
    record.writeUInt32LE(1514, 12);
    record.writeUInt16BE(0x0800, 28);
    record[30] = 0x45;
    record.writeUInt16BE(1500, 32);
    record[38] = 64;
    record[39] = 6;
    record.set([192, 0, 2, 7, 198, 51, 100, 25], 42);
    record.writeUInt16BE(20_000 + Math.floor(i / 500), 50);
    record.writeUInt16BE(25, 52);
    record.writeUInt32BE(1 + step * 1460, 54);
    record[62] = 0x50;
    record[63] = 0x10;
    records.push(record);
  }
  return Buffer.concat(records);
}

/** @param {string} path @param {number} rate @param {number} times @returns {Promise<{ sent: number, cpuSeconds: number, seconds: number }>} */
async function send(path, rate, times) {
  const before = childrenCpuSeconds();
  const sender = start('sender', [PYTHON, join(SUPPORT, 'replay.py'), path, 'v0', String(rate), String(times)]);
  await sender.ended;
  const said = sender.said();
  return {
    sent: numberIn(said, /sent (\d+)/),
    seconds: numberIn(said, / in ([\d.]+)/),
    cpuSeconds: childrenCpuSeconds() - before,
  };
}

/** @param {string} directory */
async function measureLoss(directory) {
  const loads = {
    'dense SMTP': generateCorpus('dense', { bytes: 30e6, seed: 1 }).capture,
    'frames of 1514 bytes': largeFrames(20_000),
  };
  for (const [name, capture] of Object.entries(loads)) {
    const path = join(directory, 'load.pcap');
    writeFileSync(path, capture);
    const packets = countPackets(capture);
    for (const rate of rates) {
      const times = Math.max(1, Math.round((rate * seconds) / packets));
      /** @type {Map<string, { share: number, cpuUs: number }[]>} */
      const results = new Map();
      for (let round = 0; round < rounds; round++) {
        for (const [label, run] of Object.entries(programs())) {
          let sent = 0;
          const { received, cpuSeconds } = await run(async () => {
            const done = await send(path, rate, times);
            sent = done.sent;
            return done.cpuSeconds;
          });
          const result = { share: received / sent, cpuUs: (cpuSeconds / sent) * 1e6 };
          results.set(label, [...(results.get(label) ?? []), result]);
        }
      }
      console.log(`\n${name}, ${rate} packets/s for ${((packets * times) / rate).toFixed(0)} s, ${rounds} rounds`);
      console.log('  program         received: median  worst   CPU µs a packet (start-up included)');
      for (const [label, all] of results) {
        const share = median(all.map((one) => one.share));
        const worst = Math.min(...all.map((one) => one.share));
        const cpu = median(all.map((one) => one.cpuUs));
        console.log(
          `  ${label.padEnd(16)}${share.toFixed(4).padStart(16)}${worst.toFixed(4).padStart(8)}${cpu.toFixed(1).padStart(10)}`,
        );
      }
    }
  }
}

/** @param {Buffer} capture */
function countPackets(capture) {
  let packets = 0;
  for (let at = 24; at + 16 <= capture.length; at += 16 + capture.readUInt32LE(at + 8)) packets++;
  return packets;
}

/** From a client's write to the line on standard output, in milliseconds. */
async function measureLatency() {
  const server = start('sender', [process.execPath, join(SUPPORT, 'mail-server.mjs'), 'plain', '25']);
  await until(() => /listening/.test(server.said()), 'the server');
  const live = start('receiver', [process.execPath, PROGRAM, 'live', 'v0']);
  await until(() => /watching/.test(live.said()), 'live');
  /** @type {Map<string, number>} */
  const readAt = new Map();
  live.child.stdout.on('data', (/** @type {Buffer} */ chunk) => {
    const now = performance.timeOrigin + performance.now();
    for (const [, mark] of String(chunk).matchAll(/C: NOOP (\d+)/g)) if (mark !== undefined) readAt.set(mark, now);
  });
  const count = Number(values.lines);
  const script = `
    const socket = require('node:net').connect(25, '198.51.100.25');
    let next = 0;
    const say = () => {
      if (next === ${count}) return socket.end('QUIT\\r\\n');
      console.log(next, performance.timeOrigin + performance.now());
      socket.write('NOOP ' + next++ + '\\r\\n');
      setTimeout(say, 20);
    };
    socket.once('data', say);
    socket.resume();`;
  const client = start('receiver', [process.execPath, '-e', script]);
  await client.ended;
  await sleep(500);
  live.child.kill('SIGINT');
  server.child.kill('SIGTERM');
  await Promise.all([live.ended, server.ended]);
  const late = [...client.said().matchAll(/^(\d+) ([\d.]+)$/gm)].flatMap(([, mark = '', at = '']) => {
    const read = readAt.get(mark);
    return read === undefined ? [] : [read - Number(at)];
  });
  late.sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => (late[Math.floor(share * (late.length - 1))] ?? Number.NaN).toFixed(1);
  console.log(`\nlive: from a client's write to the line, ${late.length} of ${count} lines at 50 a second`);
  console.log(`  median ${at(0.5)} ms, 90 % ${at(0.9)} ms, 99 % ${at(0.99)} ms, worst ${at(1)} ms`);
}

/**
 * Ctrl-C under full load, and with as many sessions open as come: from the signal to the end of the process.
 * @param {string} directory
 */
async function measureEnd(directory) {
  const path = join(directory, 'load.pcap');
  console.log('\nlive: from Ctrl-C under full load, text to a pipe, to its end');
  for (const [name, capture] of Object.entries(endLoads())) {
    writeFileSync(path, capture);
    const times = [];
    let unread = 0;
    for (let round = 0; round < rounds; round++) {
      const sender = start('sender', [PYTHON, join(SUPPORT, 'replay.py'), path, 'v0', '0', '100000']);
      const live = start('receiver', [process.execPath, PROGRAM, 'live', 'v0']);
      await until(() => /watching/.test(live.said()), 'live');
      await sleep(4_000);
      const begun = performance.now();
      live.child.kill('SIGINT');
      await live.ended;
      times.push(performance.now() - begun);
      sender.child.kill('SIGTERM');
      await sender.ended;
      const words = /v0: ([\d,]+) packets that had been captured were not read/.exec(live.said())?.[1];
      unread = Math.max(unread, Number((words ?? '0').replaceAll(',', '')));
    }
    const ms = times.map((time) => time.toFixed(0)).join(', ');
    console.log(`  ${name.padEnd(26)}${ms} ms; not read any more: up to ${unread} packets`);
  }
}

function endLoads() {
  return {
    'dense SMTP': generateCorpus('dense', { bytes: 30e6, seed: 1 }).capture,
    'sessions without end': openSessions(),
  };
}

/** 30,000 sessions that are refused twice and never end. */
function openSessions() {
  const records = [captureHead()];
  for (let i = 0; i < 30_000; i++) {
    const next = [1_000, 5_000];
    const say = (/** @type {0 | 1} */ from, /** @type {string} */ text, flags = 0x18) => {
      const ends = /** @type {const} */ ([
        [192, 0, 2, 1 + Math.floor(i / 20_000)],
        [198, 51, 100, 25],
      ]);
      const ports = [1_024 + (i % 20_000), 25];
      const record = Buffer.alloc(16 + 54 + text.length);
      record.writeUInt32LE(54 + text.length, 8);
      record.writeUInt32LE(54 + text.length, 12);
      record.writeUInt16BE(0x0800, 28);
      record[30] = 0x45;
      record.writeUInt16BE(40 + text.length, 32);
      record[38] = 64;
      record[39] = 6;
      record.set(ends[from], 42);
      record.set(ends[1 - from] ?? [], 46);
      record.writeUInt16BE(ports[from] ?? 0, 50);
      record.writeUInt16BE(ports[1 - from] ?? 0, 52);
      record.writeUInt32BE(next[from] ?? 0, 54);
      record.writeUInt32BE(next[1 - from] ?? 0, 58);
      record[62] = 0x50;
      record[63] = flags;
      record.writeUInt16BE(65_535, 64);
      record.write(text, 70, 'latin1');
      records.push(record);
      next[from] = (next[from] ?? 0) + text.length + ((flags & 2) === 0 ? 0 : 1);
    };
    say(0, '', 0x02);
    say(1, '', 0x12);
    say(0, '', 0x10);
    say(1, '220 mail.example.net ESMTP\r\n');
    say(0, 'EHLO client.example\r\n');
    say(1, '250-mail.example.net\r\n250 AUTH PLAIN\r\n');
    say(0, 'AUTH PLAIN AGFubmEAaHVudGVyMg==\r\n');
    say(1, '535 5.7.8 authentication failed\r\n');
    say(0, 'MAIL FROM:<a@client.example>\r\n');
    say(1, '250 2.1.0 Ok\r\n');
    say(0, 'RCPT TO:<b@elsewhere.example>\r\n');
    say(1, '554 5.7.1 Relay access denied\r\n');
  }
  return Buffer.concat(records);
}

function captureHead() {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(262_144, 16);
  head.writeUInt32LE(1, 20);
  return head;
}

async function main() {
  if (process.getuid?.() !== 0) throw new Error('bench:live makes network namespaces: run it as root');
  for (const tool of ['tcpdump', 'dumpcap', PYTHON, 'ip']) {
    if (spawnSync(tool, ['-V']).error !== undefined) throw new Error(`${tool} is missing`);
  }
  const directory = mkdtempSync(join(tmpdir(), 'smtpscope-bench-live-'));
  const { receiver, sender } = HOSTS;
  try {
    ip('netns', 'add', receiver);
    ip('netns', 'add', sender);
    ip('link', 'add', 'v0', 'netns', receiver, 'type', 'veth', 'peer', 'name', 'v0', 'netns', sender);
    ip('-n', receiver, 'addr', 'add', '198.51.100.7/24', 'dev', 'v0');
    ip('-n', sender, 'addr', 'add', '198.51.100.25/24', 'dev', 'v0');
    for (const host of [receiver, sender]) ip('-n', host, 'link', 'set', 'v0', 'mtu', '9000', 'up');
    console.log(`${cpus().length} × ${cpus()[0]?.model ?? '?'}, Node ${process.version}`);
    const wanted = values.only.split(',');
    if (wanted.includes('latency')) await measureLatency();
    if (wanted.includes('loss')) await measureLoss(directory);
    if (wanted.includes('end')) await measureEnd(directory);
  } finally {
    for (const host of [receiver, sender]) spawnSync('ip', ['netns', 'del', host]);
    rmSync(directory, { recursive: true });
  }
}

await main();
