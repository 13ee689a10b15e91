import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileOutput, writeNewFile } from '../../src/cli/sink.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'smtpscope-sink-'));
  path = join(directory, 'out.txt');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('a file of output', () => {
  it('appears whole, with mode 0600', () => {
    const sink = fileOutput(path, false, []);
    sink.write('one\n');
    sink.write(Buffer.from('two\n'));
    sink.flush();
    expect(readdirSync(directory)).not.toContain('out.txt');
    sink.commit();
    expect(readdirSync(directory)).toEqual(['out.txt']);
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('leaves nothing behind when the run fails', () => {
    const sink = fileOutput(path, false, []);
    sink.write('half');
    sink.flush();
    sink.abandon();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('holds more than the buffer, in order', () => {
    const sink = fileOutput(path, false, []);
    const line = `${'ä'.repeat(50_000)}\n`;
    for (let i = 0; i < 20; i++) sink.write(i % 2 === 0 ? line : Buffer.from(line));
    sink.write('x'.repeat(1_000_000));
    sink.commit();
    expect(readFileSync(path, 'utf8')).toBe(line.repeat(20) + 'x'.repeat(1_000_000));
  });

  it('is refused where one is, and replaces it by force', () => {
    writeFileSync(path, 'old', { mode: 0o644 });
    expect(() => fileOutput(path, false, [])).toThrow(/out\.txt: is already there; .* --force/);
    const sink = fileOutput(path, true, []);
    sink.write('new');
    expect(readFileSync(path, 'utf8')).toBe('old');
    sink.commit();
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is not overwritten when somebody made it meanwhile', () => {
    const sink = fileOutput(path, false, []);
    sink.write('mine');
    writeFileSync(path, 'theirs');
    expect(() => sink.commit()).toThrow(/is already there/);
    sink.abandon();
    expect(readdirSync(directory)).toEqual(['out.txt']);
    expect(readFileSync(path, 'utf8')).toBe('theirs');
  });

  it('never goes through a symbolic link, by force either', () => {
    const target = join(directory, 'target');
    writeFileSync(target, 'kept');
    symlinkSync(target, path);
    for (const force of [false, true]) expect(() => fileOutput(path, force, [])).toThrow(/symbolic link/);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe('kept');
  });

  it('never replaces a capture that is read', () => {
    writeFileSync(path, 'capture');
    expect(() => fileOutput(path, true, [join(directory, '.', 'out.txt')])).toThrow(/one of the captures/);
  });

  it('writes to what is no regular file as it is', () => {
    const sink = fileOutput('/dev/null', false, []);
    sink.write('gone');
    sink.commit();
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('refuses a directory and a place that is not there, with a sentence', () => {
    mkdirSync(path);
    expect(() => fileOutput(path, true, [])).toThrow(/is a directory; name a file in it/);
    expect(() => fileOutput(join(directory, 'no', 'x'), false, [])).toThrow(
      /no such directory; make it first \(ENOENT\)/,
    );
  });
});

describe('a new file', () => {
  it('never overwrites', () => {
    expect(writeNewFile(path, Buffer.from('a'))).toBe(true);
    expect(writeNewFile(path, Buffer.from('b'))).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe('a');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
