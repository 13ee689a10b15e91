import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Session } from '../../../src/smtp/session.ts';
import type { Turn } from '../../../src/smtp/turn.ts';
import { HOSTILE_TEXTS, rawControls } from '../../support/hostile.ts';
import {
  finding,
  foundingReport,
  half,
  message,
  report,
  START_US,
  session,
  transport,
  turns,
} from '../../support/reports.ts';
import { plainWriter, textOf, transcript } from '../../support/terminal.ts';
import { written } from '../support/written.ts';

const MESSAGE =
  'From: a@a.example\r\nSubject: =?utf-8?B?44GT44KT44Gr44Gh44Gv?=\r\nReceived: from x\r\n\tby y\r\n\r\nbody\r\n';

function mail(text = MESSAGE, facts: Parameters<typeof message>[3] = {}, facts2: Partial<Session> = {}) {
  const all = turns('S: 220 x\nC: DATA\nS: 354 go\nC: x\nS: 250 2.0.0 Ok');
  const carried = message(all, 3, text, facts);
  const [, command] = all;
  if (command === undefined) throw new Error('a command');
  return {
    session: session(all, {
      outcome: 'delivered',
      transactions: [{ from: '', mail: command, mailReply: null, recipients: [], message: carried }],
      ...facts2,
    }),
    findings: [],
    headline: '',
  };
}

describe('the transcript of the founding dialogue', () => {
  it('reads as a person expects it', () => {
    expect(transcript(foundingReport())).toBe(`\
#2  192.0.2.222:34131 → 198.51.100.123:25  2007-08-12T13:17:23.316Z  0.095 s  aborted, 1 error
    10     0.061  S: 220 mail.example.ne.jp SMTP-Gateway Version 2.05 at Sun, 12 Aug 2007 22:17:23 +0900 (JST)
    11     0.071  C: EHLO local
                  ^^ notice helo-name: The client calls itself "local", which is
                     no fully qualified name.
    12     0.081  S: 250-mail.example.ne.jp Hello local [222.222.222.222], pleased to meet you
                  S: 250-AUTH CRAM-MD5 LOGIN PLAIN
                  S: 250-ENHANCEDSTATUSCODES
                  S: 250-PIPELINING
                  S: 250-8BITMIME
                  S: 250-SIZE 104857600
                  S: 250-DSN
                  S: 250-DELIVERBY
                  S: 250 HELP
    13     0.091  C: QUIT
                  ^^ error ehlo-quit-auth-offered: The server offered AUTH
                     CRAM-MD5 LOGIN PLAIN and the client said QUIT 3.4 ms later,
                     without trying one.
    14     0.101  S: 221 2.0.0 mail.example.ne.jp closing connection

  error ehlo-quit-auth-offered: AUTH offered, and the client left without using
      it (certain, for the client to mend)
      Causes, likeliest first
        1. The client has no SASL mechanism that the server offers: the plugins
           are not installed.
        2. A mechanism filter of the client leaves none of those on offer.
      What to do
        - Postfix on Debian and Ubuntu: Install the SASL mechanism plugins and
          send the queue again.
            apt-get install libsasl2-modules
            postqueue -f
      More
        smtpscope explain ehlo-quit-auth-offered
        RFC 4954 §4  https://www.rfc-editor.org/rfc/rfc4954#section-4

`);
  });

  it('says the same causes once, and afterwards where they stand', () => {
    const writer = plainWriter();
    textOf(writer, foundingReport());
    const again = foundingReport();
    const text = textOf(writer, { ...again, session: { ...again.session, id: 9 } });
    expect(text).toContain('^^ error ehlo-quit-auth-offered');
    expect(text).toContain('  error ehlo-quit-auth-offered: causes and remedies are told at session #2\n');
    expect(text).not.toContain('libsasl2-modules');
    const other = finding({ causes: ['Another cause.'] });
    expect(textOf(writer, { ...again, findings: [other] })).toContain('Another cause.');
  });

  it('explains everything everywhere when it is verbose', () => {
    const writer = plainWriter({ verbose: true });
    for (let i = 0; i < 2; i++) {
      const text = textOf(writer, foundingReport());
      expect(text).toContain('libsasl2-modules');
      expect(text).toContain('  notice helo-name: ');
    }
  });

  it('wraps prose for the terminal and never a line of the wire', () => {
    const wide = transcript(foundingReport(), { columns: 200 }).split('\n');
    const narrow = transcript(foundingReport(), { columns: 60 }).split('\n');
    expect(wide.length).toBeLessThan(narrow.length);
    const wire = (lines: string[]) => lines.filter((line) => /^[ \d.]* [CS]: /.test(line));
    expect(wire(narrow)).toEqual(wire(wide));
    expect(wire(narrow)).toHaveLength(13);
    for (const line of narrow.filter((one) => !/[CS]: |^#|https?:/.test(one)))
      expect(line.length).toBeLessThanOrEqual(60);
  });
});

describe('a terminal that is narrow', () => {
  it('has the outcome below the head where both do not fit beside each other, as nowhere else', () => {
    const head = (columns?: number) => transcript(foundingReport(), { columns }).split('\n').slice(0, 2);
    const [line = ''] = head();
    const at = line.lastIndexOf('  ');
    expect(head(200)[0]).toBe(line);
    expect(head(line.length)[0]).toBe(line);
    expect(head(line.length - 1)).toEqual([line.slice(0, at), `    ${line.slice(at + 2)}`]);
  });

  it('has what a TLS handshake shows below its line, within its columns', async () => {
    const capture = new URL('../../../captures/healthy/postfix-starttls.pcap', import.meta.url);
    const at = async (columns: number) => (await written(plainWriter({ columns }), readFileSync(capture))).split('\n');
    const wide = (await at(200)).join('\n');
    expect(wide).toMatch(/C: \[TLS: 517 bytes\] {2}\(offers TLSv1\.3, .*; names no host\)\n/);
    const narrow = await at(80);
    expect(narrow.join('\n')).toMatch(/C: \[TLS: 517 bytes\]\n {18,}\(offers TLSv1\.3/);
    expect(narrow.filter((line) => line.length > 80)).toEqual([]);
    expect(narrow.join(' ').replace(/ +/g, ' ')).toBe(wide.replace(/\s+/g, ' '));
  });
});

describe('times', () => {
  const second = (options: Parameters<typeof transcript>[1]) => transcript(foundingReport(), options).split('\n')[2];
  it('are offsets, steps, or the clock', () => {
    expect(second({ time: 'offset' })).toContain(' 11     0.071  C: EHLO');
    expect(second({ time: 'delta' })).toContain(' 11     0.010  C: EHLO');
    expect(second({ time: 'clock' })).toContain(' 11  13:17:23.387  C: EHLO');
  });

  it('that nobody knows are a dash', () => {
    const timeless = foundingReport();
    for (const turn of timeless.session.turns) turn.timeUs = Number.NaN;
    for (const time of ['offset', 'delta', 'clock'] as const) {
      expect(transcript(timeless, { time })).toMatch(/ 11 +- {2}C: EHLO local/);
    }
  });

  it('that are long stand beside the line', () => {
    const slow = report('S: 220 x\nC: EHLO a.example\nS: 250 x');
    const reply = slow.session.turns[2] as Turn;
    reply.timeUs += 12_310_000;
    expect(transcript(slow)).toMatch(/S: 250 x {2}\(after 12\.3 s\)\n/);
  });
});

describe('text from the wire', () => {
  it.each(HOSTILE_TEXTS)('never reaches the terminal raw: %j', (text) => {
    const banner = report(`S: 220 ${text.replaceAll('\n', '')}`);
    const found = finding({
      message: `It said ${text}`,
      title: text,
      causes: [text],
      remedies: [{ applies: text, text, commands: [text] }],
      references: [{ title: text, url: `https://x/${text}` }],
    });
    const all = turns('S: 220 x\nC: AUTH PLAIN x\nS: 235 Ok');
    const [, command] = all;
    if (command === undefined) throw new Error('a command');
    const named = session(all, {
      authentication: [
        {
          mechanism: 'PLAIN',
          identity: text,
          outcome: 'accepted',
          code: 235,
          enhancedCode: null,
          command,
          steps: [],
          reply: null,
          exposed: null,
        },
      ],
      encryption: {
        by: 'implicit',
        outcome: 'failed',
        version: null,
        cipher: null,
        serverName: text,
        alert: null,
        decrypted: false,
        command: null,
        reply: null,
      },
    });
    for (const body of ['headers', 'full', 'none'] as const) {
      const shown =
        transcript({ ...banner, findings: [found] }, { body, captures: [text, text], severalCaptures: true }) +
        transcript({ session: named, findings: [], headline: text }, { body }) +
        transcript(mail(`Subject: ${Buffer.from(text).toString('latin1')}\r\n\r\n`, { text: Buffer.from(text) }), {
          body,
        });
      expect(rawControls(shown)).toEqual([]);
    }
  });

  it('shows which line ends are not CRLF, and bytes that are no UTF-8 as Latin-1', () => {
    const odd = report('S: 220 x\nC: a\nC: b\nC: c');
    const [, a, b, c] = odd.session.turns as [Turn, Turn, Turn, Turn];
    a.raw = Buffer.from('EHLO a\n');
    b.raw = Buffer.from('RSET\r\r\n');
    c.raw = Buffer.from('NOOP \xfc\n', 'latin1');
    const text = transcript(odd);
    expect(text).toContain('C: EHLO a<LF>\n');
    expect(text).toContain('C: RSET<CR>\n');
    expect(text).toContain('C: NOOP ü<LF>\n');
  });
});

describe('credentials', () => {
  const dialogue =
    'S: 220 x\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YWxpY2U=\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 235 Ok';
  const login = () => {
    const all = turns(dialogue, { 3: { kind: 'auth', step: 'user' }, 5: { kind: 'auth', step: 'password' } });
    const [, command, , user, , password, reply] = all as [Turn, Turn, Turn, Turn, Turn, Turn, Turn];
    const attempt = {
      mechanism: 'LOGIN',
      identity: 'alice',
      outcome: 'accepted' as const,
      code: 235,
      enhancedCode: null,
    };
    return {
      session: session(all, {
        authentication: [{ ...attempt, command, steps: [user, password], reply, exposed: password }],
      }),
      findings: [],
      headline: '',
    };
  };

  it('are masked, prompts and user names told', () => {
    const lines = transcript(login()).split('\n');
    expect(lines[3]).toMatch(/S: 334 VXNlcm5hbWU6 {2}\(Username:\)$/);
    expect(lines[4]).toMatch(/C: \*{4} {2}\(user alice\)$/);
    expect(lines[5]).toMatch(/\(Password:\)$/);
    expect(lines[6]).toMatch(/C: \*{4} {2}\(password masked\)$/);
  });

  it('are shown when asked', () => {
    expect(transcript(login(), { reveal: true })).toContain('C: c2VjcmV0  (password secret)\n');
  });
});

describe('a message', () => {
  it('is folded to its header and its size', () => {
    const text = transcript(mail());
    expect(text).toContain('C:   From: a@a.example\n');
    expect(text).toContain('C:   Subject: =?utf-8?B?44GT44KT44Gr44Gh44Gv?=  (こんにちは)\n');
    expect(text).toContain('C:       by y\n');
    expect(text).toMatch(/C: \[message: 95 bytes\]\n/);
    expect(text).not.toContain('body');
  });

  it('is its size alone, or whole', () => {
    expect(transcript(mail(), { body: 'none' })).toMatch(/ 13 +0\.091 {2}C: \[message: 95 bytes\]\n/);
    const full = transcript(mail(MESSAGE, { text: Buffer.from(MESSAGE) }), { body: 'full' });
    expect(full).toContain('C:   \n                  C:   body\n                  C: [message: 95 bytes]');
  });

  it('says what of it is missing', () => {
    const text = transcript(mail(MESSAGE, { complete: false, missing: 1448, lines: 6 }));
    expect(text).toContain('[message: 95 bytes in 6 lines, 1,448 of them not captured; its end was not captured]');
  });

  it('in chunks has its header in the first and its size in the last', () => {
    const all = turns('C: BDAT 3\nC: x\nS: 250 Ok\nC: BDAT 2 LAST\nC: y\nS: 250 Ok');
    const last = message(all, 4, 'zz');
    const first = message(all, 1, 'A: 1\r\n\r\nx');
    const carriers = [first.turns[0] as Turn, last.turns[0] as Turn];
    const transaction = { from: '', mail: all[0] as Turn, mailReply: null, recipients: [] };
    const chunked = { ...first, turns: carriers, bytes: 11 };
    const text = transcript({
      session: session(all, { transactions: [{ ...transaction, message: chunked }] }),
      findings: [],
      headline: '',
    });
    expect(text).toMatch(/C: {3}A: 1\n +C: \[chunk 1 of 2: 12 bytes\]\n/);
    expect(text).toMatch(/C: \[chunk 2 of 2: 5 bytes; message: 11 bytes\]\n/);
  });
});

describe('what is not a line', () => {
  it('is said: gaps with their bytes, TLS flights with their sizes', () => {
    const all = turns('S: 220 x\nC: STARTTLS\nS: 220 go\nC: x\nS: y\nC: z', {
      3: { kind: 'tls', bytes: 517, verb: null },
      4: { kind: 'tls', bytes: 3072, code: 0 },
      5: { kind: 'gap', bytes: 1448, verb: null },
    });
    const text = transcript({
      session: session(all, {
        encryption: {
          by: 'starttls',
          outcome: 'established',
          version: 'TLSv1.3',
          cipher: null,
          serverName: 'mx.example',
          alert: null,
          decrypted: false,
          command: null,
          reply: null,
        },
      }),
      findings: [],
      headline: '',
    });
    expect(text).toContain('C: [TLS: 517 bytes]  (TLSv1.3, mx.example)\n');
    expect(text).toContain('S: [TLS: 3,072 bytes]\n');
    expect(text).toContain('C: [gap: 1,448 bytes of the client not captured]\n');
  });

  it('is folded where nobody can read it', () => {
    const noise = report('S: 220 x\nC: y');
    const turn = noise.session.turns[1] as Turn;
    turn.kind = 'unparsed';
    turn.raw = Buffer.from('abc\r\n'.repeat(1000));
    const lines = transcript(noise).split('\n');
    expect(lines.length).toBeLessThan(40);
    expect(lines.find((line) => line.includes('not shown'))).toMatch(/C: \[4,880 bytes more, not shown\]$/);
  });

  it('tells of connections without a dialogue', () => {
    const us = START_US;
    const event = (facts: Parameters<typeof transport>[0]) =>
      transcript({
        session: session([], { transport: transport(facts), outcome: 'not-connected' }),
        findings: [],
        headline: '',
      });
    expect(
      event({ opening: 'unanswered', closing: 'none', synCount: 3, lastSyn: { us: us + 7_000_000, nanos: 0 } }),
    ).toMatch(/ 7 +0\.000 {2}-- SYN sent 3 times in 7\.000 s, no answer\n\n$/);
    expect(
      event({ opening: 'refused', closing: 'none', server: half({ rstFrame: 8, rst: { us: us + 200, nanos: 0 } }) }),
    ).toMatch(/ 8 +0\.000 {2}-- RST in answer: the connection was refused\n/);
    expect(
      event({
        opening: 'unreachable',
        closing: 'none',
        icmp: {
          version: 4,
          type: 3,
          code: 13,
          mtu: 0,
          from: '203.0.113.1',
          frame: 9,
          time: { us: us + 900, nanos: 0 },
        },
      }),
    ).toMatch(/ 9 +0\.000 {2}-- ICMP type 3 code 13 from 203\.0\.113\.1: unreachable\n/);
    expect(event({ closing: 'server-fin' })).toMatch(/ 16 +0\.080 {2}-- the server closed the connection\n/);
    expect(event({ closing: 'client-rst' })).toContain('-- the client reset the connection (RST)\n');
  });

  it('says who closed in its place among the lines, and not where QUIT says it', () => {
    const dialogue = 'S: 220 x\nC: EHLO a.example\nS: 250 x';
    const early = transport({ closing: 'client-rst', closedFrame: 11, closed: { us: START_US + 75_000, nanos: 0 } });
    expect(transcript(report(dialogue, { transport: early }))).toMatch(
      /EHLO a\.example\n +11 +0\.075 {2}-- the client reset .*\n.*S: 250 x\n/,
    );
    expect(transcript(report('S: 220 x\nC: QUIT\nS: 221 x'))).not.toContain('--');
  });

  it('puts a finding that no turn shows behind the events', () => {
    const found = finding({
      rule: 'drop-before-greeting',
      evidence: [{ turn: null, frame: 4, direction: 'server', offset: 0, length: 0, note: 'FIN' }],
    });
    const text = transcript({
      session: session([], { transport: transport({ closing: 'server-fin' }), outcome: 'no-greeting' }),
      findings: [found],
      headline: found.message,
    });
    expect(text.indexOf('-- the server closed')).toBeLessThan(text.indexOf('^^ error drop-before-greeting'));
  });
});
