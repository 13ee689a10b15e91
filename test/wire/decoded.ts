import { formatAddress } from '../../src/wire/addresses.ts';
import { decodeFrame, type FrameKind, FrameView, watchPorts } from '../../src/wire/frame.ts';

export interface Decoded {
  kind: FrameKind;
  view: FrameView;
  source: string;
  destination: string;
  /** Captured payload as Latin-1. */
  payload: string;
}

/** Decodes one frame that stands in the middle of a buffer full of other bytes; ports 25 and 587 are watched. */
export function decode(
  frame: Buffer,
  linkType = 1,
  originalLength = frame.length,
  ports = watchPorts([25, 587]),
): Decoded {
  const around = Buffer.alloc(64, 0xee);
  const bytes = Buffer.concat([around, frame, around]);
  const start = around.length;
  const view = new FrameView(ports);
  const kind = decodeFrame(bytes, start, start + frame.length, linkType, originalLength, view);
  return { kind, view, ...texts(bytes, view) };
}

export function texts(bytes: Buffer, view: FrameView): Pick<Decoded, 'source' | 'destination' | 'payload'> {
  return {
    source: formatAddress(view.ipVersion, view.source0, view.source1, view.source2, view.source3),
    destination: formatAddress(
      view.ipVersion,
      view.destination0,
      view.destination1,
      view.destination2,
      view.destination3,
    ),
    payload: bytes.toString('latin1', view.payloadStart, view.payloadEnd),
  };
}
