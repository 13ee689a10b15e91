/**
 * What earlier sessions of the run showed, as far as a rule of a later session needs it. Sessions come in the order in
 * which they end, so a session that is still open is not in here yet.
 *
 * Memory is bounded: CLIENTS clients and SERVERS servers are remembered twice over at most (see Recent), each client
 * with the last two servers that answered it and LOGINS logins; some 6 MiB when all of it is full. What is forgotten can
 * only make a finding less sure or more severe by its default, never invent one.
 */
import { type Endpoint, Fact, type Session } from '../smtp/session.ts';
import { Recent } from './recent.ts';

const CLIENTS = 4096;
const SERVERS = 4096;
const LOGINS = 8;

/** A login that succeeded. */
export interface Login {
  readonly server: Endpoint;
  readonly session: number;
  readonly startUs: number;
  readonly endUs: number;
}

interface ClientMemory {
  /**
   * The last two different servers, address and port, that completed a handshake with it: of any server that is asked
   * about, one of them is another, and the latest.
   */
  answer: Endpoint;
  answerBefore: Endpoint | null;
  logins: Login[] | null;
  /** Octets of the largest message of it that a server accepted. */
  largestMessage: number;
}

export class History {
  readonly #clients = new Recent<string, ClientMemory>(CLIENTS);
  readonly #ttls = new Recent<string, number>(SERVERS);

  /** Remembers what this session showed. To be called after `diagnose`, so that a session is not its own past. */
  see(session: Session): void {
    const { transport, facts } = session;
    const { opening } = transport;
    // Attempts that nobody answered teach nothing, and there may be millions of them.
    if (opening !== 'complete' && opening !== 'half-open' && opening !== 'not-captured') return;
    const { server } = session;
    const { ttl } = transport.server;
    if (ttl >= 0 && this.#ttls.get(server.address) !== ttl) this.#ttls.set(server.address, ttl);
    const client = this.#answered(session.client.address, server);
    if ((facts & Fact.authCommand) !== 0) rememberLogin(client, session);
    if ((facts & Fact.message) !== 0) rememberMessages(client, session);
  }

  /** A server other than `server` (another address, or another of its ports) that answered this client; else null. */
  answeredElsewhere(client: string, server: Endpoint): Endpoint | null {
    const memory = this.#clients.get(client);
    if (memory === undefined) return null;
    return isSame(memory.answer, server) ? memory.answerBefore : memory.answer;
  }

  /** A login of this client, in another session, that was open at the same time; else null. */
  loginDuring(client: string, startUs: number, endUs: number): Login | null {
    return (
      this.#clients.get(client)?.logins?.findLast((login) => login.startUs <= endUs && login.endUs >= startUs) ?? null
    );
  }

  /** The latest successful login of this client anywhere; else null. */
  lastLogin(client: string): Login | null {
    return this.#clients.get(client)?.logins?.at(-1) ?? null;
  }

  /** Octets of the largest message of this client that a server accepted; 0 when none was seen. */
  largestMessage(client: string): number {
    return this.#clients.get(client)?.largestMessage ?? 0;
  }

  /** TTL (hop limit) of the packets that this server sent in answered connections; -1 when not seen. */
  serverTtl(address: string): number {
    return this.#ttls.get(address) ?? -1;
  }

  #answered(address: string, server: Endpoint): ClientMemory {
    let client = this.#clients.get(address);
    if (client === undefined) {
      client = { answer: server, answerBefore: null, logins: null, largestMessage: 0 };
      this.#clients.set(address, client);
    } else if (!isSame(client.answer, server)) {
      client.answerBefore = client.answer;
      client.answer = server;
    }
    return client;
  }
}

function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address === b.address;
}

function rememberLogin(client: ClientMemory, session: Session): void {
  if (!session.authentication.some((attempt) => attempt.outcome === 'accepted')) return;
  client.logins ??= [];
  client.logins.push({
    server: session.server,
    session: session.id,
    startUs: session.start.us,
    endUs: session.end.us,
  });
  if (client.logins.length > LOGINS) client.logins.shift();
}

function rememberMessages(client: ClientMemory, session: Session): void {
  const { transactions } = session;
  for (let i = 0; i < transactions.length; i++) {
    const message = transactions[i]?.message ?? null;
    if (message !== null && message.bytes > client.largestMessage && isPositive(message.code)) {
      client.largestMessage = message.bytes;
    }
  }
}

function isPositive(code: number | null): boolean {
  return code !== null && code >= 200 && code < 300;
}
