/** Sessions with what single packets show: counters that no dialogue text can give. */
import type { HalfFacts } from '../../../../src/reassembly/transport-facts.ts';
import type { Session } from '../../../../src/smtp/session.ts';
import { halfFacts } from '../../../support/half-facts.ts';
import { talk } from '../../support/dialogue.ts';

type Half = Partial<HalfFacts>;

/** The MSS that both sides announce. */
export const MSS = 1460;

/** A healthy session whose packets show this. */
export function odd(id: number, client: Half, server: Half = {}): Session {
  const session = talk('S: 220 mx.example\nC: QUIT\nS: 221 bye', { id });
  const { transport } = session;
  return {
    ...session,
    transport: {
      ...transport,
      clientMss: MSS,
      serverMss: MSS,
      client: { ...halfFacts(transport.client), ...client },
      server: { ...halfFacts(transport.server), ...server },
    },
  };
}
