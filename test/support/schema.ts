/** The shipped schema as a check: a record that it refuses fails the test with the reasons. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

const schema = JSON.parse(readFileSync(new URL('../../schema.json', import.meta.url), 'utf8'));
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
ajv.addSchema(schema, 'records');

/** What the schema has against `value`; empty when it is valid. `kind` is a definition of the schema. */
export function schemaErrors(value: unknown, kind: 'session' | 'summary' | 'document'): string[] {
  const validate = ajv.getSchema(`records#/$defs/${kind}`);
  if (validate === undefined) throw new Error(`no definition ${kind} in the schema`);
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
