/**
 * Two hosts in network namespaces of their own with one line between them, and the built program watching from the
 * client's side. Nothing outside these namespaces is touched, and only processes started here are ended.
 *
 *   client v0 192.0.2.7, 2001:db8::7 ─── v0 server 192.0.2.25, 2001:db8::25
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Postfix, type PostfixSetting } from './postfix.ts';

export const BIN = fileURLToPath(new URL('../../../bin/smtpscope.js', import.meta.url));
const SERVER = fileURLToPath(new URL('mail-server.mjs', import.meta.url));
const TALK = fileURLToPath(new URL('talk.mjs', import.meta.url));
const REPLAY = fileURLToPath(new URL('replay.py', import.meta.url));
/** Debian's own: another Python in the path would not find Debian's modules. */
export const PYTHON = '/usr/bin/python3';

export type Host = 'client' | 'server';
export const CLIENT = '192.0.2.7';
export const MAIL = '192.0.2.25';
export const CLIENT6 = '2001:db8::7';
export const MAIL6 = '2001:db8::25';

let made = 0;

export class Stage {
  /** For files of the test; every user may write there. */
  readonly directory: string;
  readonly #prefix: string;
  readonly #started: Running[] = [];
  readonly #ends: (() => Promise<void>)[] = [];

  constructor() {
    this.#prefix = `smtpscope-test-${process.pid}-${++made}`;
    this.directory = mkdtempSync(join(tmpdir(), 'smtpscope-live-'));
    chmodSync(this.directory, 0o777);
    const [client, server] = [this.namespace('client'), this.namespace('server')];
    ip('netns', 'add', client);
    ip('netns', 'add', server);
    this.connect();
    for (const name of [client, server]) ip('-n', name, 'link', 'set', 'lo', 'up');
  }

  namespace(host: Host): string {
    return `${this.#prefix}-${host}`;
  }

  /** Lays the line between the hosts, also anew after it was taken away. */
  connect(): void {
    const [client, server] = [this.namespace('client'), this.namespace('server')];
    ip('link', 'add', 'v0', 'netns', client, 'type', 'veth', 'peer', 'name', 'v0', 'netns', server);
    this.ip('client', 'addr', 'add', `${CLIENT}/24`, 'dev', 'v0');
    this.ip('server', 'addr', 'add', `${MAIL}/24`, 'dev', 'v0');
    this.ip('client', 'addr', 'add', `${CLIENT6}/64`, 'dev', 'v0', 'nodad');
    this.ip('server', 'addr', 'add', `${MAIL6}/64`, 'dev', 'v0', 'nodad');
    this.ip('client', 'link', 'set', 'v0', 'up');
    this.ip('server', 'link', 'set', 'v0', 'up');
  }

  ip(host: Host, ...args: string[]): void {
    ip('-n', this.namespace(host), ...args);
  }

  /** Starts a command on that host. */
  start(host: Host, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
    const child = spawn('ip', ['netns', 'exec', this.namespace(host), command, ...args], {
      cwd: this.directory,
      env: { PATH: process.env.PATH, TERM: 'dumb', ...env },
    });
    const running = new Running(`${command} ${args.join(' ')}`, child);
    this.#started.push(running);
    return running;
  }

  /** Runs a command on that host to its end. */
  async run(host: Host, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Running> {
    const running = this.start(host, command, args, env);
    running.input('');
    await running.ended;
    return running;
  }

  /** `smtpscope live` on the client's host, once it watches. */
  async live(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Running> {
    const running = this.start('client', process.execPath, [BIN, 'live', ...args], env);
    await running.says(/watching \S+ \([^)]*\); Ctrl-C ends\n/);
    return running;
  }

  /** A scripted server (mail-server.mjs), once it listens. */
  async serve(manner: string, host: Host = 'server', port = 25): Promise<Running> {
    const running = this.start(host, process.execPath, [SERVER, manner, String(port)]);
    await running.says(/listening\n/);
    return running;
  }

  /** A client that says these lines, each when the last was answered (talk.mjs). */
  async talk(to: string, ...lines: string[]): Promise<Running> {
    return await this.run('client', process.execPath, [TALK, to, ...lines]);
  }

  /** Puts the packets of a capture on the line, from the server's side: `rate` a second, `times` over. */
  replay(capture: string, rate = 1_000, times = 1): Running {
    return this.start('server', PYTHON, [REPLAY, capture, 'v0', String(rate), String(times)]);
  }

  /** Postfix on the client's host, with a configuration, a queue and a log of its own. */
  async postfix(setting: PostfixSetting): Promise<Postfix> {
    const postfix = new Postfix(this, join(this.directory, 'postfix'), setting);
    this.#ends.push(() => postfix.stop());
    await postfix.start();
    return postfix;
  }

  async close(): Promise<void> {
    for (const end of this.#ends) await end();
    for (const running of this.#started) running.kill('SIGKILL');
    await Promise.all(this.#started.map((running) => running.ended));
    for (const host of ['client', 'server'] as const) spawnSync('ip', ['netns', 'del', this.namespace(host)]);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A process, and what it said so far. */
export class Running {
  stdout = '';
  stderr = '';
  status: number | null = null;
  signal: string | null = null;
  /** When the last bytes came; ms as `performance.now`. */
  readonly ended: Promise<void>;
  readonly #words: string;
  readonly #child: ChildProcess;
  #isOver = false;
  #listeners: (() => void)[] = [];

  constructor(words: string, child: ChildProcess) {
    this.#words = words;
    this.#child = child;
    child.stdin?.on('error', () => {});
    child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
      this.#tell();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
      this.#tell();
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (status, signal) => {
        this.status = status;
        this.signal = signal;
        this.#isOver = true;
        this.#tell();
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Gives it that text on standard input, and no more. */
  input(text: string): void {
    this.#child.stdin?.end(text);
  }

  kill(signal: NodeJS.Signals): void {
    if (!this.#isOver) this.#child.kill(signal);
  }

  /** Ctrl-C; resolves to the milliseconds that its end took. */
  async interrupt(): Promise<number> {
    const begun = performance.now();
    this.kill('SIGINT');
    await this.ended;
    return performance.now() - begun;
  }

  /** Resolves when either output matches, from there on; rejects when it ends before, or after `seconds`. */
  async says(pattern: RegExp, seconds = 100): Promise<void> {
    const matches = (): boolean => pattern.test(this.stdout) || pattern.test(this.stderr);
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (matches()) done();
        else if (this.#isOver) fail(`ended (${this.signal ?? this.status})`);
      };
      const timer = setTimeout(() => fail(`did not say it within ${seconds} s`), seconds * 1000);
      const stop = (): void => {
        clearTimeout(timer);
        this.#listeners = this.#listeners.filter((listener) => listener !== look);
      };
      const done = (): void => {
        stop();
        resolve();
      };
      const fail = (why: string): void => {
        stop();
        reject(new Error(`${this.#words}: ${why}; waited for ${pattern}\n${this.stdout}\n${this.stderr}`));
      };
      this.#listeners.push(look);
      look();
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The transcript's lines of one session, without frame numbers and times. */
export function dialogueOf(transcript: string, session: number): string[] {
  return transcript
    .split('\n')
    .filter((line) => line.startsWith(`#${session} `))
    .flatMap((line) => /\b([CS]: .*)$/.exec(line)?.[1] ?? []);
}
