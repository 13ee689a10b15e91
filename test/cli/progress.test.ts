import { describe, expect, it } from 'vitest';
import { Progress, progressLine } from '../../src/cli/progress.ts';
import { rawControls } from '../support/hostile.ts';

const FACTS = {
  name: 'a.pcap',
  read: 250e6,
  total: 1000e6,
  bytesPerSecond: 83.4e6,
  elapsedMs: 3_000,
  sessions: 1234,
};

/** A terminal whose clock stands where the test puts it. */
function terminal() {
  let nowMs = 0;
  const lines: string[] = [];
  return {
    lines,
    columns: 100,
    now: () => nowMs,
    write: (text: string) => void lines.push(text),
    at: (ms: number) => {
      nowMs = ms;
    },
  };
}

describe('the line of progress', () => {
  it('has a bar, the rate and the time left', () => {
    expect(progressLine(FACTS, 100)).toBe(
      '[#####---------------]  25 %, 250 of 1000 MB, 83 MB/s, 9 s left, 1234 sessions: a.pcap',
    );
  });

  it('does without what nobody knows', () => {
    expect(progressLine({ ...FACTS, total: null, elapsedMs: 200_000, sessions: 1 }, 100)).toBe(
      '250 MB, 3 min 20 s gone, 83 MB/s, 1 session: a.pcap',
    );
    expect(progressLine({ ...FACTS, elapsedMs: 800 }, 100)).not.toContain('left');
    expect(progressLine({ ...FACTS, bytesPerSecond: 0 }, 100)).not.toContain('left');
  });

  it('fits the terminal, whatever the name of the capture is', () => {
    for (const columns of [20, 40, 69, 70, 80, 200]) {
      const line = progressLine({ ...FACTS, name: `\x1b[2J${'x'.repeat(300)}` }, columns);
      expect(line.length).toBeLessThan(columns);
      expect(rawControls(line)).toEqual([]);
    }
    expect(progressLine(FACTS, 60)).toMatch(/^ 25 %, /);
  });

  it('never says more than all', () => {
    expect(progressLine({ ...FACTS, read: 2000e6 }, 100)).toMatch(/^\[#{20}\] 100 %.* 0 s left/);
  });
});

describe('progress', () => {
  it('waits half a second, then counts all captures as one', () => {
    const screen = terminal();
    const progress = new Progress(true, 40e6, screen);
    screen.at(100);
    progress.update('a.pcap', 10e6, 1);
    expect(screen.lines).toEqual([]);
    screen.at(1_000);
    progress.update('a.pcap', 20e6, 2);
    screen.at(3_000);
    progress.update('b.pcap', 10e6, 3);
    expect(screen.lines).toHaveLength(2);
    expect(screen.lines[0]).toContain(' 50 %, 20 of 40 MB, 20 MB/s, 2 sessions: a.pcap');
    expect(screen.lines[1]).toMatch(/ 75 %, 30 of 40 MB, \d+ MB\/s, 1 s left, 3 sessions: b\.pcap$/);
  });

  it('follows a rate that changes', () => {
    const screen = terminal();
    const progress = new Progress(true, 1e9, screen);
    for (let ms = 1_000; ms <= 20_000; ms += 1_000) {
      screen.at(ms);
      progress.update('a.pcap', ms < 10_000 ? ms * 1e3 : 10e6 + (ms - 10_000) * 40e3, 0);
    }
    const rates = screen.lines.map((line) => Number(/([\d.]+) MB\/s/.exec(line)?.[1]));
    expect(rates[0]).toBe(1);
    expect(rates.at(-1)).toBeGreaterThan(35);
  });

  it('clears its line once, and shows nothing where it is off', () => {
    const screen = terminal();
    const progress = new Progress(true, null, screen);
    screen.at(1_000);
    progress.update('a.pcap', 1, 0);
    progress.clear();
    progress.clear();
    expect(screen.lines.at(-1)).toBe('\r\x1b[K');
    expect(screen.lines).toHaveLength(2);
    const off = terminal();
    const silent = new Progress(false, null, off);
    off.at(1_000);
    silent.update('a.pcap', 1, 0);
    expect(off.lines).toEqual([]);
  });
});
