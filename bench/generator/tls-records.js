/**
 * TLS 1.3 as it looks from outside: well-formed hellos in clear, then records whose content is noise. Nothing here is
 * encrypted; no reader without the key could tell.
 */

/** @param {number} type @param {Buffer} fragment */
function record(type, fragment) {
  const header = Buffer.from([type, 3, 3, fragment.length >> 8, fragment.length & 255]);
  return Buffer.concat([header, fragment]);
}

/** @param {number} type @param {Buffer} body */
function handshake(type, body) {
  return Buffer.concat([Buffer.from([type, 0, body.length >> 8, body.length & 255]), body]);
}

/** @param {number} type @param {Buffer} body */
function extension(type, body) {
  return Buffer.concat([Buffer.from([type >> 8, type & 255, body.length >> 8, body.length & 255]), body]);
}

/** @param {Buffer} body a 16-bit length before it */
function withLength(body) {
  return Buffer.concat([Buffer.from([body.length >> 8, body.length & 255]), body]);
}

/** @param {import('./random.js').Random} random @param {number} bytes */
export function noise(random, bytes) {
  const result = Buffer.allocUnsafe(bytes);
  for (let i = 0; i < bytes; i++) result[i] = random.next() & 255;
  return result;
}

/** @param {import('./random.js').Random} random @param {string} serverName */
export function clientHello(random, serverName) {
  const name = Buffer.from(serverName, 'latin1');
  const entry = Buffer.concat([Buffer.from([0]), withLength(name)]);
  const keyShare = Buffer.concat([Buffer.from([0, 0x1d]), withLength(noise(random, 32))]);
  const extensions = Buffer.concat([
    extension(0, withLength(entry)),
    extension(10, withLength(Buffer.from([0, 0x1d, 0, 0x17]))),
    extension(13, withLength(Buffer.from([4, 3, 8, 4, 4, 1]))),
    extension(43, Buffer.from([4, 3, 4, 3, 3])),
    extension(51, withLength(keyShare)),
  ]);
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    noise(random, 32),
    Buffer.from([32]),
    noise(random, 32),
    withLength(Buffer.from([0x13, 1, 0x13, 2, 0x13, 3, 0xc0, 0x2f])),
    Buffer.from([1, 0]),
    withLength(extensions),
  ]);
  return record(22, handshake(1, body));
}

/** ServerHello, ChangeCipherSpec and the encrypted rest of the server's flight. @param {import('./random.js').Random} random */
export function serverFlight(random) {
  const keyShare = Buffer.concat([Buffer.from([0, 0x1d]), withLength(noise(random, 32))]);
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    noise(random, 32),
    Buffer.from([32]),
    noise(random, 32),
    Buffer.from([0x13, 1, 0]),
    withLength(Buffer.concat([extension(43, Buffer.from([3, 4])), extension(51, keyShare)])),
  ]);
  return Buffer.concat([
    record(22, handshake(2, body)),
    record(20, Buffer.from([1])),
    applicationData(random, random.between(1500, 3200)),
  ]);
}

/** ChangeCipherSpec and an encrypted Finished. @param {import('./random.js').Random} random */
export function clientFinished(random) {
  return Buffer.concat([record(20, Buffer.from([1])), applicationData(random, 53)]);
}

/** @param {import('./random.js').Random} random @param {number} bytes of ciphertext, at most 16,640 a record */
export function applicationData(random, bytes) {
  return record(23, noise(random, bytes));
}

/**
 * One buffer of many whole application data records, to be cut at any multiple of `recordBytes`.
 * @param {import('./random.js').Random} random @param {number} records @param {number} recordBytes header included
 */
export function applicationPool(random, records, recordBytes) {
  const pool = noise(random, records * recordBytes);
  for (let i = 0; i < records; i++) {
    pool.writeUInt8(23, i * recordBytes);
    pool.writeUInt16BE(0x0303, i * recordBytes + 1);
    pool.writeUInt16BE(recordBytes - 5, i * recordBytes + 3);
  }
  return pool;
}
