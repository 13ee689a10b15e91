/** What a handshake may make this room keep. Opaque data costs nothing, so these are all there is. */

/** A ClientHello with post-quantum key shares has some 1800 bytes; what is longer than this is not worth its memory. */
export const MAX_HELLO = 16_384;
/** Of a Certificate message; honest chains have 2 to 10 KiB. It is let go of as soon as it has been read. */
export const MAX_CERTIFICATE_MESSAGE = 65_536;
/** Certificates of one chain that are read. */
export const MAX_CHAIN = 10;
/** Entries of any one list of names that are kept; the longest honest lists have some 20. */
export const MAX_ENTRIES = 64;
/** Numbers of one list (cipher suites, extensions) that are kept: OpenSSL’s ALL is shorter. */
export const MAX_CODES = 256;
/** RFC 1035 §2.3.4, with room for what is not a host name. */
export const MAX_NAME = 255;
/** Names of one certificate that are kept. */
export const MAX_CERTIFICATE_NAMES = 100;
/** Characters of a certificate’s subject or issuer that are kept. */
export const MAX_DISTINGUISHED_NAME = 512;
/** Different certificates remembered, twice over at most: servers show the same ones again and again. */
export const MAX_CERTIFICATES_REMEMBERED = 256;
/** More alerts are counted by nobody: a peer that sends more is not telling more. */
export const MAX_ALERTS = 8;
/** Bytes kept of what stands in a stream where a record should. */
export const MAX_NOT_TLS = 64;
