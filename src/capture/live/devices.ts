/**
 * The interfaces of this machine, without libpcap and without a privilege. What Linux says in /proc and /sys is the
 * source; elsewhere only what Node knows.
 */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

export interface Device {
  readonly name: string;
  /** Addresses with their prefix lengths. */
  readonly addresses: readonly string[];
  /** LINKTYPE_ value of its packets; null when unknown. */
  readonly linkType: number | null;
  /** What it is beside that, or instead: `loopback`; null for the usual, and when nothing is known. */
  readonly kind: string | null;
  readonly state: 'up' | 'no carrier' | 'down' | 'unknown';
  /** Frames on it may have VLAN tags. */
  readonly ethernet: boolean;
}

/** Every interface, as the system orders them. */
export function listDevices(): Device[] {
  const known = networkInterfaces();
  const names = namesInProc() ?? Object.keys(known);
  return names.map((name) => ({
    name,
    addresses: (known[name] ?? []).flatMap(({ cidr, address }) => [cidr ?? address]),
    ...linkOf(readSys(name, 'type')),
    state: stateOf(name),
    ethernet: isEthernet(name),
  }));
}

/** Whether there is an interface of that name; null where this system does not tell. */
export function deviceExists(name: string): boolean | null {
  if (name === 'any') return true;
  const names = namesInProc();
  return names === null ? null : names.includes(name);
}

export function stateOf(name: string): Device['state'] {
  if (name === 'any') return 'up';
  const flags = readSys(name, 'flags');
  if (flags === null) return 'unknown';
  if ((Number(flags) & IFF_UP) === 0) return 'down';
  return readSys(name, 'carrier') === '0' ? 'no carrier' : 'up';
}

/** Whether its packets have Ethernet headers; unknown counts as yes, and the kernel filter tells. */
export function isEthernet(name: string): boolean {
  if (name === 'any') return false;
  const type = readSys(name, 'type');
  return type === null || type === ARPHRD_ETHER || type === ARPHRD_LOOPBACK;
}

/** The interface of the default route, IPv4 before IPv6, the lowest metric first; null where there is none. */
export function defaultRouteDevice(): string | null {
  return defaultRoute4(readText('/proc/net/route')) ?? defaultRoute6(readText('/proc/net/ipv6_route'));
}

const IFF_UP = 1;
const RTF_UP = 0x1;
const RTF_REJECT = 0x200;
const ARPHRD_ETHER = '1';
const ARPHRD_LOOPBACK = '772';

/** `Iface Destination Gateway Flags RefCnt Use Metric Mask …`, numbers in hexadecimal but the metric. */
export function defaultRoute4(table: string | null): string | null {
  return lowest(
    (table ?? '')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, destination, , flags, , , , mask]) => destination === ZERO_4 && mask === ZERO_4 && isUsable(flags))
      .map(([name = '', , , , , , metric]) => ({ name, metric: Number(metric) })),
  );
}

/** `destination prefix source prefix gateway metric refcount use flags name`, all in hexadecimal. */
export function defaultRoute6(table: string | null): string | null {
  return lowest(
    (table ?? '')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(
        ([to, prefix, , , , , , , flags, name]) => to === ZERO_6 && prefix === '00' && isUsable(flags) && name !== 'lo',
      )
      .map(([, , , , , metric, , , , name = '']) => ({ name, metric: Number.parseInt(metric ?? '', 16) })),
  );
}

const ZERO_4 = '00000000';
const ZERO_6 = '0'.repeat(32);

function isUsable(flags: string | undefined): boolean {
  const value = Number.parseInt(flags ?? '', 16);
  return (value & RTF_UP) !== 0 && (value & RTF_REJECT) === 0;
}

function lowest(routes: readonly { name: string; metric: number }[]): string | null {
  let best: { name: string; metric: number } | null = null;
  for (const route of routes) if (best === null || route.metric < best.metric) best = route;
  return best === null || best.name === '' ? null : best.name;
}

const ETHERNET = 1;
const RAW = 101;
const IEEE802_11 = 105;
const LINUX_SLL = 113;
const IEEE802_11_RADIOTAP = 127;

/** ARPHRD numbers of include/uapi/linux/if_arp.h, as libpcap maps them to link types. */
const LINKS: Readonly<Record<string, readonly [linkType: number | null, kind: string | null]>> = {
  [ARPHRD_ETHER]: [ETHERNET, null],
  [ARPHRD_LOOPBACK]: [ETHERNET, 'loopback'],
  '512': [LINUX_SLL, 'PPP'],
  '65534': [RAW, null],
  '768': [RAW, 'IP in IP tunnel'],
  '769': [RAW, 'IPv6 tunnel'],
  '776': [RAW, 'IPv6 in IPv4 tunnel'],
  '778': [RAW, 'GRE tunnel'],
  '519': [RAW, null],
  '32': [null, 'InfiniBand'],
  '801': [IEEE802_11, null],
  '803': [IEEE802_11_RADIOTAP, null],
};

/** By the hardware type that the system gives; null when it gives none. */
export function linkOf(hardwareType: string | null): Pick<Device, 'linkType' | 'kind'> {
  if (hardwareType === null) return { linkType: null, kind: null };
  const [linkType, kind] = LINKS[hardwareType] ?? [null, `hardware type ${hardwareType}`];
  return { linkType, kind };
}

function namesInProc(): string[] | null {
  const table = readText('/proc/net/dev');
  if (table === null) return null;
  return table
    .split('\n')
    .slice(2)
    .flatMap((line) => /^\s*([^\s:]+(?::[^\s:]+)*):/.exec(line)?.[1] ?? []);
}

function readSys(name: string, file: string): string | null {
  return /[/\0]|^\.\.?$/.test(name) ? null : (readText(`/sys/class/net/${name}/${file}`)?.trim() ?? null);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
