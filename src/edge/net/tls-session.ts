/** TLS under a connection: what the listener is given to offer, and what was agreed. */
import { createHash, X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';

/** Who holds the certificates (app/wire.ts joins adapter/tls to this). Asked at each handshake, so renewal needs no restart. */
export interface TlsOffer {
  /** For callers that name no server, or one we have nothing for. */
  context(): SecureContext;
  /** For callers that name a server (RFC 6066 §3). */
  contextFor(serverName: string): SecureContext | undefined;
}

export type TlsSession = Readonly<{
  protocol: string;
  cipher: string;
  /** What the caller asked for in SNI. */
  serverName: string | undefined;
  /** The octets of `tls-exporter` (RFC 9266) or `tls-server-end-point` (RFC 5929 §4); undefined where this connection does not have that type. */
  channelBinding(type: string): Buffer | undefined;
}>;

/** RFC 9266 §2: the exporter's label and length. */
const EXPORTER_LABEL = 'EXPORTER-Channel-Binding';
const EXPORTER_BYTES = 32;

/** The server's half of a handshake on top of `socket`; 'secure' is emitted when it is done. */
export function serverTls(socket: Socket, offer: TlsOffer): TLSSocket {
  return new TLSSocket(socket, {
    isServer: true,
    secureContext: offer.context(),
    SNICallback: (serverName, done) => {
      try {
        done(null, offer.contextFor(serverName) ?? offer.context());
      } catch (trouble) {
        // Called by the TLS layer: a throw here would end the process, an error ends the handshake.
        done(trouble instanceof Error ? trouble : new Error(String(trouble)));
      }
    },
  });
}

export function sessionOf(socket: TLSSocket): TlsSession {
  const protocol = socket.getProtocol() ?? 'unknown';
  const named: unknown = Reflect.get(socket, 'servername');
  return {
    protocol,
    cipher: socket.getCipher().standardName,
    serverName: typeof named === 'string' ? named : undefined,
    channelBinding: (type) => channelBinding(socket, protocol, type),
  };
}

function channelBinding(socket: TLSSocket, protocol: string, type: string): Buffer | undefined {
  if (type === 'tls-exporter') return exporter(socket, protocol);
  return type === 'tls-server-end-point' ? endPoint(socket) : undefined;
}

/** SECURITY: before TLS 1.3 the exporter is only unique with Extended Master Secret, which Node does not tell (RFC 9266 §4.2). */
function exporter(socket: TLSSocket, protocol: string): Buffer | undefined {
  if (protocol !== 'TLSv1.3') return undefined;
  return socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0));
}

/** RFC 5929 §4.1: the hash of our certificate, by the hash of its own signature, SHA-256 where that is MD5 or SHA-1. */
function endPoint(socket: TLSSocket): Buffer | undefined {
  const certificate = socket.getCertificate();
  if (certificate === null || !('raw' in certificate) || !Buffer.isBuffer(certificate.raw)) return undefined;
  const hash = signatureHash(certificate.raw);
  return hash === undefined ? undefined : createHash(hash).update(certificate.raw).digest();
}

function signatureHash(der: Buffer): string | undefined {
  const name = new X509Certificate(der).signatureAlgorithm?.toLowerCase() ?? '';
  if (name.includes('sha512')) return 'sha512';
  if (name.includes('sha384')) return 'sha384';
  if (name.includes('sha256') || name.includes('sha1') || name.includes('md5')) return 'sha256';
  // RFC 5929 §4.1: undefined for signatures with no single hash, Ed25519 among them.
  return undefined;
}
