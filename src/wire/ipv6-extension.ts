/**
 * IPv6 extension headers (RFC 8200 §4): a next header, a length, and what we have no use for.
 *
 * Encryption (50) ends a chain for us, and so does "no next header" (59).
 */

/** A chain longer than this is nobody's; eight kinds exist, and RFC 8200 §4.1 asks for each once, one of them twice. */
export const MAX_IPV6_EXTENSIONS = 16;

/** Whether the chain goes on behind this header. */
export function isIpv6Extension(nextHeader: number): boolean {
  return (
    nextHeader === 0 || // hop-by-hop options
    nextHeader === 43 || // routing
    nextHeader === 44 || // fragment
    nextHeader === 51 || // authentication (RFC 4302)
    nextHeader === 60 || // destination options
    nextHeader === 135 || // mobility (RFC 6275)
    nextHeader === 139 || // host identity (RFC 7401)
    nextHeader === 140 // shim6 (RFC 5533)
  );
}

/** Bytes of an extension header, from its own length field (its second byte). */
export function ipv6ExtensionLength(nextHeader: number, lengthField: number): number {
  if (nextHeader === 44) return 8;
  if (nextHeader === 51) return (lengthField + 2) << 2;
  return (lengthField + 1) << 3;
}
