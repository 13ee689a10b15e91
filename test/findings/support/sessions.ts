/**
 * Sessions made by hand, for connections that carry no dialogue and for facts that no dialogue text can show
 * (unanswered SYNs, ICMP errors, holes, conflicting bytes).
 */
import type { Conflict, HalfFacts, TransportFacts } from '../../../src/reassembly/transport-facts.ts';
import { Fact, type FactName, type Session } from '../../../src/smtp/session.ts';

export const START_US = 1_700_000_000_000_000;

export function at(seconds: number): { us: number; nanos: number } {
  return { us: START_US + Math.round(seconds * 1e6), nanos: 0 };
}

export function half(facts: Partial<HalfFacts> = {}): HalfFacts {
  return {
    packets: 0,
    bytes: 0,
    retransmissions: 0,
    missingBytes: 0,
    truncatedBytes: 0,
    conflicts: [] as Conflict[],
    conflictCount: 0,
    ackedBytes: -1,
    finFrame: 0,
    fin: null,
    rstFrame: 0,
    rst: null,
    firstPayload: null,
    firstPayloadFrame: 0,
    lastPayload: null,
    ttl: -1,
    rstTtl: -1,
    lastIpId: -1,
    rstIpId: -1,
    rstIsExact: false,
    rstAhead: 0,
    dataSegments: 0,
    largestSegment: 0,
    duplicates: 0,
    selectiveAcks: 0,
    mostRepeated: null,
    retransmissionKinds: null,
    zeroWindow: null,
    ...facts,
  };
}

export function transport(facts: Partial<TransportFacts> = {}): TransportFacts {
  return {
    opening: 'complete',
    closing: 'none',
    roundTripSeconds: 0.01,
    client: half(),
    server: half(),
    synCount: 1,
    synAckCount: 1,
    firstSyn: at(0),
    lastSyn: at(0),
    synFrame: 1,
    lastSynFrame: 1,
    synAck: at(0.01),
    established: at(0.01),
    establishedFrame: 3,
    closed: null,
    closedFrame: 0,
    icmp: null,
    clientWindowScale: -1,
    clientMss: -1,
    serverWindowScale: -1,
    serverMss: -1,
    clientSackPermitted: false,
    serverSackPermitted: false,
    rolesInferred: false,
    ...facts,
  };
}

/** A session without a dialogue, from its transport facts and the names of its facts. */
export function bare(
  facts: readonly FactName[],
  transportFacts: Partial<TransportFacts>,
  rest: Partial<Session> = {},
): Session {
  return {
    id: 1,
    capture: 0,
    client: { address: '198.51.100.7', port: 40000 },
    server: { address: '192.0.2.25', port: 25 },
    start: at(0),
    end: at(0.01),
    timeDigits: 6,
    frames: { first: 1, last: 3, count: 3 },
    transport: transport(transportFacts),
    service: 'silent',
    facts: facts.reduce((mask, name) => mask | Fact[name], 0),
    signs: 0xffff,
    turns: [],
    greeting: null,
    hello: null,
    exchanges: [],
    offers: [],
    authentication: [],
    encryption: null,
    transactions: [],
    anomalies: [],
    outcome: 'not-connected',
    ended: true,
    startCaptured: true,
    endCaptured: true,
    quietSeconds: 60,
    portsReused: false,
    turnedAt: -1,
    ...rest,
  };
}
