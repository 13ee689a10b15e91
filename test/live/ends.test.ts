/** How a run ends, what it costs while it lasts, and what it says when it cannot begin. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { needs } from '../support/requirements.ts';
import { BIN, dialogueOf, MAIL, type Running, Stage, sleep } from './support/stage.ts';

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

const capture = (name: string): string => fileURLToPath(new URL(`../../captures/${name}`, import.meta.url));

describe('a run ends', () => {
  it('with Ctrl-C under load, with the summary', async () => {
    const live = await stage.live(['v0', '-o', '/dev/null']);
    const text = await stage.live(['v0']);
    const load = stage.replay(capture('healthy/postfix-pipelining.pcap'), 0, 1_000_000);
    await text.says(/#1 .*C: QUIT/);
    // Seconds belong to the benchmark; that it ends at all, and whole, belongs here.
    await Promise.all([live.interrupt(), text.interrupt()]);
    load.kill('SIGTERM');
    expect([live.status, text.status]).toEqual([0, 0]);
    expect(text.stdout).toMatch(/\n\nSummary\n[\s\S]*\n {2}Read v0: live, [\d,]+ packets, [\d,]+ bytes\n/);
  });

  describe('where nobody takes what it prints', () => {
    /** Open at both ends, so that it takes what a pipe holds, and no more. */
    let pipe: number;
    beforeEach(() => {
      execFileSync('mkfifo', [join(stage.directory, 'pipe')]);
      pipe = openSync(join(stage.directory, 'pipe'), constants.O_RDWR | constants.O_NONBLOCK);
    });
    afterEach(() => closeSync(pipe));

    async function watch(...args: string[]): Promise<Running> {
      await stage.serve('plain');
      const words = `exec '${process.execPath}' '${BIN}' live v0 ${args.join(' ')} > pipe`;
      const live = stage.start('client', 'bash', ['--norc', '-c', words]);
      await live.says(/watching v0/);
      // Four megabytes of lines, each as long as it may be.
      const lines = Array.from({ length: 50 }, () => `NOOP ${'x'.repeat(990)}`);
      await stage.talk(MAIL, '--sessions', '80', '--at-once', '4', 'EHLO client.example', ...lines, 'QUIT');
      return live;
    }

    it('with Ctrl-C all the same, and says what was lost', async () => {
      const live = await watch();
      await live.interrupt();
      expect(live.status).toBe(0);
      expect(live.stderr).toMatch(
        /smtpscope: 1,[\d,]{7} bytes of output had not been taken by who reads it, and are lost\n/,
      );
      expect(live.stderr).toMatch(
        /v0: [\d,]{3,} packets that had been captured were not read any more when the run was ended/,
      );
    });

    it('at once with a second Ctrl-C', { retry: 2 }, async () => {
      const live = await watch();
      live.kill('SIGINT');
      await sleep(250);
      live.kill('SIGINT');
      await live.ended;
      expect(live.signal).toBe('SIGINT');
      expect(live.stderr).not.toMatch(/not read any more/);
    });
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)('with %s, with what is pending', async (signal) => {
    await stage.serve('slow');
    const live = await stage.live(['v0', '-f', 'json', '-o', join(stage.directory, 'out.json')]);
    const any = await stage.live(['v0']);
    const talking = stage.talk(MAIL, ...Array(20).fill('NOOP'));
    await any.says(/C: NOOP/);
    live.kill(signal);
    await live.ended;
    await any.interrupt();
    expect(live.status).toBe(0);
    const { sessions, summary } = JSON.parse(readFileSync(join(stage.directory, 'out.json'), 'utf8'));
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ transport: { closing: 'none' } });
    expect(summary).toMatchObject({ sessions: 1 });
    await stage.close();
    await talking;
  });

  it('after --duration', async () => {
    const live = await stage.live(['v0', '--duration', '1500ms']);
    await live.ended;
    expect(live.status).toBe(0);
    expect(live.stdout).toMatch(/No SMTP session was found/);
    expect(live.stderr).toMatch(/--ports any/);
  });

  it('after --count sessions', async () => {
    await stage.serve('plain');
    const live = await stage.live(['v0', '--count', '2', '--group']);
    for (const name of ['one', 'two']) await stage.talk(MAIL, `EHLO ${name}.example`, 'QUIT');
    await live.ended;
    expect(live.status).toBe(0);
    expect(live.stdout).toMatch(/2 sessions: 2 /);
    expect(live.stderr).toMatch(/watching v0 \(Ethernet\b/);
  });

  it('after --count sessions, with no other that was open together with them', async () => {
    await stage.serve('plain');
    const path = join(stage.directory, 'two.json');
    const live = await stage.live(['v0', '--count', '2']);
    const records = await stage.live(['v0', '--count', '2', '-f', 'json', '-o', path]);
    await stage.talk(
      MAIL,
      '--sessions',
      '8',
      '--at-once',
      '8',
      'EHLO client.example',
      ...Array(20).fill('NOOP'),
      'QUIT',
    );
    await Promise.all([live.ended, records.ended]);
    expect([live.status, records.status]).toEqual([0, 0]);
    expect(live.stdout.match(/^#\d+ +-- closed by/gm)).toHaveLength(2);
    expect(live.stdout).toMatch(/\n {2}2 of 8 sessions selected: /);
    const { sessions, summary } = JSON.parse(readFileSync(path, 'utf8'));
    expect(sessions).toHaveLength(2);
    expect(summary).toMatchObject({ sessions: 8, selected: 2 });
  });

  it('with the first finding that is serious enough, and --fail-on holds', async () => {
    await stage.serve('plain');
    const live = await stage.live(['v0', '--until-finding', 'error', '--fail-on', 'error']);
    await stage.talk(MAIL, 'EHLO client.example', 'QUIT');
    await live.says(/-- closed by/);
    await stage.talk(
      MAIL,
      'EHLO client.example',
      'MAIL FROM:<a@client.example>',
      'RCPT TO:<relay@elsewhere.example>',
      'QUIT',
    );
    await live.ended;
    expect(live.status).toBe(1);
    expect(live.stdout).toMatch(/\^\^ error relay-denied/);
  });

  it('when nobody reads it any more, without a word', async () => {
    await stage.serve('plain');
    const words = `'${process.execPath}' '${BIN}' live v0 -q; echo "status $?" >&2`;
    const piped = stage.start('client', 'bash', ['--norc', '-c', `{ ${words}; } | head -n 1`]);
    const watch = await stage.live(['v0']);
    for (let i = 0; !/status/.test(piped.stderr) && i < 100; i++) await stage.talk(MAIL, 'EHLO client.example', 'QUIT');
    await piped.ended;
    await watch.interrupt();
    expect(piped.stderr).toBe('status 0\n');
    expect(piped.stdout).toMatch(/^#1 .*\n$/);
  });
});

describe('what is selected', () => {
  it('from the start by what is known from the start', async () => {
    await stage.serve('plain');
    stage.ip('server', 'addr', 'add', '192.0.2.26/24', 'dev', 'v0');
    const live = await stage.live(['v0', '--host', '192.0.2.26']);
    await stage.talk(MAIL, 'EHLO unseen.example', 'QUIT');
    await stage.talk('192.0.2.26', 'EHLO seen.example', 'QUIT');
    await live.says(/-- closed by/);
    await live.interrupt();
    expect(live.stdout).not.toMatch(/unseen/);
    expect(dialogueOf(live.stdout, 2)).toHaveLength(6);
    expect(live.stdout).toMatch(/1 of 2 sessions selected/);
  });

  it('at the end by what is known only then', async () => {
    await stage.serve('plain');
    const live = await stage.live(['v0', '--flagged']);
    expect(live.stderr).toMatch(/--flagged is known only when a session ends: each is printed then/);
    await stage.talk(MAIL, 'EHLO healthy.example', 'QUIT');
    await stage.talk(
      MAIL,
      'EHLO client.example',
      'MAIL FROM:<a@client.example>',
      'RCPT TO:<relay@elsewhere.example>',
      'QUIT',
    );
    await live.says(/relay-denied/);
    await live.interrupt();
    expect(live.stdout).not.toMatch(/healthy/);
  });
});

describe('it can go on for long', () => {
  it('ten thousand sessions, and memory stays as it was', async () => {
    await stage.serve('plain');
    const live = await stage.live(['v0', '-f', 'ndjson', '-o', join(stage.directory, 'log'), '--heartbeat', '500ms']);
    const sizes: number[] = [];
    const many = stage.start('client', process.execPath, [
      fileURLToPath(new URL('support/talk.mjs', import.meta.url)),
      MAIL,
      '--sessions',
      '10000',
      '--at-once',
      '20',
      'EHLO client.example',
      'MAIL FROM:<a@client.example>',
      'QUIT',
    ]);
    const watch = setInterval(() => {
      const size = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${live.pid}/status`, 'latin1'))?.[1];
      sizes.push(Number(size) / 1024);
    }, 500);
    await many.ended;
    clearInterval(watch);
    await live.interrupt();
    expect(live.status).toBe(0);
    const beats = live.stderr.match(/^smtpscope: .* packets, [\d,]+ sessions? over, .*MiB$/gm) ?? [];
    expect(beats.length).toBeGreaterThan(1);
    // What had been reached when a quarter was over is what there is in the end, give or take a collection.
    const quarter = Math.max(...sizes.slice(0, Math.ceil(sizes.length / 4)));
    expect(Math.max(...sizes)).toBeLessThan(quarter + 48);
    const lines = readFileSync(join(stage.directory, 'log'), 'utf8').trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) as string).sessions).toBeGreaterThan(100);
  }, 240_000);
});

describe('where cap is missing', () => {
  /** The program as it is, with packages of its own choice beside it. */
  function installed(change: (modules: string) => void): string {
    const home = join(stage.directory, 'home');
    const root = dirname(dirname(BIN));
    mkdirSync(join(home, 'node_modules'), { recursive: true });
    for (const name of ['bin', 'dist', 'package.json']) cpSync(join(root, name), join(home, name), { recursive: true });
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name.startsWith('.') || name === 'cap') continue;
      symlinkSync(join(root, 'node_modules', name), join(home, 'node_modules', name));
    }
    cpSync(join(root, 'node_modules', 'cap'), join(home, 'node_modules', 'cap'), {
      recursive: true,
      dereference: true,
    });
    change(join(home, 'node_modules'));
    return home;
  }

  async function said(home: string, prefix: readonly string[] = []): Promise<string> {
    const [command = '', ...args] = [...prefix, process.execPath, join(home, 'bin', 'smtpscope.js'), 'live', 'v0'];
    const { status, stdout, stderr } = await stage.run('client', command, args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    return stderr;
  }

  it('the command that mends it is said', async () => {
    const home = installed((modules) => rmSync(join(modules, 'cap'), { recursive: true }));
    expect(await said(home)).toBe(
      'smtpscope: live capture needs the package cap, which could not be built when smtpscope was installed: ' +
        `sudo apt-get install -y python3 make g++ libpcap-dev && cd ${home} && npm ci; ` +
        'or without it: sudo tcpdump -i IF -U -s0 -w - | smtpscope -\n',
    );
  });

  it('or was not built', async () => {
    const home = installed((modules) => rmSync(join(modules, 'cap', 'build'), { recursive: true }));
    expect(await said(home)).toMatch(/cap was installed without being built: .* && npm rebuild cap\n$/);
  });

  it('or libpcap is', async () => {
    const home = installed(() => {});
    // In a view of the file system in which the library is an empty file.
    const empty = join(stage.directory, 'empty');
    writeFileSync(empty, '');
    const hide = `for f in /usr/lib/*/libpcap.so.*; do mount --bind '${empty}' "$f"; done; exec "$@"`;
    const words = await said(home, ['unshare', '--mount', 'sh', '-c', hide, 'sh']);
    expect(words).toMatch(/needs the library libpcap, which is not installed: sudo apt-get install -y libpcap0\.8/);
  });
});
