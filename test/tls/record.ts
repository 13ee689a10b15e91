/** Real TLS traffic: Node's own client and server over a pair of streams in memory, each piece noted as it passes. */
import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, createSecureContext, type SecureContextOptions, TLSSocket } from 'node:tls';
import type { TlsSide } from '../../src/tls/observer.ts';
import { cert, key } from './certificate.ts';

export interface Piece {
  readonly from: TlsSide;
  readonly bytes: Buffer;
}

/**
 * One connection: handshake, `EHLO`, a reply, and the client closes; or as far as the handshake gets. Resolves when both
 * ends are closed, with what went over the wire in order and the words of the client's error, if any.
 */
export async function recordTls(
  server: SecureContextOptions & { ALPNProtocols?: string[]; requestCert?: boolean },
  client: ConnectionOptions & { onSession?: (session: Buffer) => void },
): Promise<{ pieces: Piece[]; error: string | null }> {
  const pieces: Piece[] = [];
  const [clientEnd, serverEnd] = duplexPair((from, bytes) => pieces.push({ from, bytes: Buffer.from(bytes) }));
  let error: string | null = null;

  const { ALPNProtocols, requestCert, ...context } = server;
  const { onSession, ...options } = client;
  const serverSocket = new TLSSocket(serverEnd as never, {
    isServer: true,
    secureContext: createSecureContext({ key, cert, ...context }),
    ...(ALPNProtocols && { ALPNProtocols }),
    ...(requestCert && { requestCert, rejectUnauthorized: false }),
  });
  serverSocket.on('error', () => serverEnd.end());
  serverSocket.on('data', () => serverSocket.write('250 mail.example\r\n'));
  serverSocket.on('end', () => serverSocket.end());

  const clientSocket = connect({ socket: clientEnd, rejectUnauthorized: false, ...options });
  if (onSession !== undefined) clientSocket.on('session', onSession);
  clientSocket.on('secureConnect', () => clientSocket.write('EHLO client.example\r\n'));
  clientSocket.on('data', () => clientSocket.end());
  clientSocket.on('error', (cause: NodeJS.ErrnoException) => {
    error = cause.code ?? cause.message;
    clientEnd.end();
  });

  await Promise.all([closed(clientEnd), closed(serverEnd)]);
  clientSocket.destroy();
  serverSocket.destroy();
  return { pieces, error };
}

function closed(stream: Duplex): Promise<void> {
  return new Promise((resolve) => stream.once('close', () => resolve()));
}

/** Two streams, each reading what the other writes; `onBytes` sees everything. */
function duplexPair(onBytes: (from: TlsSide, bytes: Buffer) => void): [Duplex, Duplex] {
  const ends: Duplex[] = [];
  const end = (side: TlsSide, peer: number) =>
    new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        onBytes(side, chunk);
        ends[peer]?.push(chunk);
        done();
      },
      final(done) {
        ends[peer]?.push(null);
        done();
      },
    });
  ends.push(end('client', 1), end('server', 0));
  return ends as [Duplex, Duplex];
}
