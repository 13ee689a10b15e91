import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isClosed, kernelFilter } from '../../../src/capture/live/kernel-filter.ts';
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

function compile(linkType: string, filter: string): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync('tcpdump', ['-d', '-y', linkType, '-s', '65535', filter], { encoding: 'utf8' });
  return { status, stderr: stderr.replace(/^Warning: .*\n/gm, '') };
}
