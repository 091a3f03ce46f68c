/** Arguments that are results of earlier calls (RFC 8620 §3.7). */
import { invalid, MethodError } from './error.ts';
import { isObject, isText, type JsonObject, member } from './json.ts';

/** What a call answered: its name, arguments and the id of the call. */
export type Response = readonly [name: string, args: JsonObject, callId: string];

/** Items that `*` may gather over all levels; beyond it no method takes them anyway. */
const GATHERED_LIMIT = 100_000;
const NOT_FOUND = Symbol('not found');

/** The arguments with every `#name` put in. Throws a MethodError. */
export function resolved(args: JsonObject, responses: readonly Response[]): JsonObject {
  const names = Object.keys(args);
  if (!names.some((name) => name.startsWith('#'))) return args;
  const out: Record<string, unknown> = {};
  for (const name of names) {
    if (!name.startsWith('#')) {
      set(out, name, args[name]);
      continue;
    }
    const bare = name.slice(1);
    if (Object.hasOwn(args, bare)) throw invalid(`"${bare}" is given twice, as a value and as a reference`);
    set(out, bare, lookUp(args[name], responses));
  }
  return out;
}

/** SECURITY: this one name would replace the object's prototype. */
function set(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') target[name] = value;
}

function lookUp(reference: unknown, responses: readonly Response[]): unknown {
  if (!isObject(reference)) throw new MethodError('invalidResultReference', 'a reference is an object');
  const [resultOf, name, path] = [member(reference, 'resultOf'), member(reference, 'name'), member(reference, 'path')];
  if (!isText(resultOf) || !isText(name) || !isText(path))
    throw new MethodError('invalidResultReference', 'a reference has resultOf, name and path');
  const response = responses.find(([, , callId]) => callId === resultOf);
  if (response === undefined || response[0] !== name)
    throw new MethodError('invalidResultReference', 'no call before this one has that id and answered by that name');
  const value = pointed(response[1], path);
  if (value === NOT_FOUND) throw new MethodError('invalidResultReference', 'the path leads nowhere');
  return value;
}

/** A JSON pointer (RFC 6901) with `*` for every item of a list. */
function pointed(value: unknown, path: string): unknown {
  if (path === '') return value;
  if (!path.startsWith('/')) return NOT_FOUND;
  return step(value, path.slice(1).split('/').map(unescaped), 0);
}

const unescaped = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~');

function step(value: unknown, tokens: readonly string[], at: number): unknown {
  const token = tokens[at];
  if (token === undefined) return value;
  if (Array.isArray(value)) return token === '*' ? gathered(value, tokens, at + 1) : item(value, tokens, at);
  if (!isObject(value) || !Object.hasOwn(value, token)) return NOT_FOUND;
  return step(value[token], tokens, at + 1);
}

function item(list: readonly unknown[], tokens: readonly string[], at: number): unknown {
  const token = tokens[at] ?? '';
  if (!/^(?:0|[1-9]\d{0,8})$/.test(token) || Number(token) >= list.length) return NOT_FOUND;
  return step(list[Number(token)], tokens, at + 1);
}

/** RFC 8620 §3.7: lists found behind `*` become one list. */
function gathered(list: readonly unknown[], tokens: readonly string[], at: number): unknown {
  const all: unknown[] = [];
  for (const one of list) {
    const found = step(one, tokens, at);
    if (found === NOT_FOUND) return NOT_FOUND;
    if (Array.isArray(found)) for (const inner of found) all.push(inner);
    else all.push(found);
    if (all.length > GATHERED_LIMIT) throw new MethodError('requestTooLarge', 'the reference gathers too much');
  }
  return all;
}
