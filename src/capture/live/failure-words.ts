/** What went wrong with a device, as one sentence with the command that mends it. */
import type { Notice } from './wire-format.ts';

/** The device cannot be watched, or not any more. `message` is for the user. */
export class LiveError extends Error {
  /** The same may work in a while: the interface has gone and may come back. */
  readonly passing: boolean;

  constructor(message: string, passing = false) {
    super(message);
    this.name = 'LiveError';
    this.passing = passing;
  }
}

export interface FailureContext {
  readonly device: string;
  /** The expression of the user's, if there is one. */
  readonly also: string | null;
  readonly isRoot: boolean;
  /** Where smtpscope is installed. */
  readonly home: string;
  /** Path of the running Node. */
  readonly node: string;
  /** Name of this operating system, as `process.platform`. */
  readonly platform: string;
}

type Failure = Extract<Notice, { event: 'failed' }>;

export function failureSentence({ stage, why }: Failure, context: FailureContext): LiveError {
  if (stage === 'load') return new LiveError(loadFailure(why, context));
  if (stage === 'drop') {
    return new LiveError(
      `root could not be given up after opening ${context.device} (${why}); name another user with --user, or --user root to stay root`,
    );
  }
  return openFailure(why, context);
}

function loadFailure(why: string, { home, platform }: FailureContext): string {
  const folder = shellWord(home);
  const tools = 'sudo apt-get install -y python3 make g++ libpcap-dev';
  const other = 'sudo tcpdump -i IF -U -s0 -w - | smtpscope -';
  if (platform === 'win32')
    return 'live capture needs libpcap, which Windows has not; record with Wireshark and read the file';
  if (/libpcap[\w.]*: (?:cannot open shared object|file too short|invalid)|Library not loaded/.test(why)) {
    return `live capture needs the library libpcap, which is not installed: sudo apt-get install -y libpcap0.8 (RHEL, Fedora: sudo dnf install libpcap)`;
  }
  if (/NODE_MODULE_VERSION|different Node\.js version|did not self-register/.test(why)) {
    return `the package cap was built for another version of Node: cd ${folder} && npm rebuild cap`;
  }
  if (/cap\.node/.test(why)) {
    return `the package cap was installed without being built: ${tools} && cd ${folder} && npm rebuild cap`;
  }
  if (/Cannot find (?:package|module) 'cap'/.test(why)) {
    // A clone has a lock file; what npm installed from a package has none, and `npm ci` refuses it.
    const again = /[\\/]node_modules[\\/]/.test(home) ? 'npm install --omit=dev' : 'npm ci';
    return `live capture needs the package cap, which could not be built when smtpscope was installed: ${tools} && cd ${folder} && ${again}; or without it: ${other}`;
  }
  return `live capture needs the package cap, which does not load (${oneLine(why)}): cd ${folder} && npm rebuild cap`;
}

function openFailure(why: string, { device, also, isRoot, node }: FailureContext): LiveError {
  const list = 'smtpscope interfaces lists those that there are';
  if (/permission|not permitted/i.test(why)) {
    if (isRoot) {
      return new LiveError(
        `${device} cannot be opened although root asks (${oneLine(why)}): this container or service lacks CAP_NET_RAW; docker run --cap-add NET_RAW grants it`,
      );
    }
    return new LiveError(
      `no permission to capture on ${device}: run it with sudo, or grant it to this Node once: sudo setcap cap_net_raw+ep ${shellWord(node)}`,
    );
  }
  if (/No such device/i.test(why)) return new LiveError(`there is no interface ${device}; ${list}`, true);
  if (/not up|Network is down/i.test(why)) {
    return new LiveError(
      `the interface ${device} is down: sudo ip link set ${shellWord(device)} up; --wait waits for it`,
      true,
    );
  }
  if (/Promiscuous mode not supported/i.test(why)) {
    return new LiveError(
      `this libpcap does not open ${device} for live: name one interface (${list}), or: sudo tcpdump -i ${device} -U -s0 -w - | smtpscope -`,
    );
  }
  if (isFilterFailure(why)) {
    const words = oneLine(why.replace(/^can't parse filter expression:\s*/, ''));
    return also === null
      ? new LiveError(`libpcap does not take the filter for ${device} (${words}); name fewer --ports`)
      : new LiveError(
          `--filter '${oneLine(also)}': libpcap does not take it (${words}); man 7 pcap-filter tells its language`,
        );
  }
  if (also !== null) {
    return new LiveError(
      `${device} cannot be opened with --filter '${oneLine(also)}': ${oneLine(why)}; try it without, and see man 7 pcap-filter`,
    );
  }
  return new LiveError(`${device} cannot be opened: ${oneLine(why)}; ${list}`);
}

/** The link type has no VLAN tags, or libpcap has no words for them on it: the filter must do without. */
export function isVlanFailure(why: string): boolean {
  return /no VLAN support/i.test(why);
}

function isFilterFailure(why: string): boolean {
  return /filter expression|syntax error|unknown host|unknown port|unknown ether|expression rejects|not supported on|not implemented|only supported|too complex|out of range|illegal|invalid|aid|applied to|data size|by zero|shift by|greater than|qualifier|bits set in|bogus|malformed/i.test(
    why,
  );
}

/** The process that captured is gone: why, as far as the interface tells. */
export function goneSentence(
  device: string,
  exists: boolean | null,
  state: string,
  signal: string | null,
  status: number | null,
): LiveError {
  if (exists === false) {
    return new LiveError(
      `the interface ${device} has been deleted, renamed or moved away; --wait goes on when it is back`,
      true,
    );
  }
  if (state === 'down') {
    return new LiveError(
      `the interface ${device} went down: sudo ip link set ${shellWord(device)} up; --wait goes on when it is back`,
      true,
    );
  }
  if (signal === 'SIGABRT' || signal === 'SIGSEGV') {
    return new LiveError(`the interface ${device} went down and came back; start again, or use --wait`, true);
  }
  const how = signal === null ? `exit status ${status}` : `signal ${signal}`;
  return new LiveError(`the process that captured on ${device} has ended (${how}); start again, or use --wait`, true);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 300);
}

/** A word that a shell takes as it is. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
