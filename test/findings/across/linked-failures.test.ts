import { describe, expect, it } from 'vitest';
import { crossFindings } from '../support/across.ts';
import { talk } from '../support/dialogue.ts';
import { at, bare, half } from '../support/sessions.ts';

const LEFT =
  'S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250 AUTH CRAM-MD5 LOGIN PLAIN\nC: QUIT\nS: 221 bye';
const dropped = (id: number, client = '198.51.100.7', server = '192.0.2.25') =>
  bare(
    ['noServerBytes'],
    { closing: 'server-fin', closed: at(1), closedFrame: 4, client: half({ packets: 2 }) },
    { id, client: { address: client, port: 4 }, server: { address: server, port: 25 }, outcome: 'no-greeting' },
  );

describe('linked-failures', () => {
  it('fires: a drop before the greeting and a leave after EHLO, of one client towards one server', () => {
    const found = crossFindings([dropped(1), talk(LEFT, { id: 2 }), dropped(3)]);
    expect(found).toMatchObject([
      { rule: 'linked-failures', severity: 'notice', confidence: 'likely', sessions: [1, 2, 3] },
    ]);
    expect(found[0]?.message).toMatch(
      /dropped sessions 1 and 3 before its greeting, and in session 2 the client left after EHLO/,
    );
    expect(found[0]?.message).toMatch(/without sending the initial SMTP greeting” belongs to the first/);
  });

  it('quiet: one of the two alone', () => {
    expect(crossFindings([dropped(1), dropped(2)])).toEqual([]);
    expect(crossFindings([talk(LEFT), talk(LEFT, { id: 2 })])).toEqual([]);
  });

  it('quiet: another client, another server, a scanner', () => {
    expect(crossFindings([dropped(1, '198.51.100.8'), talk(LEFT, { id: 2 })])).toEqual([]);
    expect(crossFindings([dropped(1, '198.51.100.7', '203.0.113.5'), talk(LEFT, { id: 2 })])).toEqual([]);
    expect(crossFindings([dropped(1), talk(LEFT.replace('client.example', 'zgrab'), { id: 2 })])).toEqual([]);
  });
});
