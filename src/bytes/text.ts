/** Decoding of byte ranges without an intermediate slice. */

interface NativeSlices {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
}

/** Each byte as one Latin-1 character. Faster than `toString('latin1', …)`, which looks the encoding up on every call. */
export function latin1(bytes: Buffer, start: number, end: number): string {
  return (bytes as unknown as NativeSlices).latin1Slice(start, end);
}

/** The bytes as UTF-8; what is invalid becomes U+FFFD. */
export function utf8(bytes: Buffer, start: number, end: number): string {
  return (bytes as unknown as NativeSlices).utf8Slice(start, end);
}
