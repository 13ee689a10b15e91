import { describe, expect, it } from 'vitest';
import { userToBecome } from '../../../src/capture/live/identity.ts';
import { needs } from '../../support/requirements.ts';

describe('whom the program becomes', () => {
  it('who called sudo, or who is named', (context) => {
    needs(context, 'root');
    const sudo = { SUDO_UID: '65534', SUDO_GID: '65534', SUDO_USER: 'nobody' };
    expect(userToBecome(null, sudo)).toEqual({ uid: 65_534, gid: 65_534, name: 'nobody' });
    expect(userToBecome('nobody', {})).toEqual({ uid: 65_534, gid: 65_534, name: 'nobody' });
    expect(userToBecome('root', sudo)).toMatchObject({ uid: 0, gid: 0 });
  });

  it('nobody, where nobody called', (context) => {
    needs(context, 'root');
    expect(userToBecome(null, {})).toBe(null);
    expect(userToBecome(null, { SUDO_UID: '0', SUDO_GID: '0', SUDO_USER: 'root' })).toBe(null);
    expect(userToBecome(null, { SUDO_UID: '65534; id' })).toBe(null);
  });

  it('nobody who is not there', (context) => {
    needs(context, 'root');
    for (const name of ['no-such-user', '-u', '', 'a b']) {
      expect(() => userToBecome(name, {})).toThrow(/there is no such user/);
    }
  });
});
