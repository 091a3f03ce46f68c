/** A set of uids against an open mailbox: the rows it means, in pieces small enough for one write each. */
import type { UidSet } from '../../core/command.ts';
import type { MailboxColumns } from './columns.ts';

/** The rows [from, to) of each range, ascending; empty ones left out. */
export function rowRanges(columns: MailboxColumns, uids: UidSet): [number, number][] {
  const ranges: [number, number][] = [];
  for (const [first, last] of uids) {
    const range: [number, number] = [columns.firstRowFrom(first), columns.firstRowFrom(last + 1)];
    if (range[0] < range[1]) ranges.push(range);
  }
  return ranges;
}

/** Sets of at most `most` messages that are here now, together all that `uids` means and `isAsked` wants. */
export function pieces(columns: MailboxColumns, uids: UidSet, most: number, isAsked: (row: number) => boolean = () => true): UidSet[] {
  const found: [number, number][][] = [];
  let piece: [number, number][] = [];
  let count = 0;
  let lastRow = -2;
  for (const [from, to] of rowRanges(columns, uids)) {
    for (let row = from; row < to; row++) {
      if (!isAsked(row)) continue;
      if (count === 0) found.push((piece = []));
      const uid = columns.uids[row] ?? 0;
      const open = piece.at(-1);
      if (open !== undefined && lastRow === row - 1) open[1] = uid;
      else piece.push([uid, uid]);
      lastRow = row;
      count = count + 1 === most ? 0 : count + 1;
    }
  }
  return found;
}
