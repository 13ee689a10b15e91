/** `interfaces`: what can be watched. Needs no privilege and no libpcap. */
import { type Device, defaultRouteDevice, listDevices } from '../../capture/live/devices.ts';
import { printable } from '../../output/printable.ts';
import { LINKTYPE_LINUX_SLL, linkTypeWords } from '../../wire/link-types.ts';
import { standardOutput } from '../sink.ts';

export function runInterfaces(): void {
  const output = standardOutput();
  output.write(interfacesText(listDevices(), defaultRouteDevice()));
  output.commit();
}

/** A table: name, state, link type, addresses; the one that `live` takes by itself is marked. */
export function interfacesText(devices: readonly Device[], preferred: string | null): string {
  const rows = [
    ...devices.map((device) => ({
      name: printable(device.name),
      state: device.state,
      link: linkWords(device),
      addresses: [...device.addresses, ...(device.name === preferred ? ['(default route)'] : [])],
    })),
    {
      name: 'any',
      state: 'up',
      link: linkTypeWords(LINKTYPE_LINUX_SLL),
      addresses: ['(all of them; not with libpcap 1.10.5 and newer)'],
    },
  ];
  const names = Math.max(...rows.map(({ name }) => name.length));
  const states = Math.max(...rows.map(({ state }) => state.length));
  const links = Math.max(...rows.map(({ link }) => link.length));
  return rows
    .map(({ name, state, link, addresses }) =>
      `${name.padEnd(names)}  ${state.padEnd(states)}  ${link.padEnd(links)}  ${addresses.join(' ')}`.trimEnd(),
    )
    .join('\n')
    .concat('\n');
}

/** The link type in the words of a run that watches the interface, and what it is beside that. */
function linkWords({ linkType, kind }: Device): string {
  if (linkType === null) return kind ?? 'unknown';
  return `${linkTypeWords(linkType)}${kind === null ? '' : ` (${kind})`}`;
}
