/** What changed on a shelf of objects between two of its states (RFC 8620 §5.2). */
import type { Shelf, ShelfState } from './object-shelf.ts';

export type ShelfChanges = Readonly<{
  created: readonly number[];
  updated: readonly number[];
  destroyed: readonly number[];
  newState: ShelfState;
  hasMoreChanges: boolean;
}>;

type News = Readonly<{ id: number; at: number; what: 'created' | 'updated' | 'destroyed' }>;

/** Undefined when the state is of another epoch, too long ago, or when one commit changed more than `max`. */
export function changesOf(shelf: Shelf<unknown>, since: ShelfState, max: number): ShelfChanges | undefined {
  if (since.epoch !== shelf.state.epoch || since.modseq < shelf.floor) return undefined;
  const news = newsOf(shelf, since.modseq);
  if (news.length <= max) return answer(news, { ...shelf.state, modseq: Math.max(shelf.state.modseq, since.modseq) }, false);
  // A state stands between two commits, never within one.
  const next = news[max]?.at ?? 0;
  const first = news.slice(0, max).filter(({ at }) => at < next);
  return first.length === 0 ? undefined : answer(first, { ...shelf.state, modseq: next - 1 }, true);
}

/** In the order of the commits. What came and went in between is no news. */
function newsOf({ objects, gone }: Shelf<unknown>, since: number): readonly News[] {
  const news: News[] = [];
  // What was there then and went: it may have come back since.
  const lost = new Map(gone.filter(({ created, at }) => created <= since && at > since).map(({ id, at }) => [id, at] as const));
  for (const [id, { created, changed }] of objects) {
    // What came and then changed is told where it came: a part of the news may end between the two.
    if (created > since) news.push({ id, at: created, what: lost.has(id) ? 'updated' : 'created' });
    else if (changed > since) news.push({ id, at: changed, what: 'updated' });
  }
  for (const [id, at] of lost) if (!objects.has(id)) news.push({ id, at, what: 'destroyed' });
  return news.sort((one, other) => one.at - other.at);
}

function answer(news: readonly News[], newState: ShelfState, hasMoreChanges: boolean): ShelfChanges {
  const ids = (what: News['what']): number[] => news.filter((each) => each.what === what).map(({ id }) => id);
  return { created: ids('created'), updated: ids('updated'), destroyed: ids('destroyed'), newState, hasMoreChanges };
}
