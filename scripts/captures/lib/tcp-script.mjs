// A scripted TCP connection: who says what and when, as two Linux hosts would send it, seen at the client's interface.
// Sequence numbers, acknowledgements, timestamps and IP identifications follow from the calls; nothing is guessed.
import { ACK, PSH, RST, SYN, synOptions, tcpFrame, timestampOptions } from './pcap-writer.mjs';

const noBytes = Buffer.alloc(0);

/**
 * `client` and `server` are `{ mac, address, port, isn, ipId, ttl, mss, bootUs, tickHz, windowScale, window, captured }`:
 * `bootUs` and `tickHz` make the TCP timestamp clock, `padTo` is the least frame length seen from that host.
 * The frames go into `packets` as `{ timeUs, frame }`.
 */
export class ScriptedConnection {
  #packets;
  #sides;

  constructor(packets, client, server) {
    this.#packets = packets;
    this.#sides = {
      client: { ...client, seq: client.isn, ack: 0, tsSeen: 0 },
      server: { ...server, seq: server.isn, ack: 0, tsSeen: 0 },
    };
  }

  /** One segment of `name` at `timeUs`. What the other side has "seen" is what was sent before this call. */
  send(name, timeUs, flags, payload = noBytes) {
    const from = this.#sides[name];
    const to = this.#sides[name === 'client' ? 'server' : 'client'];
    const clock = { tsVal: Math.floor(((timeUs - from.bootUs) * from.tickHz) / 1e6), tsEcr: from.tsSeen };
    const isSyn = (flags & SYN) !== 0;
    // A RST for a socket that is gone is built from the offending segment alone: no options, no ACK, no window.
    const isBareReset = flags === RST;
    const options = isBareReset
      ? noBytes
      : isSyn
        ? synOptions({ mss: from.mss, windowScale: from.windowScale, ...clock })
        : timestampOptions(clock);
    const frame = tcpFrame({
      from,
      to,
      seq: from.seq,
      ack: flags & ACK ? from.ack : 0,
      flags,
      window: isBareReset ? 0 : isSyn ? from.synWindow : from.window,
      options,
      payload,
      ttl: from.ttl,
      ipId: isBareReset ? 0 : from.ipId,
      padTo: from.padTo,
    });
    if (!isBareReset) from.ipId = (from.ipId + 1) & 0xffff;
    this.#packets.push({ timeUs, frame });
    from.seq = (from.seq + payload.length + (isSyn ? 1 : 0) + (flags & 1)) >>> 0;
    to.ack = from.seq;
    if (!isBareReset) to.tsSeen = clock.tsVal;
  }

  /** Lines of the dialogue in one segment, each ended by CRLF. */
  say(name, timeUs, lines) {
    this.send(name, timeUs, PSH | ACK, Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1'));
  }
}
