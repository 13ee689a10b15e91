/**
 * Big-endian integers. The caller has checked that the bytes are there. V8 inlines these; `readInt32BE` it does not, and
 * its calls made an IPv4 packet cost 50 ns instead of 33.
 */

export function uint16(bytes: Buffer, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

/** Signed, so that it stays a small integer; as unsigned: `>>> 0`. */
export function int32(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}
