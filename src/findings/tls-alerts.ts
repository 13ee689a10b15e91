/**
 * What a fatal alert says (RFC 8446 §6.2, RFC 5246 §7.2.2), what usually lies behind it, and who has to act: by its name
 * and by who sent it. An alert is the word of the side that gives up; the fault is often with the other.
 */
import type { Actor } from './rule.ts';

type Side = 'client' | 'server';

/** What has to be changed: it chooses the remedies. */
export type AlertTopic = 'certificate' | 'client-certificate' | 'version' | 'name' | 'broken';

export interface AlertMeaning {
  /** What the sender says by it, behind “it”. */
  readonly words: string;
  readonly topic: AlertTopic;
  readonly actor: Actor | null;
  /** Likeliest first. */
  readonly causes: readonly string[];
}

const CAUSE = {
  selfSigned:
    'The server’s certificate is self-signed, or from an authority of its own house that the client does not know.',
  intermediate:
    'The server sends its own certificate without the intermediate ones: the client cannot find the way to an authority it knows.',
  oldList:
    'The client’s list of authorities is missing, too old, or not named in its settings (Postfix: smtp_tls_CAfile is empty).',
  inspection:
    'A firewall or antivirus program on the path takes TLS apart and shows a certificate of its own, which the client does not trust.',
  expired:
    'The server’s certificate has run out, or the renewed one was not loaded: a mail server reads it at its start or reload.',
  clock: 'The client’s clock is wrong.',
  name: 'The certificate is not for the name by which the client connected (an alias, an address, the provider’s own name).',
  revoked: 'The authority has revoked the server’s certificate.',
  weak: 'Key or signature of the certificate are too weak for the client: RSA below 2048 bits, SHA-1.',
  kind: 'The certificate is of a kind that the client does not take: another purpose, another type of key.',
  policy:
    'A rule of the side that refused: certificate pinning, DANE records that do not fit, a policy against this peer.',
  noCertificate: 'The server wants a certificate of the client, and the client has none or sent none.',
  clientUntrusted:
    'The client’s certificate is from an authority that the server does not know, has run out, or is for another purpose.',
  versionClient:
    'The client is too old for the server: its newest version is older than the oldest that the server takes.',
  versionServer: 'The server is too old for the client, which no longer takes TLS 1.0 and 1.1.',
  ciphers: 'They have no cipher suite in common: one side is old, or its list was cut too short by a setting.',
  groups: 'They have no key exchange group or signature algorithm in common.',
  keyType:
    'The server’s certificate has a key that the client’s cipher suites do not allow for (ECDSA for a client that takes RSA alone), ' +
    'or the server has no usable certificate at all.',
  dh: 'The server’s Diffie–Hellman parameters are too small for the client (1024 bits).',
  sni: 'The server knows nothing of the name that the client asked for (SNI), and insists on one that it knows.',
  alpn: 'The client asks for an application protocol (ALPN) that the server does not have; mail servers have none, so another service answered.',
  key: 'The server cannot use its key: it does not fit the certificate, cannot be read, or its hardware module does not answer.',
  cannot:
    'The server offers STARTTLS and cannot do it: its certificate or key cannot be read or does not fit, or the process died over it. Its log of that second says so.',
  local: 'Something inside the side that gave up: memory, a library, a setting. Its log says what.',
  device:
    'A device on the path (firewall, load balancer, inspection) changes or cuts the handshake, or speaks in the server’s place.',
  bug: 'The two programs do not agree on the protocol: an old or faulty library on one side.',
  plain: 'The other side does not speak TLS here: what it sent was taken for a record.',
  fallback:
    'The client tried an older version after a first failure; the server sees that it could do better and refuses the detour.',
  user: 'A person, or the program’s own time limit, stopped the handshake.',
} as const;

const SERVER_CERTIFICATE_CAUSES = [
  CAUSE.name,
  CAUSE.selfSigned,
  CAUSE.intermediate,
  CAUSE.weak,
  CAUSE.inspection,
  CAUSE.policy,
];
const CLIENT_CERTIFICATE_CAUSES = [CAUSE.clientUntrusted, CAUSE.noCertificate, CAUSE.policy];

type Row = Readonly<Partial<Record<Side, AlertMeaning>>> & { readonly any?: AlertMeaning };

const ofServersCertificate = (words: string, causes: readonly string[], actor: Actor = 'server'): AlertMeaning => ({
  words,
  topic: 'certificate',
  actor,
  causes,
});
const ofClientsCertificate = (words: string, causes: readonly string[]): AlertMeaning => ({
  words,
  topic: 'client-certificate',
  actor: 'client',
  causes,
});
const broken = (words: string, causes: readonly string[], actor: Actor | null = null): AlertMeaning => ({
  words,
  topic: 'broken',
  actor,
  causes,
});

const TABLE: Readonly<Record<string, Row>> = {
  unknown_ca: {
    client: ofServersCertificate('does not know who issued the server’s certificate', [
      CAUSE.selfSigned,
      CAUSE.intermediate,
      CAUSE.oldList,
      CAUSE.inspection,
    ]),
    server: ofClientsCertificate('does not know who issued the client’s certificate', CLIENT_CERTIFICATE_CAUSES),
  },
  certificate_expired: {
    client: ofServersCertificate('takes the server’s certificate for out of date', [
      CAUSE.expired,
      CAUSE.clock,
      CAUSE.inspection,
    ]),
    server: ofClientsCertificate('takes the client’s certificate for out of date', [
      CAUSE.clientUntrusted,
      CAUSE.clock,
    ]),
  },
  certificate_revoked: {
    client: ofServersCertificate('finds the server’s certificate revoked', [CAUSE.revoked, CAUSE.inspection]),
    server: ofClientsCertificate('finds the client’s certificate revoked', [CAUSE.clientUntrusted]),
  },
  bad_certificate: {
    client: ofServersCertificate('does not accept the server’s certificate', SERVER_CERTIFICATE_CAUSES),
    server: ofClientsCertificate('does not accept the client’s certificate, or got none', CLIENT_CERTIFICATE_CAUSES),
  },
  certificate_unknown: {
    client: ofServersCertificate('does not accept the server’s certificate', SERVER_CERTIFICATE_CAUSES),
    server: ofClientsCertificate('does not accept the client’s certificate', CLIENT_CERTIFICATE_CAUSES),
  },
  unsupported_certificate: {
    client: ofServersCertificate('cannot use a certificate of that kind', [CAUSE.kind, CAUSE.weak]),
    server: ofClientsCertificate('cannot use a client certificate of that kind', [CAUSE.clientUntrusted, CAUSE.kind]),
  },
  certificate_required: {
    any: ofClientsCertificate('demands a certificate of the client and got none', [CAUSE.noCertificate, CAUSE.policy]),
  },
  no_certificate: { any: ofClientsCertificate('has no certificate to show', [CAUSE.noCertificate]) },
  bad_certificate_status_response: {
    any: ofServersCertificate('does not accept the OCSP answer sent with the certificate', [
      CAUSE.revoked,
      CAUSE.local,
    ]),
  },
  protocol_version: {
    client: {
      words: 'does not take the version of TLS that the server chose',
      topic: 'version',
      actor: 'server',
      causes: [CAUSE.versionServer, CAUSE.plain, CAUSE.device],
    },
    server: {
      words: 'does not take any version of TLS that the client offers',
      topic: 'version',
      actor: 'client',
      causes: [CAUSE.versionClient, CAUSE.versionServer, CAUSE.plain],
    },
  },
  handshake_failure: {
    client: {
      words: 'cannot agree to what the server chose',
      topic: 'version',
      actor: 'server',
      causes: [CAUSE.dh, CAUSE.ciphers, CAUSE.groups, CAUSE.device],
    },
    server: {
      words: 'finds nothing among the client’s ciphers, groups and signatures that it can use',
      topic: 'version',
      actor: null,
      causes: [CAUSE.ciphers, CAUSE.keyType, CAUSE.groups, CAUSE.noCertificate],
    },
  },
  insufficient_security: {
    any: {
      words: 'demands stronger ciphers than the other side has',
      topic: 'version',
      actor: null,
      causes: [CAUSE.ciphers, CAUSE.dh, CAUSE.weak],
    },
  },
  inappropriate_fallback: {
    any: {
      words: 'was offered an older version than both could do',
      topic: 'version',
      actor: 'client',
      causes: [CAUSE.fallback, CAUSE.device],
    },
  },
  export_restriction: {
    any: {
      words: 'is bound to weak ciphers of the export years',
      topic: 'version',
      actor: null,
      causes: [CAUSE.ciphers],
    },
  },
  unrecognized_name: {
    any: {
      words: 'does not know the host name that the client asked for',
      topic: 'name',
      actor: null,
      causes: [CAUSE.sni, CAUSE.name],
    },
  },
  no_application_protocol: {
    any: {
      words: 'has none of the application protocols that the client offers',
      topic: 'name',
      actor: 'client',
      causes: [CAUSE.alpn],
    },
  },
  access_denied: { any: broken('refuses this peer by its rules', [CAUSE.policy, CAUSE.clientUntrusted]) },
  decrypt_error: {
    any: broken('found a signature or check value that does not fit', [CAUSE.key, CAUSE.device, CAUSE.bug]),
  },
  bad_record_mac: { any: broken('found a record that was changed on the way', [CAUSE.device, CAUSE.bug]) },
  decode_error: { any: broken('could not read a message of the other side', [CAUSE.device, CAUSE.plain, CAUSE.bug]) },
  record_overflow: { any: broken('got a record that is too long', [CAUSE.plain, CAUSE.device, CAUSE.bug]) },
  unexpected_message: {
    any: broken('got a message that does not belong there', [CAUSE.plain, CAUSE.device, CAUSE.bug]),
  },
  illegal_parameter: { any: broken('got a value that is not allowed', [CAUSE.groups, CAUSE.device, CAUSE.bug]) },
  missing_extension: { any: broken('misses an extension that it needs', [CAUSE.bug, CAUSE.device]) },
  unsupported_extension: { any: broken('got an extension that it had not asked for', [CAUSE.bug, CAUSE.device]) },
  internal_error: {
    client: broken('failed for a reason of its own', [CAUSE.local, CAUSE.bug], 'client'),
    server: broken('failed for a reason of its own', [CAUSE.key, CAUSE.local, CAUSE.bug], 'server'),
  },
  user_canceled: { any: broken('was stopped by its user', [CAUSE.user]) },
};

const UNKNOWN: AlertMeaning = broken('gives no reason in a known word', [CAUSE.device, CAUSE.bug, CAUSE.local]);

export function alertMeaning(description: string, from: Side): AlertMeaning {
  const row = Object.hasOwn(TABLE, description) ? TABLE[description] : undefined;
  return row?.[from] ?? row?.any ?? UNKNOWN;
}

/** What an alert that cannot be read may have said, by who sent it. */
export function hiddenAlertMeaning(from: Side): AlertMeaning {
  return from === 'client'
    ? ofServersCertificate('refuses what the server showed, most often its certificate', [
        CAUSE.selfSigned,
        CAUSE.name,
        CAUSE.intermediate,
        CAUSE.expired,
        CAUSE.oldList,
        CAUSE.inspection,
      ])
    : ofClientsCertificate('refuses the client, most often for its certificate', [
        CAUSE.noCertificate,
        CAUSE.clientUntrusted,
        CAUSE.policy,
      ]);
}

/** What a close in place of the server's hello means; a reset is more often that of a device. */
export function refusedHelloMeaning(isReset: boolean): AlertMeaning {
  const causes = isReset ? [CAUSE.device, CAUSE.cannot, CAUSE.policy] : [CAUSE.cannot, CAUSE.device, CAUSE.policy];
  return broken('answers the client’s hello with nothing but the close', causes, 'server');
}

/** Every cause once, for `explain`. */
export const ALL_ALERT_CAUSES: readonly string[] = Object.values(CAUSE);
/** What a certificate that was seen says by itself: it comes first. */
export const SEEN_CAUSES = {
  expired: CAUSE.expired,
  selfSigned: CAUSE.selfSigned,
  name: CAUSE.name,
  intermediate: CAUSE.intermediate,
};
