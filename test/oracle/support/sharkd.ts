/**
 * Wireshark's dissectors over many captures: sharkd is tshark's engine behind a socket. tshark itself costs most of a
 * second of CPU before its first packet, for each capture; sharkd forks a child for each connection when all of that is
 * done, and no capture sees what another left behind.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

/** What Wireshark calls retransmissions, of one sender. */
export interface SharkRetransmissions {
  all: number;
  fast: number;
  spurious: number;
  /** Neither, and a timer's time behind the segment that they repeat. */
  late: number;
}

/** One TCP connection as Wireshark sees it. */
export interface SharkStream {
  /** `VERB parameter`, as `smtp.req.command` and `smtp.req.parameter` have them. */
  readonly commands: string[];
  /** Of each reply, its code and the texts of its lines. */
  readonly replies: string[];
  /** Packets whose payload was sent before, by sender's port. A FIN sent again carries none. */
  readonly retransmissions: Map<string, SharkRetransmissions>;
  /** What each end sent, in order, as Latin-1; holes as `[40 bytes missing in capture file]`. */
  bytes: Record<string, string>;
}

/** A segment with payload. */
export interface SharkSegment {
  readonly frame: number;
  /** Source and destination. */
  readonly ports: string;
  /** As hexadecimal digits. */
  readonly payload: string;
}

interface Node {
  readonly f?: string;
  /** Where its bytes stand in the frame, or in what was put together from several (`ds`, 0 for the frame). */
  readonly h?: readonly [start: number, length: number];
  readonly ds?: number;
  readonly n?: readonly Node[];
}

interface Row {
  readonly c: readonly string[];
  readonly num: number;
}

interface Follow {
  readonly chost: string;
  readonly cport: string;
  readonly shost: string;
  readonly sport: string;
  readonly payloads?: readonly { readonly d: string; readonly s?: number }[];
}

/** The shortest timer of Linux. */
const TIMER_SECONDS = 0.2;

const PREFERENCES: Readonly<Record<string, string>> = {
  'tcp.reassemble_out_of_order': 'TRUE',
  'tcp.desegment_tcp_streams': 'TRUE',
  'ip.defragment': 'TRUE',
  'ipv6.defragment': 'TRUE',
  'smtp.desegment_lines': 'TRUE',
  'smtp.tcp.port': '24,25,587,2525',
};

/** The daemon. */
export class Sharkd {
  readonly #folder = mkdtempSync(join(tmpdir(), 'smtpscope-sharkd-'));
  readonly #socket = join(this.#folder, 'socket');
  readonly #child: ChildProcess = spawn('sharkd', [`unix:${this.#socket}`], { stdio: 'ignore' });

  /** Resolves when connections are taken. */
  async begin(): Promise<void> {
    while (!existsSync(this.#socket)) {
      const { exitCode } = this.#child;
      if (exitCode !== null && exitCode !== 0) throw new Error(`sharkd ended with ${exitCode}`);
      await setTimeout(20);
    }
  }

  async read(path: string): Promise<SharkCapture> {
    const capture = new SharkCapture(createConnection(this.#socket));
    await capture.load(path);
    return capture;
  }

  end(): void {
    this.#child.kill();
    // It goes into the background by itself: the process that listens is another one than was started.
    for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (commandOf(id).includes(this.#socket)) process.kill(Number(id));
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** One capture, loaded. */
export class SharkCapture {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  #id = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      const { id, result, error } = JSON.parse(line) as { id: number; result?: unknown; error?: { message: string } };
      const asked = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) asked?.resolve(result);
      else asked?.reject(new Error(error.message));
    });
    const fail = () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('sharkd hung up'));
      this.#waiting.clear();
    };
    socket.on('close', fail).on('error', fail);
  }

  async load(path: string): Promise<void> {
    for (const [name, value] of Object.entries(PREFERENCES)) await this.#ask('setconf', { name, value });
    // A capture that is cut short is loaded without an answer.
    this.#ask('load', { file: path }).catch(() => {});
    await this.#ask('status', {});
  }

  close(): void {
    this.#socket.destroy();
  }

  /** The connections that `frames` belong to, by frame number. */
  async streamsOf(frames: readonly number[]): Promise<Map<number, { index: number; stream: SharkStream }>> {
    // Of headers in headers the innermost counts: the last of its kind.
    const rows = await this.#rows('tcp', ['tcp.stream:-1', 'tcp.srcport:-1']);
    const streamAt = new Map(rows.map(({ num, c }) => [num, Number(c[0])]));
    const streams = new Map<number, SharkStream>();
    for (const frame of frames) {
      const index = streamAt.get(frame);
      if (index !== undefined && !streams.has(index)) {
        streams.set(index, { commands: [], replies: [], retransmissions: new Map(), bytes: await this.#follow(index) });
      }
    }
    for (const { num } of await this.#rows('smtp', [])) {
      const stream = streams.get(streamAt.get(num) as number);
      if (stream !== undefined) await this.#readFrame(num, stream);
    }
    for (const { c } of await this.#rows('tcp.analysis.retransmission && tcp.len > 0', [
      'tcp.stream:-1',
      'tcp.srcport:-1',
      'tcp.analysis.fast_retransmission:1',
      'tcp.analysis.spurious_retransmission:1',
      'tcp.analysis.rto:1',
    ])) {
      const [index, port = '', fast = '', spurious = '', seconds = ''] = c;
      const sent = streams.get(Number(index))?.retransmissions;
      const counts = sent?.get(port) ?? { all: 0, fast: 0, spurious: 0, late: 0 };
      sent?.set(port, counts);
      counts.all++;
      if (fast !== '') counts.fast++;
      else if (spurious !== '') counts.spurious++;
      else if (Number.parseFloat(seconds) >= TIMER_SECONDS) counts.late++;
    }
    const found = new Map<number, { index: number; stream: SharkStream }>();
    for (const frame of frames) {
      const index = streamAt.get(frame);
      const stream = index === undefined ? undefined : streams.get(index);
      if (index !== undefined && stream !== undefined) found.set(frame, { index, stream });
    }
    return found;
  }

  /** The segments with payload, in order. Of headers in headers the innermost counts: the last of its kind. */
  async segments(): Promise<SharkSegment[]> {
    const rows = await this.#rows('tcp.len > 0', ['tcp.srcport:-1', 'tcp.dstport:-1']);
    // Asked all at once: it answers one while the last one is read.
    return Promise.all(
      rows.map(async ({ num, c }) => ({ frame: num, ports: `${c[0]} ${c[1]}`, payload: await this.#payload(num) })),
    );
  }

  async #payload(frame: number): Promise<string> {
    const { tree, bytes, ds } = (await this.#ask('frame', { frame, proto: true, bytes: true })) as {
      tree: readonly Node[];
      bytes: string;
      ds?: readonly { bytes: string }[];
    };
    let last: Node | null = null;
    const walk = (node: Node): void => {
      if (node.f?.startsWith('tcp.payload == ')) last = node;
      for (const child of node.n ?? []) walk(child);
    };
    for (const node of tree) walk(node);
    const { h, ds: source = 0 } = (last ?? {}) as Node;
    // Nothing of it was captured, or it is what a RST gives as its cause.
    if (h === undefined) return '';
    const from = Buffer.from(source === 0 ? bytes : (ds?.[source - 1]?.bytes ?? ''), 'base64');
    return from.toString('hex', h[0], h[0] + h[1]);
  }

  /** What each end of the connection with that number said, as Latin-1: its port, and the bytes. */
  async saidIn(index: number): Promise<readonly (readonly [port: number, bytes: string])[]> {
    const bytes = await this.#follow(index);
    return Object.entries(bytes).map(([end, text]) => [Number(end.split(' ')[1]), text] as const);
  }

  async #rows(filter: string, columns: readonly string[]): Promise<readonly Row[]> {
    const asked = Object.fromEntries(columns.map((field, index) => [`column${index}`, field]));
    return (await this.#ask('frames', { filter, ...asked })) as readonly Row[];
  }

  async #follow(index: number): Promise<Record<string, string>> {
    const answer = (await this.#ask('follow', { follow: 'TCP', filter: `tcp.stream == ${index}` })) as Follow;
    const client = `${answer.chost} ${answer.cport}`;
    const server = `${answer.shost} ${answer.sport}`;
    const bytes: Record<string, string> = { [client]: '', [server]: '' };
    for (const { d, s } of answer.payloads ?? []) {
      bytes[s === 1 ? server : client] += Buffer.from(d, 'base64').toString('latin1');
    }
    return bytes;
  }

  async #readFrame(frame: number, stream: SharkStream): Promise<void> {
    const { tree } = (await this.#ask('frame', { frame, proto: true })) as { tree: readonly Node[] };
    const walk = (node: Node): void => {
      const [, field, value] = /^(smtp\.[a-z_.]+) == (.*)$/s.exec(node.f ?? '') ?? [];
      if (field !== undefined && value !== undefined) read(field, value.startsWith('"') ? unquoted(value) : value);
      for (const child of node.n ?? []) walk(child);
    };
    let command: string | null = null;
    let code: string | null = null;
    let texts: string[] = [];
    const closeReply = () => {
      if (code !== null) stream.replies.push([code, ...texts].join(' | '));
      code = null;
      texts = [];
    };
    const closeCommand = () => {
      if (command !== null) stream.commands.push(command);
      command = null;
    };
    const read = (field: string, value: string): void => {
      if (field === 'smtp.req.command') {
        closeCommand();
        command = value.toUpperCase();
      } else if (field === 'smtp.req.parameter') {
        if (command !== null && value.trim() !== '') command += ` ${value.trim()}`;
        closeCommand();
      } else if (field === 'smtp.response.code') {
        closeReply();
        code = value;
      } else if (field === 'smtp.rsp.parameter') texts.push(value.trimEnd());
    };
    for (const node of tree) if (node.f === 'smtp') walk(node);
    closeCommand();
    closeReply();
  }

  #ask(method: string, params: object): Promise<unknown> {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    });
  }
}

/** A string of a display filter, as sharkd writes it. */
function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(x[0-9a-f]{2}|.)/gis, (_, escaped: string) => {
    if (/^x/i.test(escaped)) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' }[escaped] ?? escaped;
  });
}

/** The command line of a process; '' when it has ended. */
function commandOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
