import { describe, expect, it } from 'vitest';
import type { SessionRecord } from '../../src/report/record.ts';
import { contentOf, oneSession, segmentsOf } from '../support/dialogue.ts';
import { CORNERS } from './corners.ts';
import { FIXTURES } from './dialogues.ts';
import { EXTENSIONS } from './extensions.ts';

function answersIn({ dialogue }: SessionRecord): string[] {
  return dialogue
    .filter(({ kind }) => kind === 'reply')
    .map(({ code, answers }) => {
      const turn = answers === null ? undefined : dialogue[answers];
      if (turn === undefined) return `${code} <- (nothing)`;
      if (turn.kind === 'auth') return `${code} <- auth ${turn.lines.join()}`;
      return `${code} <- ${turn.kind === 'command' ? turn.verb : turn.kind}`;
    });
}

describe.each([...FIXTURES, ...EXTENSIONS, ...CORNERS])('$name', (fixture) => {
  const whole = oneSession(fixture.text, fixture);

  it('has each reply answer what it answers', () => {
    expect(answersIn(whole)).toEqual(fixture.answers);
    expect(whole.outcome).toBe(fixture.outcome);
  });

  it('has the messages that were sent', () => {
    const messages = whole.transactions.flatMap(({ message }) => (message === null ? [] : [message.text]));
    expect(messages).toEqual(fixture.messages ?? []);
  });

  it('is the same in pieces of every size', () => {
    const longest = Math.max(...segmentsOf(fixture.text, fixture).map(({ payload }) => payload.length));
    for (let splitBytes = 1; splitBytes < longest; splitBytes++) {
      const record = oneSession(fixture.text, { ...fixture, splitBytes });
      expect(contentOf(record), `${splitBytes} bytes each`).toEqual(contentOf(whole));
    }
  });
});
