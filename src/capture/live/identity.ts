/** Who the program becomes once the device is open: capturing needs a privilege, reading what was captured does not. */
import { spawnSync } from 'node:child_process';

export interface Identity {
  readonly uid: number;
  readonly gid: number;
  /** Null where the system knows no name for it. */
  readonly name: string | null;
}

/**
 * The user to become: the one named, else the one who called sudo; null where there is nothing to give up, or nobody to
 * become. Throws an Error whose message is for the user.
 */
export function userToBecome(named: string | null, env: NodeJS.ProcessEnv): Identity | null {
  const isRoot = process.geteuid?.() === 0;
  if (named !== null) {
    if (!isRoot) throw new Error('--user: only root can become another user; leave it out, or run it with sudo');
    const identity = lookUp(named);
    if (identity === null) {
      throw new Error(`--user ${named}: there is no such user; getent passwd lists those that there are`);
    }
    return identity;
  }
  if (!isRoot) return null;
  const uid = Number(env.SUDO_UID);
  const gid = Number(env.SUDO_GID);
  if (!isId(env.SUDO_UID) || uid === 0) return null;
  return { uid, gid: isId(env.SUDO_GID) ? gid : (lookUp(String(uid))?.gid ?? uid), name: env.SUDO_USER ?? null };
}

/** Node's types lack one of them. */
type PosixProcess = NodeJS.Process & { readonly initgroups?: (user: string | number, group: number) => void };

function isId(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,10}$/.test(text);
}

/** By name or number, through the system's own directory of users. */
function lookUp(user: string): Identity | null {
  if (!/^[\w.@$+][\w.@$+-]{0,255}$/.test(user)) return null;
  const ask = (flag: string): string | null => {
    const { status, stdout } = spawnSync('id', [flag, user], { encoding: 'utf8' });
    return status === 0 ? stdout.trim() : null;
  };
  const [uid, gid, name] = [ask('-u'), ask('-g'), ask('-un')];
  if (uid === null || gid === null || !isId(uid) || !isId(gid)) return null;
  return { uid: Number(uid), gid: Number(gid), name };
}

/**
 * Becomes that user for good, groups first: afterwards there is no way back. Throws what the system says, and where the
 * way back turns out to be open.
 */
export function become({ uid, gid, name }: Identity): void {
  const { initgroups, setgroups, setgid, setuid, getuid, geteuid, getgid } = process as PosixProcess;
  if (!initgroups || !setgroups || !setgid || !setuid || !getuid || !geteuid || !getgid) return;
  try {
    initgroups.call(process, name ?? uid, gid);
  } catch {
    // A number that no directory knows has no groups beside its own.
    setgroups.call(process, [gid]);
  }
  setgid.call(process, gid);
  setuid.call(process, uid);
  if (getuid() !== uid || geteuid() !== uid || getgid() !== gid) throw new Error('the system did not change the user');
  if (uid === 0) return;
  try {
    setuid.call(process, 0);
  } catch {
    return;
  }
  throw new Error('root could be taken back');
}
