/** What HTTP shows until the web app is there: alive, ready, and a page that says what this is. */
import { createServer } from 'node:http';
import type { Listener } from '../edge/net/listener.ts';
import type { House } from './wire.ts';

const HEADERS = {
  'Content-Security-Policy': "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
} as const;

/** RFC 9110 §9.3.1: what is asked for is small. */
const HEADER_LIMIT_BYTES = 16_384;
const REQUEST_MS = 10_000;

const page = (hostName: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Eigenpost</title><h1>Eigenpost</h1><p>This is the mail server ${hostName}. It is running.</p><p lang="nl">Dit is de mailserver ${hostName}. Hij draait.</p>`;

async function isReady(house: House): Promise<boolean> {
  try {
    await house.queue.counts();
    return true;
  } catch {
    return false;
  }
}

async function answer(house: House, path: string): Promise<Readonly<{ status: number; type: string; body: string }>> {
  if (path === '/healthz') return { status: 200, type: 'text/plain', body: 'alive\n' };
  if (path === '/readyz')
    return (await isReady(house))
      ? { status: 200, type: 'text/plain', body: 'ready\n' }
      : { status: 503, type: 'text/plain', body: 'not ready\n' };
  if (path === '/') return { status: 200, type: 'text/html', body: page(house.settings.hostName) };
  return { status: 404, type: 'text/plain', body: 'There is nothing here.\n' };
}

export async function serveHttp(house: House, place: Readonly<{ host: string; port: number }>): Promise<Listener> {
  const server = createServer(
    { maxHeaderSize: HEADER_LIMIT_BYTES, requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
    (request, response) => {
      request.resume();
      const [path = '/'] = (request.url ?? '/').split('?');
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      const answered = isRead ? answer(house, path) : Promise.resolve({ status: 405, type: 'text/plain', body: 'Only GET.\n' });
      void answered.then(({ status, type, body }) => {
        response.writeHead(status, { ...HEADERS, 'Content-Type': `${type}; charset=utf-8`, ...(isRead ? {} : { Allow: 'GET, HEAD' }) });
        response.end(request.method === 'HEAD' ? undefined : body);
      });
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(place.port, place.host, resolve);
  });
  const address = server.address();
  const bound =
    address !== null && typeof address === 'object' ? { ip: address.address, port: address.port } : { ip: place.host, port: place.port };
  return {
    address: bound,
    get connections() {
      return 0;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
