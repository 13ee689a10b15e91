/** What smtpscope makes of a capture, in the words in which it is held against others. */
import type { PacketMeta, PacketSink } from '../../../src/capture/packet-sink.ts';
import { readCapture } from '../../../src/capture/source/file.ts';
import { createAnalysis, DEFAULT_PORTS } from '../../../src/inspect.ts';
import { Assembler } from '../../../src/reassembly/assembler.ts';
import { type SessionRecord, sessionRecord } from '../../../src/report/record.ts';
import { replyCode } from '../../../src/smtp/dialogue.ts';
import { watchPorts } from '../../../src/wire/frame.ts';

export interface OurSession {
  readonly record: SessionRecord;
  /** `VERB argument`. */
  readonly commands: readonly string[];
  /** Code and texts of its lines. */
  readonly replies: readonly string[];
  /** Of client and server, as Latin-1; holes as `[40 bytes missing in capture file]`. */
  readonly bytes: readonly [string, string];
  readonly holes: number;
}

interface Stream {
  readonly bytes: [string, string];
  holes: number;
}

/** The sessions of a capture in which something was said. */
export async function ourSessions(path: string): Promise<OurSession[]> {
  const records: SessionRecord[] = [];
  const view = { captures: [path], severalCaptures: false, body: 'none', reveal: true } as const;
  const analysis = createAnalysis({ ports: DEFAULT_PORTS, keepBodies: false }, (report) =>
    records.push(sessionRecord(report, view)),
  );
  const streams = new Map<number, Stream>();
  const assembler = new Assembler(
    {
      open(connection) {
        const stream: Stream = { bytes: ['', ''], holes: 0 };
        streams.set(connection.id, stream);
        return {
          data(side, bytes, start, end) {
            stream.bytes[side] += bytes.toString('latin1', start, end);
          },
          gap(side, length) {
            stream.holes++;
            stream.bytes[side] += `[${length} bytes missing in capture file]`;
          },
          differs: () => false,
        };
      },
      speaksLikeServer: (bytes) => replyCode(bytes, 0, bytes.length) > 0,
      closed() {},
    },
    { ports: watchPorts(DEFAULT_PORTS), numberLater: false },
  );
  analysis.beginCapture(path);
  const both: PacketSink = {
    packet(bytes: Buffer, start: number, end: number, meta: PacketMeta) {
      analysis.packet(bytes, start, end, meta);
      assembler.packet(bytes, start, end, meta);
    },
  };
  await readCapture(path, both);
  analysis.finish();
  assembler.finish();
  return records
    .sort((a, b) => a.id - b.id)
    .flatMap((record) => {
      const stream = streams.get(record.id);
      if (stream === undefined) return [];
      const said = (kind: string) => record.dialogue.filter((turn) => turn.kind === kind);
      return {
        record,
        commands: said('command').map(({ verb, argument }) => (argument === null ? `${verb}` : `${verb} ${argument}`)),
        replies: said('reply').map(({ code, lines }) =>
          [code, ...lines.map((line) => line.slice(4).trimEnd())].join(' | '),
        ),
        ...stream,
      };
    });
}
