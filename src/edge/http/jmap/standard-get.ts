/** What every Foo/get has in common (RFC 8620 §5.1). */
import { invalid, MethodError } from '../../../codec/jmap/error.ts';
import { isTextList, type JsonObject } from '../../../codec/jmap/json.ts';
import { onlyKnown, optional } from './arguments.ts';
import { LIMITS } from './limits.ts';

const ARGUMENTS = ['accountId', 'ids', 'properties'] as const;

export type GetAsk = Readonly<{
  /** Without repetitions; null asks for all. */
  ids: readonly string[] | null;
  /** Null asks for the default ones. `id` is always among them. */
  properties: readonly string[] | null;
}>;

/** @param isProperty whether there is such a property; @param more arguments that only this method has */
export function getAsk(args: JsonObject, isProperty: (name: string) => boolean, more: readonly string[] = []): GetAsk {
  onlyKnown(args, [...ARGUMENTS, ...more]);
  const ids = optional(args, 'ids', isTextList, null);
  const properties = optional(args, 'properties', isTextList, null);
  if (ids !== null && ids.length > LIMITS.maxObjectsInGet) throw new MethodError('requestTooLarge', 'more ids than maxObjectsInGet');
  const stranger = properties?.find((name) => name !== 'id' && !isProperty(name));
  if (stranger !== undefined) throw invalid(`there is no property "${stranger.slice(0, 100)}"`);
  return {
    ids: ids === null ? null : [...new Set(ids)],
    properties: properties === null ? null : [...new Set(['id', ...properties])],
  };
}

/** All objects are asked for, and there are more than may be given at once. */
export function notTooMany(count: number): void {
  if (count > LIMITS.maxObjectsInGet) throw new MethodError('requestTooLarge', 'more objects than maxObjectsInGet; ask by id');
}

/** The object with these properties only. */
export function picked(object: JsonObject, properties: readonly string[] | null): JsonObject {
  if (properties === null) return object;
  const some: Record<string, unknown> = {};
  for (const name of properties) if (Object.hasOwn(object, name)) some[name] = object[name];
  return some;
}

type Source = Readonly<{
  accountId: unknown;
  state: string;
  /** All there are; asked for only with `ids: null`. */
  all(): readonly JsonObject[] | Promise<readonly JsonObject[]>;
  /** Undefined: not found. */
  one(id: string): JsonObject | undefined;
}>;

/** For objects that are at hand whole. */
export async function getAnswer(ask: GetAsk, { accountId, state, all, one }: Source): Promise<JsonObject> {
  const list: JsonObject[] = [];
  const notFound: string[] = [];
  if (ask.ids === null) {
    const objects = await all();
    notTooMany(objects.length);
    for (const object of objects) list.push(picked(object, ask.properties));
  }
  for (const id of ask.ids ?? []) {
    const object = one(id);
    if (object === undefined) notFound.push(id);
    else list.push(picked(object, ask.properties));
  }
  return { accountId, state, list, notFound };
}
