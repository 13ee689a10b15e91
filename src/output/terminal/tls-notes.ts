/** What is said beside the flights of a TLS connection: what its handshake showed from outside, and where it broke off. */
import type { Encryption, Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { counted } from './layout.ts';

type Handshake = NonNullable<Encryption['handshake']>;
type Chain = NonNullable<Handshake['chain']>;

const NONE: readonly string[] = [];

/** Notes for this flight, the first for its own line; names in them come from the wire. */
export function tlsNotes(session: Session, turn: Turn): readonly string[] {
  const { encryption } = session;
  if (encryption === null) return NONE;
  const { turns } = session;
  const isFirst = turns.find(({ kind, from }) => kind === 'tls' && from === turn.from) === turn;
  const isLast = turns.findLast(({ kind }) => kind === 'tls') === turn;
  const { handshake } = encryption;
  if (handshake === undefined) return isFirst && turn.from === 'client' ? summary(encryption) : NONE;
  const notes: string[] = [];
  if (isFirst) notes.push(...(turn.from === 'client' ? helloNotes(handshake) : answerNotes(handshake)));
  if (handshake.alerts.length > 0 || handshake[turn.from].notTls !== null) {
    const first = turns.find(({ kind, from }) => kind === 'tls' && from === turn.from) as Turn;
    notes.push(...eventNotes(handshake, turn, turn.offset - first.offset));
  }
  if (isLast) notes.push(...endNotes(session, encryption, handshake));
  return notes;
}

/** What is left to say where nothing but the outcome is known. */
function summary({ version, cipher, serverName, alert }: Encryption): string[] {
  const known = [version, cipher, serverName].filter((part) => part !== null);
  if (alert !== null) known.push(`alert from the ${alert.from}: ${alert.level} ${alert.description}`);
  return known.length === 0 ? [] : [known.join(', ')];
}

function helloNotes({ clientHello }: Handshake): string[] {
  if (clientHello === null) return [];
  const { versions, cipherSuiteCount, serverName, alpn, records, sizeBytes, ja3, ja4 } = clientHello;
  const parts = [
    `offers ${versions.join(', ')}`,
    counted(cipherSuiteCount, 'cipher suite'),
    serverName === null ? 'names no host' : `for ${serverName}`,
  ];
  if (alpn.length > 0) parts.push(`ALPN ${alpn.join(', ')}`);
  if (records > 1) parts.push(`${counted(sizeBytes, 'byte')} in ${counted(records, 'record')}`);
  return [parts.join('; '), ...(ja3 === null || ja4 === null ? [] : [`JA4 ${ja4}, JA3 ${ja3}`])];
}

function answerNotes({
  serverHello,
  helloRetried,
  resumed,
  chain,
  nameMatches,
  clientCertificate,
}: Handshake): string[] {
  const notes: string[] = [];
  if (serverHello !== null) {
    const { version, cipher, group, dhBits } = serverHello;
    const parts = [version, cipher];
    if (group !== null) parts.push(group);
    if (dhBits !== null) parts.push(`Diffie–Hellman with ${dhBits} bits`);
    if (helloRetried) parts.push('after asking for another hello');
    if (resumed) parts.push('resumed, without certificates');
    notes.push(parts.join(', '));
  } else if (helloRetried) notes.push('asks for another hello');
  if (chain !== null) notes.push(...chainNotes(chain, nameMatches));
  if (clientCertificate !== 'not-asked') {
    const answer = { asked: '', sent: ': one was sent', 'none-sent': ': none was sent' }[clientCertificate];
    notes.push(`asks for a certificate of the client${answer}`);
  }
  return notes;
}

function chainNotes({ certificates, count, ordered }: Chain, nameMatches: boolean | null): string[] {
  const [own] = certificates;
  if (own === undefined)
    return [count === 0 ? 'no certificate' : `${counted(count, 'certificate')}, none of them readable`];
  const { subject, issuer, names, keyType, keyBits, curve, signatureAlgorithm, selfSigned, notBeforeUs, notAfterUs } =
    own;
  const key = [keyType, curve ?? (keyBits === null ? null : `${keyBits} bits`)]
    .filter((part) => part !== null)
    .join(' ');
  const shown = names.slice(0, 4).join(', ') + (names.length > 4 ? ` and ${names.length - 4} more` : '');
  const parts = [
    `certificate ${subject === '' ? 'without a subject' : subject}${shown === '' ? '' : ` for ${shown}`}`,
    selfSigned ? 'self-signed' : `issued by ${issuer === '' ? 'nobody named' : issuer}`,
    `${day(notBeforeUs)} to ${day(notAfterUs)}`,
    `${key}${signatureAlgorithm === null ? '' : `, ${signatureAlgorithm}`}`,
  ];
  if (nameMatches === false) parts.push('not for the name asked for');
  if (count > 1) parts.push(`${counted(count, 'certificate')}${ordered ? '' : ' in the wrong order'}`);
  return [parts.join('; ')];
}

/** Alerts in clear, and what is no TLS, on the flight that holds them; `start` is where it begins in its TLS stream. */
function eventNotes(handshake: Handshake, turn: Turn, start: number): string[] {
  const holds = (offset: number): boolean => offset >= start && offset < start + turn.bytes;
  const notes = handshake.alerts
    .filter(({ from, offset }) => from === turn.from && holds(offset))
    .map(({ level, description }) => `${level} alert ${description}`);
  const { notTls, notTlsAt } = handshake[turn.from];
  if (notTls !== null && holds(notTlsAt)) notes.push(`no TLS from byte ${notTlsAt - start} on`);
  return notes;
}

const STAGES: Readonly<Record<Handshake['stage'], string>> = {
  nothing: 'no hello was seen whole',
  'client-hello': 'the handshake stopped behind the client’s hello',
  'hello-retry': 'the handshake stopped where the server asked for another hello',
  'server-hello': 'the handshake stopped inside the server’s flight',
  'server-flight': 'the handshake stopped behind the server’s flight',
  'client-flight': 'the handshake stopped behind the client’s second flight',
  established: '',
};

function endNotes(session: Session, encryption: Encryption, handshake: Handshake): string[] {
  const { client, server, probableAlertFrom, lastAlert, renegotiated } = handshake;
  const notes: string[] = [];
  if (probableAlertFrom !== null) notes.push(`probably an alert of the ${probableAlertFrom}, encrypted`);
  if (encryption.outcome === 'failed' && handshake.stage !== 'established') notes.push(STAGES[handshake.stage]);
  if (renegotiated) notes.push('renegotiated');
  const isWhole = client.state === 'records' && server.state === 'records';
  if (encryption.outcome === 'established' && session.endCaptured && isWhole) {
    const without = (['client', 'server'] as const).filter((side) => lastAlert[side] === 'none');
    if (without.length > 0)
      notes.push(`no close_notify from ${without.length > 1 ? 'either side' : `the ${without[0]}`}`);
  }
  return notes;
}

function day(us: number): string {
  return Number.isNaN(us) ? 'an unknown day' : new Date(us / 1000).toISOString().slice(0, 10);
}
