/** HTTP on a TCP port or a local socket: node:http with its deadlines set, a fetch handler behind it. */
import { createServer, type Server } from 'node:http';
import { createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { getRequestListener } from '@hono/node-server';
import { plainIp } from '../net/plain-ip.ts';
import { serverTls, type TlsOffer } from '../net/tls-session.ts';

/** How the other side reached us; '' for the address on a local socket. `cut` ends the connection, whatever is still to be said. */
export type Line = Readonly<{ ip: string; isSecure: boolean; cut?(): void }>;
export type FetchHandler = (request: Request, line: Line) => Response | Promise<Response>;
export type HttpAddress = Readonly<{ host: string; port: number }> | Readonly<{ path: string }>;

export interface HttpServer {
  readonly address: HttpAddress;
  /** Stops accepting, lets requests under way finish within `withinMs`, then cuts them off. */
  close(withinMs?: number): Promise<void>;
}

/** From the first byte of a request to its last; the header has less. A response may take as long as it likes: event streams never end. */
const REQUEST_MS = 300_000;
const HEADER_MS = 10_000;
/** Between two requests on one connection. */
const IDLE_MS = 5_000;
/** Octets of all header fields, and how many of them. */
const HEADER_LIMIT = 16_384;
const HEADER_COUNT_LIMIT = 100;
const CONNECTIONS_LIMIT = 1_000;
/** Nothing said for so long: TCP asks whether anybody is there, so that a stream to a phone out of range ends. */
const ALIVE_MS = 60_000;
/** For a TLS handshake, which takes two round trips. */
const HANDSHAKE_MS = 30_000;
const CLOSE_MS = 5_000;
const SWEEP_MS = 20;

/** Rejects when the address is taken or not ours. */
export async function serveHttp(handler: FetchHandler, address: HttpAddress, tls?: TlsOffer): Promise<HttpServer> {
  // The handlers answer with the platform's own Response; the package must not put its own in its place for everybody.
  const listener = getRequestListener((request, { incoming }) => handler(request, lineOf(incoming.socket)), {
    overrideGlobalObjects: false,
  });
  const server = createServer(
    {
      requestTimeout: REQUEST_MS,
      headersTimeout: HEADER_MS,
      keepAliveTimeout: IDLE_MS,
      maxHeaderSize: HEADER_LIMIT,
      keepAlive: true,
      keepAliveInitialDelay: ALIVE_MS,
    },
    (request, response) => {
      void listener(request, response);
    },
  );
  server.maxHeadersCount = HEADER_COUNT_LIMIT;
  const shaking = new Set<Socket>();
  const door = tls === undefined ? server : tlsDoor(server, tls, shaking);
  door.maxConnections = CONNECTIONS_LIMIT;
  await open(door, address);
  return { address: addressOf(door, address), close: (withinMs = CLOSE_MS) => close({ door, server, shaking }, withinMs) };
}

/** Shakes hands as all our doors do (the offer is asked each time, so that a renewed certificate needs no restart), then hands the line to HTTP. */
function tlsDoor(server: Server, tls: TlsOffer, shaking: Set<Socket>): NetServer {
  return createNetServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: ALIVE_MS }, (raw) => {
    const secure = serverTls(raw, tls);
    // SECURITY: somebody who shakes no hand holds the line no longer.
    const late = setTimeout(() => raw.destroy(), HANDSHAKE_MS);
    raw.on('error', () => undefined);
    shaking.add(raw);
    raw.once('close', () => {
      clearTimeout(late);
      shaking.delete(raw);
    });
    secure.on('error', () => raw.destroy());
    secure.on('_tlsError', () => raw.destroy());
    secure.once('secure', () => {
      clearTimeout(late);
      shaking.delete(raw);
      server.emit('connection', secure);
    });
  });
}

function lineOf(socket: Socket): Line {
  return { ip: plainIp(socket.remoteAddress), isSecure: socket instanceof TLSSocket, cut: () => void socket.destroy() };
}

function open(server: NetServer, address: HttpAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    server.listen(address);
  });
}

function addressOf(server: NetServer, asked: HttpAddress): HttpAddress {
  const bound = server.address();
  return bound === null || typeof bound === 'string' ? asked : { host: bound.address, port: bound.port };
}

type Open = Readonly<{ door: NetServer; server: Server; shaking: ReadonlySet<Socket> }>;

function close({ door, server, shaking }: Open, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    // A connection whose request ends while we close would else stay for its idle time.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    const cut = setTimeout(() => server.closeAllConnections(), withinMs);
    // Who is still shaking hands has asked for nothing yet.
    for (const raw of shaking) raw.destroy();
    door.close(() => {
      clearInterval(sweep);
      clearTimeout(cut);
      resolve();
    });
  });
}
