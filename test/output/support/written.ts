/** What a writer makes of a capture, by the whole pipeline. */
import { Readable } from 'node:stream';
import { readCaptureStream } from '../../../src/capture/source/stream.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../../src/inspect.ts';
import type { ReportWriter } from '../../../src/output/writer.ts';

export async function written(writer: ReportWriter, capture: Buffer, name = 'capture.pcap'): Promise<string> {
  const chunks: Buffer[] = [Buffer.from(writer.begin())];
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: true }, (report) => {
    chunks.push(Buffer.from(writer.session(report)));
  });
  analysis.beginCapture(name);
  const { facts } = await readCaptureStream(Readable.from([capture]), analysis);
  analysis.endCapture(facts);
  chunks.push(Buffer.from(writer.end(analysis.finish())));
  return Buffer.concat(chunks).toString('utf8');
}
