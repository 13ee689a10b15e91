/**
 * `completion`: what a shell needs to complete commands, options and values, printed from the model of the command line
 * and from the list of rules. What only the machine knows (files, interfaces, users) the shell asks for itself.
 */
import type { Argument, Command, Option } from 'commander';
import { ALL_RULES } from '../../findings/index.ts';
import { LIMITS } from '../../limits.ts';
import { RepeatedOption } from '../repeated-option.ts';
import { standardOutput } from '../sink.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

/** What a value is, as far as a shell can help with it. */
type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** Beginnings of words: something follows without a space. */
  | { readonly kind: 'beginnings'; readonly words: readonly string[] }
  | { readonly kind: 'file' | 'directory' | 'interface' | 'user' | 'free' };

const LIST_INTERFACES = 'smtpscope interfaces 2>/dev/null';

export function runCompletion(program: Command, shell: Shell): void {
  const output = standardOutput();
  output.write(completionScript(program, shell));
  output.commit();
}

export function completionScript(program: Command, shell: Shell): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](program);
}

/** The placeholders of the model say what a value is: `<file>`, `<dir>`, `<id>`. */
function valuesOf({ flags, argChoices }: Option): Values | null {
  const placeholder = /<(.+)>/.exec(flags)?.[1];
  if (placeholder === undefined) return null;
  if (argChoices !== undefined) return { kind: 'words', words: argChoices };
  if (placeholder === 'id') return ruleIds();
  if (placeholder === 'name=value') return { kind: 'beginnings', words: Object.keys(LIMITS).map((name) => `${name}=`) };
  if (placeholder === 'file') return { kind: 'file' };
  if (placeholder === 'dir') return { kind: 'directory' };
  return { kind: flags.startsWith('--user') ? 'user' : 'free' };
}

function operandsOf(argument: Argument | undefined): Values {
  if (argument === undefined) return { kind: 'free' };
  if (argument.argChoices !== undefined) return { kind: 'words', words: argument.argChoices };
  if (argument.name() === 'rule') return ruleIds();
  return { kind: argument.name() === 'interface' ? 'interface' : argument.name() === 'capture' ? 'file' : 'free' };
}

function ruleIds(): Values {
  return { kind: 'words', words: ALL_RULES.map(({ id }) => id) };
}

interface CommandFacts {
  readonly name: string;
  readonly description: string;
  readonly options: readonly Option[];
  readonly operands: Values;
}

/** As help shows them, `help` itself among the commands and `--help` among the options. */
function factsOf(program: Command): CommandFacts[] {
  const help = program.createHelp();
  return help.visibleCommands(program).map((command) => ({
    name: command.name(),
    description: command.description(),
    options: help.visibleOptions(command),
    operands:
      command.name() === 'help'
        ? { kind: 'words', words: program.commands.map((one) => one.name()) }
        : operandsOf(command.registeredArguments[0]),
  }));
}

function namesOf({ short, long }: Option): string[] {
  return [short, long].filter((name) => name !== undefined);
}

function defaultOf(program: Command): string {
  return program.commands[0]?.name() ?? '';
}

// bash: plain functions, no bash-completion package; works with the bash 3.2 of macOS.

function bashScript(program: Command): string {
  const commands = factsOf(program);
  const names = commands.map(({ name }) => name);
  const cases = commands.flatMap(({ name, options }) =>
    options.flatMap((option) => {
      const values = valuesOf(option);
      if (values === null) return [];
      const patterns = namesOf(option).map((flag) => `${name},${flag}`);
      return `    ${patterns.join('|')}) ${bashValues(values)}; return ;;`;
    }),
  );
  const flags = commands.map(
    ({ name, options }) => `      ${name}) _smtpscope_from -W '${options.flatMap(namesOf).join(' ')}' ;;`,
  );
  const operands = commands.map(({ name, operands: values }) => `    ${name}) ${bashValues(values)} ;;`);
  const programFlags = program.createHelp().visibleOptions(program).flatMap(namesOf);
  return `# bash completion of smtpscope; in ~/.bashrc: source <(smtpscope completion bash)
_smtpscope_from() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$@" -- "$current")
}
_smtpscope_files() {
  compopt -o filenames 2>/dev/null
  _smtpscope_from "$1"
}
_smtpscope() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=${defaultOf(program)}
  # --format=json is three words to bash.
  if [[ $current == = ]]; then current=
  elif [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if (( COMP_CWORD > 1 )); then
    case \${COMP_WORDS[1]} in ${names.join('|')}) command=\${COMP_WORDS[1]} ;; esac
  fi
  case $command,$previous in
${cases.join('\n')}
  esac
  if [[ $current == -* ]]; then
    case $command in
${flags.join('\n')}
    esac
    (( COMP_CWORD == 1 )) && COMPREPLY+=($(compgen -W '${programFlags.join(' ')}' -- "$current"))
    return
  fi
  case $command in
${operands.join('\n')}
  esac
  (( COMP_CWORD == 1 )) && COMPREPLY+=($(compgen -W '${names.join(' ')}' -- "$current"))
}
complete -F _smtpscope smtpscope
`;
}

function bashValues(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `_smtpscope_from -W '${values.words.join(' ')}'`;
    case 'beginnings':
      return `compopt -o nospace 2>/dev/null; _smtpscope_from -W '${values.words.join(' ')}'`;
    case 'file':
      return '_smtpscope_files -f';
    case 'directory':
      return '_smtpscope_files -d';
    case 'interface':
      return `_smtpscope_from -W "$(${LIST_INTERFACES} | cut -d ' ' -f 1)"`;
    case 'user':
      return '_smtpscope_from -u';
    case 'free':
      return 'COMPREPLY=()';
  }
}

// zsh: _arguments does the work.

function zshScript(program: Command): string {
  const commands = factsOf(program);
  const main = commands.map(({ name, description }) => `      ${quoted(`${name}:${description}`)}`);
  const cases = commands.map(({ name, options, operands }) => {
    const specs = [...options.flatMap(zshOption), ...(operands.kind === 'free' ? [] : [zshOperands(operands)])];
    return `    ${name})\n      _arguments -s -S \\\n        ${specs.join(' \\\n        ')}\n      ;;`;
  });
  const programFlags = program.createHelp().visibleOptions(program).flatMap(zshOption);
  return `#compdef smtpscope
# zsh completion of smtpscope: smtpscope completion zsh > "\${fpath[1]}/_smtpscope"
_smtpscope_interfaces() {
  local -a names=(\${\${(f)"$(${LIST_INTERFACES})"}%% *})
  compadd -a names
}
_smtpscope() {
  local command=${defaultOf(program)}
  if (( CURRENT == 2 )) && [[ \${words[2]} != -* ]]; then
    local -a commands=(
${main.join('\n')}
    )
    _describe -t commands command commands
    _files
    return
  fi
  if (( CURRENT == 2 )); then
    _arguments -s -S ${programFlags.join(' ')}
  fi
  case \${words[2]} in
    ${commands.map(({ name }) => name).join('|')})
      command=\${words[2]}
      shift words
      (( CURRENT-- ))
      ;;
  esac
  case $command in
${cases.join('\n')}
  esac
}
if [[ \${funcstack[1]} == _smtpscope ]]; then _smtpscope "$@"; else compdef _smtpscope smtpscope; fi
`;
}

function zshOption(option: Option): string[] {
  const values = valuesOf(option);
  const value = values === null ? '' : `:${/<(.+)>/.exec(option.flags)?.[1]}:${zshAction(values)}`;
  const about = `[${option.description.replace(/[[\]\\:]/g, '\\$&')}]${value}`;
  const names = namesOf(option);
  const again = option instanceof RepeatedOption;
  return names.map((name) => {
    const excluded = again || names.length === 1 ? '' : `(${names.join(' ')})`;
    return quoted(`${again ? '*' : ''}${excluded}${name}${about}`);
  });
}

function zshOperands(values: Values): string {
  return quoted(`${values.kind === 'file' ? '*' : '1'}:${values.kind}:${zshAction(values)}`);
}

function zshAction(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `(${values.words.join(' ')})`;
    case 'beginnings':
      return `{compadd -S "" -- ${values.words.join(' ')}}`;
    case 'file':
      return '_files';
    case 'directory':
      return '_files -/';
    case 'interface':
      return '_smtpscope_interfaces';
    case 'user':
      return '_users';
    case 'free':
      return '';
  }
}

// fish: one line a thing.

function fishScript(program: Command): string {
  const commands = factsOf(program);
  const others = commands.map(({ name }) => name).filter((name) => name !== defaultOf(program));
  const lines = [
    '# fish completion of smtpscope: smtpscope completion fish > ~/.config/fish/completions/smtpscope.fish',
    ...program
      .createHelp()
      .visibleOptions(program)
      .map((option) => fishOption('__fish_is_first_arg', option)),
    ...commands.map(
      ({ name, description }) => `complete -c smtpscope -n __fish_is_first_arg -a ${name} -d ${quoted(description)}`,
    ),
  ];
  for (const { name, options, operands } of commands) {
    const isHere =
      name === defaultOf(program)
        ? `not __fish_seen_subcommand_from ${others.join(' ')}`
        : `__fish_seen_subcommand_from ${name}`;
    for (const option of options) lines.push(fishOption(quoted(isHere), option));
    const values = fishValues(operands);
    if (operands.kind !== 'file') lines.push(`complete -c smtpscope -n ${quoted(isHere)} -f${values}`);
  }
  return `${lines.join('\n')}\n`;
}

function fishOption(condition: string, option: Option): string {
  const values = valuesOf(option);
  const short = option.short === undefined ? '' : ` -s ${option.short.slice(1)}`;
  const long = option.long === undefined ? '' : ` -l ${option.long.slice(2)}`;
  const value = values === null ? '' : values.kind === 'file' ? ' -r -F' : ` -x${fishValues(values)}`;
  return `complete -c smtpscope -n ${condition}${short}${long}${value} -d ${quoted(option.description)}`;
}

function fishValues(values: Values): string {
  switch (values.kind) {
    case 'words':
    case 'beginnings':
      return ` -a ${quoted(values.words.join(' '))}`;
    case 'directory':
      return " -a '(__fish_complete_directories)'";
    case 'interface':
      return ` -a '(${LIST_INTERFACES} | string replace -r " .*" "")'`;
    case 'user':
      return " -a '(__fish_complete_users)'";
    case 'file':
    case 'free':
      return '';
  }
}

/** For all three shells: descriptions hold no backslash. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
