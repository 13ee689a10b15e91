import { describe, expect, it } from 'vitest';
import { type Talk, told } from './support/run.ts';

const offering = (keyword: string) =>
  `S: 220 mx.example\nC: EHLO client.example\nS: 250-mx.example\nS: 250-PIPELINING\nS: 250 ${keyword}\nC: QUIT\nS: 221 bye`;
const WITH = offering('STARTTLS');
const WITHOUT = offering('HELP');
const MASKED = offering('XXXXXXXA');
const across = (talks: readonly Talk[]) => told('starttls-stripped', talks);

describe('starttls-stripped, over several sessions', () => {
  it('fires: the same client had the offer, and has it no more', () => {
    const found = across([{ text: WITH }, { text: WITHOUT, at: 60 }]);
    expect(found).toMatchObject([{ severity: 'critical', confidence: 'likely', actor: 'network', sessions: [1, 2] }]);
    expect(found[0]?.message).toBe(
      '192.0.2.25 port 25 offered STARTTLS to 198.51.100.7 in session 1, but not to the same client in session 2',
    );
    expect(found[0]?.evidence).toMatchObject([{ turn: null, direction: 'server' }]);
    expect(found[0]?.evidence[0]?.frame).toBeGreaterThan(0);
  });

  it('fires: the keyword is written over, and another client has the offer', () => {
    const found = across([
      { text: WITH, client: '198.51.100.8' },
      { text: MASKED, at: 60 },
    ]);
    expect(found).toMatchObject([{ severity: 'critical', confidence: 'likely' }]);
    expect(found[0]?.message).toMatch(/but XXXXXXXA in its place to 198\.51\.100\.7 in session 2/);
  });

  it('fires: two captures of one connection differ', () => {
    const found = across([
      { text: WITH, clientPort: 50_000 },
      { text: WITHOUT, clientPort: 50_000, capture: 1 },
    ]);
    expect(found).toMatchObject([{ severity: 'critical', confidence: 'certain', sessions: [1, 2] }]);
    expect(found[0]?.message).toMatch(/^Two captures of one connection .* differ/);
    expect(
      across([
        { text: WITHOUT, clientPort: 50_000 },
        { text: WITH, clientPort: 50_000, capture: 1 },
      ]),
    ).toMatchObject([{ confidence: 'certain' }]);
  });

  it('fires, as a warning: other clients have the offer, or it came later', () => {
    expect(
      across([
        { text: WITH, client: '198.51.100.8' },
        { text: WITHOUT, at: 60 },
      ]),
    ).toMatchObject([{ severity: 'warning', confidence: 'hint', actor: 'server' }]);
    expect(across([{ text: WITHOUT }, { text: WITH, at: 60 }])).toMatchObject([
      { severity: 'warning', confidence: 'hint' },
    ]);
  });

  it('fires, as a warning: the server offers it now and then', () => {
    const talks = [
      { text: WITH },
      { text: WITHOUT, at: 30, client: '198.51.100.8' },
      { text: WITHOUT, at: 60 },
      { text: WITH, at: 90, client: '198.51.100.9' },
    ];
    expect(across(talks)).toMatchObject([{ severity: 'warning', confidence: 'hint' }]);
    expect(across([talks[0], talks[2], talks[3]].flatMap((one) => one ?? []))).toMatchObject([
      { severity: 'critical' },
    ]);
  });

  it('fires, as a warning: the offer comes and goes', () => {
    expect(across([{ text: WITH }, { text: WITHOUT, at: 60 }, { text: WITH, at: 120 }])).toMatchObject([
      { severity: 'warning', confidence: 'hint' },
    ]);
  });

  it.each<[string, Talk[]]>([
    ['always offered', [{ text: WITH }, { text: WITH, at: 60 }]],
    ['never offered', [{ text: WITHOUT }, { text: WITHOUT, at: 60 }]],
    ['another server', [{ text: WITH }, { text: WITHOUT, at: 60, server: '192.0.2.26' }]],
    [
      'another port',
      [
        { text: WITH, port: 587 },
        { text: WITHOUT, at: 60 },
      ],
    ],
    [
      'the reply was not captured whole',
      [{ text: WITH }, { text: WITHOUT.replace('S: 250 HELP', '--gap 10 S--\nS: 250 HELP'), at: 60 }],
    ],
    [
      'HELO',
      [
        { text: WITH },
        { text: 'S: 220 mx.example\nC: HELO client.example\nS: 250 mx.example\nC: QUIT\nS: 221 bye', at: 60 },
      ],
    ],
    ['inside the network of the server', [{ text: WITH }, { text: WITHOUT, at: 60, client: '10.0.0.9' }]],
  ])('quiet: %s', (_name, talks) => {
    expect(across(talks)).toEqual([]);
  });
});
