/** Sessions with what single packets show: counters that no dialogue text can give. */
import type { OddHalf } from '../../../../src/findings/across/packet-oddities.ts';
import type { Session } from '../../../../src/smtp/session.ts';
import { talk } from '../../support/dialogue.ts';

/** A healthy session whose packets show this. */
export function odd(id: number, client: OddHalf, server: OddHalf = {}): Session {
  const session = talk('S: 220 mx.example\nC: QUIT\nS: 221 bye', { id });
  const { transport } = session;
  return {
    ...session,
    transport: { ...transport, client: { ...transport.client, ...client }, server: { ...transport.server, ...server } },
  };
}
