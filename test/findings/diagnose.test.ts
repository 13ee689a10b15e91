import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/findings/diagnose.ts';
import { headline } from '../../src/findings/headline.ts';
import { History } from '../../src/findings/history.ts';
import { NOTHING } from '../../src/findings/rule.ts';
import type { Session } from '../../src/smtp/session.ts';
import { talk } from './support/dialogue.ts';
import { rulesOf } from './support/expect.ts';
import { bare, half } from './support/sessions.ts';

const START = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250-STARTTLS\nS: 250 AUTH PLAIN';
const QUIET = 'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250 mx.example';
const MAIL =
  'C: MAIL FROM:<a@client.example>\nS: 250 ok\nC: RCPT TO:<b@mx.example>\nS: 250 ok\nC: RCPT TO:<c@mx.example>\nS: 250 ok';
const DATA =
  'C: DATA\nS: 354 go\nC: Date: Mon, 1 Jan 2024 00:00:00 +0000\nC: From: a@client.example\nC: \nC: x\nC: .\nS: 250 ok\nC: QUIT\nS: 221 bye';
const PLAIN = Buffer.from('\0user\0secret').toString('base64');

function head(session: Session): string {
  return headline(session, diagnose(session, new History()));
}

function plain(session: Session): string {
  return headline(session, NOTHING);
}

describe('diagnose', () => {
  it('says nothing of a healthy session, and makes nothing for it', () => {
    const session = talk(`${QUIET}\n${MAIL}\n${DATA}`);
    expect(diagnose(session, new History())).toBe(NOTHING);
    expect(diagnose({ ...session, facts: 0 }, new History())).toBe(NOTHING);
  });

  it('is pure: the same session gives the same findings', () => {
    const session = talk(`${START}\nC: AUTH PLAIN ${PLAIN}\nS: 535 no\nC: QUIT\nS: 221 bye`);
    expect(diagnose(session, new History())).toEqual(diagnose(session, new History()));
  });

  it('puts the finding that explains the outcome first, then by severity', () => {
    const session = talk(
      `${START.replace('client.example', 'local')}\nC: AUTH PLAIN ${PLAIN}\nS: 535 no\nC: QUIT\nS: 221 bye`,
    );
    expect(rulesOf(session)).toEqual(['auth-535', 'credentials-in-clear', 'starttls-offered-unused', 'helo-name']);
  });

  it('a notice about the name does not explain another refusal', () => {
    const session = talk(
      `${QUIET.replace('client.example', 'local')}\nC: MAIL FROM:<a@b.example>\nS: 550 no\nC: QUIT\nS: 221 bye`,
    );
    expect(rulesOf(session)).toEqual(['rejected-other', 'helo-name']);
  });
});

describe('headline', () => {
  it('is the first finding when it explains the outcome', () => {
    expect(head(talk(`${QUIET}\nC: MAIL FROM:<a@b.example>\nS: 550 5.7.1 no\nC: QUIT\nS: 221 bye`))).toBe(
      'The server refused the sender a@b.example: 550 5.7.1 no',
    );
  });

  it('is the outcome when no finding explains it', () => {
    expect(plain(talk(`${START}\n${MAIL}\n${DATA}`))).toBe('Delivered: 1 message to 2 recipients');
    expect(
      plain(talk(`${QUIET}\n${MAIL.replace('S: 250 ok\nC: RCPT TO:<c', 'S: 550 no\nC: RCPT TO:<c')}\n${DATA}`)),
    ).toBe('Delivered: 1 message to 1 recipient; 1 recipient refused');
    expect(plain(talk(`${START}\nC: STARTTLS\nS: 220 go`))).toBe(
      'Encrypted with TLS 1.3 after STARTTLS; nothing to see inside',
    );
    expect(plain(talk(`S: 220 mx.example\nC: QUIT\nS: 221 bye`))).toBe('Left idle: no mail was asked for');
    expect(plain(talk(`${QUIET}\n${MAIL}`))).toBe(
      'Broken off in a mail transaction from a@client.example to 2 recipients',
    );
    expect(plain(talk(`${QUIET}\nC: MAIL FROM:<a@b.example>`))).toBe('Broken off: MAIL was never answered');
  });

  it('never shows a secret that the server echoes', () => {
    const session = talk(`${START}\nC: AUTH PLAIN ${PLAIN}\nS: 534 what is ${PLAIN}`);
    expect(head(session)).not.toContain(PLAIN);
    expect(head(session)).toContain('****');
  });

  it.each([
    ['not-connected', 'No connection to 192.0.2.25 port 25'],
    ['no-greeting', 'Connected, and the server never greeted'],
    ['incomplete', 'The capture does not hold enough of this session to say what it came to'],
    ['idle', 'Left idle; nothing was said'],
  ] as const)('has words for %s', (outcome, words) => {
    expect(headline(bare([], { client: half() }, { outcome }), [])).toBe(words);
  });

  it('names the other protocol', () => {
    expect(headline(bare([], {}, { outcome: 'not-smtp', service: 'http' }), [])).toBe('Not SMTP: HTTP');
  });
});
