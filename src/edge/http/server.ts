/** HTTP on a TCP port or a local socket: node:http with its deadlines set, a fetch handler behind it. */
import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';

export type FetchHandler = (request: Request) => Response | Promise<Response>;
export type HttpAddress = Readonly<{ host: string; port: number }> | Readonly<{ path: string }>;

export interface HttpServer {
  readonly address: HttpAddress;
  /** Stops accepting, lets requests under way finish within `withinMs`, then cuts them off. */
  close(withinMs?: number): Promise<void>;
}

/** From the first byte of a request to its last; the header has less. */
const REQUEST_MS = 60_000;
const HEADER_MS = 10_000;
/** Between two requests on one connection. */
const IDLE_MS = 5_000;
/** Octets of all header fields, and how many of them. */
const HEADER_LIMIT = 16_384;
const HEADER_COUNT_LIMIT = 100;
const CONNECTIONS_LIMIT = 1_000;
const CLOSE_MS = 5_000;
const SWEEP_MS = 20;

/** Rejects when the address is taken or not ours. */
export async function serveHttp(handler: FetchHandler, address: HttpAddress): Promise<HttpServer> {
  // The handlers answer with the platform's own Response; the package must not put its own in its place for everybody.
  const listener = getRequestListener(handler, { overrideGlobalObjects: false });
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: HEADER_MS, keepAliveTimeout: IDLE_MS, maxHeaderSize: HEADER_LIMIT },
    (request, response) => {
      void listener(request, response);
    },
  );
  server.maxHeadersCount = HEADER_COUNT_LIMIT;
  server.maxConnections = CONNECTIONS_LIMIT;
  await open(server, address);
  return { address: addressOf(server, address), close: (withinMs = CLOSE_MS) => close(server, withinMs) };
}

function open(server: Server, address: HttpAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    server.listen(address);
  });
}

function addressOf(server: Server, asked: HttpAddress): HttpAddress {
  const bound = server.address();
  return bound === null || typeof bound === 'string' ? asked : { host: bound.address, port: bound.port };
}

function close(server: Server, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    // A connection whose request ends while we close would else stay for its idle time.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    const cut = setTimeout(() => server.closeAllConnections(), withinMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(cut);
      resolve();
    });
  });
}
