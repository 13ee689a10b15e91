/** The four ends of a connection as one text, the same for both directions. */
import { formatAddress } from '../../wire/addresses.ts';
import type { FrameView } from '../../wire/frame-view.ts';

interface End {
  readonly address: string;
  readonly port: number;
}

export function keyOfConnection({ client, server }: { readonly client: End; readonly server: End }): string {
  return connectionKey(client.address, client.port, server.address, server.port);
}

/** Of the segment in the view. */
export function keyOfSegment(view: FrameView): string {
  const { ipVersion: v, sourcePort, destinationPort } = view;
  const source = formatAddress(v, view.source0, view.source1, view.source2, view.source3);
  const target = formatAddress(v, view.destination0, view.destination1, view.destination2, view.destination3);
  return connectionKey(source, sourcePort, target, destinationPort);
}

/** Of the connection that an ICMP error is about. */
export function keyOfQuoted(view: FrameView): string {
  const { ipVersion: v, embeddedSourcePort: port, embeddedDestinationPort: otherPort } = view;
  const source = formatAddress(
    v,
    view.embeddedSource0,
    view.embeddedSource1,
    view.embeddedSource2,
    view.embeddedSource3,
  );
  const target = formatAddress(
    v,
    view.embeddedDestination0,
    view.embeddedDestination1,
    view.embeddedDestination2,
    view.embeddedDestination3,
  );
  return connectionKey(source, port, target, otherPort);
}

function connectionKey(address: string, port: number, otherAddress: string, otherPort: number): string {
  const one = `${address} ${port}`;
  const other = `${otherAddress} ${otherPort}`;
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}
