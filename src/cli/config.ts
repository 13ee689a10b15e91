/**
 * Defaults of options from a file, as JSON: `{ "ports": [25, 2525], "color": "never", "fail-on": "error" }`. Keys are
 * the long names of options. What stands on the command line wins. A key that no option has is an error: a default that
 * is silently not applied is worse than none.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Command, Option } from 'commander';
import { Complaint, sayOnStderr } from './complaint.ts';
import { nearest } from './nearest.ts';
import { RepeatedOption } from './repeated-option.ts';

/** As help and the manual name it. */
export const CONFIG_PLACE = '~/.config/smtpscope/config.json';

/** A file of defaults has some hundred bytes. */
const MAX_BYTES = 65_536;

/** Options that are about one run: as a default they would write, choose or disclose what nobody asked for. */
const OF_ONE_RUN: ReadonlySet<string> = new Set([
  'config',
  'eml',
  'force',
  'help',
  'output',
  'reveal',
  'session',
  'share',
  'since',
  'until',
  'version',
  'write',
]);

/** Gives options of `command` that the command line leaves out the values that the file has for them. */
export function applyConfig(command: Command, program: Command): void {
  const named: unknown = command.getOptionValue('config');
  if (named === false || command.options.length === 0) return;
  const path = typeof named === 'string' ? named : placeOf(process.env);
  const text = path === null ? null : read(path, typeof named === 'string');
  if (path === null || text === null) return;
  const entries = Object.entries(parsed(path, text));
  const known = new Map(program.commands.flatMap(({ options }) => options.map((option) => [keyOf(option), option])));
  const applied: string[] = [];
  for (const [key, value] of entries) {
    const fail = (why: string): never => {
      throw new Complaint(`${path}: "${key}": ${why}`);
    };
    if (OF_ONE_RUN.has(key) && (known.has(key) || key === 'version' || key === 'help')) {
      fail('can be given on the command line alone');
    }
    if (!known.has(key)) fail(unknownKey(key, [...known.keys()]));
    const option = command.options.find((one) => keyOf(one) === key);
    if (option === undefined) continue;
    const parsedValue = valueFor(option, value, fail);
    if (command.getOptionValueSource(option.attributeName()) === 'cli') continue;
    command.setOptionValueWithSource(option.attributeName(), parsedValue, 'config');
    applied.push(key);
  }
  if (command.getOptionValue('verbose') === true && applied.length > 0) {
    sayOnStderr(`${path}: defaults of ${applied.join(', ')}`);
  }
}

/** XDG Base Directory Specification: what is no absolute path is to be ignored. */
function placeOf(env: NodeJS.ProcessEnv): string | null {
  const { XDG_CONFIG_HOME } = env;
  if (XDG_CONFIG_HOME !== undefined && isAbsolute(XDG_CONFIG_HOME)) {
    return join(XDG_CONFIG_HOME, 'smtpscope', 'config.json');
  }
  try {
    return join(homedir(), '.config', 'smtpscope', 'config.json');
  } catch {
    return null; // A user without a home.
  }
}

function read(path: string, isNamed: boolean): string | null {
  try {
    return textOf(path);
  } catch (error) {
    if (error instanceof Complaint) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (!isNamed && (code === 'ENOENT' || code === 'ENOTDIR')) return null;
    if (!isNamed && code === 'EACCES' && isHomeOfAnother()) return null;
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EACCES'
          ? 'permission denied (EACCES)'
          : code === 'EISDIR'
            ? 'it is a directory; name a file in it'
            : message;
    throw new Complaint(`${path}: cannot be read: ${why}${isNamed ? '' : '; --no-config does without it'}`);
  }
}

/** `sudo setpriv`, `su` without `-`: the environment still names the home of who called, whose defaults are not ours. */
function isHomeOfAnother(): boolean {
  try {
    return statSync(homedir()).uid !== process.geteuid?.();
  } catch {
    return true;
  }
}

/** Piece by piece: a device has no end. */
function textOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null);
    }
    if (length > MAX_BYTES)
      throw new Complaint(`${path}: has more than ${MAX_BYTES} bytes: that is no file of defaults`);
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
}

function parsed(path: string, text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const { message } = error as Error;
    const position = /position (\d+)/.exec(message)?.[1];
    const lines = text.slice(0, position === undefined ? text.length : Number(position)).split('\n').length;
    throw new Complaint(`${path}: line ${lines}: not JSON: ${message.replace(/ \(line \d+ column \d+\)$/, '')}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Complaint(`${path}: give an object with the names of options: { "fail-on": "error" }`);
  }
  return value;
}

function keyOf(option: Option): string {
  return (option.long ?? '').replace(/^--(?:no-)?/, '');
}

function unknownKey(key: string, keys: readonly string[]): string {
  const near = nearest(
    key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll('_', '-'),
    keys.filter((one) => !OF_ONE_RUN.has(one)),
    2,
  );
  return `there is no such option${near === null ? '; smtpscope --help lists them' : ` (did you mean "${near}"?)`}`;
}

/** As the command line would have it; `fail` says why not. */
function valueFor(option: Option, value: unknown, fail: (why: string) => never): unknown {
  if (option.isBoolean() || option.negate) {
    return typeof value === 'boolean' ? value : fail('give true or false');
  }
  const texts = (Array.isArray(value) ? value : [value]).map((one: unknown) =>
    typeof one === 'string' || typeof one === 'number' ? String(one) : fail('give a text, a number or a list of them'),
  );
  const isRepeated = option instanceof RepeatedOption;
  const isList = isRepeated || (option.argChoices === undefined && option.parseArg !== undefined);
  if (texts.length === 0 || (texts.length > 1 && !isList)) fail('give one value');
  const { parseArg } = option;
  if (parseArg === undefined) return texts[0];
  const parse = (text: string, before: unknown): unknown => parseArg(text, before as never);
  try {
    return isRepeated
      ? texts.reduce<unknown>((before, text) => parse(text, before), undefined)
      : parse(texts.join(','), undefined);
  } catch (error) {
    return fail((error as Error).message.replace(/\.$/, ''));
  }
}
