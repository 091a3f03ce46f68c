/** The admin API: the table of routes behind HTTP and JSON (problems by RFC 9457). */
import { type Context, Hono } from 'hono';
import { isRefusal } from '../../../core/refusal.ts';
import { readBody } from '../request-body.ts';
import { faultProblem, plainProblem, problemResponse, refusalProblem } from '../problem.ts';
import type { Answer, Desk, Route } from './desk.ts';
import { ROUTES } from './routes.ts';

export type { Desk } from './desk.ts';

export const API_BASE = '/api/v1';
/** Octets of a request body: twenty thousand people with their passwords fit. */
const BODY_LIMIT = 16_777_216;
const NDJSON = 'application/x-ndjson';

export function adminApi(desk: Desk): (request: Request) => Response | Promise<Response> {
  const app = new Hono();
  for (const route of ROUTES) app.on(route.method, `${API_BASE}${route.path}`, (context) => serve(route, context, desk));
  app.notFound(() => problemResponse(plainProblem(404, 'There is no such thing', 'The address of the request is not one of this API')));
  app.onError((error) => problemResponse(troubled(desk, error)));
  return (request) => app.fetch(request);
}

async function serve(route: Route, context: Context, desk: Desk): Promise<Response> {
  const text = route.method === 'GET' || route.method === 'DELETE' ? '' : await readBody(context.req.raw, BODY_LIMIT);
  if (text === undefined) return problemResponse(plainProblem(413, 'The request is larger than we take'));
  const body = text === '' ? undefined : parseJson(text);
  if (body === NOT_JSON) return problemResponse(plainProblem(400, 'The body is not JSON'));
  const wantsProgress = context.req.header('accept') === NDJSON;
  const ask = {
    params: context.req.param() as Readonly<Record<string, string>>,
    query: new URL(context.req.url).searchParams,
    body,
    wantsProgress,
  };
  return respond(await route.run(ask, desk), desk);
}

const NOT_JSON = Symbol('not JSON');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
}

function respond(answer: Answer, desk: Desk): Response {
  if (isRefusal(answer)) return problemResponse(refusalProblem(answer));
  if ('problem' in answer) return problemResponse(answer.problem);
  if ('progress' in answer) return new Response(progressLines(answer.progress, desk), { headers: { 'content-type': NDJSON } });
  if (!('value' in answer)) return new Response(null, { status: answer.status });
  return new Response(JSON.stringify(answer.value), { status: answer.status ?? 200, headers: { 'content-type': 'application/json' } });
}

/** One JSON value per line: `{ "done": n }` as it goes, then `{ "value": … }` or `{ "problem": … }`. */
function progressLines(work: Extract<Answer, { progress: unknown }>['progress'], desk: Desk): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let isGone = false;
  return new ReadableStream({
    start: async (controller) => {
      const tell = (line: unknown): void => {
        if (!isGone) controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      };
      tell(await work(tell).then(lastLine, (error: unknown) => ({ problem: troubled(desk, error) })));
      if (!isGone) controller.close();
    },
    cancel: () => {
      isGone = true;
    },
  });
}

function lastLine(answer: Answer): unknown {
  if (isRefusal(answer)) return { problem: refusalProblem(answer) };
  return 'progress' in answer ? { problem: plainProblem(500, 'Something went wrong on our side') } : answer;
}

function troubled(desk: Desk, error: unknown): ReturnType<typeof faultProblem> {
  const problem = faultProblem(error);
  desk.onTrouble(problem.incident, error);
  return problem;
}
