/** What every Foo/query and Foo/queryChanges have in common (RFC 8620 §5.5, §5.6): filters, sorts, and the window on the results. */
import { invalid, MethodError } from '../../../codec/jmap/error.ts';
import { isBoolean, isInt, isObject, isText, isUnsignedInt, type JsonObject, member } from '../../../codec/jmap/json.ts';
import { onlyKnown, optional, required } from './arguments.ts';
import { FILTER_DEPTH_LIMIT, FILTER_SIZE_LIMIT, QUERY_WINDOW_LIMIT, SORT_LIMIT } from './limits.ts';

const ARGUMENTS = ['accountId', 'filter', 'sort', 'position', 'anchor', 'anchorOffset', 'limit', 'calculateTotal'] as const;
const CHANGES_ARGUMENTS = ['accountId', 'filter', 'sort', 'sinceQueryState', 'maxChanges', 'upToId', 'calculateTotal'] as const;

export type Filter<Condition> =
  | Readonly<{ operator: 'AND' | 'OR' | 'NOT'; of: readonly Filter<Condition>[] }>
  | Readonly<{ operator: null; condition: Condition }>;
export type Comparator = Readonly<{ property: string; isAscending: boolean; collation: string | null; more: JsonObject }>;

/** `condition` reads one FilterCondition; it throws a MethodError for what it does not know. */
export type QueryKind<Condition> = Readonly<{
  condition(value: JsonObject): Condition;
  /** Properties that can be sorted by, and for each the further members its comparator may have. */
  sorts: Readonly<Record<string, readonly string[]>>;
  more?: readonly string[];
}>;

export type Window = Readonly<{
  position: number;
  anchor: string | null;
  anchorOffset: number;
  limit: number | null;
  calculateTotal: boolean;
}>;
export type QueryAsk<Condition> = Readonly<{ filter: Filter<Condition> | null; sort: readonly Comparator[] }> & Window;

/** Collations of RFC 4790 that text is sorted by. */
export const COLLATIONS = ['i;ascii-casemap', 'i;unicode-casemap', 'i;ascii-numeric'] as const;

export function queryAsk<Condition>(args: JsonObject, kind: QueryKind<Condition>): QueryAsk<Condition> {
  onlyKnown(args, [...ARGUMENTS, ...(kind.more ?? [])]);
  return {
    ...filterAndSort(args, kind),
    position: optional(args, 'position', isInt, 0),
    anchor: optional(args, 'anchor', isText, null),
    anchorOffset: optional(args, 'anchorOffset', isInt, 0),
    limit: optional(args, 'limit', isUnsignedInt, null),
    calculateTotal: optional(args, 'calculateTotal', isBoolean, false),
  };
}

function filterAndSort<Condition>(args: JsonObject, kind: QueryKind<Condition>): Pick<QueryAsk<Condition>, 'filter' | 'sort'> {
  const filter = optional(args, 'filter', isObject, null);
  const sort = optional(args, 'sort', isList, []);
  if (sort.length > SORT_LIMIT) throw new MethodError('unsupportedSort', 'too many comparators');
  const room = { left: FILTER_SIZE_LIMIT };
  return {
    filter: filter === null ? null : readFilter(filter, kind, { depth: 0, room }),
    sort: sort.map((one) => readComparator(one, kind)),
  };
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** Bounded in depth and in all its conditions. */
function readFilter<Condition>(
  value: JsonObject,
  kind: QueryKind<Condition>,
  at: Readonly<{ depth: number; room: { left: number } }>,
): Filter<Condition> {
  if (at.depth > FILTER_DEPTH_LIMIT || --at.room.left < 0) throw new MethodError('unsupportedFilter', 'the filter is too large');
  const operator = member(value, 'operator');
  if (operator === undefined) return { operator: null, condition: kind.condition(value) };
  const conditions = member(value, 'conditions');
  if ((operator !== 'AND' && operator !== 'OR' && operator !== 'NOT') || !Array.isArray(conditions) || !conditions.every(isObject))
    throw invalid('an operator is AND, OR or NOT over a list of conditions');
  onlyKnown(value, ['operator', 'conditions']);
  return { operator, of: conditions.map((one: JsonObject) => readFilter(one, kind, { depth: at.depth + 1, room: at.room })) };
}

function readComparator(value: unknown, { sorts }: QueryKind<unknown>): Comparator {
  if (!isObject(value)) throw invalid('a comparator is an object');
  const property = required(value, 'property', isText);
  const collation = optional(value, 'collation', isText, null);
  const more = Object.hasOwn(sorts, property) ? sorts[property] : undefined;
  if (more === undefined) throw new MethodError('unsupportedSort', `there is no sorting by "${property.slice(0, 100)}"`);
  if (collation !== null && !(COLLATIONS as readonly string[]).includes(collation))
    throw new MethodError('unsupportedSort', 'that collation is not known here');
  onlyKnown(value, ['property', 'isAscending', 'collation', ...more]);
  return { property, isAscending: optional(value, 'isAscending', isBoolean, true), collation, more: value };
}

/** How names are compared where they are filtered or sorted by. */
export const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

export function matches<Condition>(filter: Filter<Condition> | null, holds: (condition: Condition) => boolean): boolean {
  if (filter === null) return true;
  if (filter.operator === null) return holds(filter.condition);
  if (filter.operator === 'AND') return filter.of.every((one) => matches(one, holds));
  const any = filter.of.some((one) => matches(one, holds));
  return filter.operator === 'OR' ? any : !any;
}

/** Every condition in a filter. */
export function conditionsOf<Condition>(filter: Filter<Condition> | null): readonly Condition[] {
  if (filter === null) return [];
  return filter.operator === null ? [filter.condition] : filter.of.flatMap(conditionsOf);
}

/** The part of all results that was asked for (RFC 8620 §5.5). */
function windowOf(
  { ids, anchorAt, text }: QueryAnswer,
  window: Window,
): Readonly<{ ids: readonly string[]; position: number; limit?: number }> {
  const from = firstOf(ids.length, anchorAt, window);
  const asked = window.limit ?? QUERY_WINDOW_LIMIT;
  const limit = Math.min(asked, QUERY_WINDOW_LIMIT);
  // The limit is told where it is not what was asked.
  return { ids: ids.slice(from, from + limit).map(text), position: from, ...(limit === window.limit ? {} : { limit }) };
}

function firstOf(count: number, anchorAt: QueryAnswer['anchorAt'], { position, anchor, anchorOffset }: Window): number {
  if (anchor === null) return position >= 0 ? position : Math.max(0, count + position);
  const at = anchorAt(anchor);
  if (at < 0) throw new MethodError('anchorNotFound');
  return Math.max(0, at + anchorOffset);
}

export type QueryAnswer = Readonly<{
  /** All results, as numbers: only those that are given are written out. */
  ids: readonly number[];
  text(id: number): string;
  /** Where an id stands in them; −1 where it does not. */
  anchorAt(anchor: string): number;
  queryState: string;
  canCalculateChanges: boolean;
}>;

export function queryAnswer(accountId: unknown, window: Window, answer: QueryAnswer): JsonObject {
  const { queryState, canCalculateChanges } = answer;
  const total = window.calculateTotal ? { total: answer.ids.length } : {};
  return { accountId, queryState, canCalculateChanges, ...windowOf(answer, window), ...total };
}

export type QueryChangesAsk<Condition> = Readonly<{
  filter: Filter<Condition> | null;
  sort: readonly Comparator[];
  sinceQueryState: string;
  maxChanges: number | null;
  upToId: string | null;
  calculateTotal: boolean;
}>;

export function queryChangesAsk<Condition>(args: JsonObject, kind: QueryKind<Condition>): QueryChangesAsk<Condition> {
  onlyKnown(args, [...CHANGES_ARGUMENTS, ...(kind.more ?? [])]);
  const maxChanges = optional(args, 'maxChanges', isUnsignedInt, null);
  if (maxChanges === 0) throw invalid('"maxChanges" must be more than 0');
  return {
    ...filterAndSort(args, kind),
    sinceQueryState: required(args, 'sinceQueryState', isText),
    maxChanges,
    upToId: optional(args, 'upToId', isText, null),
    calculateTotal: optional(args, 'calculateTotal', isBoolean, false),
  };
}

/**
 * RFC 8620 §5.6 without remembering old results: whatever changed since then
 * may have stood in them and is removed; what of it stands in the results now
 * is added where it stands. `touched` are ids that were created, updated or
 * destroyed since the old state.
 */
export function queryChangesAnswer(
  accountId: unknown,
  ask: QueryChangesAsk<unknown>,
  now: Readonly<{ ids: readonly string[]; touched: ReadonlySet<string>; created: ReadonlySet<string>; newQueryState: string }>,
): JsonObject {
  const removed = [...now.touched].filter((id) => !now.created.has(id));
  const end = ask.upToId === null ? -1 : now.ids.indexOf(ask.upToId);
  const upTo = end < 0 ? now.ids.length : end + 1;
  const added: Readonly<{ id: string; index: number }>[] = [];
  for (let index = 0; index < upTo; index++) {
    const id = now.ids[index] ?? '';
    if (now.touched.has(id)) added.push({ id, index });
  }
  if (ask.maxChanges !== null && removed.length + added.length > ask.maxChanges) throw new MethodError('tooManyChanges');
  const total = ask.calculateTotal ? { total: now.ids.length } : {};
  return { accountId, oldQueryState: ask.sinceQueryState, newQueryState: now.newQueryState, ...total, removed, added };
}
