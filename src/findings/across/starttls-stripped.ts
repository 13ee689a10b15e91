/**
 * `starttls-stripped` over several sessions: a server that offers STARTTLS did not offer it in some of them. Two captures
 * of one connection that differ prove it; everything less is a comparison with other sessions: likely when the same
 * client had the offer before, or when the keyword was written over; else a hint, since a server may offer TLS to some
 * clients only, or may just have been set up for it.
 */
import { Fact, type Session } from '../../smtp/session.ts';
import { type Reach, reachOf } from '../addresses.ts';
import { turnShows } from '../evidence.ts';
import { Recent } from '../recent.ts';
import { CONFIDENCES, type Confidence, type Evidence, type RuleText } from '../rule.ts';
import starttlsStripped from '../rules/starttls-stripped.ts';
import { count } from '../words.ts';
import { type Collector, crossFinding, type SessionKeys, type ToldFinding } from './collector.ts';

/** Servers (address and port), twice over at most. */
const SERVERS = 1024;
/** Clients of a server that are known to have got the offer. */
const CLIENTS = 16;
/** Sessions of a server without the offer; later ones are counted. */
const LACKS = 32;
/** Connections of the last that offered it, for a run with several captures. */
const CONNECTIONS = 1024;
/** Findings; the surest first. */
const MOST = 20;

interface Data {
  readonly server: string;
  /** Sessions without the offer. */
  readonly lacking: number;
  readonly masked: string | null;
  readonly client: string;
  readonly session: number;
  readonly offered: number;
  readonly proof: Proof;
}

/** What the offer is compared with: the same connection elsewhere, the same client, other clients. */
type Proof = 'connection' | 'client' | 'others';

const INSPECTION =
  'A firewall on the path inspects SMTP and removes what it cannot read: Cisco PIX and ASA (inspect esmtp), others likewise.';
const SHIELD = 'A mail shield of an antivirus program on the client stands in between.';
const ATTACK = 'Somebody on the path removes it in order to read the mail.';
const SERVER = 'The server itself: several machines behind one address, or rules that hide STARTTLS from some clients.';

/** The rule’s own words, but for what several sessions show. */
const STRIPPED: RuleText<Data> = {
  ...starttlsStripped,
  message: ({ server, lacking, masked, client, session, offered, proof }) =>
    proof === 'connection'
      ? `Two captures of one connection of ${client} with ${server} differ: the server offered STARTTLS (session ${offered}), ` +
        `and what came at the other end ${masked === null ? 'lacks it' : `says ${masked} in its place`} (session ${session})`
      : `${server} offered STARTTLS ${proof === 'client' ? `to ${client} in session ${offered}` : `to another client in session ${offered}`}, ` +
        `but ${masked === null ? 'not' : `${masked} in its place`} to ${proof === 'client' ? 'the same client' : client} in session ${session}` +
        `${lacking === 1 ? '' : `; it was missing in ${count(lacking, 'session')}`}`,
  causes: (data) =>
    data?.proof === 'others' ? [SERVER, INSPECTION, SHIELD, ATTACK] : [INSPECTION, SHIELD, ATTACK, SERVER],
  remedies: () => starttlsStripped.remedies(null),
};

interface Lack {
  readonly session: number;
  readonly capture: number;
  readonly client: string;
  readonly clientPort: number;
  readonly reach: Reach;
  readonly startUs: number;
  readonly masked: string | null;
  readonly evidence: Evidence;
}

/** That one client had the offer: in which session first, and from when to when. */
interface Offer {
  readonly client: string;
  readonly session: number;
  readonly reach: Reach;
  readonly firstUs: number;
  lastUs: number;
}

interface Server {
  readonly address: string;
  readonly name: string;
  /** By the client’s hash. */
  readonly offers: Map<number, Offer>;
  readonly lacks: Lack[];
  lacking: number;
}

interface Connection {
  readonly session: number;
  readonly capture: number;
  readonly client: string;
  readonly clientPort: number;
  readonly server: string;
}

export function collectStarttlsStripped(): Collector {
  const servers = new Recent<number, Server>(SERVERS);
  /** The last offering connections; only kept up once a second capture is read, or while the first is short. */
  const connections: Connection[] = [];
  let next = 0;

  /** Null for another server of the same hash. */
  function serverOf({ server: { address, port } }: Session, keys: SessionKeys): Server | null {
    const key = Math.imul(keys.server, 31) + port;
    let server = servers.get(key);
    if (server !== undefined && server.address !== address) return null;
    if (server === undefined) {
      server = { address, name: `${address} port ${port}`, offers: new Map(), lacks: [], lacking: 0 };
      servers.set(key, server);
    }
    return server;
  }

  function offered(session: Session, server: Server, key: number): void {
    const { address, port } = session.client;
    const { offers, name } = server;
    const startUs = session.start.us;
    const known = offers.get(key);
    if (known !== undefined) known.lastUs = startUs;
    else if (offers.size < CLIENTS) {
      offers.set(key, {
        client: address,
        session: session.id,
        reach: reachOf(address),
        firstUs: startUs,
        lastUs: startUs,
      });
    }
    if (connections.length >= CONNECTIONS && session.capture === 0) return;
    const one = { session: session.id, capture: session.capture, client: address, clientPort: port, server: name };
    if (connections.length < CONNECTIONS) connections.push(one);
    else {
      connections[next] = one;
      next = (next + 1) % CONNECTIONS;
    }
  }

  function lacked(session: Session, server: Server): void {
    if (session.hello?.verb === 'HELO') return;
    server.lacking++;
    // Enough is known of this server.
    if (server.lacks.length >= LACKS) return;
    const [offer] = session.offers;
    if (offer === undefined || !offer.complete) {
      server.lacking--;
      return;
    }
    const lack: Lack = {
      session: session.id,
      capture: session.capture,
      client: session.client.address,
      clientPort: session.client.port,
      reach: reachOf(session.client.address),
      startUs: session.start.us,
      masked: maskedIn(offer.extensions.keys()),
      evidence: turnShows(offer.reply, 'the offer without STARTTLS'),
    };
    server.lacks.push(lack);
  }

  return {
    on: Fact.ehloAccepted,
    see(session, _findings, keys) {
      const { facts } = session;
      const isOffered = (facts & Fact.startTlsOffered) !== 0;
      // After TLS the offer is gone by right; with a hole in it the reply proves nothing.
      if (!isOffered && (facts & (Fact.tls | Fact.startTlsCommand | Fact.gap | Fact.midStream)) !== 0) return;
      const server = serverOf(session, keys);
      if (server === null) return;
      if (isOffered) offered(session, server, keys.client);
      else lacked(session, server);
    },
    finish() {
      return [...servers.values()]
        .flatMap((server) => {
          const told = judge(server, connections);
          return told === null ? [] : [told];
        })
        .sort((a, b) => CONFIDENCES.indexOf(a.confidence) - CONFIDENCES.indexOf(b.confidence))
        .slice(0, MOST);
    },
  };
}

function judge(server: Server, connections: readonly Connection[]): ToldFinding | null {
  const { name, lacks, offers, lacking } = server;
  let best: { lack: Lack; offered: number; proof: Proof; confidence: Confidence } | null = null;
  const take = (lack: Lack, offered: number, proof: Proof, confidence: Confidence) => {
    if (best === null || CONFIDENCES.indexOf(confidence) < CONFIDENCES.indexOf(best.confidence)) {
      best = { lack, offered, proof, confidence };
    }
  };
  const lastOfferUs = Math.max(...[...offers.values()].map(({ lastUs }) => lastUs));
  for (const lack of lacks) {
    const twin = connections.find((one) => isTwin(one, lack, name));
    if (twin !== undefined) take(lack, twin.session, 'connection', 'certain');
    const own = [...offers.values()].find(({ client }) => client === lack.client);
    if (own !== undefined) {
      // It vanished and stayed away, and the others still have it or lost it too; what comes and goes is several machines
      // behind one address.
      const isGone =
        own.lastUs < lack.startUs && !lacks.some((one) => one.client !== lack.client && one.startUs < lastOfferUs);
      take(lack, own.session, 'client', lack.masked !== null || isGone ? 'likely' : 'hint');
    }
    for (const { client, session, reach } of offers.values()) {
      if (client === lack.client || reach !== lack.reach) continue;
      take(lack, session, 'others', lack.masked === null ? 'hint' : 'likely');
    }
  }
  if (best === null) return null;
  const { lack, offered, proof, confidence } = best as {
    lack: Lack;
    offered: number;
    proof: Proof;
    confidence: Confidence;
  };
  return crossFinding(STRIPPED, {
    data: { server: name, lacking, masked: lack.masked, client: lack.client, session: lack.session, offered, proof },
    sessions: [lack.session, offered, ...lacks.map(({ session }) => session)],
    // A turn is counted in its session: of several, only the frame says which.
    evidence: [{ ...lack.evidence, turn: null }],
    confidence,
    ...(confidence === 'hint' ? { severity: 'warning' as const } : {}),
    ...(proof === 'others' && lack.masked === null ? { actor: 'server' as const } : {}),
  });
}

/** The same two ends and ports, seen by another capture of the run. */
function isTwin(one: Connection, lack: Lack, server: string): boolean {
  return (
    one.capture !== lack.capture &&
    one.clientPort === lack.clientPort &&
    one.client === lack.client &&
    one.server === server
  );
}

/** A keyword that a firewall wrote over: `XXXXXXXA` is STARTTLS, letter for letter. */
function maskedIn(keywords: Iterable<string>): string | null {
  for (const keyword of keywords) if (/^X{7}[A-Z]$/.test(keyword)) return keyword;
  return null;
}
