import { describe, expect, it } from 'vitest';
import { History } from '../../src/findings/history.ts';
import { talk } from './support/dialogue.ts';
import { bare, START_US } from './support/sessions.ts';

const HELLO = 'S: 220 mx.example\nC: QUIT\nS: 221 bye';
const SERVER = { address: '192.0.2.25', port: 25 };

describe('History', () => {
  it('knows which other server answered a client', () => {
    const history = new History();
    expect(history.answeredElsewhere('198.51.100.7', SERVER)).toBeNull();
    history.see(talk(HELLO));
    expect(history.answeredElsewhere('198.51.100.7', SERVER)).toBeNull();
    history.see(talk(HELLO, { port: 587 }));
    expect(history.answeredElsewhere('198.51.100.7', SERVER)).toEqual({ address: '192.0.2.25', port: 587 });
    expect(history.answeredElsewhere('198.51.100.8', SERVER)).toBeNull();
  });

  it('learns nothing from attempts that nobody answered', () => {
    const history = new History();
    history.see(bare(['unanswered'], { opening: 'unanswered' }, { server: { address: '203.0.113.9', port: 25 } }));
    expect(history.answeredElsewhere('198.51.100.7', SERVER)).toBeNull();
  });

  it('knows logins and when they were', () => {
    const history = new History();
    history.see(talk('S: 220 mx.example\nC: EHLO a.example\nS: 250 AUTH PLAIN\nC: AUTH PLAIN AGEAYg==\nS: 235 ok'));
    expect(history.loginDuring('198.51.100.7', START_US, START_US + 1)?.server.port).toBe(25);
    expect(history.loginDuring('198.51.100.7', START_US + 9e6, START_US + 10e6)).toBeNull();
    expect(history.lastLogin('198.51.100.7')?.session).toBe(1);
    expect(history.lastLogin('198.51.100.8')).toBeNull();
  });

  it('keeps what is asked for and forgets the rest, within its limits', () => {
    const history = new History();
    history.see(talk(HELLO, { client: '198.51.100.1', port: 587 }));
    history.see(talk(HELLO, { client: '198.51.100.2', port: 587 }));
    const crowd = talk(HELLO, { port: 587 });
    for (let i = 0; i < 20_000; i++) {
      history.see({ ...crowd, client: { address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, port: 1 } });
      if (i % 1000 === 0) history.answeredElsewhere('198.51.100.1', SERVER);
    }
    expect(history.answeredElsewhere('198.51.100.1', SERVER)).not.toBeNull();
    expect(history.answeredElsewhere('198.51.100.2', SERVER)).toBeNull();
  });
});
