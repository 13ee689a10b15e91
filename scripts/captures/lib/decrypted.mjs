// Rewrites a capture of one session with STARTTLS as a device that decrypts on the path would write it: the packets up to
// the first one of TLS stay, and behind them what both sides said inside TLS follows in clear, at its own times.
//
// Usage: node decrypted.mjs CAPTURE SAID, where SAID is a JSON list of ["client" or "server", seconds, text].
import { readFileSync, writeFileSync } from 'node:fs';
import { ACK, FIN, PSH, pcapFile, tcpFrame, timestampOptions } from './pcap-writer.mjs';

const [file, said] = process.argv.slice(2);
const source = readFileSync(file);
const packets = [];
for (let at = 24; at < source.length; at += 16 + source.readUInt32LE(at + 8)) {
  packets.push({
    timeUs: source.readUInt32LE(at) * 1e6 + source.readUInt32LE(at + 4),
    frame: source.subarray(at + 16, at + 16 + source.readUInt32LE(at + 8)),
  });
}

/** The ends of the connection as a packet of a recorded frame shows them: Ethernet, IPv4 of 20 octets, TCP with timestamps. */
function read({ frame }) {
  const tcp = frame.subarray(34, 14 + frame.readUInt16BE(16));
  const mac = (at) =>
    frame
      .subarray(at, at + 6)
      .toString('hex')
      .replace(/..(?=.)/g, '$&:');
  const address = (at) => [...frame.subarray(at, at + 4)].join('.');
  return {
    from: { mac: mac(6), address: address(26), port: tcp.readUInt16BE(0) },
    to: { mac: mac(0), address: address(30), port: tcp.readUInt16BE(2) },
    seq: tcp.readUInt32BE(4),
    ack: tcp.readUInt32BE(8),
    window: tcp.readUInt16BE(14),
    ttl: frame[22],
    ipId: frame.readUInt16BE(18),
    tsVal: tcp.length >= 32 ? tcp.readUInt32BE(24) : 0,
    payload: tcp.subarray((tcp[12] >> 4) * 4),
  };
}

const isTls = (packet) =>
  read(packet)
    .payload.subarray(0, 2)
    .equals(Buffer.from([0x16, 0x03]));
const kept = packets.slice(0, packets.findIndex(isTls));
const sides = {};
for (const packet of kept) {
  const one = read(packet);
  const name = one.to.port === 25 ? 'client' : 'server';
  sides[name] = { ...one, seq: one.seq + one.payload.length, baseUs: packet.timeUs, tsVal: one.tsVal };
}

function add(name, timeUs, flags, payload = Buffer.alloc(0)) {
  const from = sides[name];
  const to = sides[name === 'client' ? 'server' : 'client'];
  const ticks = from.tsVal + Math.floor((timeUs - from.baseUs) / 1000);
  from.ipId += 1;
  const frame = tcpFrame({
    ...from,
    ack: to.seq,
    flags,
    payload,
    options: timestampOptions({ tsVal: ticks, tsEcr: to.ticks ?? to.tsVal }),
  });
  from.ticks = ticks;
  from.seq += payload.length + (flags & FIN);
  kept.push({ timeUs: Math.round(timeUs), frame });
}

let timeUs = 0;
for (const [name, seconds, text] of JSON.parse(readFileSync(said, 'utf8'))) {
  timeUs = seconds * 1e6;
  add(name, timeUs, PSH | ACK, Buffer.from(text, 'latin1'));
}
add('server', timeUs + 100, FIN | ACK);
add('client', timeUs + 300, FIN | ACK);
add('server', timeUs + 400, ACK);
writeFileSync(file, pcapFile(kept));
