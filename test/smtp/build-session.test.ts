import { describe, expect, it } from 'vitest';
import { newPacketMeta } from '../../src/capture/packet-sink.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../src/inspect.ts';
import type { Session } from '../../src/smtp/session.ts';
import { segmentsOf } from '../support/dialogue.ts';
import { packetOf } from '../support/segments.ts';

const RAW_IP = 101;

/** The one session of a dialogue, a millisecond between packets, as `use` sees it while it is lent. */
function seen<T>(text: string, use: (session: Session) => T): T {
  const results: T[] = [];
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: false }, ({ session }) => {
    results.push(use(session));
  });
  const meta = newPacketMeta();
  meta.linkType = RAW_IP;
  analysis.beginCapture('dialogue.pcap');
  for (const segment of segmentsOf(text)) {
    const packet = packetOf(segment, {});
    meta.frame++;
    meta.timeUs = meta.frame * 1000;
    meta.originalLength = packet.length;
    analysis.packet(packet, 0, packet.length, meta);
  }
  analysis.finish();
  expect(results).toHaveLength(1);
  return results[0] as T;
}

const HELLO = 'S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 X-ANONYMOUSTLS';

describe('a reply whose code changes', () => {
  const text = 'S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 421 4.3.2 going down';

  it('has the code and the enhanced code of its last line, and knows that of its first', () => {
    expect(seen(text, ({ turns }) => [turns[2]?.code, turns[2]?.enhancedCode, turns[2]?.firstCode])).toEqual([
      421,
      '4.3.2',
      250,
    ]);
  });

  it('is an anomaly, in whichever line it changes', () => {
    const mixed = [{ kind: 'multiline-code-mismatch', turn: 2 }];
    expect(seen(text, ({ anomalies }) => anomalies)).toEqual(mixed);
    expect(
      seen(
        'S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 251-SIZE\nS: 250 HELP',
        ({ anomalies }) => anomalies,
      ),
    ).toEqual(mixed);
  });

  it('is none where numbers stand in the text', () => {
    expect(
      seen('S: 220 mx.example\nC: EHLO client.example\nS: 250-421 users\nS: 250 HELP', ({ anomalies }) => anomalies),
    ).toEqual([]);
  });
});

describe('X-ANONYMOUSTLS', () => {
  it('is the command of the encryption that comes of it', () => {
    const text = `${HELLO}\nC: X-ANONYMOUSTLS\nS: 220 go\nC: \\x16\\x03\\x01\\x00\\x05\\x01\\x00\\x00\\x01\\x00\\-`;
    expect(seen(text, ({ encryption }) => [encryption?.command?.verb, encryption?.reply?.code])).toEqual([
      'X-ANONYMOUSTLS',
      220,
    ]);
  });

  it('is no word about encryption where it was refused', () => {
    expect(seen(`${HELLO}\nC: X-ANONYMOUSTLS\nS: 454 no\nC: QUIT\nS: 221 bye`, (s) => s.encryption)).toBeNull();
  });
});

describe('a reply whose end was not captured answers all the same', () => {
  const opening = 'S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example';
  const mail = 'C: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok';
  const verbs = (text: string) => seen(text, ({ turns }) => turns.flatMap(({ verb }) => (verb === null ? [] : [verb])));

  it('a message of which the end was not captured either', () => {
    const first = `${opening}\n${mail}\nC: DATA\nS: 354 go\nC: Subject: one`;
    const text = `${first}\n--gap 40 C--\nS: 250 2.0.0 Ok: queued as 4Rxyz\\-\n--gap 13 S--\n${mail}\nC: QUIT\nS: 221 bye`;
    expect(verbs(text)).toEqual(['EHLO', 'MAIL', 'RCPT', 'DATA', 'MAIL', 'RCPT', 'QUIT']);
    expect(seen(text, ({ transactions }) => transactions.map(({ message }) => message?.code ?? null))).toEqual([
      250,
      null,
    ]);
  });

  it('DATA, so that a message follows', () => {
    const text = `${opening}\n${mail}\nC: DATA\nS: 354 End data wi\\-\n--gap 20 S--\nC: QUIT\nC: .\nS: 250 ok\nC: QUIT\nS: 221 bye`;
    expect(verbs(text)).toEqual(['EHLO', 'MAIL', 'RCPT', 'DATA', 'QUIT']);
  });

  it('but not where more lines may lie in the hole', () => {
    const text = `${opening}\nC: NOOP\nS: 250-one\\-\n--gap 20 S--\nC: QUIT\nS: 221 bye`;
    expect(seen(text, ({ turns }) => turns.find(({ verb }) => verb === 'QUIT')?.answeredBy)).toBeGreaterThan(0);
  });
});

describe('what does not fit is noted', () => {
  const opening = 'S: 220 mx.example\nC: EHLO client.example\nS: 250 mx.example';

  it('a reply that nothing asked for', () => {
    expect(seen(`${opening}\nS: 250 and another\nC: QUIT\nS: 221 bye`, ({ anomalies }) => anomalies)).toEqual([
      { kind: 'reply-without-command', turn: 3 },
    ]);
  });

  it('a reply behind a hole that may belong to any of several commands', () => {
    const text = `${opening}\n--gap 30 C--\nC: NOOP\nS: 250 one\nS: 250 two\nC: QUIT\nS: 221 bye`;
    const noted = seen(text, ({ anomalies, turns }) =>
      anomalies.map(({ kind, turn }) => [kind, turns[turn ?? 0]?.kind]),
    );
    expect(noted.length).toBeGreaterThan(0);
    expect(new Set(noted.map(String))).toEqual(new Set(['lost-sync,reply']));
  });

  it('text where TLS was agreed to', () => {
    const text = `${opening}\nC: STARTTLS\nS: 220 go\nC: EHLO client.example\nS: 250 mx.example`;
    expect(seen(text, ({ anomalies }) => anomalies)).toEqual([{ kind: 'plaintext-after-starttls', turn: null }]);
  });

  it('nothing in a session that is as it should be', () => {
    expect(seen(`${opening}\nC: QUIT\nS: 221 bye`, ({ anomalies }) => anomalies)).toEqual([]);
  });
});
