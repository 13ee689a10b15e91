/** What the transcript says beside flights of TLS, from real handshakes. */
import { describe, expect, it } from 'vitest';
import { tlsNotes } from '../../../src/output/terminal/tls-notes.ts';
import type { Session } from '../../../src/smtp/session.ts';
import {
  alert,
  IN_2026_US,
  opening,
  protectedRecord,
  tls12Good,
  tls12OtherName,
  tls13,
} from '../../findings/support/handshakes.ts';
import { say, wire } from '../../findings/support/spoken.ts';

const STARTTLS =
  'S: 220 mx.example ESMTP\nC: EHLO client.example\nS: 250-mx.example\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go';
const at = { startUs: IN_2026_US };

function notesOf(session: Session): string[][] {
  return session.turns.filter(({ kind }) => kind === 'tls').map((turn) => [...tlsNotes(session, turn)]);
}

describe('the notes beside TLS', () => {
  it('TLS 1.3: the two hellos', () => {
    const [hello, answer, ...rest] = notesOf(wire(say(STARTTLS, tls13), at));
    expect(hello?.[0]).toMatch(/^offers TLSv1\.3, TLSv1\.2; \d+ cipher suites; for mx\.example$/);
    expect(hello?.[1]).toMatch(/^JA4 t13d\d{4}00_[0-9a-f]{12}_[0-9a-f]{12}, JA3 [0-9a-f]{32}$/);
    expect(answer).toEqual(['TLSv1.3, TLS_AES_256_GCM_SHA384, x25519']);
    expect(rest.flat()).toEqual([]);
  });

  it('TLS 1.2: the certificate', () => {
    const [, answer] = notesOf(wire(say(STARTTLS, tls12OtherName), at));
    expect(answer?.[1]).toBe(
      'certificate CN=mx.example, O=Example for mx.example, *.mail.example, 192.0.2.25; ' +
        'issued by O=Example Trust, CN=Example Test CA; 2020-01-01 to 2120-01-01; RSA 2048 bits, ecdsa-with-SHA256; ' +
        'not for the name asked for',
    );
  });

  it('where an alert stands, and where the handshake stopped', () => {
    const notes = notesOf(wire(say(STARTTLS, opening(tls12Good), alert('client', 48)), at));
    expect(notes[2]).toEqual(['fatal alert unknown_ca', 'the handshake stopped behind the server’s flight']);
    const hidden = notesOf(wire(say(STARTTLS, opening(tls13), protectedRecord('client', 19)), at));
    expect(hidden[2]?.[0]).toBe('probably an alert of the client, encrypted');
    const bare = notesOf(wire(say(STARTTLS, tls13.slice(0, 1)), at));
    expect(bare[0]?.at(-1)).toBe('the handshake stopped behind the client’s hello');
  });

  it('who ended without close_notify, and where TLS gave way to text', () => {
    const cut = notesOf(wire(say(STARTTLS, tls12Good.slice(0, -2)), at));
    expect(cut.at(-1)?.at(-1)).toMatch(/^no close_notify from (?:either side|the (?:client|server))$/);
    const text = notesOf(wire(say(STARTTLS, tls13.slice(0, 4), 'C: MAIL FROM:<a@client.example>'), at));
    expect(text.flat().some((note) => /^no TLS from byte \d+ on$/.test(note))).toBe(true);
  });
});
