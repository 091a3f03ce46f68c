/** JMAP over HTTP (RFC 8620 §2, §3): the session and the api; uploads, downloads and events have files of their own. */
import { type Context, Hono } from 'hono';
import { limitError, readRequest } from '../../../codec/jmap/request.ts';
import type { RequestError } from '../../../codec/jmap/error.ts';
import type { AccountId } from '../../../core/ids.ts';
import { isRefusal, type Refusal } from '../../../core/refusal.ts';
import type { Admission } from '../../../service/accounts/accounts.ts';
import { UnderWay } from '../../../lib/under-way.ts';
import { faultProblem, plainProblem, problemResponse, refusalProblem } from '../problem.ts';
import { readOctets } from '../request-body.ts';
import type { Line } from '../server.ts';
import { EventStreams } from './event-streams.ts';
import type { JmapHost } from './host.ts';
import { LIMITS } from './limits.ts';
import { process } from './process.ts';
import { QueryCache } from './query-cache.ts';
import { knownCapabilities, PATHS, sessionObject } from './session-object.ts';
import { signInBy } from './sign-in.ts';
import { Transfer } from './transfer.ts';

export type Ask = Readonly<{ request: Request; url: URL; line: Line; signedIn: Admission; params: Readonly<Record<string, string>> }>;

/** What nobody's cache may keep, and no page may guess at. */
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

export class JmapApi {
  readonly #host: JmapHost;
  readonly #app = new Hono<{ Bindings: { line: Line } }>();
  /** Requests under way by account (maxConcurrentRequests). */
  readonly #underWay = new UnderWay<AccountId>();

  readonly events: EventStreams;
  readonly #transfer: Transfer;
  readonly #queries = new QueryCache();

  constructor(host: JmapHost) {
    this.#host = host;
    this.events = new EventStreams(host);
    this.#transfer = new Transfer(host);
    this.#on('GET', PATHS.wellKnown, (ask) => this.#session(ask));
    this.#on('GET', PATHS.session, (ask) => this.#session(ask));
    this.#on('GET', PATHS.events, (ask) => this.events.answer(ask));
    this.#on('POST', `${PATHS.upload}/:accountId`, (ask) => this.#transfer.upload(ask));
    this.#on('GET', `${PATHS.download}/:accountId/:blobId/:name`, (ask) => this.#transfer.download(ask));
    this.#on('POST', PATHS.api, (ask) => this.#api(ask));
    this.#app.notFound(() => problemResponse(plainProblem(404, 'There is no such thing')));
    this.#app.onError((error) => this.#troubled(error));
  }

  fetch(request: Request, line: Line): Response | Promise<Response> {
    return this.#app.fetch(request, { line });
  }

  /** Ends what would else never end. */
  close(): void {
    this.events.close();
  }

  #on(method: 'GET' | 'POST', path: string, answer: (ask: Ask) => Response | Promise<Response>): void {
    this.#app.on(method, path, async (context: Context<{ Bindings: { line: Line } }>) => {
      const request = context.req.raw;
      const { line } = context.env;
      const signedIn = await signInBy(request.headers.get('authorization'), line, this.#host);
      if (isRefusal(signedIn)) return unknownCaller(signedIn);
      return answer({ request, url: new URL(request.url), line, signedIn, params: context.req.param() });
    });
  }

  get #offer(): Readonly<{ messageLimit: number; applicationServerKey: string | undefined }> {
    const { messageLimit, pushes } = this.#host;
    return { messageLimit, applicationServerKey: pushes?.vapid.publicKey };
  }

  #session({ url, line, signedIn }: Ask): Response {
    return json(sessionObject(signedIn.person, { ...this.#offer, origin: originOf(url, line) }));
  }

  async #api(ask: Ask): Promise<Response> {
    const { account } = ask.signedIn.person;
    if (this.#underWay.of(account) >= LIMITS.maxConcurrentRequests) return errorResponse(limitError('maxConcurrentRequests'));
    return this.#underWay.during(account, () => this.#answer(ask));
  }

  async #answer({ request, url, line, signedIn }: Ask): Promise<Response> {
    if (!isJson(request.headers.get('content-type')))
      return errorResponse({
        type: 'urn:ietf:params:jmap:error:notJSON',
        status: 400,
        detail: 'the content type of a request is application/json',
      });
    const body = await readOctets(request, LIMITS.maxSizeRequest);
    if (body === undefined) return errorResponse(limitError('maxSizeRequest'));
    const { messageLimit, applicationServerKey } = this.#offer;
    const read = readRequest(body, { known: knownCapabilities(messageLimit, applicationServerKey), maxCalls: LIMITS.maxCallsInRequest });
    if (!read.ok) return errorResponse(read.error);
    const { state } = sessionObject(signedIn.person, { ...this.#offer, origin: originOf(url, line) });
    return json({ ...(await process(read.request, { host: this.#host, signedIn, queries: this.#queries, line })), sessionState: state });
  }

  #troubled(error: unknown): Response {
    const problem = faultProblem(error);
    this.#host.onTrouble(problem.incident, error);
    return problemResponse(problem);
  }
}

/** The scheme and name by which the client found us: it asks for the other addresses there too. */
const originOf = (url: URL, { isSecure }: Line): string => `${isSecure ? 'https' : 'http'}://${url.host}`;

const isJson = (type: string | null): boolean => /^application\/json\s*(?:;|$)/i.test(type ?? '');

function json(value: unknown): Response {
  return new Response(JSON.stringify(value), { headers: { ...HEADERS, 'content-type': 'application/json' } });
}

function errorResponse(error: RequestError): Response {
  const { status } = error;
  return new Response(JSON.stringify(error), { status, headers: { ...HEADERS, 'content-type': 'application/problem+json' } });
}

function unknownCaller(refusal: Refusal): Response {
  const response = problemResponse(refusalProblem(refusal));
  if (response.status === 401) response.headers.set('www-authenticate', 'Basic realm="Eigenpost", charset="UTF-8"');
  return response;
}
