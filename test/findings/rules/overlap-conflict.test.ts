import { expect } from 'vitest';
import type { Segment } from '../../support/segments.ts';
import { testRule } from '../support/expect.ts';
import { say, wire } from '../support/spoken.ts';

const TALK = say('S: 220 mx.example\nC: EHLO a.example\nS: 250 mx.example\nC: QUIT\nS: 221 bye');

/** The segment that begins so comes once more, with these bytes in the place of its own. */
const again = (beginning: string, bytes: string) => (segments: readonly Segment[]) => {
  const at = segments.findIndex(({ payload }) => payload.toString('latin1').startsWith(beginning));
  const first = segments[at] as Segment;
  return [...segments.slice(0, at + 1), { ...first, payload: Buffer.from(bytes) }, ...segments.slice(at + 1)];
};

testRule(
  'overlap-conflict',
  [
    {
      name: 'EHLO came twice, with another name',
      session: wire(TALK, { onTheWay: again('EHLO', 'EHLO b.example\r\n') }),
      severity: 'warning',
      confidence: 'certain',
      message: /^1 range of the stream \(\d+ bytes\) came twice with different content.*the client’s side/,
      also: ({ evidence }) => expect(evidence).toMatchObject([{ turn: 1, direction: 'client', frame: 6 }]),
    },
    {
      name: 'a reply came twice, its STARTTLS crossed out',
      session: wire(say('S: 220 mx.example\nC: EHLO a.example\nS: 250 STARTTLS\nC: QUIT\nS: 221 bye'), {
        onTheWay: again('250', '250 XXXXXXXX\r\n'),
      }),
      message: /the server’s side/,
    },
  ],
  [
    { name: 'a plain session', session: wire(TALK) },
    { name: 'the same bytes once more', session: wire(TALK, { onTheWay: again('EHLO', 'EHLO a.example\r\n') }) },
  ],
);
