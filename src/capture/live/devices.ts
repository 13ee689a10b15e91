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
  /** What its packets begin with, in words; null when unknown. */
  readonly link: string | null;
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
    link: linkOf(name),
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

/** ARPHRD numbers of include/uapi/linux/if_arp.h, as libpcap maps them to link types. */
const LINKS: Readonly<Record<string, string>> = {
  '1': 'Ethernet',
  '772': 'Ethernet (loopback)',
  '512': 'PPP (cooked)',
  '65534': 'raw IP',
  '768': 'raw IP (IP in IP tunnel)',
  '769': 'raw IP (IPv6 tunnel)',
  '776': 'raw IP (IPv6 in IPv4 tunnel)',
  '778': 'raw IP (GRE tunnel)',
  '519': 'raw IP',
  '32': 'InfiniBand',
  '801': '802.11',
  '803': '802.11 with radiotap',
};

function linkOf(name: string): string | null {
  const type = readSys(name, 'type');
  return type === null ? null : (LINKS[type] ?? `hardware type ${type}`);
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
