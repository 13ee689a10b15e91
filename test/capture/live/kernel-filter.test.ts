import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isClosed, kernelFilter } from '../../../src/capture/live/kernel-filter.ts';
import { ethernet, tcpPacket } from '../../support/packet-bytes.ts';
import { pcapFile } from '../../support/pcap-bytes.ts';
import { needs } from '../../support/requirements.ts';

const FRAGMENTS = '(ip[6:2] & 0x1fff != 0 and ip[9] = 6) or (ip6[6] = 44 and ip6[40] = 6)';
const ERRORS = 'icmp[0] = 3 or icmp[0] = 11 or (icmp6 and ip6[40] < 4)';

describe('the filter for the kernel', () => {
  it('has the ports, fragments and ICMP errors', () => {
    expect(kernelFilter({ ports: [25, 587], also: null, vlan: false })).toBe(
      `tcp port 25 or tcp port 587 or ${FRAGMENTS} or ${ERRORS}`,
    );
    expect(kernelFilter({ ports: 'any', also: null, vlan: false })).toBe(`tcp or ${FRAGMENTS} or ${ERRORS}`);
  });

  it('holds the user’s expression against TCP and fragments, and not against errors of third hosts', () => {
    expect(kernelFilter({ ports: [25], also: 'host a or host b', vlan: false })).toBe(
      `((tcp port 25 or ${FRAGMENTS}) and (host a or host b)) or ${ERRORS}`,
    );
  });

  it('says it once more for each depth of tags, since `vlan` moves the offsets behind it', () => {
    const plain = kernelFilter({ ports: [25], also: null, vlan: false });
    expect(kernelFilter({ ports: [25], also: null, vlan: true })).toBe(
      `${plain} or (vlan and (${plain})) or (vlan and (${plain}))`,
    );
  });

  it('puts what the user says of tags before the ports, so that it holds for them', () => {
    expect(kernelFilter({ ports: [25], also: 'vlan 5 and host a', vlan: true })).toBe(
      `((vlan 5 and host a) and (tcp port 25 or ${FRAGMENTS})) or ${ERRORS}`,
    );
    for (const also of ['not vlan', 'host a and !(vlan 5)']) {
      expect(kernelFilter({ ports: [25], also, vlan: true })).toBe(
        `${ERRORS} or ((tcp port 25 or ${FRAGMENTS}) and (${also}))`,
      );
    }
  });

  it('is not taken apart by parentheses that the user does not close', () => {
    for (const whole of ['', 'tcp', '(tcp) or ((udp))']) expect(isClosed(whole)).toBe(true);
    for (const broken of ['tcp) or (udp', '(tcp', 'tcp)']) expect(isClosed(broken)).toBe(false);
  });

  it.for([
    ['Ethernet', 'EN10MB', true],
    ['raw IP', 'RAW', false],
    ['cooked', 'LINUX_SLL', false],
  ] as const)('is understood by libpcap: %s', ([, linkType, vlan], context) => {
    needs(context, 'tcpdump');
    const filter = kernelFilter({ ports: [24, 25, 465, 587, 2525], also: 'host 192.0.2.1', vlan });
    const { status, stderr } = compile(linkType, filter);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('the filter for a pipe in docs/live.md', () => {
  const docs = readFileSync(fileURLToPath(new URL('../../../docs/live.md', import.meta.url)), 'utf8');
  const [, plain = '', whole = ''] = /^P='(.*)'\n.* -w - "(.*)" \| smtpscope -$/m.exec(docs) ?? [];
  const filter = whole.replaceAll('$P', plain);

  it('is that of live', () => {
    expect(filter).toBe(kernelFilter({ ports: [25, 587], also: null, vlan: true }));
  });

  it('passes tagged frames, later fragments and errors, and nothing else', (context) => {
    needs(context, 'tcpdump');
    const frames = [25, 80].flatMap((port) => {
      const packet = tcpPacket({ src: '192.0.2.7', dst: '192.0.2.25', sport: 40_000, dport: port, payload: TEXT });
      return [0, 1, 2].map((tags) => tagged(packet, tags));
    });
    const other = (protocol: number, first: number, tags: number): Buffer => {
      const packet = tcpPacket({ src: '192.0.2.7', dst: '192.0.2.25', sport: 40_000, dport: 25, payload: TEXT });
      packet.writeUInt8(protocol, 9);
      packet.writeUInt8(first, 20);
      return tagged(packet, tags);
    };
    const fragment = (tags: number): Buffer => {
      const packet = tcpPacket({ src: '192.0.2.7', dst: '192.0.2.25', sport: 1, dport: 2, payload: TEXT });
      packet.writeUInt16BE(100, 6);
      return tagged(packet, tags);
    };
    const [icmp, udp, unreachable, echo] = [1, 17, 3, 8];
    frames.push(fragment(0), fragment(1), other(icmp, unreachable, 0), other(icmp, unreachable, 2));
    frames.push(other(icmp, echo, 0), other(udp, 0, 0), other(udp, 0, 1));
    const { stdout } = spawnSync('tcpdump', ['-n', '-t', '-r', '-', '-w', '-', filter], {
      input: pcapFile(frames.map((data, i) => ({ data, timeUs: i * 1_000_000 }))),
    });
    expect(secondsIn(stdout)).toEqual([0, 1, 2, 6, 7, 8, 9]);
  });
});

const TEXT = Buffer.from('EHLO client.example\r\n');

function tagged(packet: Buffer, tags: number): Buffer {
  return ethernet(packet, { vlans: Array(tags).fill({ tpid: 0x8100, id: 5 }) });
}

/** The seconds of the packets of a classic pcap. */
function secondsIn(pcap: Buffer): number[] {
  const seconds: number[] = [];
  for (let at = 24; at < pcap.length; at += 16 + pcap.readUInt32LE(at + 8)) seconds.push(pcap.readUInt32LE(at));
  return seconds;
}

function compile(linkType: string, filter: string): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync('tcpdump', ['-d', '-y', linkType, '-s', '65535', filter], { encoding: 'utf8' });
  return { status, stderr: stderr.replace(/^Warning: .*\n/gm, '') };
}
