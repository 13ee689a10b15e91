import type { Session } from '../../smtp/session.ts';
import type { Certificate, ServerHello, TlsFacts } from '../../tls/observer.ts';
import { turnShows } from '../evidence.ts';
import { isCapturedWhole } from '../gate.ts';
import { type Detection, defineRule, NOTHING, postconf, rfc, type Severity } from '../rule.ts';
import { CURRENT_TLS, LOOK_AT_SERVER, SERVER_CERTIFICATE } from '../tls-remedies.ts';
import { tlsScene } from '../tls-scene.ts';
import { list } from '../words.ts';

type Fault =
  | 'version'
  | 'anonymous'
  | 'export'
  | 'rc4'
  | 'no-encryption'
  | 'old-cipher'
  | 'no-forward-secrecy'
  | 'small-dh'
  | 'expired'
  | 'not-yet-valid'
  | 'small-key'
  | 'weak-signature';

interface Data {
  readonly version: string;
  readonly cipher: string;
  readonly faults: readonly Fault[];
  readonly dhBits: number | null;
  readonly certificate: {
    readonly subject: string;
    readonly notBefore: string;
    readonly notAfter: string;
    readonly keyBits: number | null;
    readonly signatureAlgorithm: string | null;
  } | null;
  readonly isSubmission: boolean;
}

/** Ports on which clients check certificates, since people’s passwords go there. */
const SUBMISSION_PORTS: ReadonlySet<number> = new Set([465, 587, 2525]);
/** Faults of the connection itself, for which a warning is given whatever the port. */
const WARNED: ReadonlySet<Fault> = new Set(['version', 'anonymous', 'export', 'rc4', 'no-encryption']);
/** Faults that the other side may have refused in an alert. */
const DATED: ReadonlySet<Fault> = new Set(['expired', 'not-yet-valid']);
const DOUBTED: Pick<Detection<Data>, 'confidence' | 'doubts'> = {
  confidence: 'hint',
  doubts: ['an alert that refuses the certificate may lie in what was not captured'],
};
const OLD_VERSIONS: ReadonlySet<string> = new Set(['SSLv2', 'SSLv3', 'TLSv1.0', 'TLSv1.1']);
const WEAK_SIGNATURE = /^(?:md2|md5|sha1)With|with-SHA1$/;

const CAUSE = {
  serverOld:
    'The server runs an old system or library, or its settings keep old versions and ciphers for the sake of old clients.',
  clientOld: 'The client is old and can do no better: a printer, an old mail program, an old Java or .NET.',
  anonymous:
    'Postfix clients that use TLS when it is offered (level may) put anonymous ciphers first, since they check no certificate anyway; ' +
    'up to TLS 1.2 a Postfix server takes them (smtpd_tls_exclude_ciphers does not hold aNULL).',
  noCertificate: 'The server has no certificate at all (Postfix: smtpd_tls_cert_file = none).',
  order: 'The server lets the client choose, and the client’s first choice is an old one.',
  renewal: 'The certificate was not renewed, or it was renewed on disk and the mail server was not reloaded.',
  forgotten: 'A self-made certificate of years ago that nobody looked at again: between mail servers nobody complains.',
  clock: 'The clock of the machine that captured is wrong.',
} as const;

export default defineRule<Data>({
  id: 'tls-version-or-cipher',
  title: 'TLS of an old make was used',
  severity: 'notice',
  confidence: 'certain',
  actor: null,
  triggers: ['tls'],
  needs: { client: 'any', server: 'any' },
  explains: [],
  detect(session) {
    const scene = tlsScene(session);
    const hello = scene?.handshake?.serverHello;
    if (scene === null || scene.handshake === null || hello == null) return NOTHING;
    const own = scene.handshake.chain?.certificates[0];
    const faults = [
      ...faultsOfHello(hello, scene.handshake),
      ...(own === undefined ? [] : faultsOfCertificate(own, session, isRefusedForDate(scene.handshake))),
    ];
    if (faults.length === 0) return NOTHING;
    const isSubmission = SUBMISSION_PORTS.has(session.server.port);
    const flight = scene.firstFlight.server;
    return [
      {
        evidence: flight === null ? [] : [turnShows(flight, `${hello.version}, ${hello.cipher}`)],
        data: {
          version: hello.version,
          cipher: hello.cipher,
          faults,
          dhBits: hello.dhBits,
          certificate: own === undefined ? null : describe(own),
          isSubmission,
        },
        ...severityOf(faults, isSubmission),
        // Where the other side refused it for this, that is the finding.
        ...(faults.every((fault) => DATED.has(fault)) && !isCapturedWhole(session) ? DOUBTED : {}),
      },
    ];
  },
  message: ({ version, cipher, faults, dhBits, certificate, isSubmission }) =>
    `${version} with ${cipher}: ${list(faults.map((fault) => faultWords(fault, version, dhBits, certificate)))}` +
    `${isSubmission && faults.some((fault) => fault === 'expired' || fault === 'not-yet-valid') ? ', on a port where clients check it' : ''}`,
  explanation: `The two agreed on TLS, and on a version, a cipher or a certificate that is no longer taken for good. SSL 3.0, TLS 1.0 and 1.1 are withdrawn (RFC 7568, RFC 8996); RC4 and export ciphers protect little against somebody on the path. A warning is given for these, and for an anonymous cipher on a submission port, where the client is to know whom it gives its password to. Between mail servers on port 25 an anonymous cipher is a notice: two Postfix servers that check no certificates choose one by themselves. Triple DES, keys of 1024 bits, SHA-1 in a certificate, a key exchange without forward secrecy are a notice: they work, and should go.

A certificate that is out of date is a warning on a submission port (465, 587), where mail programs check it and complain. Between mail servers on port 25 nobody checks by default, and it is a notice.

All of this stands in the server’s hello and, up to TLS 1.2, in its certificate, so it is certain. Old TLS is still better than none: mend the end that is old before you forbid it.`,
  falseAlarms: [
    'Anonymous ciphers between two Postfix servers that check no certificates protect as much as any other opportunistic TLS does.',
    'Self-signed certificates and other names on port 25 are usual and not raised; the transcript shows them.',
    'A resumed session shows no certificate.',
  ],
  causes(data) {
    if (data === null) return Object.values(CAUSE);
    const has = (...faults: Fault[]) => faults.some((fault) => data.faults.includes(fault));
    const causes: string[] = [];
    if (has('expired')) causes.push(CAUSE.renewal);
    if (has('anonymous')) causes.push(CAUSE.anonymous, CAUSE.noCertificate);
    if (has('version', 'export', 'rc4', 'old-cipher', 'no-encryption', 'no-forward-secrecy', 'small-dh'))
      causes.push(CAUSE.serverOld, CAUSE.clientOld, CAUSE.order);
    if (has('small-key', 'weak-signature', 'expired')) causes.push(CAUSE.forgotten);
    if (has('expired', 'not-yet-valid')) causes.push(CAUSE.clock);
    return causes;
  },
  remedies: (data) => {
    const isAboutCertificate =
      data?.faults.some((fault) => ['expired', 'not-yet-valid', 'small-key', 'weak-signature'].includes(fault)) ?? true;
    const isAboutHello =
      data?.faults.some((fault) => !['expired', 'not-yet-valid', 'small-key', 'weak-signature'].includes(fault)) ??
      true;
    return [
      LOOK_AT_SERVER,
      ...(isAboutHello ? CURRENT_TLS : []),
      ...(data === null || data.faults.includes('anonymous')
        ? [
            {
              applies: 'Postfix, where anonymous ciphers are not wanted',
              text: 'Exclude them on the server; it then needs a certificate. Towards servers whose certificate is checked the client leaves them out by itself.',
              commands: [
                'postconf -e "smtpd_tls_exclude_ciphers = aNULL" "smtp_tls_exclude_ciphers = aNULL" && postfix reload',
              ],
            },
          ]
        : []),
      ...(isAboutCertificate
        ? [
            {
              applies: 'a renewed certificate that is not shown',
              text: 'Mail servers read it when they start: reload them after each renewal, by a hook of the ACME client.',
              commands: [
                'certbot reconfigure --cert-name mx.example --deploy-hook "systemctl reload postfix"',
                'openssl x509 -noout -enddate -in /etc/letsencrypt/live/mx.example/fullchain.pem',
              ],
            },
            ...SERVER_CERTIFICATE,
          ]
        : []),
    ];
  },
  references: [
    rfc(8996),
    rfc(7568),
    rfc(7465),
    rfc(9325),
    postconf('smtpd_tls_protocols'),
    postconf('smtpd_tls_exclude_ciphers'),
  ],
});

function faultsOfHello({ version, cipher, dhBits }: ServerHello, { clientHello }: TlsFacts): Fault[] {
  const faults: Fault[] = [];
  if (OLD_VERSIONS.has(version) || (clientHello !== null && clientHello.versions[0] === 'SSLv2'))
    faults.push('version');
  if (cipher.includes('_anon_')) faults.push('anonymous');
  if (cipher.includes('_EXPORT')) faults.push('export');
  else if (cipher.includes('_RC4_')) faults.push('rc4');
  else if (cipher.includes('_WITH_NULL_')) faults.push('no-encryption');
  else if (/_(?:3?DES|DES40|RC2|IDEA|SEED)_/.test(cipher)) faults.push('old-cipher');
  if (cipher.startsWith('TLS_RSA_WITH_')) faults.push('no-forward-secrecy');
  if (dhBits !== null && dhBits < 2048) faults.push('small-dh');
  return faults;
}

/** The alert has said it. */
function isRefusedForDate({ alerts }: TlsFacts): boolean {
  return alerts.some(({ description }) => description === 'certificate_expired');
}

function faultsOfCertificate(certificate: Certificate, { start }: Session, dateIsKnown: boolean): Fault[] {
  const faults: Fault[] = [];
  const { notBeforeUs, notAfterUs, keyType, keyBits, signatureAlgorithm, selfSigned } = certificate;
  if (!dateIsKnown) {
    if (start.us > notAfterUs) faults.push('expired');
    else if (start.us < notBeforeUs) faults.push('not-yet-valid');
  }
  if (keyBits !== null && keyBits < (keyType === 'EC' ? 224 : keyType === 'RSA' || keyType === 'DSA' ? 2048 : 0)) {
    faults.push('small-key');
  }
  // Nobody relies on the signature that a certificate has from itself.
  if (signatureAlgorithm !== null && !selfSigned && WEAK_SIGNATURE.test(signatureAlgorithm))
    faults.push('weak-signature');
  return faults;
}

function severityOf(faults: readonly Fault[], isSubmission: boolean): { severity?: Severity } {
  const isOutOfDate = faults.includes('expired') || faults.includes('not-yet-valid');
  // Without a login nobody checks certificates, and a cipher that needs none gives nothing away.
  const isWarned = (fault: Fault): boolean => WARNED.has(fault) && (fault !== 'anonymous' || isSubmission);
  return faults.some(isWarned) || (isSubmission && isOutOfDate) ? { severity: 'warning' } : {};
}

function describe({ subject, notBeforeUs, notAfterUs, keyBits, signatureAlgorithm }: Certificate): Data['certificate'] {
  return { subject, notBefore: day(notBeforeUs), notAfter: day(notAfterUs), keyBits, signatureAlgorithm };
}

function day(us: number): string {
  return Number.isNaN(us) ? 'an unknown day' : new Date(us / 1000).toISOString().slice(0, 10);
}

function faultWords(fault: Fault, version: string, dhBits: number | null, certificate: Data['certificate']): string {
  switch (fault) {
    case 'version':
      return `${version} is withdrawn`;
    case 'anonymous':
      return 'the cipher is anonymous, the server shows no certificate';
    case 'export':
      return 'the cipher is weak by design (export)';
    case 'rc4':
      return 'RC4 is broken';
    case 'no-encryption':
      return 'nothing is encrypted';
    case 'old-cipher':
      return 'the cipher is of another age';
    case 'no-forward-secrecy':
      return 'who gets the server’s key later can read it (no forward secrecy)';
    case 'small-dh':
      return `Diffie–Hellman with ${dhBits} bits`;
    case 'expired':
      return `the certificate ran out on ${certificate?.notAfter}`;
    case 'not-yet-valid':
      return `the certificate is not valid before ${certificate?.notBefore}`;
    case 'small-key':
      return `the certificate’s key has ${certificate?.keyBits} bits`;
    case 'weak-signature':
      return `the certificate is signed with ${certificate?.signatureAlgorithm}`;
  }
}
