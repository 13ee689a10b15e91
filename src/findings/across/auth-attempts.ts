/**
 * Refused logins over the whole run, by client network and by user. Two rules read it: guessing from outside, and one
 * device that keeps an old password.
 *
 * Only a refused login opens an entry; an accepted one is looked at only where its client is remembered.
 */
import { type AuthAttempt, Fact, type Session } from '../../smtp/session.ts';
import { Recent } from '../recent.ts';
import { MOST_SESSIONS, type SessionKeys } from './collector.ts';
import { KeyFilter } from './filter.ts';
import { networkOf } from './networks.ts';

/** Client networks, users and pairs of user and client, each twice over at most. */
const NETWORKS = 512;
const USERS = 2048;
const DEVICES = 1024;
/** Clients and users of one network, clients of one user; more are not told apart. */
const NAMES = 64;
/** Sessions of one device. */
const TRIES = 32;

/** Refusals from one network in this time that are guessing. */
const MANY = 20;
const WINDOW_US = 600e6;
/** Clients of one user that are too many for one person. */
export const MANY_CLIENTS = 5;

/** Refusals of one client before a login of its own that make it a guess: people mistype once or twice. */
const GUESSES = 3;

/** A login that was accepted after so many refusals of the same client. */
export interface Success {
  readonly user: string | null;
  readonly client: string;
  readonly session: number;
}

interface Guesses {
  refusals: number;
  /** Client to its refusals. */
  readonly clients: Map<string, number>;
  readonly users: Set<string>;
  readonly sessions: Set<number>;
  firstUs: number;
  lastUs: number;
  success: Success | null;
}

export interface NetworkGuesses extends Guesses {
  readonly network: string;
  /** Times of the last refusals, MANY at most: a ring. */
  readonly times: number[];
  next: number;
  /** MANY of them came within WINDOW_US. */
  isMany: boolean;
}

export interface UserGuesses extends Guesses {
  readonly user: string;
}

/** One user at one client. */
export interface Device {
  readonly user: string;
  readonly client: string;
  readonly server: string;
  readonly tries: { readonly session: number; readonly startUs: number }[];
  refusals: number;
  /** A login was accepted, or came from the same session as another user's: it is no such device. */
  isOther: boolean;
}

export class AuthAttempts {
  readonly networks = new Recent<string, NetworkGuesses>(NETWORKS);
  readonly users = new Recent<string, UserGuesses>(USERS);
  readonly devices = new Recent<string, Device>(DEVICES);

  /** Hashes of clients with a refusal: what others do is not looked at. */
  readonly #clients = new KeyFilter();

  see(session: Session, { client }: SessionKeys): void {
    // Behind a hole a reply may belong to another command.
    if ((session.facts & Fact.gap) !== 0) return;
    const isRefused = (session.facts & Fact.authRefused) !== 0;
    if (!isRefused && !this.#clients.mayHave(client)) return;
    for (const attempt of session.authentication) {
      if (isGuess(attempt)) {
        this.#clients.add(client, () => []);
        this.#refused(session, attempt);
      } else if (attempt.outcome === 'accepted') this.#accepted(session, attempt);
    }
  }

  #refused(session: Session, attempt: AuthAttempt): void {
    const { address } = session.client;
    const timeUs = attempt.reply?.timeUs ?? session.end.us;
    const network = networkOf(address);
    let guesses = this.networks.get(network);
    if (guesses === undefined) {
      guesses = { ...noGuesses(timeUs), network, times: [], next: 0, isMany: false };
      this.networks.set(network, guesses);
    }
    note(guesses, session.id, address, attempt.identity, timeUs);
    const oldest = guesses.times[guesses.next];
    guesses.times[guesses.next] = timeUs;
    guesses.next = (guesses.next + 1) % (MANY - 1);
    if (oldest !== undefined && timeUs - oldest <= WINDOW_US) guesses.isMany = true;
    const user = attempt.identity;
    if (user === null || user === '') return;
    let ofUser = this.users.get(user);
    if (ofUser === undefined) {
      ofUser = { ...noGuesses(timeUs), user };
      this.users.set(user, ofUser);
    }
    note(ofUser, session.id, address, user, timeUs);
    this.#device(session, user);
  }

  #device(session: Session, user: string): void {
    const { address } = session.client;
    const key = deviceKey(address, user);
    let device = this.devices.get(key);
    if (device === undefined) {
      device = { user, client: address, server: session.server.address, tries: [], refusals: 0, isOther: false };
      this.devices.set(key, device);
    }
    device.refusals++;
    if (session.server.address !== device.server) device.isOther = true;
    if (device.tries.at(-1)?.session === session.id) return;
    if (session.authentication.some(({ identity }) => identity !== user)) device.isOther = true;
    if (device.tries.length < TRIES) device.tries.push({ session: session.id, startUs: session.start.us });
  }

  #accepted(session: Session, { identity }: AuthAttempt): void {
    const { address } = session.client;
    const success: Success = { user: identity, client: address, session: session.id };
    const guesses = this.networks.get(networkOf(address));
    if ((guesses?.clients.get(address) ?? 0) >= GUESSES && guesses !== undefined) guesses.success ??= success;
    if (identity === null) return;
    const ofUser = this.users.get(identity);
    if ((ofUser?.clients.get(address) ?? 0) >= GUESSES && ofUser !== undefined) ofUser.success ??= success;
    const device = this.devices.get(deviceKey(address, identity));
    if (device !== undefined) device.isOther = true;
  }
}

/** 535: the server says that user and password do not fit. Other refusals tell a guesser nothing. */
function isGuess({ outcome, code }: AuthAttempt): boolean {
  return outcome === 'rejected' && code === 535;
}

function noGuesses(timeUs: number): Guesses {
  return {
    refusals: 0,
    clients: new Map(),
    users: new Set(),
    sessions: new Set(),
    firstUs: timeUs,
    lastUs: timeUs,
    success: null,
  };
}

function note(guesses: Guesses, session: number, client: string, user: string | null, timeUs: number): void {
  guesses.refusals++;
  if (timeUs < guesses.firstUs) guesses.firstUs = timeUs;
  if (timeUs > guesses.lastUs) guesses.lastUs = timeUs;
  const ofClient = guesses.clients.get(client);
  if (ofClient !== undefined || guesses.clients.size < NAMES) guesses.clients.set(client, (ofClient ?? 0) + 1);
  if (user !== null && guesses.users.size < NAMES) guesses.users.add(user);
  if (guesses.sessions.size < MOST_SESSIONS) guesses.sessions.add(session);
}

function deviceKey(client: string, user: string): string {
  return `${client} ${user}`;
}
