/** What waits to leave the house. Subjects stay out: the operator sees addresses and replies. */
import type { QueueItemId } from '../../../../core/ids.ts';
import type { ItemChange } from '../../../../core/ports/store.ts';
import { isRefusal, refuse } from '../../../../core/refusal.ts';
import type { Queue, QueueEntry } from '../../../../service/queue/queue.ts';
import { numberIn } from '../body.ts';
import type { Ask, Route } from '../desk.ts';
import { instant } from '../find.ts';

/** All that these routes need of the queue. */
export type QueueDesk = Pick<Queue, 'list' | 'show' | 'act' | 'counts'>;

/** In the words people use for it. */
const ACTS: Readonly<Record<string, ItemChange['set']>> = { hold: 'hold', release: 'release', retry: 'hurry', cancel: 'remove' };
const PAGE_LIMIT = 1_000;
const PAGE = 100;
const OPERATOR = { owner: null, name: 'operator' } as const;

function entryView(entry: QueueEntry) {
  const { item, journey, from, to, size, acceptedAt, nextAt, giveUpAt, tries, held, lastReply, lastTrouble, lastHost } = entry;
  const times = { acceptedAt: instant(acceptedAt), nextAt: instant(nextAt), giveUpAt: instant(giveUpAt) };
  return { item, journey, from, to, size, ...times, tries, held, lastReply, lastTrouble, lastHost };
}

const itemOf = ({ params }: Ask): QueueItemId => Number(params['item']) as QueueItemId;

export const queueRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/queue',
    summary: 'Mail that waits to leave, newest first',
    run: async ({ query }, { queue }) => {
      const limit = numberIn(query, 'limit', { low: 1, high: PAGE_LIMIT, otherwise: PAGE });
      const before = numberIn(query, 'before', { low: 0, high: Number.MAX_SAFE_INTEGER, otherwise: 0 });
      const entries = await queue.list({ limit, ...(before === 0 ? {} : { before: before as QueueItemId }) });
      const last = entries.at(-1);
      return { value: { items: entries.map(entryView), next: entries.length < limit || last === undefined ? null : last.item } };
    },
  },
  {
    method: 'GET',
    path: '/queue/:item',
    summary: 'One waiting recipient',
    run: async (ask, { queue }) => {
      const entry = await queue.show(itemOf(ask), OPERATOR);
      return entry === undefined ? refuse('notFound', { what: 'queue item' }) : { value: entryView(entry) };
    },
  },
  {
    method: 'POST',
    path: '/queue/:item/:act',
    summary: 'hold, release, retry (now) or cancel',
    run: async (ask, { queue }) => {
      const name = ask.params['act'] ?? '';
      const act = Object.hasOwn(ACTS, name) ? ACTS[name] : undefined;
      if (act === undefined) return refuse('notFound', { what: 'act', value: name });
      const refused = await queue.act(itemOf(ask), act, OPERATOR);
      if (isRefusal(refused)) return refused;
      const entry = act === 'remove' ? undefined : await queue.show(itemOf(ask), OPERATOR);
      return entry === undefined ? { status: 204 } : { value: entryView(entry) };
    },
  },
];
