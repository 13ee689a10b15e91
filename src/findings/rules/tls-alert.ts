import type { HalfFacts } from '../../reassembly/transport-facts.ts';
import type { Session } from '../../smtp/session.ts';
import type { TlsFacts } from '../../tls/observer.ts';
import { closeShows, turnShows } from '../evidence.ts';
import { type Actor, defineRule, type Evidence, NOTHING, type Remedy, rfc } from '../rule.ts';
import { isScanner, OPENSSL_NAME } from '../scanners.ts';
import {
  ALL_ALERT_CAUSES,
  type AlertMeaning,
  alertMeaning,
  hiddenAlertMeaning,
  refusedHelloMeaning,
  SEEN_CAUSES,
} from '../tls-alerts.ts';
import { CLIENT_TRUST, CURRENT_TLS, LOOK_AT_SERVER, SERVER_CERTIFICATE } from '../tls-remedies.ts';
import { alertFlight, lastFlight, secondsToEnd, type TlsScene, textOnTlsPort, tlsScene } from '../tls-scene.ts';
import { list } from '../words.ts';

interface Data {
  readonly from: 'client' | 'server';
  /** `unknown_ca`; null for an alert that is encrypted. */
  readonly description: string | null;
  /** Not even an alert: it closed. */
  readonly silent: boolean;
  /** Null where an alert was seen or is probable, and where it was broken off in the middle. */
  readonly leaving: Leaving | null;
  readonly meaning: AlertMeaning;
  /** What the certificate that went by in clear says of itself. */
  readonly seen: readonly (keyof typeof SEEN_CAUSES)[];
  /** Versions that the client offers, where the alert is about versions. */
  readonly offered: readonly string[];
}

/** Who waits that long before it closes, waits for what does not come: another finding. */
const STALL_SECONDS = 10;

const CLIENT_CERTIFICATE: readonly Remedy[] = [
  {
    applies: 'Postfix as server',
    text:
      'smtpd_tls_req_ccert = yes demands a certificate of every client; smtpd_tls_ask_ccert only asks. The authorities that it ' +
      'accepts stand in smtpd_tls_CAfile.',
    commands: ['postconf smtpd_tls_req_ccert smtpd_tls_ask_ccert smtpd_tls_CAfile', 'postconf -P | grep ccert'],
  },
  {
    applies: 'Postfix as client',
    text: 'smtp_tls_chain_files (3.4 and later) or smtp_tls_cert_file and smtp_tls_key_file: what it shows when it is asked.',
    commands: ['postconf smtp_tls_chain_files smtp_tls_cert_file smtp_tls_key_file'],
  },
  {
    applies: 'Exim',
    text: 'Server: tls_verify_hosts demands, tls_try_verify_hosts asks. Client: tls_certificate and tls_privatekey of the smtp transport.',
    commands: ['exim -bP tls_verify_hosts tls_try_verify_hosts tls_verify_certificates'],
  },
  {
    applies: 'Sendmail',
    text: 'confTLS_SRV_OPTIONS with V asks no client for a certificate; as client it shows confCLIENT_CERT and confCLIENT_KEY.',
    commands: ['grep -E "^O (TLSSrvOptions|ClientCertFile|ClientKeyFile)" /etc/mail/sendmail.cf'],
  },
];

const REMEDIES: Readonly<Record<AlertMeaning['topic'], readonly Remedy[]>> = {
  certificate: [LOOK_AT_SERVER, ...SERVER_CERTIFICATE, ...CLIENT_TRUST],
  'client-certificate': CLIENT_CERTIFICATE,
  version: [LOOK_AT_SERVER, ...CURRENT_TLS, ...SERVER_CERTIFICATE],
  name: [
    LOOK_AT_SERVER,
    {
      applies: 'the client’s side',
      text: 'Connect by a name that stands in the server’s certificate; leave ALPN away, since mail has no use for it.',
      commands: [],
    },
    {
      applies: 'Postfix as server',
      text: 'Names with certificates of their own stand in tls_server_sni_maps; a name that is not in there gets the default.',
      commands: ['postconf tls_server_sni_maps'],
    },
  ],
  broken: [
    LOOK_AT_SERVER,
    {
      applies: 'the side that gave up',
      text: 'Its log of that second has the reason in its library’s words. Postfix shows more with smtpd_tls_loglevel or smtp_tls_loglevel = 1.',
      commands: ['grep -E "TLS|SSL" /var/log/mail.log | tail -n 20'],
    },
    {
      applies: 'a firewall or load balancer between the two',
      text: 'Take TLS inspection off for this connection and try again.',
      commands: [],
    },
  ],
};

export default defineRule<Data>({
  id: 'tls-alert',
  title: 'The TLS handshake was broken off',
  severity: 'error',
  confidence: 'certain',
  actor: null,
  triggers: ['tls'],
  needs: { client: 'any', server: 'any' },
  explains: ['aborted', 'incomplete', 'idle', 'no-greeting'],
  detect(session) {
    const scene = tlsScene(session);
    if (scene === null || scene.handshake === null || isExplained(session, scene)) return NOTHING;
    const { handshake } = scene;
    const refused = refusedHello(session, scene, handshake);
    if (refused !== null) {
      const hello = scene.firstFlight.client;
      const evidence = [
        ...(hello === null ? [] : [turnShows(hello, 'the client’s TLS hello')]),
        ...closeShows(session, 'is all that answers it'),
      ];
      const meaning = refusedHelloMeaning(refused === 'reset');
      const { data, ...rest } = found(session, handshake, 'server', null, meaning, evidence);
      return [{ ...rest, data: { ...data, leaving: refused }, confidence: 'likely' }];
    }
    const fatal = handshake.alerts.find(
      ({ level, description }) => level === 'fatal' && description !== 'close_notify',
    );
    if (fatal !== undefined) {
      const flight = alertFlight(session, scene, fatal);
      const meaning = alertMeaning(fatal.description, fatal.from);
      const evidence = flight === null ? [] : [turnShows(flight, `fatal alert ${fatal.description}`)];
      return [found(session, handshake, fatal.from, fatal.description, meaning, evidence)];
    }
    const leaving = leftBehindHandshake(session, scene, handshake);
    if (leaving !== null && !isScanner(session.hello?.name ?? '')) {
      const last = lastFlight(session, 'client');
      const note = leaving === 'quit' ? 'a record as short as QUIT' : 'the last that it sent';
      const evidence = [
        ...(last === null ? [] : [turnShows(last, note)]),
        ...closeShows(session, 'and then the close'),
      ];
      const meaning = hiddenAlertMeaning('client');
      const { data, ...rest } = found(session, handshake, 'client', null, meaning, evidence);
      return [{ ...rest, data: { ...data, leaving }, ...(isLookByHand(session) ? A_LOOK : { confidence: 'likely' }) }];
    }
    const silent = handshake.probableAlertFrom === null ? closedUnsaid(session, handshake) : null;
    const from = handshake.probableAlertFrom ?? silent;
    if (from === null || session.transport.closing === 'none' || isScanner(session.hello?.name ?? '')) return NOTHING;
    const flight = lastFlight(session, from);
    const note = silent === null ? 'a record as short as an alert' : 'the last that it sent';
    const evidence = [
      ...(flight === null ? [] : [turnShows(flight, note)]),
      ...closeShows(session, 'and then the close'),
    ];
    const probable = found(session, handshake, from, null, hiddenAlertMeaning(from), evidence, silent !== null);
    // Whoever looks at the certificate of port 465, as load balancers do, leaves the same trace.
    const isWhole = handshake.established || silent !== null;
    const isLook = from === 'client' && isWhole && (scene.encryption.by === 'implicit' || isLookByHand(session));
    return [{ ...probable, ...(isLook ? A_LOOK : { confidence: 'likely' }) }];
  },
  message({ from, description, silent, leaving, meaning, seen, offered }) {
    const what = silent
      ? `The ${from} closed the connection in the middle of the TLS handshake, without an alert`
      : description === null
        ? `The ${from} probably broke off the TLS handshake: an encrypted record as short as an alert, then the close`
        : `The ${from} broke off the TLS handshake with the alert ${description}: it ${meaning.words}`;
    const facts = seen.map((fact) => SEEN_WORDS[fact]);
    if (offered.length > 0) facts.push(`the client offers ${list(offered)}`);
    const told = leaving === null ? what : LEAVING_WORDS[leaving];
    return facts.length === 0 ? told : `${told} (${list(facts)})`;
  },
  explanation: `TLS had begun, and one side ended it before anything could be sent through it. Its alert is the word of the side that gave up; whose fault it is depends on the word. A client that says unknown_ca does not trust the server’s certificate; a server that says protocol_version or handshake_failure found nothing in common with the client.

In TLS 1.3 a client’s alert may be encrypted: what shows is a record of an alert’s length and the close. Some programs close without any. Both are likely, and say nothing of the reason.

A server that agrees to STARTTLS and then closes, without a byte of TLS, is told here as well: likely, since its own log alone knows why.

Other programs look at the certificate when the handshake is done: Postfix then says QUIT instead of EHLO (“Server certificate not verified”, “not trusted”, dsn 4.7.5), msmtp closes. Behind STARTTLS that is likely too: the length of a record tells a QUIT.

Between mail servers few check certificates: a client that does was told to (verify, secure, DANE, MTA-STS), or is a mail program.`,
  falseAlarms: [
    'A script that looks at the certificate behind STARTTLS and says QUIT, or closes, without EHLO leaves the same trace. Monitors mostly say EHLO again first: not raised.',
    'close_notify, and warnings that do not end the connection, are not raised.',
    'TLS towards a port that speaks in clear, or text towards a port that speaks TLS: other findings say so.',
    'A program that only looks at the certificate and closes sends a close_notify of the same length: on port 465, and under the name by which openssl s_client goes (mail.example.com), it is a hint, and a notice.',
    'A scanner that tries versions and ciphers one by one provokes these alerts on purpose.',
  ],
  causes: (data) =>
    data === null
      ? ALL_ALERT_CAUSES
      : [...new Set([...data.seen.map((fact) => SEEN_CAUSES[fact]), ...data.meaning.causes])],
  remedies: (data) => {
    if (data !== null) return REMEDIES[data.meaning.topic];
    return [...new Set(Object.values(REMEDIES).flat())];
  },
  references: [rfc(8446, '6.2'), rfc(5246, '7.2.2'), rfc(3207, '4.1')],
});

/** Somebody looked at the certificate, and had no mail. */
const A_LOOK = { confidence: 'hint', severity: 'notice' } as const;

function isLookByHand(session: Session): boolean {
  return session.hello?.name.toLowerCase() === OPENSSL_NAME;
}

const SEEN_WORDS: Readonly<Record<keyof typeof SEEN_CAUSES, string>> = {
  expired: 'the server’s certificate was out of date',
  selfSigned: 'the server’s certificate is self-signed',
  name: 'the server’s certificate is not for the name that the client asked for',
  intermediate: 'the server sent one certificate, without its issuer’s',
};

/** How one side left without a word: the client behind a handshake that was done, the server behind the client's hello. */
type Leaving = 'quit' | 'nothing' | 'closed' | 'reset';

const REFUSES = 'it probably refuses the server’s certificate';
const LEAVING_WORDS: Readonly<Record<Leaving, string>> = {
  quit: `The client finished the TLS handshake and left at once: the only record behind it is as short as QUIT; ${REFUSES}`,
  nothing: `The client finished the TLS handshake and left at once: nothing came behind it but the close; ${REFUSES}`,
  closed: 'The server agreed to STARTTLS and answered the client’s TLS hello by closing the connection',
  reset: 'The server agreed to STARTTLS, and a reset in its name answered the client’s TLS hello',
};

const QUIT_OCTETS = 'QUIT\r\n'.length;
/** Type and tag in TLS 1.3 (RFC 8446 §5.2); nonce and tag of GCM (RFC 5288 §3), tag of ChaCha20 (RFC 7905 §2) before. */
const OVERHEAD_13 = 17;
const OVERHEAD_GCM = 24;
const OVERHEAD_CHACHA = 16;
const ALERT_13 = 2 + OVERHEAD_13;

/**
 * A client that verifies the certificate when the handshake is done, and does not like it, has nothing more to say than
 * QUIT. Behind STARTTLS alone: on port 465 health checks leave so. Null where the lengths do not tell.
 */
function leftBehindHandshake(session: Session, { encryption, clear }: TlsScene, handshake: TlsFacts): Leaving | null {
  const { established, failed, serverHello, alerts, client, server } = handshake;
  if (encryption.by !== 'starttls' || !established || failed || serverHello === null || clear !== null) return null;
  if (client.state !== 'records' || server.state !== 'records' || client.recordOpen) return null;
  if (handshake.probableAlertFrom !== null || handshake.renegotiated) return null;
  if (alerts.some(({ level }) => level === 'fatal')) return null;
  const { closing, client: sent, server: answered } = session.transport;
  if (closing === 'none' || sent.missingBytes > 0 || answered.missingBytes > 0) return null;
  const last = lastFlight(session, 'client');
  if (last === null || secondsToEnd(session, last.endTimeUs) >= STALL_SECONDS) return null;
  const { cipher, version } = serverHello;
  if (version === 'TLSv1.3') {
    if (cipher.includes('CCM_8')) return null;
    // The client's Finished is a record of application data as well.
    const finished = 4 + (cipher.endsWith('SHA384') ? 48 : 32) + OVERHEAD_13;
    const bytes = client.applicationBytes - finished;
    const records = client.applicationRecords - 1;
    if (records === 0 && bytes === 0) return closedFirst(session) ? 'nothing' : null;
    const quit = QUIT_OCTETS + OVERHEAD_13;
    return (records === 1 && bytes === quit) || (records === 2 && bytes === quit + ALERT_13) ? 'quit' : null;
  }
  if (client.applicationRecords === 0) return closedFirst(session) ? 'nothing' : null;
  const overhead = cipher.includes('CHACHA20') ? OVERHEAD_CHACHA : /_GCM_/.test(cipher) ? OVERHEAD_GCM : Number.NaN;
  return client.applicationRecords === 1 && client.applicationBytes === QUIT_OCTETS + overhead ? 'quit' : null;
}

/**
 * The server closes where its hello belongs. What the client's library says then (decode_error, of an end that it did not
 * expect) is no reason. Behind STARTTLS alone: on port 465 it is drop-before-greeting.
 */
function refusedHello(session: Session, scene: TlsScene, handshake: TlsFacts): 'closed' | 'reset' | null {
  const { closing, client, server } = session.transport;
  if (scene.encryption.by !== 'starttls' || scene.clear !== null || scene.firstFlight.server !== null) return null;
  if (handshake.clientHello === null || handshake.server.bytes > 0 || server.missingBytes > 0) return null;
  if (closing !== 'server-fin' && closing !== 'server-rst') return null;
  const hello = scene.firstFlight.client;
  const at = closedAt(server);
  if (hello === null || at < hello.timeUs || closedAt(client) < at || client.missingBytes > 0) return null;
  if ((at - hello.timeUs) / 1e6 >= STALL_SECONDS) return null;
  return closing === 'server-rst' ? 'reset' : 'closed';
}

function closedFirst(session: Session): boolean {
  return session.transport.closing === 'client-fin' || session.transport.closing === 'client-rst';
}

/** Who closed between the server's hello and the end of the handshake, and sent no alert that could be seen. */
function closedUnsaid(session: Session, handshake: TlsFacts): 'client' | 'server' | null {
  const { serverHello, established, alerts } = handshake;
  const { closing, client, server } = session.transport;
  if (serverHello === null || established || alerts.length > 0 || closing === 'none') return null;
  if (client.missingBytes > 0 || server.missingBytes > 0) return null;
  const last = session.turns.findLast(({ kind }) => kind === 'tls');
  if (last === undefined || secondsToEnd(session, last.endTimeUs) >= STALL_SECONDS) return null;
  // Behind the FIN of one side the RST of the other is only its echo.
  const own = closedAt(closing.startsWith('client') ? client : server);
  const other = closedAt(closing.startsWith('client') ? server : client);
  return own <= other === closing.startsWith('client') ? 'client' : 'server';
}

function closedAt({ fin, rst }: HalfFacts): number {
  return Math.min(fin?.us ?? Number.POSITIVE_INFINITY, rst?.us ?? Number.POSITIVE_INFINITY);
}

/** Text met TLS: that says it all. */
function isExplained(session: Session, scene: TlsScene): boolean {
  return scene.tlsOnPlainPort !== null || scene.clear?.where === 'answer' || textOnTlsPort(session) !== null;
}

function found(
  session: Session,
  handshake: TlsFacts,
  from: 'client' | 'server',
  description: string | null,
  meaning: AlertMeaning,
  evidence: readonly Evidence[],
  silent = false,
): { evidence: readonly Evidence[]; data: Data; actor?: Actor } {
  const isAboutVersion = meaning.topic === 'version' && from === 'server';
  return {
    evidence,
    data: {
      from,
      description,
      silent,
      leaving: null,
      meaning,
      seen: meaning.topic === 'certificate' ? seenFaults(session, handshake, description) : [],
      offered: isAboutVersion && handshake.clientHello !== null ? handshake.clientHello.versions : [],
    },
    ...(meaning.actor === null ? {} : { actor: meaning.actor }),
  };
}

/** Faults of the certificate that may be what the alert means. */
function seenFaults(
  session: Session,
  { chain, nameMatches }: TlsFacts,
  description: string | null,
): (keyof typeof SEEN_CAUSES)[] {
  const own = chain?.certificates[0];
  if (chain == null || own === undefined) return [];
  const faults: (keyof typeof SEEN_CAUSES)[] = [];
  if (description === 'certificate_expired') return faults;
  if (own.notAfterUs < session.start.us) faults.push('expired');
  if (own.selfSigned) faults.push('selfSigned');
  else if (chain.count === 1) faults.push('intermediate');
  if (nameMatches === false && description !== 'unknown_ca') faults.push('name');
  return faults;
}
