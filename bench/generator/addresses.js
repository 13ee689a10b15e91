/** Addresses of the corpora: documentation networks for all who talk, so that every connection has ends of its own. */

const CLIENTS = 600;
const V4_NETWORKS = [
  [192, 0, 2],
  [198, 51, 100],
  [203, 0, 113],
];

/**
 * The ends of the `serial`th SMTP connection: no two serials share both ends.
 * @param {number} serial @param {boolean} v6 @param {number} server 0–7 @param {number} serverPort
 */
export function smtpEnds(serial, v6, server, serverPort) {
  const client = serial % CLIENTS;
  const clientPort = 20_000 + Math.floor(serial / CLIENTS);
  if (v6) {
    return {
      clientAddress: v6Address(1, client + 1),
      serverAddress: v6Address(0x25, server + 1),
      clientPort,
      serverPort,
      client: `2001:db8:1::${(client + 1).toString(16)}`,
      server: `2001:db8:25::${(server + 1).toString(16)}`,
    };
  }
  const network = /** @type {number[]} */ (V4_NETWORKS[client % 3]);
  const clientBytes = [...network, 1 + Math.floor(client / 3)];
  const serverBytes = [198, 51, 100, 241 + server];
  return {
    clientAddress: Buffer.from(clientBytes),
    serverAddress: Buffer.from(serverBytes),
    clientPort,
    serverPort,
    client: clientBytes.join('.'),
    server: serverBytes.join('.'),
  };
}

/** The ends of a connection that is not SMTP. @param {import('./random.js').Random} random @param {number} serial @param {number} serverPort */
export function otherEnds(random, serial, serverPort) {
  return {
    clientAddress: Buffer.from([10, 20, serial % 251, 1 + (Math.floor(serial / 251) % 250)]),
    serverAddress: Buffer.from([203, 0, 113, 201 + random.below(50)]),
    clientPort: 1024 + (serial % 64_000),
    serverPort,
  };
}

/** 2001:db8:`site`::`host` @param {number} site @param {number} host */
function v6Address(site, host) {
  const address = Buffer.alloc(16);
  address.writeUInt32BE(0x20010db8, 0);
  address.writeUInt16BE(site, 4);
  address.writeUInt16BE(host, 14);
  return address;
}
