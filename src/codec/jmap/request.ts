/** The Request object (RFC 8620 §3.3) out of a body, or the problem that keeps it from being one. */
import type { RequestError } from './error.ts';
import { readIJson } from './i-json.ts';
import { isId, isObject, isText, isTextList, type JsonObject, member } from './json.ts';

export type Invocation = readonly [name: string, args: JsonObject, callId: string];
export type JmapRequest = Readonly<{
  using: readonly string[];
  methodCalls: readonly Invocation[];
  createdIds: Readonly<Record<string, string>> | undefined;
}>;
export type ReadRequest = Readonly<{ ok: true; request: JmapRequest }> | Readonly<{ ok: false; error: RequestError }>;

const no = (name: 'notJSON' | 'notRequest' | 'unknownCapability', detail: string): ReadRequest => ({
  ok: false,
  error: { type: `urn:ietf:params:jmap:error:${name}`, status: 400, detail },
});

/** @param known the capabilities of the session */
export function readRequest(
  body: Uint8Array,
  { known, maxCalls }: Readonly<{ known: ReadonlySet<string>; maxCalls: number }>,
): ReadRequest {
  const read = readIJson(body);
  return read.ok ? asRequest(read.value, { known, maxCalls }) : no('notJSON', `${read.why} (at character ${read.at})`);
}

/** The same for a request that came parsed (RFC 8887). */
export function asRequest(value: unknown, { known, maxCalls }: Readonly<{ known: ReadonlySet<string>; maxCalls: number }>): ReadRequest {
  if (!isObject(value)) return no('notRequest', 'a request is an object');
  const [using, calls, createdIds] = [member(value, 'using'), member(value, 'methodCalls'), member(value, 'createdIds')];
  if (!isTextList(using)) return no('notRequest', '"using" must be a list of strings');
  if (!Array.isArray(calls) || !calls.every(isInvocation)) return no('notRequest', '"methodCalls" must be a list of [name, arguments, id]');
  if (createdIds !== undefined && !isIdMap(createdIds)) return no('notRequest', '"createdIds" must map ids to ids');
  const stranger = using.find((name) => !known.has(name));
  if (stranger !== undefined) return no('unknownCapability', `there is no capability "${stranger.slice(0, 100)}" here`);
  if (calls.length > maxCalls) return { ok: false, error: limitError('maxCallsInRequest') };
  return { ok: true, request: { using, methodCalls: calls, createdIds } };
}

export const limitError = (limit: string): RequestError => ({
  type: 'urn:ietf:params:jmap:error:limit',
  status: 400,
  limit,
  detail: `the request passes the limit ${limit}`,
});

function isInvocation(value: unknown): value is Invocation {
  return Array.isArray(value) && value.length === 3 && isText(value[0]) && isObject(value[1]) && isText(value[2]);
}

const isIdMap = (value: unknown): value is Readonly<Record<string, string>> =>
  isObject(value) && Object.entries(value).every(([name, id]) => isId(name) && isId(id));
