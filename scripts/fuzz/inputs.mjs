// Inputs, each from a number of its own. They know the structure of what they break: records and blocks, headers in
// headers, segments of a connection, lines of a dialogue. A capture whose first bytes are wrong ends at once and shows
// nothing; one that is right up to a certain field goes deep.
import { gzipSync } from 'node:zlib';
import { LIMITS, leastOf, mostOf } from '../../dist/limits.js';
import * as wrap from '../captures/lib/encapsulate.mjs';
import { EDGES, EDGES_32, Random } from './random.mjs';
import { captures, files } from './seeds.mjs';

const { u16, u32, u32le, u16le, join } = wrap;
const LINK_TYPES = [
  0, 1, 9, 10, 50, 51, 100, 101, 104, 105, 108, 109, 113, 117, 119, 127, 138, 163, 166, 167, 178, 179, 181, 192, 204,
  205, 219, 228, 229, 239, 242, 258, 276,
];

const KINDS = { format, headers, nesting, reassembly, dialogue, compression };
export const KIND_NAMES = Object.keys(KINDS);

/**
 * The limits for this seed and number: the defaults, or for every third number some of them near their lowest, so that
 * what acts only on captures of gigabytes acts here.
 */
export function limitsOf(seed, number) {
  if (number % 3 !== 2) return {};
  const random = new Random(Math.imul(seed, 0xc2b2ae35) ^ Math.imul(number + 1, 0x27d4eb2f));
  const names = Object.keys(LIMITS).filter(() => random.chance(0.25));
  const near = (name) => Math.min(mostOf(name), leastOf(name) + random.below(random.pick([2, 20, 200])));
  return Object.fromEntries(names.map((name) => [name, near(name)]));
}

/** The input of this seed and number: `{ kind, bytes }`, the same every time. */
export function inputOf(seed, number, only) {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  const kind = only ?? random.pick(KIND_NAMES);
  return { kind, bytes: KINDS[kind](random) };
}

/** A file with fields of its records or blocks replaced, cut, doubled, exchanged; or a few bytes anywhere. */
function format(random) {
  const bytes = Buffer.from(random.pick(files));
  const starts = recordStarts(bytes);
  if (starts.length > 1 && random.chance(0.3)) {
    const pieces = starts.map((start, i) => bytes.subarray(start, starts[i + 1] ?? bytes.length));
    const body = pieces.slice(1);
    const at = random.below(body.length);
    if (random.chance(0.4)) body.splice(at, 0, ...new Array(1 + random.below(40)).fill(random.pick(pieces)));
    else if (random.chance(0.5)) body.splice(at, 1 + random.below(3));
    return join(pieces[0], ...random.shuffled(body, random.chance(0.5) ? 3 : 0));
  }
  for (let i = random.below(6); i >= 0; i--) {
    // Near the beginning of a record there are fields; elsewhere is what it holds.
    const start =
      random.chance(0.8) && starts.length > 0 ? random.pick(starts) + 4 * random.below(9) : random.below(bytes.length);
    breakField(random, bytes, start);
  }
  return random.chance(0.2) ? bytes.subarray(0, random.below(bytes.length)) : bytes;
}

/** Where records of pcap, blocks of pcapng, records of snoop, and frames of Network Monitor and their table begin. */
function recordStarts(bytes) {
  const starts = [0];
  const magic = bytes.length < 28 ? 0 : bytes.readUInt32LE(0);
  if (magic === 0xa1b2c3d4 || magic === 0xa1b23c4d) {
    for (let at = 24; at + 16 <= bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) starts.push(at);
  } else if (magic === 0x0a0d0d0a) {
    for (let at = bytes.readUInt32LE(4); at + 12 <= bytes.length; at += Math.max(12, bytes.readUInt32LE(at + 4)))
      starts.push(at);
  } else if (magic === 0x55424d47 || magic === 0x53535452) {
    const table = bytes.readUInt32LE(24);
    for (let at = table; at + 4 <= bytes.length; at += 4) starts.push(bytes.readUInt32LE(at));
    starts.push(table);
    starts.sort((a, b) => a - b);
  } else if (magic === 0x6f6f6e73) {
    for (let at = 16; at + 24 <= bytes.length; at += Math.max(24, bytes.readUInt32BE(at + 8))) starts.push(at);
  }
  return starts;
}

function breakField(random, bytes, at) {
  if (at + 4 > bytes.length) return;
  switch (random.below(5)) {
    case 0:
      bytes.writeUInt32LE(random.pick(EDGES_32), at);
      break;
    case 1:
      bytes.writeUInt32BE(random.pick(EDGES_32), at);
      break;
    case 2:
      bytes.writeUInt16BE(random.pick(EDGES), at);
      break;
    case 3:
      bytes[at] = random.below(256);
      break;
    default:
      bytes[at] ^= 1 << random.below(8);
  }
}

function pcap(linkType, packets) {
  const header = join(u32le(0xa1b2c3d4), u16le(2), u16le(4), u32le(0), u32le(0), u32le(262_144), u32le(linkType));
  return join(
    header,
    ...packets.flatMap(({ timeUs, data, originalLength }) => {
      const seconds = Math.floor(timeUs / 1e6);
      return [
        u32le(seconds),
        u32le(timeUs - seconds * 1e6),
        u32le(data.length),
        u32le(originalLength ?? data.length),
        data,
      ];
    }),
  );
}

/** Packets with broken headers, some cut, some under a link type that is not theirs. */
function headers(random) {
  const { linkType, packets } = random.pick(captures);
  const broken = packets.slice(0, 200).map(({ timeUs, data }) => {
    if (random.chance(0.5)) return { timeUs, data };
    const copy = Buffer.from(data);
    for (let i = random.below(3); i >= 0; i--) breakField(random, copy, random.below(Math.min(copy.length, 120)));
    const cut = random.chance(0.15) ? copy.subarray(0, random.below(copy.length)) : copy;
    return { timeUs, data: cut, originalLength: random.chance(0.1) ? random.pick(EDGES_32) : copy.length };
  });
  return pcap(random.chance(0.2) ? random.pick(LINK_TYPES) : linkType, broken);
}

/** Datagrams in tunnels in tunnels, as deep as 64 KiB allow, some of them broken on the way. */
function nesting(random) {
  const { packets } = random.pick(captures.filter(({ linkType }) => linkType === 1));
  const shells = [
    (ip) => wrap.ipInIp(ip),
    (ip) => wrap.ipInIp6(ip),
    (ip) =>
      wrap.gre(wrap.etherTypeOf(ip), ip, { key: random.chance(0.5) ? 7 : undefined, checksum: random.chance(0.3) }),
    (ip) => wrap.gre(0x6558, wrap.ethernetIp(ip)),
    (ip) => wrap.erspan2(wrap.ethernetIp(ip), 1),
    (ip) => wrap.erspan3(wrap.ethernetIp(ip), 1, random.chance(0.5)),
    (ip) => wrap.vxlan(wrap.ethernetIp(ip)),
    (ip) => wrap.geneve(wrap.ethernetIp(ip)),
    (ip) => wrap.gtp(ip, 1, random.chance(0.5)),
    (ip) => wrap.mplsInUdp(ip),
    (ip) => wrap.vxlan(wrap.ethernet(0x8847, wrap.mpls(new Array(1 + random.below(20)).fill(3), ip))),
    (ip) => wrap.vxlan(wrap.ethernet(0x8864, wrap.pppoe(ip))),
    (ip) => wrap.pptp(ip, 1),
  ];
  const deep = packets.slice(0, 20).flatMap(({ timeUs, data }, index) => {
    if (data.length < 34 || (data.readUInt16BE(12) !== 0x0800 && data.readUInt16BE(12) !== 0x86dd)) return [];
    let ip = wrap.ipOf(data);
    for (let i = random.below(random.chance(0.1) ? 200 : 6); i >= 0 && ip.length < 60_000; i--)
      ip = random.pick(shells)(ip);
    const pieces = random.chance(0.3)
      ? random.shuffled(wrap.fragments(ip, 8 * (1 + random.below(60)), index), 4)
      : [ip];
    if (random.chance(0.5)) {
      const piece = random.pick(pieces);
      breakField(random, piece, random.below(Math.min(piece.length, 200)));
    }
    return pieces.slice(0, 400).map((piece) => ({ timeUs, data: wrap.ethernetIp(piece) }));
  });
  return pcap(1, deep);
}

/** One recorded connection with its segments shuffled, doubled, lost, cut anew, renumbered, and its clock disturbed. */
function reassembly(random) {
  const { linkType, packets } = random.pick(captures.filter((capture) => capture.linkType === 1));
  const start = { timeUs: packets[0].timeUs };
  let list = packets.slice(0, 400).flatMap(({ timeUs, data }) => {
    if (random.chance(0.05)) return [];
    if (data.length < 54 || data.readUInt16BE(12) !== 0x0800 || data[23] !== 6) return [{ timeUs, data }];
    let copies = [Buffer.from(data)];
    if (random.chance(0.1)) copies.push(Buffer.from(data));
    copies = copies.flatMap((copy) => (random.chance(0.15) ? divided(random, copy) : [copy]));
    for (const copy of copies) if (random.chance(0.05)) breakTcp(random, copy);
    if (random.chance(0.1)) {
      const ip = wrap.ipOf(copies[0]);
      copies.push(
        ...random.shuffled(wrap.fragments(ip, 8 * (1 + random.below(20)), random.below(8)), 3).map(wrap.ethernetIp),
      );
    }
    return copies.map((copy) => ({
      timeUs: random.chance(0.02) ? start.timeUs + random.below(2 ** 31) : timeUs,
      data: copy,
    }));
  });
  list = random.shuffled(list, random.pick([0, 0, 2, 10, list.length]));
  return pcap(linkType, list);
}

/** A segment as two that meet, overlap, or leave something out. */
function divided(random, frame) {
  const ip = wrap.ipOf(frame);
  const tcp = (ip[0] & 15) * 4;
  const headerLength = tcp + (ip[tcp + 12] >> 4) * 4;
  const payload = ip.subarray(headerLength);
  if (headerLength < tcp + 20 || payload.length < 2) return [frame];
  const at = 1 + random.below(payload.length - 1);
  const back = random.chance(0.3) ? random.below(at) : 0;
  return [
    [0, payload.subarray(0, at)],
    [at - back, payload.subarray(at - back)],
  ].map(([offset, part]) => {
    const copy = join(ip.subarray(0, headerLength), random.chance(0.1) ? random.bytes(part.length) : part);
    copy.writeUInt16BE(copy.length, 2);
    copy.writeUInt32BE((ip.readUInt32BE(tcp + 4) + offset) >>> 0, tcp + 4);
    return join(frame.subarray(0, 14), copy);
  });
}

function breakTcp(random, frame) {
  const at = 34;
  switch (random.below(5)) {
    case 0:
      frame.writeUInt32BE(
        random.chance(0.5) ? random.pick(EDGES_32) : (frame.readUInt32BE(at + 4) + random.below(3000) - 1500) >>> 0,
        at + 4,
      );
      break;
    case 1:
      frame.writeUInt32BE(
        random.chance(0.5) ? random.pick(EDGES_32) : (frame.readUInt32BE(at + 8) + random.below(3000) - 1500) >>> 0,
        at + 8,
      );
      break;
    case 2:
      frame[at + 13] = random.below(256);
      break;
    case 3:
      frame.writeUInt16BE(random.pick(EDGES), at + 14);
      break;
    default:
      frame[at + 12] = random.below(256);
  }
}

const TEXTS = [
  'anna@mail.example',
  '<anna@mail.example>',
  '<>',
  '<@a.example,@b.example:c@d.example>',
  '"a b"@mail.example',
  '=?utf-8?B?w6k=?=',
  '\u001b[31mred',
  '\u202eolleh',
  '<script>alert(1)</script>',
  '=cmd|calc',
  '../../etc/passwd',
  '\0',
  '\u00ff\u00fe',
  '%s%n',
  'a'.repeat(1200),
  '\r',
  '\n',
  '\r\r\n',
  '.',
  '..',
  '\t',
  ' ',
];
const COMMANDS = [
  'EHLO',
  'HELO',
  'LHLO',
  'MAIL FROM:',
  'RCPT TO:',
  'DATA',
  'BDAT',
  'BDAT 5 LAST',
  'BDAT 99999999999999999999',
  'BDAT -1',
  'RSET',
  'QUIT',
  'NOOP',
  'VRFY',
  'EXPN',
  'HELP',
  'STARTTLS',
  'AUTH',
  'AUTH PLAIN',
  'AUTH LOGIN',
  'AUTH CRAM-MD5',
  'AUTH PLAIN AGFubmEAc2VjcmV0',
  'AUTH XOAUTH2 dXNlcj1h',
  'AUTH NTLM TlRMTVNTUAABAAAA',
  'AUTH SCRAM-SHA-256 biws',
  'XCLIENT',
  'XFORWARD',
  'GET / HTTP/1.1',
  'ETRN',
  'TURN',
  '*',
  '',
  '.',
  'Y2xpZW50',
];
const REPLIES = [
  '220',
  '220-',
  '221',
  '235',
  '250',
  '250-',
  '250 2.1.0',
  '250-SIZE 99999999999999999999',
  '250-AUTH PLAIN LOGIN',
  '250-STARTTLS',
  '250-PIPELINING',
  '250-CHUNKING',
  '250 8BITMIME',
  '251',
  '252',
  '334',
  '334 VXNlcm5hbWU6',
  '354',
  '421',
  '421 4.7.0',
  '450',
  '451',
  '454',
  '500',
  '501',
  '503',
  '530',
  '535 5.7.8',
  '550',
  '550 5.1.1',
  '552',
  '554',
  '999',
  '000',
  '25',
  '2500',
  'xyz',
  '-',
  '',
];
const BODIES = [
  'Subject: =?utf-8?Q?=41?=',
  'Content-Type: multipart/mixed; boundary="b"',
  '--b',
  '--b--',
  'Content-Transfer-Encoding: base64',
  'QUJD',
  'Received: from a',
  'From: ',
  'DKIM-Signature: v=1; a=rsa-sha256',
  'Date: Mon, 32 Foo 2025 25:61:61 +9999',
  ' folded',
  '',
  '.',
  '..',
  '.hidden',
  'MIME-Version: 1.0',
];

/** A dialogue nobody would hold, in segments of its own making, with or without the handshake. */
function dialogue(random) {
  const client = {
    address: Buffer.from([192, 0, 2, 10]),
    port: 40_000 + random.below(20),
    seq: random.chance(0.2) ? 0xfffffff0 : random.below(2 ** 32),
  };
  const server = {
    address: Buffer.from([198, 51, 100, 25]),
    port: random.pick([25, 25, 25, 465, 587, 2525, 24]),
    seq: random.below(2 ** 32),
  };
  const packets = [];
  let timeUs = 1_700_000_000_000_000;
  const send = (from, to, flags, payload = Buffer.alloc(0)) => {
    timeUs += random.below(200_000);
    packets.push({ timeUs, data: wrap.ethernet(0x0800, segment(from, to, flags, payload)) });
    from.seq = (from.seq + payload.length + (flags & 1) + ((flags >> 1) & 1)) >>> 0;
  };
  if (random.chance(0.85)) {
    send(client, server, 2);
    send(server, client, 18);
    send(client, server, 16);
  }
  if (random.chance(0.9)) say(server, client, '220 mail.example ESMTP\r\n');
  let steps = 3 + random.below(40);
  if (random.chance(0.5)) {
    for (const [command, reply] of [
      [
        'EHLO client.example',
        '250-mail.example\r\n250-PIPELINING\r\n250-AUTH PLAIN LOGIN CRAM-MD5\r\n250-STARTTLS\r\n250 CHUNKING',
      ],
      ['MAIL FROM:<a@b.example>', '250 ok'],
      ['RCPT TO:<c@d.example>', '250 ok'],
      ['DATA', '354 go on'],
    ]) {
      say(client, server, `${command}\r\n`);
      say(server, client, `${reply}\r\n`);
      if (random.chance(0.2)) break;
    }
  }
  while (steps-- > 0) {
    const fromClient = random.chance(0.55);
    say(
      fromClient ? client : server,
      fromClient ? server : client,
      fromClient ? clientText(random) : serverText(random),
    );
  }
  if (random.chance(0.5)) send(random.pick([client, server]), client, random.pick([1 | 16, 4, 4 | 16]));
  return pcap(1, random.chance(0.2) ? random.shuffled(packets, 3) : packets);

  function say(from, to, text) {
    const payload = Buffer.from(text, random.chance(0.8) ? 'latin1' : 'utf8').subarray(0, 60_000);
    for (let at = 0; at < payload.length; ) {
      const length = random.chance(0.7) ? 1400 : 1 + random.below(random.pick([3, 20, 200]));
      send(from, to, 24, payload.subarray(at, at + length));
      at += length;
    }
  }
  function segment(from, to, flags, payload) {
    const tcp = join(
      u16(from.port),
      u16(to.port),
      u32(from.seq),
      u32(flags & 16 ? to.seq : 0),
      Buffer.from([0x50, flags]),
      u16(65_535),
      u32(0),
      payload,
    );
    const ip = wrap.ipv4(6, tcp);
    from.address.copy(ip, 12);
    to.address.copy(ip, 16);
    return ip;
  }
}

const LINE_ENDS = ['\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r', '', '\r\r\n', '\n.\n', '\r\n.\r\n'];

function clientText(random) {
  if (random.chance(0.05)) return random.bytes(random.below(300)).toString('latin1');
  // A TLS record, or what begins like one.
  if (random.chance(0.06))
    return join(
      Buffer.from([20 + random.below(5), 3, random.below(5)]),
      u16(random.pick(EDGES)),
      random.bytes(random.below(200)),
    ).toString('latin1');
  const lines = Array.from({ length: 1 + random.below(5) }, () => {
    const words = [random.chance(0.6) ? random.pick(COMMANDS) : random.pick(BODIES)];
    while (random.chance(0.4)) words.push(random.pick(TEXTS));
    return words.join(random.pick([' ', ' ', '', ':'])) + random.pick(LINE_ENDS);
  });
  return random.chance(0.03) ? lines.join('').repeat(300) : lines.join('');
}

function serverText(random) {
  if (random.chance(0.04)) return random.bytes(random.below(200)).toString('latin1');
  return Array.from({ length: 1 + random.below(4) }, () => {
    const words = [random.pick(REPLIES)];
    while (random.chance(0.4)) words.push(random.pick(TEXTS));
    return words.join(random.pick([' ', ' ', '-'])) + random.pick(LINE_ENDS);
  }).join('');
}

/** Compressed captures with broken bytes; broken captures compressed. */
function compression(random) {
  if (random.chance(0.3)) return gzipSync(format(random));
  const compressed = files.filter((bytes) => [0x1f, 0x28, 0xfd, 0x04].includes(bytes[0]));
  const bytes = Buffer.from(random.pick(compressed));
  for (let i = random.below(4); i >= 0; i--)
    breakField(random, bytes, random.chance(0.5) ? random.below(40) : random.below(bytes.length));
  return random.chance(0.3)
    ? bytes.subarray(0, random.below(bytes.length))
    : random.chance(0.2)
      ? join(bytes, bytes)
      : bytes;
}
