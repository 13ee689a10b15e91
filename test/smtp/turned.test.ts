/** Behind a TURN or ATRN that was granted the server is the client: what is read there, and what is made of it. */
import { describe, expect, it } from 'vitest';
import { newPacketMeta } from '../../src/capture/packet-sink.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../src/inspect.ts';
import { sessionRecord } from '../../src/report/record.ts';
import type { SessionReport } from '../../src/report/report.ts';
import { oneSession, recordsOf, segmentsOf } from '../support/dialogue.ts';
import { schemaErrors } from '../support/schema.ts';
import { drop, packetOf, type Segment } from '../support/segments.ts';
import { transcript } from '../support/terminal.ts';

const ASKED = `
  S: 220 mx.example ESMTP
  C: EHLO client.example
  S: 250-mx.example
  S: 250 ATRN
  C: ATRN client.example
  S: 250 now reversing`;
const TURNED = `
  C: 220 client.example ready
  S: EHLO mx.example
  C: 250-client.example
  C: 250 AUTH PLAIN
  S: AUTH PLAIN AGFubmEAdGVzdC1vbmx5LXNlY3JldA==
  C: 535 5.7.8 no
  S: MAIL FROM:<a@sender.example>
  C: 250 ok
  S: RCPT TO:<nobody@client.example>
  C: 550 5.1.1 no such user
  S: RCPT TO:<b@client.example>
  C: 250 ok
  S: DATA
  C: 354 go on
  S: Subject: turned
  S:
  S: text
  S: .
  C: 451 4.3.0 not now
  S: NOSUCH verb
  C: 500 what?
  S: QUIT
  C: 221 bye`;

function reportsOf(segments: readonly Segment[], onTurn?: (line: string) => void): SessionReport[] {
  const reports: SessionReport[] = [];
  const analysis = createAnalysis(
    {
      ports: DEFAULT_PORTS,
      keepBodies: false,
      ...(onTurn === undefined
        ? {}
        : {
            onTurn: (_: unknown, { turn }: { turn: { index: number; from: string; kind: string; answers: number } }) =>
              onTurn(`${turn.index} ${turn.from} ${turn.kind} ${turn.answers}`),
          }),
    },
    (report) => reports.push(report),
  );
  const meta = newPacketMeta();
  meta.linkType = 101;
  analysis.beginCapture('dialogue.pcap');
  for (const segment of segments) {
    const packet = packetOf(segment, {});
    meta.frame++;
    meta.timeUs = meta.frame * 1000;
    meta.originalLength = packet.length;
    analysis.packet(packet, 0, packet.length, meta);
  }
  analysis.finish();
  return reports;
}

describe('a session whose roles turned', () => {
  const segments = segmentsOf(ASKED + TURNED);
  const [report] = reportsOf(segments) as [SessionReport];
  const record = sessionRecord(report, {
    captures: ['a.pcap'],
    severalCaptures: false,
    body: 'headers',
    reveal: false,
  });

  it('has each turn on the side that spoke it, with what it is there', () => {
    const { turns, turnedAt } = report.session;
    expect(turnedAt).toBe(5);
    const said = turns.slice(turnedAt).map(({ from, kind, verb, code }) => `${from} ${kind} ${verb ?? code}`);
    expect(said).toEqual([
      'client reply 220',
      'server command EHLO',
      'client reply 250',
      'server command AUTH',
      'client reply 535',
      'server command MAIL',
      'client reply 250',
      'server command RCPT',
      'client reply 550',
      'server command RCPT',
      'client reply 250',
      'server command DATA',
      'client reply 354',
      'server message 0',
      'client reply 451',
      'server command NOSUCH',
      'client reply 500',
      'server command QUIT',
      'client reply 221',
    ]);
  });

  it('has findings by what came before alone', () => {
    const before = reportsOf(segmentsOf(ASKED));
    expect(record.findings.map(({ rule }) => rule)).toEqual(before[0]?.findings.map(({ rule }) => rule));
  });

  it('has the mail that the server sent, and comes to what became of it', () => {
    const [mail, ...more] = record.transactions;
    expect(more).toEqual([]);
    expect(mail?.from).toBe('a@sender.example');
    expect(mail?.recipients.map(({ to, code }) => [to, code])).toEqual([
      ['nobody@client.example', 550],
      ['b@client.example', 250],
    ]);
    expect(mail?.message?.code).toBe(451);
    expect(record.outcome).toBe('rejected');
    // The login is the server's: no credentials of this client.
    expect(record.authentication).toEqual([]);
    expect(record.hello?.name).toBe('client.example');
  });

  it.each(['TURN', 'ATRN client.example'])('%s: the server that says QUIT and closes did it in order', (command) => {
    const delivered = `
      S: 220 mx.example ESMTP
      C: EHLO client.example
      S: 250 mx.example
      C: ${command}
      S: 250 ok
      C: 220 client.example
      S: EHLO mx.example
      C: 250 client.example
      S: MAIL FROM:<a@sender.example>
      C: 250 ok
      S: RCPT TO:<b@client.example>
      C: 250 ok
      S: DATA
      C: 354 go on
      S: Subject: turned
      S: .
      C: 250 queued
      S: QUIT
      C: 221 bye`;
    for (const close of ['server', 'client'] as const) {
      const one = oneSession(delivered, { close });
      expect(one.transport.closing).toBe(`${close}-fin`);
      expect(one.findings.map(({ rule }) => rule)).toEqual(['turn-etrn-atrn']);
      expect(one.outcome).toBe('delivered');
      expect(one.headline).toBe('Delivered: 1 message to 1 recipient');
    }
    const refused = oneSession(
      delivered.replace('RCPT TO:<b@client.example>\n      C: 250 ok', 'RCPT TO:<b@client.example>\n      C: 550 no'),
      { close: 'server' },
    );
    expect(refused.findings.map(({ rule }) => rule)).toEqual(['turn-etrn-atrn']);
  });

  it('makes a valid record, in which the server’s login is masked', () => {
    expect(schemaErrors(record, 'session')).toEqual([]);
    const login = record.dialogue.find(({ verb }) => verb === 'AUTH');
    expect(login?.lines).toEqual(['AUTH PLAIN ****']);
    expect(JSON.stringify(record)).not.toContain('AGFubmEA');
  });

  it('says in the transcript where the two change places', () => {
    const lines = transcript(report)
      .split('\n')
      .filter((line) => / [CS]: |change places:/.test(line));
    const at = lines.findIndex((line) => line.includes('client and server change places:'));
    expect(lines[at - 1]).toMatch(/S: 250 now reversing$/);
    expect(lines[at + 1]).toMatch(/C: 220 client\.example ready$/);
    expect(lines[at + 2]).toMatch(/S: EHLO mx\.example$/);
  });

  it('is told turn by turn as it is in the end', () => {
    const told: string[] = [];
    const [followed] = reportsOf(segments, (line) => told.push(line)) as [SessionReport];
    const whole = followed.session.turns.map(({ index, from, kind, answers }) => `${index} ${from} ${kind} ${answers}`);
    expect(told).toEqual(whole);
  });

  it('turns where the word of consent was not captured', () => {
    const consent = segments.findIndex(({ payload }) => payload.toString().startsWith('250 now'));
    const [holed] = reportsOf(drop(segments, consent)) as [SessionReport];
    expect(holed.session.turns[holed.session.turnedAt]?.code).toBe(220);
    expect(holed.session.turns.at(-2)?.verb).toBe('QUIT');
  });

  it('makes no finding of a lost segment, but that it was lost', () => {
    const whole = new Set(record.findings.map(({ rule }) => rule));
    segments.forEach(({ payload }, index) => {
      if (payload.length === 0) return;
      for (const { findings } of recordsOf(drop(segments, index))) {
        const more = findings.filter(({ rule }) => !whole.has(rule) && rule !== 'gap');
        expect(
          more.map(({ rule }) => rule),
          JSON.stringify(payload.toString().slice(0, 30)),
        ).toEqual([]);
      }
    });
  });
});
