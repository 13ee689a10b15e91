/**
 * Writes man/smtpscope.1 from the model of the command line, which is where help and completion come from too; nobody
 * edits it by hand.
 *
 *   npm run build && node scripts/man-page.mjs            writes
 *   npm run build && node scripts/man-page.mjs --check    exit status 1 when the page is not what would be written
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { commandLine } = await import(new URL('../dist/cli/program.js', import.meta.url).href);
const { EXAMPLES, examplesOf } = await import(new URL('../dist/cli/help.js', import.meta.url).href);
const { CONFIG_PLACE } = await import(new URL('../dist/cli/config.js', import.meta.url).href);
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const path = fileURLToPath(new URL('../man/smtpscope.1', import.meta.url));

/** Text as roff: no backslash acts, no hyphen becomes a dash that cannot be pasted, no line begins with a command. */
function roff(text) {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll('`', '\\(ga')
    .replaceAll("'", '\\(aq')
    .replace(/^\./gm, '\\&.');
}

/** Flags with their names bold and their values in italics. */
function flags(text) {
  return text
    .split(/(<[^>]+>|\[[^\]]+\])/)
    .map((part) => {
      if (part === '') return '';
      if (part.startsWith('<')) return `\\fI${roff(part.slice(1, -1))}\\fR`;
      if (part.startsWith('[')) return `[\\fI${roff(part.slice(1, -1))}\\fR]`;
      return part.replace(/[\w-]+/g, (word) => `\\fB${roff(word)}\\fR`);
    })
    .join('');
}

function optionList(help, options) {
  return options.map((option) => `.TP\n${flags(option.flags)}\n${sentence(help.optionDescription(option))}`);
}

function sentence(text) {
  const end = /[.!?]$/.test(text) ? '' : '.';
  return roff(text.charAt(0).toUpperCase() + text.slice(1) + end);
}

function groups(help, command) {
  const found = new Map();
  for (const option of help.visibleOptions(command)) {
    const heading = option.long === '--help' ? 'How it runs:' : (option.helpGroupHeading ?? 'Options:');
    found.set(heading, [...(found.get(heading) ?? []), option]);
  }
  return found;
}

/** Help's examples: what they are about at two columns, what to type at four. */
function examples(text) {
  const lines = [];
  for (const line of text.split('\n')) {
    if (/^Exit status/.test(line)) break;
    if (line.startsWith('    ')) lines.push('.RS 4', '.nf', `\\fB${roff(line.slice(4))}\\fR`, '.fi', '.RE');
    else if (line.startsWith('  ')) {
      if (lines.length > 0 && !lines.at(-1)?.startsWith('\\&')) lines.push('.PP');
      lines.push(`\\&${roff(line.slice(2))}`);
    }
  }
  return lines.join('\n').replaceAll('.fi\n.RE\n.RS 4\n.nf\n', '');
}

function page() {
  const program = commandLine();
  const help = Object.assign(program.createHelp(), program.configureHelp());
  const [inspect] = program.commands;
  const live = program.commands.find((command) => command.name() === 'live');
  const shared = groups(help, inspect);
  const parts = [
    '.\\" Written by scripts/man-page.mjs from the model of the command line.',
    `.TH SMTPSCOPE 1 "" "smtpscope ${version}" "User Commands"`,
    '.SH NAME',
    'smtpscope \\- explain the SMTP dialogues in packet captures',
    '.SH SYNOPSIS',
    ...program.commands.flatMap((command, index) => [
      ...(index === 0 ? [] : ['.br']),
      `\\fBsmtpscope\\fR ${index === 0 ? '[\\fBinspect\\fR]' : `\\fB${command.name()}\\fR`} ${flags(help.commandUsage(command).replace(/^smtpscope \S+ ?/, ''))}`.trimEnd(),
    ]),
    '.SH DESCRIPTION',
    roff(program.description()),
    '.PP',
    'Saved captures need no privilege and no libpcap. Many captures in one run are one analysis, in the order given.',
    '.SH COMMANDS',
    ...program.commands.map(
      (command) => `.TP\n${flags(help.subcommandTerm(command))}\n${sentence(command.description())}`,
    ),
    '.SH OPTIONS',
    'Those of \\fBinspect\\fR and \\fBlive\\fR:',
  ];
  for (const [heading, options] of shared) {
    parts.push(`.SS ${roff(heading.replace(/:$/, ''))}`, ...optionList(help, options));
  }
  for (const [heading, options] of groups(help, live)) {
    const more = options.filter((option) => !inspect.options.some(({ long }) => long === option.long));
    const own = more.filter(({ long }) => long !== '--help');
    if (own.length > 0) parts.push(`.SS ${roff(heading.replace(/:$/, ''))}`, ...optionList(help, own));
  }
  parts.push(
    '.SS Before any command',
    ...optionList(
      help,
      program.options.filter(({ long }) => long === '--version'),
    ),
    '.SH EXIT STATUS',
    '.TP\n0\nAnalysed, whatever was found.',
    '.TP\n1\nA finding of a selected session, or across sessions, is at or above \\fB\\-\\-fail\\-on\\fR.',
    '.TP\n2\nThe job could not be done: one line on standard error says what, where, and what to do.',
    '.SH FILES',
    `.TP\n\\fI${roff(CONFIG_PLACE)}\\fR`,
    roff(
      'Defaults of options as JSON, in $XDG_CONFIG_HOME where that is set. Keys are the long names of options, values are texts, numbers, true or false, and lists of them; a key that no option has is an error. The command line wins. What is about one run (--output, --write, --reveal, --since …) cannot stand there.',
    ).replaceAll('…', '...'),
    `.RS\n.nf\n${roff('{ "color": "never", "ports": [25, 587], "fail-on": "error" }')}\n.fi\n.RE`,
    '.SH ENVIRONMENT',
    `.TP\n\\fBNO_COLOR\\fR, \\fBFORCE_COLOR\\fR, \\fBTERM\\fR, \\fBCOLORTERM\\fR\nColour, where \\fB\\-\\-color\\fR does not say.`,
    `.TP\n\\fBFORCE_HYPERLINK\\fR\n0 or 1: whether references are links of the terminal, where that cannot be told from its name.`,
    '.TP\n\\fBXDG_CONFIG_HOME\\fR\nWhere the file of defaults is looked for.',
    '.SH EXAMPLES',
    examples(EXAMPLES),
    ...program.commands.slice(0, 2).map((command) => `.PP\n${examples(examplesOf(command.name()))}`),
    '.SH SEE ALSO',
    '\\fBtcpdump\\fR(1), \\fBpcap\\-filter\\fR(7), \\fBtshark\\fR(1)',
  );
  return `${parts.join('\n')}\n`;
}

if (process.argv.includes('--check')) {
  let there = '';
  try {
    there = readFileSync(path, 'utf8');
  } catch {
    // Not there: not what would be written.
  }
  if (there !== page()) {
    console.error('man/smtpscope.1 is not what the command line says: node scripts/man-page.mjs');
    process.exitCode = 1;
  }
} else {
  mkdirSync(fileURLToPath(new URL('../man', import.meta.url)), { recursive: true });
  writeFileSync(path, page());
}
