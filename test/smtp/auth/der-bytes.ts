/** DER elements, as much as Kerberos and SPNEGO tokens need. */

export function tagged(tag: number, ...content: readonly Buffer[]): Buffer {
  const inside = Buffer.concat(content);
  const length =
    inside.length < 128
      ? Buffer.from([inside.length])
      : inside.length < 256
        ? Buffer.from([0x81, inside.length])
        : Buffer.from([0x82, inside.length >> 8, inside.length & 255]);
  return Buffer.concat([Buffer.from([tag]), length, inside]);
}

export function sequence(...content: readonly Buffer[]): Buffer {
  return tagged(0x30, ...content);
}

export function octets(bytes: Buffer): Buffer {
  return tagged(0x04, bytes);
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const sevens = [arc & 127];
    for (let left = arc >> 7; left > 0; left >>= 7) sevens.unshift((left & 127) | 128);
    return sevens;
  });
  return tagged(0x06, Buffer.from(bytes));
}

/** RFC 2743 §3.1 */
export function gssToken(mechanism: string, inner: Buffer): Buffer {
  return tagged(0x60, oid(mechanism), inner);
}

/** RFC 4120 §5.5.1, with a ticket whose encrypted part is of no interest. */
export function apReq(realm: string, service: readonly string[]): Buffer {
  const integer = (value: number): Buffer => tagged(0x02, Buffer.from([value]));
  const text = (value: string): Buffer => tagged(0x1b, Buffer.from(value));
  const name = sequence(tagged(0xa0, integer(2)), tagged(0xa1, sequence(...service.map(text))));
  const sealed = sequence(tagged(0xa0, integer(18)), tagged(0xa2, octets(Buffer.alloc(40, 5))));
  const ticket = tagged(
    0x61,
    sequence(tagged(0xa0, integer(5)), tagged(0xa1, text(realm)), tagged(0xa2, name), tagged(0xa3, sealed)),
  );
  return tagged(
    0x6e,
    sequence(
      tagged(0xa0, integer(5)),
      tagged(0xa1, integer(14)),
      tagged(0xa2, tagged(0x03, Buffer.alloc(5))),
      tagged(0xa3, ticket),
      tagged(0xa4, sealed),
    ),
  );
}
