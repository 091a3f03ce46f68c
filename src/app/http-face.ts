/** What HTTP shows until the web app is there: JMAP, alive, ready, and a page that says what this is. */
import type { JmapApi } from '../edge/http/jmap/api.ts';
import { type HttpServer, serveHttp } from '../edge/http/server.ts';
import type { Listener } from '../edge/net/listener.ts';
import { SealedObjects } from '../service/mailboxes/mailboxes.ts';
import type { TlsOffer } from '../edge/net/tls-session.ts';
import type { House } from './wire.ts';

const HEADERS = {
  'Content-Security-Policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
} as const;

const page = (hostName: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Eigenpost</title><h1>Eigenpost</h1><p>This is the mail server ${hostName}. It is running.</p><p lang="nl">Dit is de mailserver ${hostName}. Hij draait.</p>\n`;

const answer = (status: number, body: string, type = 'text/plain'): Response =>
  new Response(body, { status, headers: { ...HEADERS, 'Content-Type': `${type}; charset=utf-8` } });

/** Ready means: the store answers. */
async function readiness(house: House): Promise<Response> {
  try {
    await house.queue.counts();
    return answer(200, 'ready\n');
  } catch {
    return answer(503, 'not ready\n');
  }
}

function face(house: House, request: Request): Response | Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'Only GET.\n');
  switch (new URL(request.url).pathname) {
    case '/healthz':
      return answer(200, 'alive\n');
    case '/readyz':
      return readiness(house);
    case '/':
      return answer(200, page(house.settings.hostName), 'text/html');
    default:
      return answer(404, 'There is nothing here.\n');
  }
}

const isJmap = (path: string): boolean => path === '/.well-known/jmap' || path.startsWith('/jmap/');

export async function openFace(
  house: House,
  place: Readonly<{ host: string; port: number; tls?: TlsOffer | undefined; allowsPlaintext: boolean }>,
): Promise<Pick<Listener, 'address' | 'close'>> {
  const { accounts, mailboxes, identities, sentMail, reader, pushes, ground, settings } = house;
  let jmap: Promise<JmapApi> | undefined;
  // Where nobody uses JMAP it takes no memory.
  const open = async (): Promise<JmapApi> => {
    const { JmapApi } = await import('../edge/http/jmap/api.ts');
    return new JmapApi({
      accounts,
      mailboxes,
      identities,
      sentMail,
      reader,
      orders: new SealedObjects(ground, 'mailboxOrder'),
      pushes,
      clock: ground.clock,
      dice: ground.dice,
      messageLimit: settings.sizeLimit,
      allowsPlaintext: place.allowsPlaintext,
      onTrouble: (incident, trouble) => ground.onTrouble(`jmap ${incident}`, trouble),
    });
  };
  const server: HttpServer = await serveHttp(
    async (request, line) => {
      if (!isJmap(new URL(request.url).pathname)) return face(house, request);
      jmap ??= open();
      return (await jmap).fetch(request, line);
    },
    { host: place.host, port: place.port },
    place.tls,
  );
  const { address } = server;
  return {
    address: 'path' in address ? { ip: '', port: 0 } : { ip: address.host, port: address.port },
    async close(withinMs) {
      if (jmap !== undefined) (await jmap).close();
      await server.close(withinMs);
    },
  };
}
