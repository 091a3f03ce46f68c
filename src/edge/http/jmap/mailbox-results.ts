/** What Mailbox/query finds, in its order (RFC 8621 §2.3). */
import { invalid, MethodError } from '../../../codec/jmap/error.ts';
import { numberOf } from '../../../codec/jmap/ids.ts';
import { isBoolean, isText, type JsonObject } from '../../../codec/jmap/json.ts';
import type { MailboxId } from '../../../core/ids.ts';
import type { MailboxInfo } from '../../../service/mailboxes/mailboxes.ts';
import { optional } from './arguments.ts';
import { nameOf, sortOrderOf } from './mailbox-object.ts';
import { type Comparator, type Filter, folded, matches, type QueryKind } from './standard-query.ts';

export type MailboxCondition = (info: MailboxInfo) => boolean;

export const MAILBOX_QUERY: QueryKind<MailboxCondition> = {
  condition: (value) => {
    const tests = Object.keys(value).map((name) => testOf(name, value[name]));
    return (info) => tests.every((test) => test(info));
  },
  sorts: { sortOrder: [], name: [] },
  more: ['sortAsTree', 'filterAsTree'],
};

const wrong = (name: string): MethodError => invalid(`"${name}" in the filter is of the wrong type`);

function testOf(name: string, value: unknown): MailboxCondition {
  switch (name) {
    case 'parentId': {
      if (value !== null && !isText(value)) throw wrong(name);
      const parent = value === null ? null : numberOf<MailboxId>('mailbox', value);
      return (info) => info.parent === parent;
    }
    case 'name': {
      if (!isText(value)) throw wrong(name);
      const part = folded(value);
      return (info) => folded(nameOf(info)).includes(part);
    }
    case 'role':
      if (value !== null && !isText(value)) throw wrong(name);
      return (info) => info.role === value;
    case 'hasAnyRole':
      if (!isBoolean(value)) throw wrong(name);
      return (info) => (info.role !== null) === value;
    case 'isSubscribed':
      if (!isBoolean(value)) throw wrong(name);
      return (info) => info.subscribed === value;
    default:
      throw new MethodError('unsupportedFilter', `there is no filter "${name.slice(0, 100)}"`);
  }
}

export type MailboxAsk = Readonly<{ filter: Filter<MailboxCondition> | null; sort: readonly Comparator[] }>;

/** Ids of all that fit. */
export function mailboxResults(
  args: JsonObject,
  ask: MailboxAsk,
  { list, orders }: Readonly<{ list: readonly MailboxInfo[]; orders: ReadonlyMap<MailboxId, number> }>,
): readonly MailboxId[] {
  const asTree = { sort: optional(args, 'sortAsTree', isBoolean, false), filter: optional(args, 'filterAsTree', isBoolean, false) };
  const byId = new Map(list.map((info) => [info.mailbox, info]));
  const fits = new Set(list.filter((info) => matches(ask.filter, (holds) => holds(info))));
  const found = list.filter((info) => fits.has(info) && (!asTree.filter || above(info, byId).every((one) => fits.has(one))));
  const compare = comparison(ask.sort, orders);
  const sorted = asTree.sort
    ? found.toSorted((one, other) => inTree([...above(one, byId).reverse(), one], [...above(other, byId).reverse(), other], compare))
    : found.toSorted(compare);
  return sorted.map(({ mailbox }) => mailbox);
}

/** The parent first, then its parent; the tree's depth is bounded where it is built. */
function above(info: MailboxInfo, byId: ReadonlyMap<MailboxId, MailboxInfo>): MailboxInfo[] {
  const chain: MailboxInfo[] = [];
  for (let at = info.parent; at !== null && chain.length < byId.size; ) {
    const parent = byId.get(at);
    if (parent === undefined) break;
    chain.push(parent);
    at = parent.parent;
  }
  return chain;
}

type Compare = (one: MailboxInfo, other: MailboxInfo) => number;

function comparison(sort: readonly Comparator[], orders: ReadonlyMap<MailboxId, number>): Compare {
  const collator = new Intl.Collator('en', { sensitivity: 'accent', numeric: true });
  return (one, other) => {
    for (const { property, isAscending } of sort) {
      const difference =
        property === 'name' ? collator.compare(nameOf(one), nameOf(other)) : sortOrderOf(one, orders) - sortOrderOf(other, orders);
      if (difference !== 0) return isAscending ? difference : -difference;
    }
    return one.mailbox - other.mailbox;
  };
}

/** Where two paths part, the two mailboxes there decide. */
function inTree(one: readonly MailboxInfo[], other: readonly MailboxInfo[], compare: Compare): number {
  for (let level = 0; ; level++) {
    const [left, right] = [one[level], other[level]];
    if (left === undefined || right === undefined) return one.length - other.length;
    if (left !== right) return compare(left, right);
  }
}
