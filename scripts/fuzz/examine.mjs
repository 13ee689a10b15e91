// One input through the library, and what may not happen on the way.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { CaptureError, inspectEach } from '../../dist/index.js';

/** CPU of one input; the largest are some hundred kilobytes, which take milliseconds. */
const MAX_CPU_MS = 3000;
/** Lines of records for a byte of input: more is a way to fill a disk. */
const MAX_OUTPUT_RATIO = 2000;

const schema = JSON.parse(readFileSync(fileURLToPath(new URL('../../schema.json', import.meta.url)), 'utf8'));
const ajv = new Ajv2020({ strict: false, allErrors: false }).addSchema(schema, 'records');
const isSession = ajv.getSchema('records#/$defs/session');
const isSummary = ajv.getSchema('records#/$defs/summary');

/** The fault in words, or null. */
export async function faultOf(bytes, { ports, limits }) {
  const before = process.cpuUsage();
  let outputBytes = 0;
  let wrong = null;
  const look = (record, isRight) => {
    outputBytes += JSON.stringify(record).length;
    if (!isRight(record)) wrong ??= `a record that the schema does not know: ${JSON.stringify(isRight.errors?.[0])}`;
  };
  try {
    look(await inspectEach(bytes, (session) => look(session, isSession), { ports, limits, body: 'full' }), isSummary);
  } catch (error) {
    if (!(error instanceof CaptureError)) return `${error?.stack ?? error}`;
    if (!Number.isInteger(error.offset) || error.message === '')
      return `an error without place or words: ${error.stack}`;
  }
  if (wrong !== null) return wrong;
  const used = process.cpuUsage(before);
  const cpuMs = (used.user + used.system) / 1000;
  if (cpuMs > MAX_CPU_MS) return `${Math.round(cpuMs)} ms of CPU for ${bytes.length} bytes`;
  if (outputBytes > MAX_OUTPUT_RATIO * (bytes.length + 1000))
    return `${outputBytes} bytes of records for ${bytes.length}`;
  return null;
}
