/** What a TLS connection showed from outside, as `tls.*` of the Elastic Common Schema. */
import { rfc3339 } from '../../report/instant.ts';
import type { Session } from '../../smtp/session.ts';

/** `{ tls: … }`, or nothing where the session asked for no TLS. What is undefined is left out of JSON. */
export function tlsFields({ encryption }: Session): { tls?: object } {
  if (encryption === null) return {};
  const { outcome, version, cipher, serverName, handshake } = encryption;
  const hello = handshake?.clientHello ?? null;
  const certificate = handshake?.chain?.certificates[0];
  return {
    tls: {
      established: outcome === 'established',
      ...versionFields(version),
      cipher: cipher ?? undefined,
      resumed: handshake?.resumed,
      curve: handshake?.serverHello?.group ?? undefined,
      client: {
        server_name: serverName ?? undefined,
        ja3: hello?.ja3 ?? undefined,
        supported_ciphers: hello === null || hello.cipherSuites.length === 0 ? undefined : hello.cipherSuites,
      },
      ...(certificate === undefined
        ? {}
        : {
            server: {
              subject: certificate.subject,
              issuer: certificate.issuer,
              not_before: rfc3339(certificate.notBeforeUs, 0, 6) ?? undefined,
              not_after: rfc3339(certificate.notAfterUs, 0, 6) ?? undefined,
              hash: { sha256: certificate.sha256.toUpperCase() },
            },
          }),
    },
  };
}

/** `TLSv1.3` is protocol `tls` and version `1.3`. */
function versionFields(version: string | null): object {
  const match = /^(TLS|SSL)v?(\d(?:\.\d)?)$/.exec(version ?? '');
  if (match === null) return {};
  return { version: match[2], version_protocol: (match[1] as string).toLowerCase() };
}
