/** A Postfix that sends everything to one relay: nothing of the machine's own is touched. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from './stage.ts';

export interface PostfixSetting {
  /** Address of the relay. */
  readonly relay: string;
  /** The only SASL mechanisms that it may use: what a SASL library without plugins comes to. */
  readonly mechanisms: string;
}

const SERVICES = `
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;

export class Postfix {
  readonly #stage: Stage;
  readonly #etc: string;
  readonly #log: string;
  #isRunning = false;

  constructor(stage: Stage, directory: string, { relay, mechanisms }: PostfixSetting) {
    this.#stage = stage;
    this.#etc = join(directory, 'etc');
    this.#log = join(directory, 'log', 'mail.log');
    for (const name of ['etc', 'spool', 'data', 'log']) mkdirSync(join(directory, name), { recursive: true });
    execFileSync('chown', ['postfix', join(directory, 'data')]);
    writeFileSync(join(this.#etc, 'master.cf'), SERVICES);
    writeFileSync(
      join(this.#etc, 'main.cf'),
      `
compatibility_level = 3.6
queue_directory = ${directory}/spool
data_directory = ${directory}/data
maillog_file = ${this.#log}
maillog_file_prefixes = ${directory}
myhostname = client.example
mydestination =
alias_maps =
inet_protocols = ipv4
inet_interfaces = loopback-only
relayhost = [${relay}]
smtp_host_lookup = native
smtp_tls_security_level = none
smtp_sasl_auth_enable = yes
smtp_sasl_security_options =
smtp_sasl_mechanism_filter = ${mechanisms}
smtp_sasl_password_maps = inline:{ { [${relay}] = anna:test-only } }
`,
    );
  }

  async start(): Promise<void> {
    await this.#run('/usr/sbin/postfix', ['-c', this.#etc, 'start']);
    this.#isRunning = true;
  }

  /** A short message. */
  async send(to: string): Promise<void> {
    const sendmail = this.#stage.start('client', '/usr/sbin/sendmail', ['-C', this.#etc, '-f', 'a@client.example', to]);
    sendmail.input('Subject: test\n\nHello\n');
    await sendmail.ended;
    if (sendmail.status !== 0) throw new Error(sendmail.stderr);
  }

  async stop(): Promise<void> {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    await this.#run('/usr/sbin/postfix', ['-c', this.#etc, 'stop']);
  }

  async #run(command: string, args: readonly string[]): Promise<void> {
    const { status, stdout, stderr } = await this.#stage.run('client', command, args);
    if (status === 0) return;
    const log = existsSync(this.#log) ? readFileSync(this.#log, 'utf8') : '';
    throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}${log}`);
  }
}
