import { describe, expect, it } from 'vitest';
import { type RecordOptions, sessionRecord, summaryRecord } from '../../src/report/record.ts';
import { finding, foundingReport, message, report, session, summary, turns } from '../support/reports.ts';
import { schemaErrors } from '../support/schema.ts';

const OPTIONS: RecordOptions = { captures: ['relay.pcap'], severalCaptures: false, body: 'headers', reveal: false };

const TEXT = 'From: a@a.example\r\nSubject: =?utf-8?Q?=C3=A4?=\r\nMessage-ID: <1@a.example>\r\n\r\nbody \xe4\r\n';

function mailReport(text: Buffer | null = null) {
  const all = turns(
    'S: 220 mx.example\nC: EHLO a.example\nS: 250-mx.example\nS: 250-SIZE 1000\nS: 250 __proto__\nC: MAIL FROM:<a@a.example>\nS: 250 2.1.0 Ok\nC: RCPT TO:<b@b.example>\nS: 250 2.1.5 Ok\nC: DATA\nS: 354 go\nC: x\nS: 250 2.0.0 Ok',
  );
  const [, , , mail, mailReply, rcpt, rcptReply] = all;
  if (mail === undefined || mailReply === undefined || rcpt === undefined || rcptReply === undefined) throw new Error();
  const carried = message(all, 9, TEXT, { lines: 5, text });
  const recipients = [{ to: 'b@b.example', code: 250, enhancedCode: '2.1.5', command: rcpt, reply: rcptReply }];
  return {
    session: session(all, {
      outcome: 'delivered',
      transactions: [{ from: 'a@a.example', mail, mailReply, recipients, message: carried }],
    }),
    findings: [],
    headline: 'Delivered: 1 message',
  };
}

describe('the session record', () => {
  it('holds the founding dialogue as the contract names it', () => {
    const record = sessionRecord(foundingReport(), OPTIONS);
    expect(schemaErrors(record, 'session')).toEqual([]);
    expect(record).toMatchObject({
      type: 'session',
      schemaVersion: 1,
      id: 2,
      capture: 'relay.pcap',
      start: '2007-08-12T13:17:23.316204Z',
      end: '2007-08-12T13:17:23.411239Z',
      durationSeconds: 0.095035,
      greeting: { code: 220, enhancedCode: null },
      hello: { verb: 'EHLO', name: 'local' },
      encryption: null,
      outcome: 'aborted',
    });
    expect(record.extensions).toEqual({
      AUTH: ['CRAM-MD5', 'LOGIN', 'PLAIN'],
      ENHANCEDSTATUSCODES: [],
      PIPELINING: [],
      '8BITMIME': [],
      SIZE: ['104857600'],
      DSN: [],
      DELIVERBY: [],
      HELP: [],
    });
    expect(record.dialogue).toHaveLength(5);
    expect(record.dialogue[4]).toEqual({
      index: 4,
      from: 'server',
      kind: 'reply',
      time: '2007-08-12T13:17:23.417204Z',
      endTime: '2007-08-12T13:17:23.417204Z',
      offsetSeconds: 0.101,
      frame: 14,
      lines: ['221 2.0.0 mail.example.ne.jp closing connection'],
      verb: null,
      argument: null,
      code: 221,
      enhancedCode: '2.0.0',
      answers: 3,
      bytes: 49,
    });
    expect(record.dialogue[0]?.answers).toBeNull();
    expect(record.dialogue[3]).toMatchObject({ verb: 'QUIT', argument: null, code: null });
  });

  it('shows the header of a message, none of it, or all', () => {
    const headers = sessionRecord(mailReport(), OPTIONS);
    expect(schemaErrors(headers, 'session')).toEqual([]);
    expect(headers.transactions).toEqual([
      {
        from: 'a@a.example',
        recipients: [{ to: 'b@b.example', code: 250, enhancedCode: '2.1.5' }],
        message: {
          bytes: TEXT.length,
          lines: 5,
          subject: 'ä',
          messageId: '<1@a.example>',
          code: 250,
          enhancedCode: '2.0.0',
          text: null,
        },
      },
    ]);
    expect(headers.dialogue[9]?.lines).toEqual([
      'From: a@a.example',
      'Subject: =?utf-8?Q?=C3=A4?=',
      'Message-ID: <1@a.example>',
    ]);

    const none = sessionRecord(mailReport(), { ...OPTIONS, body: 'none' });
    expect(none.transactions[0]?.message).toMatchObject({ subject: null, messageId: null, text: null });
    expect(none.dialogue[9]?.lines).toEqual([]);

    const whole = mailReport(Buffer.from(TEXT, 'latin1'));
    const full = sessionRecord(whole, { ...OPTIONS, body: 'full' });
    expect(full.transactions[0]?.message?.text).toBe(TEXT);
    expect(sessionRecord(whole, OPTIONS).transactions[0]?.message?.text).toBeNull();
  });

  it('keeps a keyword that JavaScript would take for something else', () => {
    const text = JSON.stringify(sessionRecord(mailReport(), OPTIONS));
    expect(text).toContain('"extensions":{"SIZE":["1000"],"__PROTO__":[]}');
    expect(JSON.stringify(sessionRecord(report('S: 220 x'), OPTIONS).extensions)).toBe('{}');
  });

  it('says in which capture a turn stands only where a run has several', () => {
    const several = sessionRecord(foundingReport(), { ...OPTIONS, captures: ['a', 'b'], severalCaptures: true });
    expect(schemaErrors(several, 'session')).toEqual([]);
    expect(several.dialogue[0]).toMatchObject({ capture: 0 });
    expect(sessionRecord(foundingReport(), OPTIONS).dialogue[0]).not.toHaveProperty('capture');
  });

  it('masks secrets in every place, and shows them when asked', () => {
    const masked = report('S: 220 x\nC: AUTH PLAIN AGFsaWNlAHNlY3JldA==\nS: 235 2.7.0 Ok');
    expect(JSON.stringify(sessionRecord(masked, OPTIONS))).not.toContain('AGFsaWNlAHNlY3JldA');
    const revealed = sessionRecord(masked, { ...OPTIONS, reveal: true });
    expect(revealed.dialogue[1]).toMatchObject({
      lines: ['AUTH PLAIN AGFsaWNlAHNlY3JldA=='],
      argument: 'PLAIN AGFsaWNlAHNlY3JldA==',
    });
  });

  it('knows packets without a time', () => {
    const timeless = report('S: 220 x', { start: { us: Number.NaN, nanos: 0 }, end: { us: Number.NaN, nanos: 0 } });
    const record = sessionRecord(timeless, OPTIONS);
    expect(record).toMatchObject({ start: null, end: null, durationSeconds: null });
    expect(record.dialogue[0]?.offsetSeconds).toBeNull();
    expect(schemaErrors(record, 'session')).toEqual([]);
  });
});

describe('the summary record', () => {
  it('counts and names the captures', () => {
    const record = summaryRecord(
      summary({
        crossFindings: [{ ...finding({ rule: 'linked-failures', severity: 'notice', actor: null }), sessions: [1, 2] }],
        warnings: ['one'],
      }),
    );
    expect(schemaErrors(record, 'summary')).toEqual([]);
    expect(record).toMatchObject({
      captures: [{ name: 'relay.pcap', format: 'pcap', linkTypes: [1], packets: 20, bytes: 1930, cutShort: false }],
      outcomes: { aborted: 1 },
      findings: { 'ehlo-quit-auth-offered': 1 },
      warnings: ['one'],
    });
    expect(record.crossFindings[0]?.sessions).toEqual([1, 2]);
  });
});

describe('the schema', () => {
  it('is strict: a missing and an unknown key are refused', () => {
    const record = JSON.parse(JSON.stringify(sessionRecord(foundingReport(), OPTIONS)));
    const { headline: _, ...without } = record;
    expect(schemaErrors(without, 'session').join()).toContain('headline');
    expect(schemaErrors({ ...record, more: 1 }, 'session')).not.toEqual([]);
    record.dialogue[0].more = 1;
    expect(schemaErrors(record, 'session')).not.toEqual([]);
  });
});
