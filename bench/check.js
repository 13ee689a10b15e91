/**
 * Runs the program over one corpus and holds every record against the truth:
 * `node bench/check.js <capture>`. Prints one JSON object; exit 1 when the truth is not reproduced.
 */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { PROGRAM } from './measure.js';
import { TruthCheck } from './truth.js';

/** @param {string} capture */
async function check(capture) {
  const truth = new TruthCheck(JSON.parse(readFileSync(`${capture}.truth.json`, 'utf8')));
  const child = spawn(process.execPath, [PROGRAM, '-f', 'ndjson', capture], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  /** The beginning of a line whose end has not arrived. @type {Buffer[]} */
  let begun = [];
  for await (const chunk of child.stdout) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      begun.push(chunk.subarray(start, end));
      truth.record(JSON.parse(Buffer.concat(begun).toString('utf8')));
      begun = [];
      start = end + 1;
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
  }
  const exitCode = await ended;
  const result = truth.finish();
  if (exitCode !== 0) {
    result.ok = false;
    result.shown.unshift(`the program ended with ${exitCode}`);
  }
  return result;
}

const capture = process.argv[2];
if (!capture) {
  console.error('usage: node bench/check.js <capture>');
  process.exitCode = 2;
} else {
  const result = await check(capture);
  console.log(JSON.stringify(result));
  process.exitCode = result.ok ? 0 : 1;
}
