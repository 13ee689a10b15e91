import { describe, expect, it } from 'vitest';
import { loadStyles, PALETTES } from '../../../src/output/terminal/style.ts';
import { foundingReport } from '../../support/reports.ts';
import { transcript } from '../../support/terminal.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is looked for
const COLOUR = /\x1b\[([\d;]+)m/g;

describe('colour', () => {
  it('adds nothing but escape sequences, and closes each line that it opens', async () => {
    const plain = transcript(foundingReport());
    for (const palette of PALETTES) {
      for (const level of [1, 2, 3] as const) {
        const styles = await loadStyles(level, palette);
        const coloured = transcript(foundingReport(), { styles });
        expect(coloured).not.toBe(plain);
        expect(coloured.replace(COLOUR, '')).toBe(plain);
        for (const line of coloured.split('\n')) {
          const codes = [...line.matchAll(COLOUR)].map(([, code]) => code as string);
          const opened = codes.filter((code) => !/^(?:39|49|22|27|0)$/.test(code)).length;
          const closed = codes.length - opened;
          expect({ line, closed }).toEqual({ line, closed: opened });
        }
      }
    }
  });

  it('is none at level 0', async () => {
    expect(transcript(foundingReport(), { styles: await loadStyles(0, 'default') })).toBe(transcript(foundingReport()));
  });

  it('tells client and server apart in every palette', async () => {
    for (const palette of PALETTES) {
      const { client, server } = await loadStyles(3, palette);
      expect(client.open.equals(server.open)).toBe(false);
    }
  });
});
