/**
 * The rooms of src/ as data, and a checker that holds a file's imports and its use of the outside world against them.
 * docs/architecture.md says what each room knows and must not know; this says the same to a machine.
 */

/** `typesOf`: only types may be imported from there, a contract that is erased before the program runs. */
type Entry = string | { readonly typesOf: string };

const packetContract: Entry = { typesOf: 'capture/packet-sink.ts' };
const transportContract: Entry = { typesOf: 'reassembly/transport-facts.ts' };
const reassemblyTypes: Entry = { typesOf: 'reassembly' };

export interface Room {
  /** Rooms, or single files, that it imports from; of its own it always may. */
  readonly imports: readonly Entry[];
  /** Packages and `node:` modules. */
  readonly packages: readonly string[];
  /** No I/O, no clock, no environment: same bytes, same answer. */
  readonly pure: boolean;
}

const PURE_MODULES = ['node:buffer', 'node:crypto'];
const core = (...imports: readonly Entry[]): Room => ({ imports, packages: PURE_MODULES, pure: true });
const CORE_ROOMS = ['bytes', 'wire', 'reassembly', 'tls', 'smtp', 'message', 'findings', 'report'];

/** A file belongs to the first room that its path begins with. */
export const ROOMS: Readonly<Record<string, Room>> = {
  bytes: core(),
  'capture/packet-sink.ts': core(),
  'capture/format': core('bytes', 'capture/packet-sink.ts'),
  'capture/source': {
    imports: ['bytes', 'capture/packet-sink.ts', 'capture/format'],
    packages: ['node:*', 'fzstd', 'pcap-parser', 'xxhash-wasm', 'xz-decompress'],
    pure: false,
  },
  'capture/live': {
    imports: ['bytes', 'capture/packet-sink.ts'],
    packages: ['node:*', 'cap'],
    pure: false,
  },
  wire: core('bytes'),
  reassembly: core('bytes', 'wire', packetContract),
  'capture/write': core('capture/packet-sink.ts', 'wire', 'reassembly'),
  tls: core('bytes'),
  message: core('bytes'),
  smtp: core('bytes', 'wire/addresses.ts', 'tls', 'reassembly/stream-listener.ts', reassemblyTypes),
  share: core('capture/packet-sink.ts', 'capture/write', 'wire', 'reassembly', 'smtp'),
  findings: core('bytes', 'smtp', 'message', reassemblyTypes, { typesOf: 'tls' }),
  report: core('bytes', 'wire/addresses.ts', 'smtp', 'message', 'findings', transportContract, packetContract),
  'output/terminal': {
    imports: ['bytes', 'smtp', 'message', 'findings', 'report', 'output/shared'],
    packages: ['chalk'],
    pure: true,
  },
  'output/json': core('report', 'output/shared'),
  'output/markdown': {
    imports: ['findings', 'report', 'output/shared'],
    packages: [...PURE_MODULES, 'node:zlib'],
    pure: true,
  },
  'output/log': core('wire/addresses.ts', 'smtp', 'message', 'report', 'output/shared'),
  'output/zeek': core('smtp', 'report', 'output/log', 'output/shared'),
  'output/eve': core('smtp', 'findings', 'report', 'output/log', 'output/shared'),
  'output/ecs': core('smtp', 'message', 'findings', 'report', 'output/log', 'output/shared'),
  'output/html/embedded.ts': core({ typesOf: 'report' }),
  'output/html/app': {
    imports: ['output/html/embedded.ts', 'output/shared', { typesOf: 'report' }],
    packages: ['@preact/signals', 'preact', 'preact/hooks', 'uplot'],
    pure: false,
  },
  'output/html': {
    imports: ['report', 'output/html/embedded.ts', 'output/shared'],
    packages: [...PURE_MODULES, 'node:zlib'],
    pure: true,
  },
  'output/shared': core('bytes', 'report'),
  'limits.ts': core(
    'capture/format/limits.ts',
    'wire/nesting.ts',
    'reassembly/limits.ts',
    'smtp/limits.ts',
    'tls/limits.ts',
  ),
  'inspect.ts': core('limits.ts', 'bytes', 'capture/packet-sink.ts', ...CORE_ROOMS),
  'library.ts': {
    imports: [
      'inspect.ts',
      'limits.ts',
      'capture/packet-sink.ts',
      'capture/source',
      'report',
      'findings',
      'output/json',
    ],
    packages: ['node:stream', 'node:url'],
    pure: false,
  },
  'index.ts': { imports: ['library.ts', 'capture/packet-sink.ts', ...CORE_ROOMS], packages: [], pure: true },
  cli: {
    imports: [
      'inspect.ts',
      'limits.ts',
      'library.ts',
      'capture/packet-sink.ts',
      'capture/format',
      'capture/source',
      'capture/live',
      'capture/write',
      'share',
      'output/terminal',
      'output/json',
      'output/markdown',
      'output/html',
      'output/zeek',
      'output/eve',
      'output/ecs',
      'output/shared',
      ...CORE_ROOMS,
    ],
    packages: ['node:*', 'commander'],
    pure: false,
  },
};

/** The room of a path below src/ (`smtp/readers/line.ts`), or null. Files straight in output/ are `output/shared`. */
export function roomOf(path: string): string | null {
  if (/^output\/[^/]+\.ts$/.test(path)) return 'output/shared';
  return Object.keys(ROOMS).find((room) => path === room || path.startsWith(`${room}/`)) ?? null;
}

export interface ImportStatement {
  readonly specifier: string;
  readonly typesOnly: boolean;
}

/** Every import and re-export of a source text, dynamic ones and types included. */
export function importsOf(source: string): ImportStatement[] {
  const code = withoutComments(source);
  const found: ImportStatement[] = [];
  for (const [, keyword = '', clause = '', specifier = ''] of code.matchAll(
    /^(import|export)\b([^'";]*?)\bfrom\s*['"]([^'"]+)['"]/gm,
  )) {
    const names = /\{([^}]*)\}/.exec(clause)?.[1]?.split(',') ?? [];
    const inlineTypes = names.length > 0 && names.every((name) => /^\s*(type\s|$)/.test(name));
    const wholeClauseInBraces = /^\s*\{/.test(clause);
    const typesOnly = /^\s*type\b/.test(clause) || (keyword !== '' && wholeClauseInBraces && inlineTypes);
    found.push({ specifier, typesOnly });
  }
  for (const [, specifier = ''] of code.matchAll(/^import\s*['"]([^'"]+)['"]/gm))
    found.push({ specifier, typesOnly: false });
  for (const [, before = '', specifier = ''] of code.matchAll(
    /(typeof\s+)?\b(?:import|require)\(\s*['"]([^'"]+)['"]/g,
  )) {
    found.push({ specifier, typesOnly: before !== '' });
  }
  return found;
}

/** What `source`, the text of src/`path`, does that its room must not. Empty when all is well. */
export function violationsOf(path: string, source: string): string[] {
  const roomName = roomOf(path);
  if (roomName === null) return [`${path}: belongs to no room; give its folder a row in ROOMS`];
  const room = ROOMS[roomName] as Room;
  const violations = importsOf(source).flatMap((statement) => violationOf(path, roomName, room, statement));
  if (room.pure) {
    for (const [name, pattern] of OUTSIDE_WORLD) {
      if (EXCEPTIONS[path] === name) continue;
      if (pattern.test(withoutStrings(source))) violations.push(`${path}: uses ${name}, and ${roomName} is pure`);
    }
  }
  return violations;
}

function violationOf(path: string, roomName: string, room: Room, { specifier, typesOnly }: ImportStatement): string[] {
  if (!specifier.startsWith('.')) {
    const allowed = room.packages.some((name) =>
      name.endsWith('*') ? specifier.startsWith(name.slice(0, -1)) : specifier === name,
    );
    return allowed ? [] : [`${path}: ${roomName} does not import ${specifier}`];
  }
  const target = resolveFrom(path, specifier);
  if (target === null) return [`${path}: ${specifier} leads out of src/`];
  const targetRoom = roomOf(target);
  if (targetRoom === roomName) return [];
  for (const entry of room.imports) {
    const allowedPath = typeof entry === 'string' ? entry : entry.typesOf;
    if (targetRoom !== allowedPath && target !== allowedPath) continue;
    if (typeof entry === 'string' || typesOnly) return [];
    return [`${path}: ${roomName} imports only types of ${target}`];
  }
  return [`${path}: ${roomName} does not import ${target}`];
}

function resolveFrom(path: string, specifier: string): string | null {
  const base = new URL(`file:///src/${path}`);
  const { pathname } = new URL(specifier, base);
  return pathname.startsWith('/src/') ? pathname.slice('/src/'.length) : null;
}

/** What makes an answer depend on more than its input. */
const OUTSIDE_WORLD: readonly (readonly [string, RegExp])[] = [
  ['the clock', /(?<![.\w])(?:Date\.now\b|new Date\(\s*\)|Date\(\s*\)|performance\b)/],
  ['process', /(?<![.\w])process\s*[.[]/],
  ['console', /(?<![.\w])console\s*[.[]/],
  ['timers', /(?<![.\w])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/],
  ['chance', /(?<![.\w])(?:Math\.random|crypto\.random\w*|random(?:Bytes|Int|UUID))\b/],
  ['the network', /(?<![.\w])(?:fetch|WebSocket)\s*\(/],
  ['globalThis', /(?<![.\w])globalThis\b/],
];

/** The table's hash has a secret seed, or hostile ports could be made to collide; it decides no answer. */
const EXCEPTIONS: Readonly<Record<string, string>> = { 'reassembly/connection-table.ts': 'chance' };

const TOKENS = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

function withoutComments(source: string): string {
  return source.replace(TOKENS, (token) => (token.startsWith('/') ? ' ' : token));
}

/** Without comments and quoted strings; of a template only what it computes is left. */
function withoutStrings(source: string): string {
  return source.replace(TOKENS, (token) => {
    if (token.startsWith('`')) return [...token.matchAll(/\$\{([^}]*)\}/g)].map(([, code]) => `(${code})`).join(' ');
    return token.startsWith('/') ? ' ' : "''";
  });
}
