/** What can go wrong with a device, with permissions and with time, on real interfaces. */
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { needs } from '../support/requirements.ts';
import { BIN, CLIENT, dialogueOf, MAIL, type Running, Stage, sleep } from './support/stage.ts';

// Processes are waited for, and a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let stage: Stage;
beforeEach((context) => {
  needs(context, 'netns', 'cap');
  stage = new Stage();
});
afterEach(async () => {
  await stage?.close();
});

const NOBODY = 65_534;
const SUDO = { SUDO_UID: String(NOBODY), SUDO_GID: String(NOBODY), SUDO_USER: 'nobody' };
const capture = (name: string): string => fileURLToPath(new URL(`../../captures/${name}`, import.meta.url));

/** `smtpscope live` that is expected to end by itself: exit status 2, one line on standard error. */
async function complaint(args: readonly string[], prefix: readonly string[] = []): Promise<string> {
  const [command = '', ...rest] = [...prefix, process.execPath, BIN, 'live', ...args];
  const { status, stdout, stderr } = await stage.run('client', command, rest);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^smtpscope: [^\n]+\n$/);
  return stderr;
}

/** All processes of a run: the one that reads, and those below it. */
function family(running: Running): number[] {
  const children = (pid: number): number[] =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  const all = [running.pid];
  for (let i = 0; i < all.length; i++) all.push(...children(all[i] as number));
  return all;
}

function identityOf(pid: number): { users: string; groups: string; capabilities: string } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.*?)\\s*$`, 'm').exec(status)?.[1] ?? '';
  return { users: field('Uid'), groups: field('Groups'), capabilities: field('CapEff') };
}

describe('the interface', () => {
  it('goes down under load: what was known is printed, and why it ended', async () => {
    await stage.serve('good');
    const live = await stage.live(['v0']);
    await stage.talk(MAIL, 'EHLO client.example', 'NOOP', 'QUIT');
    const load = stage.replay(capture('healthy/postfix-pipelining.pcap'), 3_000, 100_000);
    await live.says(/^#2 /m);
    stage.ip('client', 'link', 'set', 'v0', 'down');
    await live.ended;
    load.kill('SIGTERM');
    expect(live.status).toBe(2);
    expect(live.stderr).toMatch(/smtpscope: the interface v0 went down: .*--wait/);
    expect(live.stderr).not.toMatch(/[Aa]ssert|binding\.cc/);
    expect(dialogueOf(live.stdout, 1)).toContain('C: NOOP');
    expect(live.stdout).toMatch(/\n\nSummary\n/);
    expect(existsSync(join(stage.directory, 'core'))).toBe(false);
  });

  it('is deleted', async () => {
    const live = await stage.live(['v0', '-f', 'json']);
    stage.ip('client', 'link', 'del', 'v0');
    await live.ended;
    expect(live.status).toBe(2);
    expect(live.stderr).toMatch(/the interface v0 has been deleted, renamed or moved away/);
    expect(JSON.parse(live.stdout)).toMatchObject({ sessions: [], summary: { captures: [{ name: 'v0' }] } });
  });

  it('is waited for with --wait, down or deleted', async () => {
    await stage.serve('good');
    const live = await stage.live(['v0', '--wait']);
    await stage.talk(MAIL, 'EHLO one.example', 'QUIT');
    await live.says(/#1 .*C: QUIT/);
    stage.ip('client', 'link', 'set', 'v0', 'down');
    await live.says(/the interface v0 (?:went|is) down: .*; waiting for it/);
    stage.ip('client', 'link', 'set', 'v0', 'up');
    await live.says(/v0 is back/);
    await stage.talk(MAIL, 'EHLO two.example', 'QUIT');
    await live.says(/#2 .*C: EHLO two\.example/);
    stage.ip('client', 'link', 'del', 'v0');
    await live.says(
      /has been deleted, renamed or moved away; waiting for it|there is no interface v0.*; waiting for it/,
    );
    stage.connect();
    await live.says(/v0 is back[\s\S]*v0 is back/);
    expect(live.stderr).not.toContain('--wait');
    await stage.talk(MAIL, 'EHLO three.example', 'QUIT');
    await live.says(/#3 .*C: EHLO three\.example/);
    await live.interrupt();
    expect(live.status).toBe(0);
    expect(live.stdout).toMatch(/3 sessions: 3 /);
  });

  it('is not there yet, with --wait', async () => {
    await stage.serve('good');
    stage.ip('client', 'link', 'set', 'v0', 'down');
    const live = stage.start('client', process.execPath, [BIN, 'live', 'v0', '--wait']);
    await live.says(/the interface v0 is down: .*; waiting for it/);
    stage.ip('client', 'link', 'set', 'v0', 'up');
    await live.says(/watching v0/);
    await live.interrupt();
    expect(live.status).toBe(0);
  });

  it('has a wrong name, is down, or none has the default route', async () => {
    expect(await complaint(['eth-none'])).toMatch(/there is no interface eth-none; smtpscope interfaces lists/);
    expect(await complaint([])).toMatch(/no interface has a default route; name one/);
    stage.ip('client', 'link', 'set', 'v0', 'down');
    expect(await complaint(['v0'])).toMatch(/the interface v0 is down: sudo ip link set v0 up/);
  });

  it('is the one with the default route where none is named', async () => {
    stage.ip('client', 'route', 'add', 'default', 'via', MAIL);
    const live = await stage.live([]);
    expect(live.stderr).toMatch(/^smtpscope: no interface named: v0 has the default route\n/);
    await live.interrupt();
    const list = await stage.run('client', process.execPath, [BIN, 'interfaces']);
    expect(list.status).toBe(0);
    expect(list.stdout).toMatch(/^v0 +up +Ethernet +192\.0\.2\.7\/24 2001:db8::7\/64 .*\(default route\)$/m);
    expect(list.stdout).toMatch(/^lo +up +Ethernet \(loopback\) +127\.0\.0\.1\/8 ::1\/128$/m);
    expect(list.stdout).toMatch(/^any /m);
  });
});

describe('permission', () => {
  it('is missing', async () => {
    const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
    expect(await complaint(['v0'], asNobody)).toMatch(
      /no permission to capture on v0: run it with sudo, or grant it to this Node once: sudo setcap cap_net_raw\+ep \S+/,
    );
  });

  it('is CAP_NET_RAW alone', async () => {
    await stage.serve('good');
    const args = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--inh-caps=+net_raw'];
    const command = [...args, '--ambient-caps=+net_raw', process.execPath, BIN, 'live', 'v0'];
    const live = stage.start('client', 'setpriv', command);
    await live.says(/watching v0/);
    await stage.talk(MAIL, 'EHLO client.example', 'QUIT');
    await live.says(/-- closed by/);
    await live.interrupt();
    expect(dialogueOf(live.stdout, 1)).toHaveLength(7);
  });

  it.each([
    ['by sudo', [], SUDO],
    ['by --user', ['--user', 'nobody'], {}],
    ['by --user, with a number', ['--user', String(NOBODY)], {}],
  ] as const)('is given up for who called it: %s', async (_, args, env) => {
    await stage.serve('good');
    const output = join(stage.directory, 'transcript');
    const live = await stage.live(['v0', '-o', output, '--eml', join(stage.directory, 'mail'), ...args], env);
    expect(live.stderr).toMatch(/, as nobody\)/);
    const pids = family(live);
    expect(pids.length).toBeGreaterThan(1);
    for (const pid of pids) {
      expect(identityOf(pid)).toEqual({
        users: Array(4).fill(NOBODY).join('\t'),
        groups: String(NOBODY),
        capabilities: '0000000000000000',
      });
    }
    await stage.talk(
      MAIL,
      'EHLO client.example',
      'MAIL FROM:<a@client.example>',
      'RCPT TO:<b@mail.example>',
      'DATA',
      'Subject: one\\n\\nHello\\n.',
      'QUIT',
    );
    const message = join(stage.directory, 'mail', 'session-1-message-1.eml');
    for (let i = 0; i < 100 && !existsSync(message); i++) await sleep(100);
    await live.interrupt();
    for (const path of [output, message]) {
      expect(statSync(path)).toMatchObject({ uid: NOBODY, gid: NOBODY });
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    expect(dialogueOf(readFileSync(output, 'utf8'), 1)).toContain('C: QUIT');
  });

  it('is kept where nobody else is named', async () => {
    const live = await stage.live(['v0']);
    for (const pid of family(live)) expect(identityOf(pid).users).toMatch(/^0\t/);
    await live.interrupt();
  });

  it('cannot be given up for a user that is not there, nor by one who has none', async () => {
    expect(await complaint(['v0', '--user', 'no-such-user'])).toMatch(/--user no-such-user: there is no such user/);
    const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
    expect(await complaint(['v0', '--user', 'root'], asNobody)).toMatch(/--user: only root can become another user/);
  });

  it('to write is that of the user, not of root', async () => {
    const closed = join(stage.directory, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const { status, stderr } = await stage.run(
      'client',
      process.execPath,
      [BIN, 'live', 'v0', '-o', join(closed, 'transcript')],
      SUDO,
    );
    expect(status).toBe(2);
    expect(stderr).toMatch(/closed\/transcript: cannot be written: permission denied/);
  });
});

describe('the filter', () => {
  it('of the user that libpcap does not take', async () => {
    expect(await complaint(['v0', '--filter', 'host and or'])).toMatch(
      /--filter 'host and or': libpcap does not take it \(syntax error[^)]*\); man 7 pcap-filter/,
    );
    expect(await complaint(['v0', '--filter', 'tcp port'])).toMatch(/--filter 'tcp port': libpcap does not take it/);
    expect(await complaint(['v0', '--filter', 'ip[0:5]'])).toMatch(/--filter 'ip\[0:5\]': libpcap does not take it/);
    expect(await complaint(['v0', '--filter', 'tcp) or (udp'])).toMatch(
      /--filter 'tcp\) or \(udp': its parentheses do not match/,
    );
  });

  it('of the user leaves others out', async () => {
    await stage.serve('good');
    stage.ip('client', 'addr', 'add', '192.0.2.8/24', 'dev', 'v0');
    stage.ip('server', 'addr', 'add', '192.0.2.26/24', 'dev', 'v0');
    const live = await stage.live(['v0', '--filter', 'host 192.0.2.26']);
    await stage.talk(MAIL, 'EHLO unseen.example', 'QUIT');
    await stage.talk('192.0.2.26', 'EHLO seen.example', 'QUIT');
    await live.says(/-- closed by/);
    await live.interrupt();
    expect(live.stdout).toMatch(/EHLO seen/);
    expect(live.stdout).not.toMatch(/EHLO unseen/);
    expect(live.stdout).toMatch(/1 session:/);
  });

  it.each([
    ['vlan 10 and vlan 100', 2],
    ['vlan 10 and vlan 101', 0],
    ['not vlan', 0],
  ] as const)('of the user may speak of VLAN tags: %s', async (filter, sessions) => {
    for (const host of ['client', 'server'] as const) stage.ip(host, 'link', 'set', 'v0', 'mtu', '9000');
    const live = await stage.live(['v0', '--filter', filter]);
    const all = await stage.live(['v0']);
    await stage.replay(capture('format/vlan-stacked.pcap'), 200).ended;
    await all.says(/-- closed by the/);
    for (const running of [live, all]) await running.interrupt();
    expect(live.stdout.match(/^#\d+ .* → /gm) ?? []).toHaveLength(sessions);
  });

  it('of the ports holds what belongs to no port: an ICMP error', async () => {
    stage.ip('client', 'route', 'add', '198.51.100.0/24', 'via', MAIL);
    stage.ip('server', 'route', 'add', 'unreachable', '198.51.100.0/24');
    await stage.run('server', 'sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
    const live = await stage.live(['v0']);
    await stage.talk('198.51.100.9', 'QUIT');
    await live.says(/\^\^ error connect-icmp-unreachable: /);
    await live.interrupt();
    expect(live.stdout).toMatch(new RegExp(`ICMP from ${MAIL}`));
  });

  it('of the ports lets other ports pass only when asked', async () => {
    await stage.serve('good', 'server', 2626);
    const live = await stage.live(['v0', '--ports', '2626', '-f', 'ndjson']);
    const any = await stage.live(['v0', '--ports', 'any', '-f', 'ndjson']);
    await stage.run('client', 'sh', ['-c', `exec 3<>/dev/tcp/${MAIL}/2626`]);
    await stage.run('client', 'bash', [
      '--norc',
      '-c',
      `exec 3<>/dev/tcp/${MAIL}/2626; read -r g <&3; printf 'EHLO client.example\\r\\nQUIT\\r\\n' >&3; cat <&3 >/dev/null`,
    ]);
    for (const running of [live, any]) {
      await running.says(/"type":"session"/);
      await running.interrupt();
      expect(running.stdout).toMatch(/EHLO client\.example/);
      expect(running.stdout).toContain(CLIENT);
    }
  });
});

describe('silence', () => {
  it('a SYN without answer and a greeting that does not come are told while they last', async () => {
    await stage.serve('silent');
    stage.ip('client', 'neigh', 'add', '192.0.2.99', 'lladdr', '02:00:5e:00:53:99', 'dev', 'v0');
    const live = await stage.live(['v0']);
    const unanswered = stage.start('client', 'bash', ['--norc', '-c', 'exec 3<>/dev/tcp/192.0.2.99/25']);
    const ungreeted = stage.start('client', 'bash', ['--norc', '-c', `exec 3<>/dev/tcp/${MAIL}/25; sleep 100`]);
    await live.says(/-- SYN sent; no answer yet/);
    await live.says(/-- connected; nothing has come from the server yet/);
    await live.says(/\^\^ error port25-syn-unanswered: No answer to \d SYNs/);
    await live.says(/smtpscope explain port25-syn-unanswered/);
    expect(unanswered.status).toBe(null);
    expect(ungreeted.status).toBe(null);
    await live.interrupt();
    // What was told is not told again.
    expect(live.stdout.match(/\^\^ error port25-syn-unanswered/g)).toHaveLength(1);
  });
});
