/** What every Foo/set has in common (RFC 8620 §5.3): limits, states, creation ids, and a no for each object that cannot be done. */
import { invalid, MethodError, type SetError, SetFault } from '../../../codec/jmap/error.ts';
import { isObject, isText, isTextList, type JsonObject } from '../../../codec/jmap/json.ts';
import { isRefusal } from '../../../core/refusal.ts';
import { onlyKnown, optional } from './arguments.ts';
import type { Call } from './call.ts';
import { LIMITS } from './limits.ts';
import { setErrorOf } from './phrases.ts';

const ARGUMENTS = ['accountId', 'ifInState', 'create', 'update', 'destroy'] as const;

/** How one kind of object is made, changed and removed. Each throws a SetFault for its no. */
export type Setter = Readonly<{
  state(): string | Promise<string>;
  /** What the server set itself, `id` included. */
  create(object: JsonObject, creationId: string): JsonObject | Promise<JsonObject>;
  /** What changed besides what was asked, or null. */
  update(id: string, patch: JsonObject): JsonObject | null | Promise<JsonObject | null>;
  destroy(id: string): void | Promise<void>;
  /** Where many are changed or removed in one commit: an answer for each, in their order. Used instead of the two above. */
  updateMany?(updates: readonly Update[]): Promise<readonly Outcome<JsonObject | null>[]>;
  destroyMany?(ids: readonly string[]): Promise<readonly Outcome<void>[]>;
}>;

export type Update = Readonly<{ id: string; patch: JsonObject }>;

export type SetAsk = Readonly<{
  ifInState: string | null;
  create: Readonly<Record<string, JsonObject>>;
  update: Readonly<Record<string, JsonObject>>;
  destroy: readonly string[];
}>;

export function setAsk(args: JsonObject, more: readonly string[] = []): SetAsk {
  onlyKnown(args, [...ARGUMENTS, ...more]);
  const ifInState = optional(args, 'ifInState', isText, null);
  const create = optional(args, 'create', isObject, {});
  const update = optional(args, 'update', isObject, {});
  const destroy = optional(args, 'destroy', isTextList, []);
  if (Object.keys(create).length + Object.keys(update).length + destroy.length > LIMITS.maxObjectsInSet)
    throw new MethodError('requestTooLarge', 'more objects than maxObjectsInSet');
  if (!areObjects(create) || !areObjects(update)) throw invalid('what is made or changed must be an object');
  return { ifInState, create, update, destroy };
}

const areObjects = (map: JsonObject): map is Readonly<Record<string, JsonObject>> => Object.values(map).every(isObject);

export type SetAnswer = Readonly<{
  accountId: unknown;
  oldState: string;
  newState: string;
  created: Readonly<Record<string, JsonObject>> | null;
  updated: Readonly<Record<string, JsonObject | null>> | null;
  destroyed: readonly string[] | null;
  notCreated: Readonly<Record<string, SetError>> | null;
  notUpdated: Readonly<Record<string, SetError>> | null;
  notDestroyed: Readonly<Record<string, SetError>> | null;
}>;

export async function runSet(
  args: JsonObject,
  ask: SetAsk,
  { call, setter }: Readonly<{ call: Call; setter: Setter }>,
): Promise<SetAnswer> {
  const oldState = await setter.state();
  if (ask.ifInState !== null && ask.ifInState !== oldState) throw new MethodError('stateMismatch');
  const made = await createAll(ask.create, call, setter);
  const changed = await updateAll(ask, call, setter);
  const gone = await destroyAll(ask.destroy, call, setter);
  return { accountId: args['accountId'], oldState, newState: await setter.state(), ...made, ...changed, ...gone };
}

/** Objects of one request may name each other as `#id`; those that are named are made first, however they were ordered. */
async function createAll(create: SetAsk['create'], call: Call, setter: Setter): Promise<Pick<SetAnswer, 'created' | 'notCreated'>> {
  const created: Record<string, JsonObject> = {};
  const notCreated: Record<string, SetError> = {};
  for (const creationId of inOrder(create)) {
    const outcome = await attempt(() => setter.create(create[creationId] ?? {}, creationId));
    if ('error' in outcome) {
      notCreated[creationId] = outcome.error;
      continue;
    }
    created[creationId] = outcome.value;
    if (isText(outcome.value['id'])) call.created(creationId, outcome.value['id']);
  }
  return { created: orNull(created), notCreated: orNull(notCreated) };
}

/** Whoever is named by another comes before it; in a circle the first of it. */
function inOrder(create: SetAsk['create']): readonly string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (creationId: string): void => {
    if (seen.has(creationId)) return;
    seen.add(creationId);
    for (const value of Object.values(create[creationId] ?? {}))
      if (isText(value) && value.startsWith('#') && Object.hasOwn(create, value.slice(1))) visit(value.slice(1));
    order.push(creationId);
  };
  for (const creationId of Object.keys(create)) visit(creationId);
  return order;
}

async function updateAll(ask: SetAsk, call: Call, setter: Setter): Promise<Pick<SetAnswer, 'updated' | 'notUpdated'>> {
  const updated: Record<string, JsonObject | null> = {};
  const notUpdated: Record<string, SetError> = {};
  const willDestroy = new Set(ask.destroy.map((id) => call.idMeant(id)));
  const updates: Update[] = [];
  for (const [given, patch] of Object.entries(ask.update)) {
    const id = call.idMeant(given);
    if (id === undefined) notUpdated[given] = { type: 'notFound' };
    else if (willDestroy.has(id)) notUpdated[id] = { type: 'willDestroy' };
    else updates.push({ id, patch });
  }
  const outcomes = await (setter.updateMany?.(updates) ?? oneByOne(updates, ({ id, patch }) => setter.update(id, patch)));
  for (const [at, { id }] of updates.entries()) {
    const outcome = outcomes[at];
    if (outcome === undefined) continue;
    if ('error' in outcome) notUpdated[id] = outcome.error;
    else updated[id] = outcome.value;
  }
  return { updated: orNull(updated), notUpdated: orNull(notUpdated) };
}

async function destroyAll(destroy: readonly string[], call: Call, setter: Setter): Promise<Pick<SetAnswer, 'destroyed' | 'notDestroyed'>> {
  const destroyed: string[] = [];
  const notDestroyed: Record<string, SetError> = {};
  const ids = new Set<string>();
  for (const given of destroy) {
    const id = call.idMeant(given);
    if (id === undefined) notDestroyed[given] = { type: 'notFound' };
    else ids.add(id);
  }
  const asked = [...ids];
  const outcomes = await (setter.destroyMany?.(asked) ?? oneByOne(asked, (id) => setter.destroy(id)));
  for (const [at, id] of asked.entries()) {
    const outcome = outcomes[at];
    if (outcome === undefined) continue;
    if ('error' in outcome) notDestroyed[id] = outcome.error;
    else destroyed.push(id);
  }
  return { destroyed: destroyed.length === 0 ? null : destroyed, notDestroyed: orNull(notDestroyed) };
}

/** RFC 8620 §5.3: nothing to tell is null. */
export const orNull = <Value>(map: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> | null =>
  Object.keys(map).length === 0 ? null : map;

/** In their order: what one changes the next one sees. */
async function oneByOne<Item, Value>(items: readonly Item[], work: (item: Item) => Value | Promise<Value>): Promise<Outcome<Value>[]> {
  const outcomes: Outcome<Value>[] = [];
  for (const item of items) outcomes.push(await attempt(() => work(item)));
  return outcomes;
}

export type Outcome<Value> = Readonly<{ value: Value }> | Readonly<{ error: SetError }>;

/** A SetFault, or a Refusal that was thrown on, is this object's no; everything else is the method's. */
export async function attempt<Value>(work: () => Value | Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof SetFault) return { error: error.error };
    if (isRefusal(error)) return { error: setErrorOf(error) };
    throw error;
  }
}
