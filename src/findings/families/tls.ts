/** STARTTLS and TLS: the rules of one session, in the order in which they run. */
import type { AnyRule } from '../rule.ts';
import plaintextOn465 from '../rules/plaintext-on-465.ts';
import starttls5xx from '../rules/starttls-5xx.ts';
import starttls454 from '../rules/starttls-454.ts';
import starttlsCommandInjection from '../rules/starttls-command-injection.ts';
import starttlsHandshakeStall from '../rules/starttls-handshake-stall.ts';
import starttlsOfferedUnused from '../rules/starttls-offered-unused.ts';
import starttlsResponseInjection from '../rules/starttls-response-injection.ts';
import starttlsStripped from '../rules/starttls-stripped.ts';
import tlsAlert from '../rules/tls-alert.ts';
import tlsOnPlaintextPort from '../rules/tls-on-plaintext-port.ts';
import tlsRequiredNotOffered from '../rules/tls-required-not-offered.ts';
import tlsThenPlaintext from '../rules/tls-then-plaintext.ts';
import tlsVersionOrCipher from '../rules/tls-version-or-cipher.ts';

export const TLS_RULES: readonly AnyRule[] = [
  starttlsOfferedUnused,
  starttlsStripped,
  starttls454,
  starttls5xx,
  tlsAlert,
  tlsVersionOrCipher,
  starttlsCommandInjection,
  starttlsResponseInjection,
  tlsOnPlaintextPort,
  plaintextOn465,
  tlsRequiredNotOffered,
  starttlsHandshakeStall,
  tlsThenPlaintext,
];
