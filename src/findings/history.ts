/**
 * What earlier sessions of the run showed, as far as a rule of a later session needs it. Sessions come in the order in
 * which they end, so a session that is still open is not in here yet.
 *
 * Memory is bounded: CLIENTS clients and SERVERS servers are remembered twice over at most (see Recent), each client
 * with ANSWERS servers that answered it and LOGINS logins; some 8 MiB when all of it is full. What is forgotten can
 * only make a finding less sure or more severe by its default, never invent one.
 */
import { type Endpoint, Fact, type Session } from '../smtp/session.ts';

const CLIENTS = 4096;
const SERVERS = 4096;
const ANSWERS = 4;
const LOGINS = 8;

/** A login that succeeded. */
export interface Login {
  readonly server: Endpoint;
  readonly session: number;
  readonly startUs: number;
  readonly endUs: number;
}

interface ClientMemory {
  /** Different servers, address and port, that completed a handshake with it; the latest last. */
  answers: Endpoint[];
  logins: Login[];
  /** Octets of the largest message of it that a server accepted. */
  largestMessage: number;
}

/**
 * A map that forgets: when the young half is full it becomes the old half, and the old half is dropped. A key that is
 * asked for comes back into the young half. Nothing is ever searched for the oldest key.
 */
class Recent<Value> {
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): Value | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#limit && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}

export class History {
  readonly #clients = new Recent<ClientMemory>(CLIENTS);
  readonly #ttls = new Recent<number>(SERVERS);

  /** Remembers what this session showed. To be called after `diagnose`, so that a session is not its own past. */
  see(session: Session): void {
    const { opening } = session.transport;
    // Attempts that nobody answered teach nothing, and there may be millions of them.
    if (opening !== 'complete' && opening !== 'half-open' && opening !== 'not-captured') return;
    if (session.transport.server.ttl >= 0) this.#rememberTtl(session.server.address, session.transport.server.ttl);
    const client = this.#client(session.client.address);
    remember(client.answers, session.server);
    if ((session.facts & Fact.authCommand) !== 0 && session.authentication.some((a) => a.outcome === 'accepted')) {
      client.logins.push({
        server: session.server,
        session: session.id,
        startUs: session.start.us,
        endUs: session.end.us,
      });
      if (client.logins.length > LOGINS) client.logins.shift();
    }
    if ((session.facts & Fact.message) !== 0) {
      for (const { message } of session.transactions) {
        if (message !== null && isPositive(message.code) && message.bytes > client.largestMessage) {
          client.largestMessage = message.bytes;
        }
      }
    }
  }

  /** A server other than `server` (another address, or another of its ports) that answered this client; else null. */
  answeredElsewhere(client: string, server: Endpoint): Endpoint | null {
    const answers = this.#clients.get(client)?.answers;
    return answers?.findLast((a) => a.address !== server.address || a.port !== server.port) ?? null;
  }

  /** A login of this client, in another session, that was open at the same time; else null. */
  loginDuring(client: string, startUs: number, endUs: number): Login | null {
    const logins = this.#clients.get(client)?.logins;
    return logins?.findLast((login) => login.startUs <= endUs && login.endUs >= startUs) ?? null;
  }

  /** The latest successful login of this client anywhere; else null. */
  lastLogin(client: string): Login | null {
    return this.#clients.get(client)?.logins.at(-1) ?? null;
  }

  /** Octets of the largest message of this client that a server accepted; 0 when none was seen. */
  largestMessage(client: string): number {
    return this.#clients.get(client)?.largestMessage ?? 0;
  }

  /** TTL (hop limit) of the packets that this server sent in answered connections; -1 when not seen. */
  serverTtl(address: string): number {
    return this.#ttls.get(address) ?? -1;
  }

  #rememberTtl(address: string, ttl: number): void {
    if (this.#ttls.get(address) !== ttl) this.#ttls.set(address, ttl);
  }

  #client(address: string): ClientMemory {
    let client = this.#clients.get(address);
    if (client === undefined) {
      client = { answers: [], logins: [], largestMessage: 0 };
      this.#clients.set(address, client);
    }
    return client;
  }
}

function remember(answers: Endpoint[], server: Endpoint): void {
  const known = answers.findIndex((a) => a.address === server.address && a.port === server.port);
  if (known === answers.length - 1 && known >= 0) return;
  if (known >= 0) answers.splice(known, 1);
  answers.push(server);
  if (answers.length > ANSWERS) answers.shift();
}

function isPositive(code: number | null): boolean {
  return code !== null && code >= 200 && code < 300;
}
