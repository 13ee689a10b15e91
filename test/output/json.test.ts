import { describe, expect, it } from 'vitest';
import { jsonWriter, ndjsonWriter } from '../../src/output/json/json.ts';
import { jsonText } from '../../src/output/json-text.ts';
import type { RecordOptions } from '../../src/report/record.ts';
import { HOSTILE_TEXTS } from '../support/hostile.ts';
import { foundingReport, report, summary } from '../support/reports.ts';
import { schemaErrors } from '../support/schema.ts';

const OPTIONS: RecordOptions = { captures: ['relay.pcap'], severalCaptures: false, body: 'headers', reveal: false };

describe('ndjson', () => {
  it('is one valid record a line, the summary last', () => {
    const writer = ndjsonWriter(OPTIONS);
    const text = `${writer.begin()}${writer.session(foundingReport())}${writer.session(report('S: 220 x'))}${writer.end(summary())}`;
    const lines = text.split('\n');
    expect(lines.pop()).toBe('');
    const records = lines.map((line) => JSON.parse(line));
    expect(records.map(({ type }) => type)).toEqual(['session', 'session', 'summary']);
    for (const record of records) expect(schemaErrors(record, record.type)).toEqual([]);
  });
});

describe('json', () => {
  it.each([0, 1, 3])('is one valid document with %i sessions', (count) => {
    const writer = jsonWriter(OPTIONS);
    let text = String(writer.begin());
    for (let i = 0; i < count; i++) text += writer.session(foundingReport());
    text += writer.end(summary());
    const document = JSON.parse(text);
    expect(document.sessions).toHaveLength(count);
    expect(document.summary.type).toBe('summary');
    expect(schemaErrors(document, 'document')).toEqual([]);
  });
});

describe('escapes', () => {
  it.each(HOSTILE_TEXTS)('%j comes back as it was, and nothing that acts stands in the text', (text) => {
    const written = jsonText({ text });
    expect(JSON.parse(written).text).toBe(text);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(written).not.toMatch(/[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
    expect(written).not.toMatch(/\p{Cs}/u);
  });
});
