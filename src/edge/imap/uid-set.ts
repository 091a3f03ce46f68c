/** Uids, ascending, as the disjoint ranges the house writes them in. */
import type { UidSet } from '../../core/command.ts';

export function uidSet(uids: ArrayLike<number>): UidSet {
  const ranges: [number, number][] = [];
  let last: [number, number] | undefined;
  for (let at = 0; at < uids.length; at++) {
    const uid = uids[at] ?? 0;
    if (last !== undefined && uid === last[1] + 1) last[1] = uid;
    else {
      last = [uid, uid];
      ranges.push(last);
    }
  }
  return ranges;
}
