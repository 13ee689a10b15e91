import { describe, expect, it } from 'vitest';
import { login, type Talk, told } from './support/run.ts';

const across = (talks: readonly Talk[]) => told('auth-bruteforce', talks);
/** `n` refused logins of other users, from the addresses of one network in turn. */
const guesses = (n: number, seconds: number, clients = 4): Talk[] =>
  Array.from({ length: n }, (_, i) => ({
    text: login(`user${i}`),
    at: (i * seconds) / n,
    client: `198.51.100.${(i % clients) + 1}`,
  }));

describe('auth-bruteforce, over several sessions', () => {
  it('fires: twenty refusals from one network within ten minutes', () => {
    const found = across(guesses(20, 500));
    expect(found).toMatchObject([{ severity: 'warning', confidence: 'likely', actor: 'server' }]);
    expect(found[0]?.sessions).toHaveLength(20);
    expect(found[0]?.message).toBe(
      '20 logins were refused from 198.51.100.0/24 within 8 min, by 4 clients, for “user0”, “user1”, “user2” and 17 other users',
    );
    expect(found[0]?.remedies[0]?.applies).toBe('fail2ban');
  });

  it('fires: critical when one of the guessing clients is let in', () => {
    const found = across([...guesses(20, 500), { text: login('user7', '235 ok'), at: 550, client: '198.51.100.2' }]);
    expect(found).toMatchObject([{ severity: 'critical' }]);
    expect(found[0]?.message).toMatch(/; then 198\.51\.100\.2 was let in as “user7” \(session 21\)$/);
    expect(found[0]?.sessions).toContain(21);
    expect(found[0]?.remedies[0]?.applies).toBe('the account that was let in');
  });

  it('fires: a login of the same network from a client that did not guess is no success', () => {
    const found = across([...guesses(20, 500), { text: login('user7', '235 ok'), at: 550, client: '198.51.100.99' }]);
    expect(found).toMatchObject([{ severity: 'warning' }]);
  });

  it('fires: one user from five clients', () => {
    const talks = [1, 2, 3, 4, 5].map((n) => ({ text: login('anna'), at: n * 1000, client: `203.0.${n}.1` }));
    const found = across(talks);
    expect(found).toMatchObject([{ severity: 'warning', sessions: [1, 2, 3, 4, 5] }]);
    expect(found[0]?.message).toMatch(/^5 logins were refused for “anna” from 5 clients within/);
    expect(across(talks.slice(1))).toEqual([]);
  });

  it('shows no password', () => {
    const found = across(guesses(20, 500).map((talk) => ({ ...talk, text: login('anna', '535 no', 'hunter2') })));
    expect(JSON.stringify(found)).not.toMatch(/hunter2|aHVudGVyMg|AGFubmEA/);
  });

  it.each<[string, Talk[]]>([
    ['nineteen', guesses(19, 500)],
    ['twenty in an hour', guesses(20, 3600)],
    ['two networks', guesses(20, 500).map((talk, i) => ({ ...talk, client: `198.51.${i % 2}.1` }))],
    ['the server cannot check', guesses(20, 500).map((talk) => ({ ...talk, text: login('user', '454 4.7.0 later') }))],
  ])('quiet: %s', (_name, talks) => {
    expect(across(talks)).toEqual([]);
  });
});
