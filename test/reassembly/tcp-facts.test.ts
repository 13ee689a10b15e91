/** What TCP itself showed: each line of an expert's checklist, as a capture has it. */
import { describe, expect, it } from 'vitest';
import type { TransportFacts } from '../../src/reassembly/transport-facts.ts';
import { analysed, type Captured, sent, timestamps } from '../support/captured.ts';
import { halfFacts } from '../support/half-facts.ts';
import type { TcpPacketOptions } from '../support/packet-bytes.ts';

type Side = 'client' | 'server';

/** Two hosts in conversation; sequence numbers follow from what they say. */
class Talk {
  readonly packets: Captured[] = [];
  readonly seq: Record<Side, number>;
  #atUs = 0;

  constructor(client = 1_000, server = 5_000) {
    this.seq = { client, server };
  }

  send(from: Side, flags: string, payload = '', options: TcpPacketOptions = {}): this {
    const other = from === 'client' ? 'server' : 'client';
    const ack = flags.includes('A') ? this.seq[other] >>> 0 : 0;
    this.#atUs += 20_000;
    this.packets.push(
      sent({
        from,
        atUs: this.#atUs,
        flags,
        seq: this.seq[from] >>> 0,
        ack,
        payload,
        ipId: this.packets.length + 1,
        ...options,
      }),
    );
    this.seq[from] += payload.length + (/[SF]/.test(flags) ? 1 : 0);
    return this;
  }

  /** SYN, SYN/ACK, ACK. */
  begin(client: TcpPacketOptions = {}, server: TcpPacketOptions = {}): this {
    return this.send('client', 'S', '', client).send('server', 'SA', '', server).send('client', 'A');
  }

  say(from: Side, line: string, options: TcpPacketOptions = {}): this {
    return this.send(from, 'PA', `${line}\r\n`, options);
  }

  /** Greeting, HELO, QUIT. */
  chat(): this {
    return this.say('server', '220 mx.example')
      .say('client', 'HELO client.example')
      .say('server', '250 mx.example')
      .say('client', 'QUIT')
      .say('server', '221 bye');
  }

  end(): this {
    return this.send('server', 'FA').send('client', 'FA').send('server', 'A');
  }
}

interface Told {
  readonly client: string;
  readonly said: readonly string[];
  readonly outcome: string;
  readonly rules: readonly string[];
  readonly transport: TransportFacts;
}

const told = (packets: readonly Captured[]): Told[] =>
  analysed(packets, ({ session, findings }) => {
    const { transport } = session;
    return {
      client: `${session.client.address}:${session.client.port}`,
      said: session.turns.map(
        ({ from, kind, lines, bytes }) =>
          `${from === 'client' ? 'C' : 'S'}: ${kind === 'gap' ? `gap ${bytes}` : lines.join(' / ')}`,
      ),
      outcome: session.outcome,
      rules: findings.map(({ rule }) => rule),
      transport: {
        ...transport,
        opening: transport.opening,
        roundTripSeconds: transport.roundTripSeconds,
        client: halfFacts(transport.client),
        server: halfFacts(transport.server),
      },
    };
  }).sessions;

const CHAT = ['S: 220 mx.example', 'C: HELO client.example', 'S: 250 mx.example', 'C: QUIT', 'S: 221 bye'];

/** MSS 1460, SACK permitted, window scale 7. */
const SYN_OPTIONS = Buffer.from('020405b40402010303070000', 'hex');
/** Bytes 2000 to 3000 (RFC 2018 §3), alone, and behind timestamps. */
const SACK = Buffer.from('0101050a000007d000000bb8', 'hex');

it('window scaling and SACK are taken from the handshake', () => {
  const [session] = told(
    new Talk()
      .begin({ options: SYN_OPTIONS }, { options: SYN_OPTIONS.subarray(0, 4) })
      .chat()
      .end().packets,
  );
  expect(session?.transport).toMatchObject({
    clientWindowScale: 7,
    clientMss: 1460,
    clientSackPermitted: true,
    serverWindowScale: -1,
    serverMss: 1460,
    serverSackPermitted: false,
  });
});

it.each([
  ['alone', SACK, 1],
  ['behind timestamps', Buffer.concat([timestamps(1, 1), SACK]), 1],
  ['not there: timestamps alone', timestamps(1, 1), 0],
])('SACK is seen: %s', (_where, options, count) => {
  const talk = new Talk().begin().chat();
  const [session] = told(talk.send('client', 'A', '', { options }).end().packets);
  expect(session?.transport.client.selectiveAcks).toBe(count);
  expect(session?.transport.server.selectiveAcks).toBe(0);
  expect(session?.said).toEqual(CHAT);
});

it('a window of zero is a stall with its length', () => {
  const talk = new Talk().begin().chat().send('client', 'A', '', { window: 0 });
  const [session] = told(talk.send('client', 'A', '', { window: 500 }).end().packets);
  expect(session?.transport.client.zeroWindow).toEqual({ times: 1, longestSeconds: 0.02, frame: 9, isOpen: false });
});

it('both SYNs cross: one connection, of whoever was first', () => {
  const talk = new Talk().send('client', 'S').send('server', 'S');
  // Each answers with its own SYN once more, and the acknowledgment of the other's.
  talk.seq.client--;
  talk.seq.server--;
  const packets = [...talk.packets];
  packets.push(sent({ from: 'client', atUs: 60_000, flags: 'SA', seq: 1_000, ack: 5_001 }));
  packets.push(sent({ from: 'server', atUs: 61_000, flags: 'SA', seq: 5_000, ack: 1_001 }));
  const rest = new Talk(1_001, 5_001).send('client', 'A').chat().end();
  const all = [...packets, ...rest.packets.map((packet) => ({ ...packet, atUs: packet.atUs + 60_000 }))];
  const [session, ...others] = told(all);
  expect(others).toEqual([]);
  expect(session).toMatchObject({
    client: '192.0.2.1:40000',
    said: CHAT,
    transport: { opening: 'complete', rolesInferred: false },
  });
});

it('a side that has sent its FIN still reads: half-closed', () => {
  const talk = new Talk().begin().say('server', '220 mx.example').say('client', 'HELO client.example');
  talk.say('server', '250 mx.example').say('client', 'QUIT').send('client', 'FA').say('server', '221 bye');
  const [session] = told(talk.send('server', 'FA').send('client', 'A').packets);
  expect(session).toMatchObject({ said: CHAT, transport: { closing: 'client-fin' } });
});

it('bytes in SYN/ACK and SYN are bytes of the stream (RFC 7413)', () => {
  const talk = new Talk().send('client', 'S', 'HELO client.example\r\n').send('server', 'SA', '220 mx.example\r\n');
  talk.send('client', 'A').say('server', '250 mx.example').say('client', 'QUIT').say('server', '221 bye');
  const [session, ...others] = told(talk.end().packets);
  expect(others).toEqual([]);
  expect([...(session?.said ?? [])].sort()).toEqual([...CHAT].sort());
  expect(session?.transport).toMatchObject({
    client: { bytes: 27, retransmissions: 0, missingBytes: 0 },
    server: { bytes: 41, retransmissions: 0, missingBytes: 0 },
  });
});

it('the byte of a keep-alive is nothing that was said, whatever it is', () => {
  const talk = new Talk().begin().chat();
  // The byte before the next one, which was a line feed.
  for (let i = 0; i < 3; i++) talk.send('client', 'A', '\0', { seq: (talk.seq.client - 1 - i) >>> 0 });
  talk.seq.client -= 3;
  const [session] = told(talk.end().packets);
  expect(session?.said).toEqual(CHAT);
  expect(session?.transport.client).toMatchObject({ conflicts: [], retransmissions: 0 });
});

it('urgent bytes stay in the stream', () => {
  const talk = new Talk().begin().say('server', '220 mx.example').send('client', 'PAU', 'HELO client.example\r\n');
  const [session] = told(
    talk.say('server', '250 mx.example').say('client', 'QUIT').say('server', '221 bye').end().packets,
  );
  expect(session?.said).toEqual(CHAT);
});

describe('sequence numbers that wrap', () => {
  // HELO begins 5 bytes before the wrap, and so does the greeting.
  const talk = new Talk(0xffff_fffa, 0xffff_fffa).begin().chat().end();

  it('are followed', () => {
    expect(told(talk.packets)).toMatchObject([{ said: CHAT, rules: [] }]);
  });

  it('with the segment that wraps lost', () => {
    const [session] = told(talk.packets.filter((_, index) => index !== 4));
    expect(session?.said).toEqual(CHAT.with(1, 'C: gap 21'));
    expect(session?.transport.client).toMatchObject({ missingBytes: 21, bytes: 6 });
  });

  it('with that segment sent again, behind the next', () => {
    const helo = talk.packets[4] as Captured;
    const late = talk.packets.toSpliced(4, 1).toSpliced(6, 0, { ...helo, atUs: helo.atUs + 60_000 });
    expect(told(late)).toMatchObject([{ said: CHAT, transport: { client: { missingBytes: 0, retransmissions: 0 } } }]);
  });
});

it('the same four ports again are another session', () => {
  const first = new Talk(1_000, 5_000).begin().chat().end();
  const second = new Talk(90_000, 80_000).begin().chat().end();
  const later = second.packets.map((packet) => ({ ...packet, atUs: packet.atUs + 300_000 }));
  const sessions = told([...first.packets, ...later]);
  expect(sessions.map(({ said }) => said)).toEqual([CHAT, CHAT]);
  expect(sessions.map(({ transport }) => transport.server.retransmissions)).toEqual([0, 0]);
});

it('times that go back change nothing of what was said', () => {
  const { packets } = new Talk().begin().chat().end();
  const jumping = packets.map((packet, index) => ({ ...packet, atUs: packet.atUs - (index % 3) * 50_000 }));
  expect(told(jumping)).toMatchObject([{ said: CHAT, outcome: 'idle' }]);
});

describe('a RST', () => {
  const chat = () => new Talk().begin({ ttl: 60 }).chat();

  it('in its place, with TTL and identification beside the flow’s', () => {
    const [session] = told(chat().send('server', 'R', '', { ttl: 200, ipId: 9 }).packets);
    expect(session?.transport).toMatchObject({
      closing: 'server-rst',
      server: { rstIsExact: true, ttl: 64, rstTtl: 200, lastIpId: 8, rstIpId: 9, rstFrame: 9 },
    });
  });

  it('near its place is one, though not exact; far away it is none', () => {
    const near = chat();
    near.seq.server += 500;
    expect(told(near.send('server', 'R').packets)).toMatchObject([
      { transport: { closing: 'server-rst', server: { rstIsExact: false, rstAhead: 500 } } },
    ]);
    const far = chat();
    far.seq.server += 1 << 28;
    expect(told(far.send('server', 'R').packets)).toMatchObject([{ transport: { closing: 'none' } }]);
  });
});

describe('what lies ahead of a stream, and both ends deny', () => {
  const start = () =>
    new Talk()
      .begin()
      .say('server', '220 mx.example')
      .say('client', 'HELO client.example')
      .say('server', '250 mx.example');
  const quit = (talk: Talk) => talk.say('client', 'QUIT').say('server', '221 bye');
  /** `from` is `bytes` further on for one packet. */
  const ahead = (talk: Talk, from: Side, bytes: number, flags: string, payload = '') => {
    const { [from]: seq } = talk.seq;
    talk.seq[from] += bytes;
    talk.send(from, flags, payload);
    talk.seq[from] = seq;
    return talk;
  };
  const NO_HOLE = { missingBytes: 0 };

  it.each([1, 15, 50_000])('a FIN %i bytes ahead, whose sender goes on', (bytes) => {
    const { packets } = quit(ahead(start(), 'server', bytes, 'FA'))
      .send('client', 'FA')
      .send('server', 'FA');
    const [session] = told(packets);
    expect(session).toMatchObject({ said: CHAT, rules: [] });
    expect(session?.transport).toMatchObject({ closing: 'client-fin', closedFrame: 10, client: NO_HOLE });
    expect(session?.transport.server).toMatchObject({ ...NO_HOLE, finFrame: 11 });
  });

  it('a FIN ahead, whose sender goes on, and neither ends: there was none', () => {
    const [session] = told(quit(ahead(start(), 'server', 50_000, 'FA')).send('client', 'A').packets);
    expect(session).toMatchObject({ said: CHAT, transport: { closing: 'none', server: { ...NO_HOLE, fin: null } } });
  });

  it('a FIN in its place, over which its sender goes on, counts no byte', () => {
    const [session] = told(quit(ahead(start(), 'server', 0, 'FA')).end().packets);
    expect(session).toMatchObject({ said: CHAT, transport: { server: { ...NO_HOLE, ackedBytes: 41, finFrame: 10 } } });
  });

  it.each([50, 500_000])('a segment %i bytes ahead, whose sender goes on', (bytes) => {
    const { packets } = quit(ahead(start(), 'client', bytes, 'PA', 'evil')).end();
    const [session] = told(packets);
    expect(session).toMatchObject({ said: CHAT, rules: [], transport: { client: NO_HOLE } });
    expect(analysed(packets, () => 0).warnings).toEqual([
      expect.stringContaining('1 segment with sequence numbers far'),
    ]);
  });

  it('a segment ahead of an end that was taken', () => {
    const talk = quit(start()).end();
    expect(told(ahead(talk, 'client', 100, 'PA', 'evil').packets)).toMatchObject([
      { said: CHAT, transport: { client: NO_HOLE } },
    ]);
  });

  it('bytes right behind a FIN that was acknowledged: nobody reads them', () => {
    const [session] = told(quit(start()).end().say('client', 'NOOP').say('client', 'NOOP').packets);
    expect(session).toMatchObject({ said: CHAT });
    expect(session?.transport.client).toMatchObject({ ...NO_HOLE, bytes: 27, ackedBytes: 27 });
  });

  it('bytes right behind a FIN that was not acknowledged: its number is no byte', () => {
    const talk = quit(start()).send('client', 'FA').say('client', 'NOOP').say('client', 'NOOP');
    expect(told(talk.packets)).toMatchObject([
      { said: [...CHAT, 'C: NOOP', 'C: NOOP'], transport: { client: { ...NO_HOLE, bytes: 39, ackedBytes: 27 } } },
    ]);
  });
});

it('a RST that neither side obeyed is not how the connection ended', () => {
  const talk = new Talk().begin().say('server', '220 mx.example');
  talk.packets.push(sent({ from: 'client', seq: 1_060, ack: 0, flags: 'R', atUs: 81_000 }));
  expect(told(talk.packets)).toMatchObject([{ transport: { closing: 'client-rst' } }]);
  talk.say('client', 'HELO client.example').say('server', '250 mx.example');
  expect(told(talk.say('client', 'QUIT').say('server', '221 bye').end().packets)).toMatchObject([
    { said: CHAT, transport: { closing: 'server-fin' } },
  ]);
});

describe('what lies ahead of a stream, and nobody denies, has a hole before it', () => {
  const start = () => new Talk().begin().say('server', '220 mx.example').say('client', 'HELO client.example');
  const lost = (talk: Talk, from: Side, bytes: number) => {
    talk.seq[from] += bytes;
    return talk;
  };
  const HOLE = 'S: gap 16';
  const SAID = CHAT.slice(0, 2);

  it('acknowledged', () => {
    const talk = lost(start(), 'server', 16).say('client', 'QUIT').say('server', '221 bye').end();
    expect(told(talk.packets)).toMatchObject([{ said: [...SAID, HOLE, 'C: QUIT', 'S: 221 bye'] }]);
  });

  it('the last that was captured', () => {
    expect(told(lost(start(), 'server', 16).say('server', '221 bye').packets)).toMatchObject([
      { said: [...SAID, HOLE, 'S: 221 bye'] },
    ]);
  });

  it('not acknowledged by who resets', () => {
    const talk = lost(start(), 'server', 16).say('server', '221 bye').send('client', 'R');
    expect(told(talk.packets)).toMatchObject([{ said: [...SAID, HOLE, 'S: 221 bye'] }]);
  });

  it('a FIN, which who resets did not acknowledge', () => {
    const talk = lost(start(), 'server', 16).send('server', 'FA').send('client', 'R');
    expect(told(talk.packets)).toMatchObject([{ said: [...SAID, HOLE], transport: { closing: 'server-fin' } }]);
  });

  it('selectively acknowledged, though a part of the hole came later', () => {
    const talk = start();
    const { server } = talk.seq;
    lost(talk, 'server', 24).say('server', '221 bye');
    talk.seq.server = server;
    const block = Buffer.from('0101050a0000000000000000', 'hex');
    block.writeUInt32BE(server + 24, 4);
    block.writeUInt32BE(server + 33, 8);
    talk.send('client', 'A', '', { options: block }).send('server', 'PA', '250-mx.e');
    expect(told(talk.packets)).toMatchObject([{ transport: { server: { missingBytes: 16 } } }]);
  });

  it('one direction alone', () => {
    const { packets } = lost(start().say('server', '250 mx.example'), 'server', 16).say('server', '221 bye');
    const one = packets.filter(({ bytes }) => bytes.readUInt16BE(20) === 25);
    expect(told(one)).toMatchObject([
      { said: ['S: 220 mx.example', 'C: gap 21', 'S: 250 mx.example', HOLE, 'S: 221 bye'] },
    ]);
  });
});
