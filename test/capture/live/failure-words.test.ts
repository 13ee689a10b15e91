import { describe, expect, it } from 'vitest';
import { failureSentence, goneSentence, isVlanFailure, shellWord } from '../../../src/capture/live/failure-words.ts';

const context = {
  device: 'eth0',
  also: null,
  isRoot: false,
  home: '/opt/smtpscope',
  node: '/usr/bin/node',
  platform: 'linux',
};
const open = (why: string, more: object = {}): string =>
  failureSentence({ event: 'failed', stage: 'open', why }, { ...context, ...more }).message;
const load = (why: string): string => failureSentence({ event: 'failed', stage: 'load', why }, context).message;

describe('what libpcap says becomes what to do', () => {
  it.each([
    [
      "eth0: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)",
      {},
      /^no permission to capture on eth0: .*sudo setcap cap_net_raw\+ep \/usr\/bin\/node$/,
    ],
    ['socket: Operation not permitted', { isRoot: true }, /--cap-add NET_RAW/],
    ['SIOCGIFHWADDR: No such device', {}, /^there is no interface eth0; smtpscope interfaces/],
    ['eth0: That device is not up', {}, /^the interface eth0 is down: sudo ip link set eth0 up/],
    ['Promiscuous mode not supported on the "any" device', { device: 'any' }, /name one interface .*tcpdump -i any/],
    [
      "can't parse filter expression: syntax error",
      { also: 'host and' },
      /^--filter 'host and': .*\(syntax error\); man 7/,
    ],
    ["unknown host 'nowhere'", { also: 'host nowhere' }, /^--filter 'host nowhere': /],
    [
      'data size must be 1, 2, or 4',
      { also: 'ip[0:5]' },
      /^--filter 'ip\[0:5\]': libpcap does not take it \(data size/,
    ],
    ['something new', {}, /^eth0 cannot be opened: something new; /],
    ['something new', { also: 'ip' }, /^eth0 cannot be opened with --filter 'ip': something new; .*man 7 pcap-filter$/],
  ])('%s', (why, more, sentence) => {
    expect(open(why, more)).toMatch(sentence);
    expect(open(why, more)).not.toContain('\n');
  });

  it('only what may pass is waited for', () => {
    const passing = (why: string): boolean => failureSentence({ event: 'failed', stage: 'open', why }, context).passing;
    expect(passing('No such device exists')).toBe(true);
    expect(passing('That device is not up')).toBe(true);
    expect(passing('Operation not permitted')).toBe(false);
    expect(passing('syntax error')).toBe(false);
  });

  it('a link without VLAN tags is told from a bad filter', () => {
    expect(isVlanFailure('no VLAN support for Raw IP')).toBe(true);
    expect(isVlanFailure('syntax error')).toBe(false);
  });
});

describe('why cap does not load becomes the command that mends it', () => {
  it.each([
    [
      "Cannot find package 'cap' imported from /opt/smtpscope/dist/capture/live/child.js",
      /could not be built .*libpcap-dev && cd \/opt\/smtpscope && npm ci/,
    ],
    [
      "Cannot find module '../build/Release/cap.node'\nRequire stack:\n- x",
      /without being built: .* && cd \/opt\/smtpscope && npm rebuild cap$/,
    ],
    ['libpcap.so.0.8: cannot open shared object file: No such file or directory', /apt-get install -y libpcap0\.8/],
    [
      'The module was compiled against a different Node.js version using NODE_MODULE_VERSION 115.',
      /another version of Node: .* npm rebuild cap$/,
    ],
    ['odd', /does not load \(odd\): /],
  ])('%s', (why, sentence) => {
    expect(load(why)).toMatch(sentence);
    expect(load(why)).not.toContain('\n');
  });
});

it('a package that npm installed has no lock file to install by', () => {
  const sentence = failureSentence(
    { event: 'failed', stage: 'load', why: "Cannot find package 'cap' imported from x" },
    { ...context, home: '/usr/lib/node_modules/smtpscope' },
  ).message;
  expect(sentence).toMatch(/cd \/usr\/lib\/node_modules\/smtpscope && npm install --omit=dev; or/);
});

describe('why the capturing process ended', () => {
  it.each([
    [false, 'unknown', 'SIGABRT', /deleted, renamed or moved away/],
    [true, 'down', 'SIGABRT', /went down: sudo ip link set eth0 up/],
    [true, 'up', 'SIGABRT', /went down and came back/],
    [true, 'up', 'SIGKILL', /has ended \(signal SIGKILL\)/],
    [null, 'unknown', null, /has ended \(exit status 7\)/],
  ] as const)('exists %s, %s, %s', (exists, state, signal, sentence) => {
    expect(goneSentence('eth0', exists, state, signal, 7).message).toMatch(sentence);
  });
});

it('a word for the shell is quoted where it must be', () => {
  expect(shellWord('/usr/bin/node')).toBe('/usr/bin/node');
  expect(shellWord("a b'c")).toBe("'a b'\\''c'");
});
