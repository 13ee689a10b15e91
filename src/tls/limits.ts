/**
 * What a handshake may make this room keep, each with its reason. Opaque data costs nothing, so these are all there is.
 * All are adjustable; the defaults are these. One that acts sets `isCut` of its `Budget`.
 */

export interface TlsLimits {
  /** A ClientHello with post-quantum key shares has some 1800 bytes; what is longer than this is not worth its memory. */
  readonly helloBytes: number;
  /** Of a Certificate message; honest chains have 2 to 10 KiB. It is let go of as soon as it has been read. */
  readonly certificateBytes: number;
  /** Certificates of one chain that are read. */
  readonly chainCertificates: number;
  /** Entries of any one list of names that are kept; the longest honest lists have some 20. */
  readonly helloEntries: number;
  /** Numbers of one list (cipher suites, extensions) that are kept: OpenSSL’s ALL is shorter. */
  readonly helloCodes: number;
  /** Characters of one host name: RFC 1035 §2.3.4, with room for what is not a host name. */
  readonly tlsNameBytes: number;
  /** Names of one certificate that are kept. */
  readonly certificateNames: number;
  /** Characters of a certificate’s subject or issuer that are kept. */
  readonly subjectBytes: number;
  /**
   * Different certificates remembered, twice over at most: servers show the same ones again and again. Nothing is lost
   * when it acts: a certificate that was forgotten is read again.
   */
  readonly certificatesRemembered: number;
  /** More alerts are counted by nobody: a peer that sends more is not telling more. */
  readonly alerts: number;
  /** Bytes kept of what stands in a stream where a record should. */
  readonly notTlsBytes: number;
}

export const TLS_LIMITS: TlsLimits = {
  helloBytes: 16_384,
  certificateBytes: 65_536,
  chainCertificates: 10,
  helloEntries: 64,
  helloCodes: 256,
  tlsNameBytes: 255,
  certificateNames: 100,
  subjectBytes: 512,
  certificatesRemembered: 256,
  alerts: 8,
  notTlsBytes: 64,
};

/** The limits of one connection, and whether one of them acted. */
export class Budget {
  readonly limits: TlsLimits;
  /** Something was said that is not kept. */
  isCut = false;

  constructor(limits: TlsLimits = TLS_LIMITS) {
    this.limits = limits;
  }

  /** Whether there is room for one more of `most`; remembers when there is none. */
  hasRoom(count: number, most: number): boolean {
    if (count < most) return true;
    this.isCut = true;
    return false;
  }

  /** `text`, no longer than `most`. */
  within(text: string, most: number): string {
    if (text.length <= most) return text;
    this.isCut = true;
    return text.slice(0, most);
  }
}
