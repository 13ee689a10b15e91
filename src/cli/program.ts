/** The command line: commands, options, help. What a command does is loaded when it is asked for. */
import { existsSync } from 'node:fs';
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { SEVERITIES } from '../findings/rule.ts';
import { printable } from '../output/printable.ts';
import { PALETTES } from '../output/terminal/style.ts';
import { Complaint } from './complaint.ts';
import { applyConfig, CONFIG_PLACE } from './config.ts';
import { EXIT } from './exit-code.ts';
import { EXAMPLES, examplesOf, HELP_STYLE, listOfOptions } from './help.ts';
import {
  DEFAULT_RING_MIB,
  DEFAULT_WRITE_FILES,
  DEFAULT_WRITE_MIB,
  durationValue,
  liveOptions,
  numberValue,
  type RawLiveOptions,
} from './live/options.ts';
import { nearest } from './nearest.ts';
import { FORMATS, inspectOptions, type RawOptions } from './options.ts';
import { RepeatedOption } from './repeated-option.ts';
import {
  codesValue,
  fileValue,
  hostsValue,
  limitValue,
  listValue,
  portsValue,
  sessionsValue,
  severityValue,
  timeValue,
} from './values.ts';
import { packageVersion } from './version.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Runs the command line; resolves to the exit status. `Complaint` and `ClosedPipe` are thrown. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let status: number = EXIT.analysed;
  const program = commandLine((code) => {
    status = code;
  });
  try {
    await program.parseAsync(argv as string[], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.analysed : EXIT.failed;
  }
  return status;
}

/** The model of the command line: help, completion and the manual page are made from it. */
export function commandLine(done: (code: number) => void = () => {}): Command {
  const program: Command = new Command('smtpscope')
    .description(
      'Reads packet captures and explains the SMTP dialogues in them: what was said, what went wrong, and what mends it.',
    )
    .usage('[inspect] [options] <capture...>\n       smtpscope <command> [options]')
    .version(`smtpscope ${packageVersion()}`, '-V, --version', 'print the version; with -v, of Node and libpcap too')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showSuggestionAfterError()
    .addHelpText('after', (): string => `\n${listOfOptions(inspect)}\n${EXAMPLES}`)
    .hook('preAction', (_program, command) => applyConfig(command, program));
  configure(program);

  const inspect: Command = program
    .command('inspect', { isDefault: true })
    .description(
      'analyse saved captures (pcap, pcapng, snoop, Network Monitor; gzip, zstd, xz or LZ4 of them); - is standard input',
    )
    .argument('<capture...>', 'captures, in the order of their time')
    .action(async (captures: string[], raw: RawOptions) => {
      refuseMistypedCommand(captures[0] as string, program);
      const { runInspect } = await import('./commands/inspect.ts');
      done(await runInspect(captures, inspectOptions(raw)));
    });
  addAnalysisOptions(inspect);

  const live: Command = program
    .command('live')
    .description('watch an interface: each line the moment it is said (root or CAP_NET_RAW)')
    .argument('[interface]', 'its name, or any; without one, that of the default route')
    .action(async (name: string | undefined, raw: RawLiveOptions) => {
      const { runLive } = await import('./commands/live.ts');
      done(await runLive(name ?? null, liveOptions(raw)));
    });
  addAnalysisOptions(live);
  // Who gives it is told what to do instead.
  live.options.find(({ long }) => long === '--share')?.hideHelp();
  addLiveOptions(live);
  program
    .command('interfaces')
    .description('what can be watched, with addresses and link types')
    .action(async () => {
      const { runInterfaces } = await import('./commands/live-interfaces.ts');
      runInterfaces();
    });
  program
    .command('rules')
    .description('every rule: id, severity, title')
    .addOption(colorOption())
    .action(async ({ color }: RawOptions) => {
      const { runRules } = await import('./commands/rules.ts');
      await runRules(color);
    });
  program
    .command('explain')
    .description('one rule: what it means, when it is a false alarm, what mends it')
    .argument('<rule>', 'its id, as findings name it')
    .addOption(colorOption())
    .action(async (id: string, { color }: RawOptions) => {
      const { runExplain } = await import('./commands/rules.ts');
      await runExplain(id, color);
    });
  program
    .command('completion')
    .description('a script that lets the shell complete commands, options and their values')
    .addArgument(new Argument('<shell>', 'the shell that will read it').choices(SHELLS))
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { runCompletion } = await import('./commands/completion.ts');
      runCompletion(program, shell);
    });
  for (const command of program.commands) {
    configure(command);
    command.helpOption('-h, --help', 'print this help').addHelpText('after', examplesOf(command.name()));
  }
  return program;
}

/** `smtpscope inspekt` would be a capture that nobody has, and a command behind options is read as one. */
function refuseMistypedCommand(name: string, program: Command): void {
  if (/[./\\]/.test(name) || name === '-' || existsSync(name)) return;
  const commands = program.commands.map((known) => known.name());
  if (commands.includes(name)) {
    throw new Complaint(`${name}: there is no such file; a command stands first: smtpscope ${name} …`);
  }
  const command = nearest(name, commands, 2);
  if (command !== null) {
    throw new Complaint(`${name}: there is no such file and no such command; did you mean smtpscope ${command}?`);
  }
}

function addAnalysisOptions(command: Command): void {
  command
    .optionsGroup('What is written, and where:')
    .addOption(
      new Option('-f, --format <name>', 'the form of the report')
        .choices(FORMATS)
        .default('text')
        .argParser((name: string) => {
          const format = FORMATS.find((known) => known === name);
          if (format !== undefined) return format;
          throw new InvalidArgumentError(`there is no such format: give one of ${FORMATS.join(', ')}.`);
        }),
    )
    .addOption(valued('-o, --output <file>', 'write there: mode 0600, whole or not at all', fileValue))
    .option('--force', 'replace an existing output file')
    .addOption(chosen('--body <view>', 'how much of each message is shown', ['none', 'headers', 'full'], 'headers'))
    .addOption(chosen('--time <view>', 'the time column of the text', ['offset', 'delta', 'clock'], 'offset'))
    .option('--reveal', 'show credentials')
    .option('--eml <dir>', 'write each selected message there as a file')
    .addOption(
      valued(
        '--write <file>',
        'write the packets of the selected sessions to a new pcapng, findings as comments',
        fileValue,
      ),
    )
    .addOption(
      valued(
        '--share <file>',
        'the same, safe to post: addresses, names, credentials and messages replaced',
        fileValue,
      ),
    )
    .addOption(colorOption())
    .addOption(chosen('--palette <name>', 'colours of the two sides', PALETTES, 'default'))
    .optionsGroup('Which sessions:')
    .addOption(valued('-p, --ports <list>', 'server ports, or any (default: 24,25,465,587,2525)', portsValue))
    .option('--flagged', 'only sessions with a finding at or above warning')
    .addOption(repeated('--rule <id>', 'only sessions with this finding', listValue))
    .addOption(repeated('--session <n>', 'only sessions with this number', sessionsValue))
    .addOption(repeated('--host <address>', 'only sessions of this client or server', hostsValue))
    .addOption(repeated('--from <text>', 'only sessions with this text in a sender path', (text) => [text]))
    .addOption(repeated('--to <text>', 'only sessions with this text in a recipient path', (text) => [text]))
    .addOption(repeated('--code <nnn>', 'only sessions with this reply code', codesValue))
    .addOption(valued('--since <time>', 'only sessions that go on at or after it', timeValue))
    .addOption(valued('--until <time>', 'only sessions that begin at or before it', timeValue))
    .optionsGroup('How it runs:')
    .addOption(severe('--fail-on <severity>', 'exit status 1 from this severity on'))
    .addOption(repeated('--limit <name=value>', 'hold more or less, wait longer or shorter: docs/reading.md', oneLimit))
    .option('-q, --quiet', 'no warnings, hints and progress on standard error')
    .option('-v, --verbose', 'explain every finding in full; say what was read and what was skipped')
    .option('--no-progress', 'no progress on standard error')
    .addOption(configOption())
    .option('--no-config', 'without defaults from a file');
}

function addLiveOptions(command: Command): void {
  command
    .optionsGroup('Only live:')
    .option('--group', 'print each session whole when it ends, not its lines as they come')
    .option('--filter <expression>', 'only packets that meet it as well (man 7 pcap-filter)')
    .option('--user <name>', 'become this user once the device is open (default: who called sudo)')
    .option('--wait', 'when the interface goes away, go on when it is back')
    .addOption(valued('--duration <time>', 'end after 90s, 10m, 2h, 1d', durationValue))
    .addOption(valued('--count <n>', 'end after so many sessions', (text) => numberValue(text, 1, 1e15)))
    .addOption(severe('--until-finding <severity>', 'end with the first finding at or above it'))
    .addOption(
      valued('--buffer <MiB>', `packets that the kernel holds for us (default: ${DEFAULT_RING_MIB})`, (text) =>
        numberValue(text, 1, 1024),
      ),
    )
    .addOption(
      valued('--write-size <MiB>', `of a file of --write before a new one (default: ${DEFAULT_WRITE_MIB})`, (text) =>
        numberValue(text, 1, 1_048_576),
      ),
    )
    .addOption(
      valued('--write-files <n>', `files of --write that are kept (default: ${DEFAULT_WRITE_FILES})`, (text) =>
        numberValue(text, 1, 1_000),
      ),
    )
    .addOption(valued('--heartbeat <time>', 'say what was seen, so often (default: 1m with -v)', durationValue));
}

function colorOption(): Option {
  return chosen('--color <when>', 'colour in the text', ['auto', 'always', 'never'], 'auto');
}

function configOption(): Option {
  return new Option('--config <file>', `defaults of options (default: ${CONFIG_PLACE})`);
}

function chosen(flags: string, description: string, choices: readonly string[], fallback: string): Option {
  return new Option(flags, description).choices(choices).default(fallback);
}

function severe(flags: string, description: string): Option {
  return new Option(flags, description).choices(SEVERITIES).argParser((text) => attempt(severityValue, text));
}

function valued<T>(flags: string, description: string, parse: (text: string) => T): Option {
  return new Option(flags, description).argParser((text) => attempt(parse, text));
}

/** Values of one option are alternatives: it may be given again. */
function repeated<T>(flags: string, description: string, parse: (text: string) => readonly T[]): Option {
  return new RepeatedOption(flags, description).argParser((text: string, before: readonly T[] | undefined) => [
    ...(before ?? []),
    ...attempt(parse, text),
  ]);
}

function oneLimit(text: string): ReturnType<typeof limitValue>[] {
  return [limitValue(text)];
}

function attempt<T>(parse: (text: string) => T, text: string): T {
  try {
    return parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

/** Errors are one line, and thrown instead of ending the process. */
function configure(command: Command): void {
  command.exitOverride();
  command.configureHelp(HELP_STYLE);
  command.configureOutput({
    outputError: (text, write) => {
      write(`smtpscope: ${printable(usageLine(text))}; see smtpscope --help\n`);
    },
  });
}

/** What those who know tcpdump, tshark or swaks type first. */
export const HABITS: Readonly<Record<string, string>> = {
  '-r': 'a capture is named without an option: smtpscope capture.pcap',
  '-i': 'an interface is watched by smtpscope live <interface>',
  '-w': 'packets are written by --write <file>, the report by --output <file>',
  '-n': 'no name is ever looked up',
  '-D': 'smtpscope interfaces lists what can be watched',
  '-Y': 'sessions are chosen by --host, --code, --from, --to, --rule',
  '--json': 'give -f json',
  '--ndjson': 'give -f ndjson',
  '--html': 'give -f html -o report.html',
};

/** Commander's words for a usage error as one line: `--code: '55' is no reply code: give three digits`. */
function usageLine(text: string): string {
  const line = text
    .trim()
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '')
    .replace('(Did you', '(did you');
  const habit = HABITS[/^unknown option '(-\w|--[\w-]+)/.exec(line)?.[1] ?? ''];
  if (habit !== undefined) return `${line.replace(/ \(did you.*/, '')}: ${habit}`;
  const argument = /^command-argument value '(.*)' is invalid for argument '(.*)'\. (.*)$/s.exec(line);
  if (argument !== null) return `'${argument[1]}' is no ${argument[2]}. ${argument[3]}`;
  const match = /^option '(?:-\w, )?(--[\w-]+)[^']*' argument '(.*)' is invalid\. (.*)$/s.exec(line);
  if (match === null) return line;
  const [, option, value, why = ''] = match;
  return why.includes(`'${value}'`) ? `${option}: ${why}` : `${option} ${value}: ${why}`;
}
