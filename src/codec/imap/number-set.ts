/**
 * Sets of sequence numbers or UIDs (RFC 9051 §9, sequence-set). A set is kept as ranges,
 * never spelled out: `1:4294967295` costs two numbers. `resolve` sorts and joins them once
 * the value of `*` is known; `positions` lays them over an ascending column of UIDs.
 */
import type { Cursor } from './cursor.ts';

/** Ranges laid flat: from, to, from, to … */
export type Ranges = readonly number[];

/** `$` stands for the saved result of an earlier search (RFC 9051 §6.4.4.1). */
export type NumberSet = Readonly<{ kind: 'saved' }> | Readonly<{ kind: 'ranges'; ranges: Ranges }>;

/** Stands for `*` until the largest number in use is known; no number in a set is 0. */
const STAR = 0;

/** Ranges in one set. A command line (decoder.ts) holds no more than 32768; this keeps the reader safe on its own. */
const RANGE_LIMIT = 32_768;

export function readNumberSet(cursor: Cursor): NumberSet {
  if (cursor.accept('$')) return { kind: 'saved' };
  const ranges: number[] = [];
  do {
    const from = readNumber(cursor);
    ranges.push(from, cursor.accept(':') ? readNumber(cursor) : from);
    if (ranges.length > 2 * RANGE_LIMIT) cursor.fail('Too many ranges in one set');
  } while (cursor.accept(','));
  return { kind: 'ranges', ranges };
}

const readNumber = (cursor: Cursor): number => (cursor.accept('*') ? STAR : cursor.nzNumber());

/** The largest number named outright; 0 when only `*` is. Sequence numbers past the mailbox are BAD. */
export const largestNamed = (ranges: Ranges): number => {
  let largest = 0;
  for (const number of ranges) if (number > largest) largest = number;
  return largest;
};

export const namesStar = (ranges: Ranges): boolean => ranges.includes(STAR);

/** The same set with `*` filled in, each range low to high, ascending, joined where they touch. */
export function resolve(ranges: Ranges, star: number): number[] {
  const pairs: number[] = [];
  let isAscending = true;
  for (let at = 0; at < ranges.length; at += 2) {
    const from = ranges[at] || star;
    const to = ranges[at + 1] || star;
    const low = Math.min(from, to);
    isAscending &&= at === 0 || low > (pairs[at - 1] ?? 0) + 1;
    pairs.push(low, Math.max(from, to));
  }
  return isAscending ? pairs : join(pairs);
}

function join(pairs: readonly number[]): number[] {
  const order = Array.from({ length: pairs.length / 2 }, (_, index) => index * 2);
  order.sort((a, b) => (pairs[a] ?? 0) - (pairs[b] ?? 0));
  const joined: number[] = [];
  for (const at of order) {
    const low = pairs[at] ?? 0;
    const high = pairs[at + 1] ?? 0;
    const last = joined.at(-1);
    if (last === undefined || low > last + 1) joined.push(low, high);
    else if (high > last) joined[joined.length - 1] = high;
  }
  return joined;
}

/** Whether a resolved set holds the number. */
export function includes(resolved: Ranges, number: number): boolean {
  let low = 0;
  let high = resolved.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((resolved[middle * 2 + 1] ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  return (resolved[low * 2] ?? Infinity) <= number;
}

/**
 * Where a resolved set falls on the first `count` numbers of an ascending column: index
 * ranges laid flat, start inclusive and end exclusive. Each costs two binary searches.
 */
export function positions(resolved: Ranges, column: ArrayLike<number>, count: number = column.length): number[] {
  const found: number[] = [];
  let start = 0;
  for (let at = 0; at < resolved.length && start < count; at += 2) {
    start = firstAtLeast(column, resolved[at] ?? 0, start, count);
    const end = firstAtLeast(column, (resolved[at + 1] ?? 0) + 1, start, count);
    if (end > start) found.push(start, end);
    start = end;
  }
  return found;
}

/** The first index in [from, to) whose number is at least `number`; `to` when none is. */
export function firstAtLeast(column: ArrayLike<number>, number: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((column[middle] ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The numbers in the order given, runs written as ranges: 1,2,3,7 becomes `1:3,7`. */
export function formatNumbers(numbers: Iterable<number>): string {
  let text = '';
  let from = 0;
  let to = 0;
  for (const number of numbers) {
    if (to !== 0 && number === to + 1) {
      to = number;
      continue;
    }
    if (to !== 0) text += `${formatRange(from, to)},`;
    from = to = number;
  }
  return to === 0 ? text : text + formatRange(from, to);
}

/** Ranges laid flat, as the protocol writes them. */
export function formatRanges(ranges: Ranges): string {
  let text = '';
  for (let at = 0; at < ranges.length; at += 2) text += `${at === 0 ? '' : ','}${formatRange(ranges[at] ?? 0, ranges[at + 1] ?? 0)}`;
  return text;
}

const formatRange = (from: number, to: number): string => (from === to ? `${from}` : `${from}:${to}`);
