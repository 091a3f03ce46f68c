/** One POST to a push service (RFC 8030 §5). It follows nowhere, reads no answer but its status, and has a deadline. */
import type { LookupAddress, LookupOptions } from 'node:dns';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { Resolver } from '../../../core/ports/resolver.ts';

/** From the look-up to the status. */
export const POST_MS = 10_000;
const HEADER_LIMIT = 16_384;
/** Seconds of Retry-After that are believed. */
const RETRY_AFTER_LIMIT_S = 3_600;

export type PushRoute = Readonly<{
  resolver: Resolver;
  /** SECURITY: a subscription must not make us knock at doors inside: asked of every address before we connect to it. */
  mayReach(ip: string): boolean;
  /** Authorities believed besides the well-known ones, PEM. */
  authorities?: readonly string[];
}>;

export type PushOutcome =
  | Readonly<{ did: 'arrived' }>
  /** The service will never take it. */
  | Readonly<{ did: 'refused' }>
  /** Perhaps later; `afterMs` where the service said when, `slower` where it said so. */
  | Readonly<{ did: 'failed'; slower: boolean; afterMs: number }>;

const FAILED: PushOutcome = { did: 'failed', slower: false, afterMs: 0 };

/** Never rejects. */
export function postPush(
  url: URL,
  { headers, body }: Readonly<{ headers: Readonly<Record<string, string>>; body: Uint8Array }>,
  { route, signal }: Readonly<{ route: PushRoute; signal: AbortSignal }>,
): Promise<PushOutcome> {
  const host = bareHost(url);
  if (isIP(host) !== 0 && !route.mayReach(host)) return Promise.resolve(FAILED);
  return new Promise((resolve) => {
    const asked = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': String(body.length) },
      agent: false,
      maxHeaderSize: HEADER_LIMIT,
      lookup: (name, options, done) => void lookUp(name, route, options, done),
      signal: AbortSignal.any([signal, AbortSignal.timeout(POST_MS)]),
      ...(route.authorities === undefined ? {} : { ca: [...rootCertificates, ...route.authorities] }),
    });
    asked.on('error', () => resolve(FAILED));
    asked.on('close', () => resolve(FAILED));
    asked.on('response', (response) => {
      resolve(outcomeOf(response));
      asked.destroy();
    });
    asked.end(body);
  });
}

/** An address without its brackets. */
export const bareHost = (url: URL): string => (url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname);

function outcomeOf({ statusCode = 0, headers }: IncomingMessage): PushOutcome {
  if (statusCode >= 200 && statusCode < 300) return { did: 'arrived' };
  const isLater = statusCode === 408 || statusCode === 425 || statusCode === 429;
  if (statusCode >= 400 && statusCode < 500 && !isLater) return { did: 'refused' };
  const seconds = /^\d{1,9}$/.test(headers['retry-after'] ?? '') ? Number(headers['retry-after']) : 0;
  return { did: 'failed', slower: statusCode === 429, afterMs: Math.min(seconds, RETRY_AFTER_LIMIT_S) * 1_000 };
}

type Done = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** SECURITY: what is judged is what is connected to, or a name could mean another address the second time. */
async function lookUp(name: string, { resolver, mayReach }: PushRoute, { all }: LookupOptions, done: Done): Promise<void> {
  const [v4, v6] = await Promise.all([resolver.a(name), resolver.aaaa(name)]);
  const addresses = [
    ...(v4.found === 'records' ? v4.records : []).map((address) => ({ address, family: 4 })),
    ...(v6.found === 'records' ? v6.records : []).map((address) => ({ address, family: 6 })),
  ].filter(({ address }) => mayReach(address));
  const [first] = addresses;
  if (first === undefined) done(new Error('no address that may be reached'), []);
  else if (all === true) done(null, addresses);
  else done(null, first.address, first.family);
}
