/** The queue in memory: leases, fences and settlements (core/ports/store.ts). */
import type { QueuedMessage, StepRow } from '../../core/command.ts';
import { Fault } from '../../core/fault.ts';
import type { OwnerId, QueueItemId } from '../../core/ids.ts';
import type { ItemChange, QueueItem, QueueStore, Settlement } from '../../core/ports/store.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { dropBlob } from './commit.ts';
import { readBlob } from './read.ts';
import type { Item, State } from './state.ts';

/** Runs a change as one commit; the store gives it. `tell` adds journey rows to that commit. */
export type Commit = <Value>(change: (tell: (steps: readonly StepRow[]) => void) => Value) => Promise<Value>;
export type Accept = (message: QueuedMessage, steps: readonly StepRow[], effectId?: Uint8Array) => Promise<void>;

const isLeased = (item: Item, now: number): boolean => item.worker !== null && item.readyAt > now;

function view(state: State, item: Item, fence: number): QueueItem {
  const message = state.messages.get(item.queue);
  if (message === undefined) throw new Error('a queue item without its message');
  const { size, acceptedAt, expiresAt, sealed } = message;
  const { queue, owner, lane, dueAt, attempt, held } = item;
  return {
    item: item.item,
    queue,
    owner,
    lane,
    size,
    acceptedAt,
    expiresAt,
    dueAt,
    attempt,
    held,
    fence,
    message: sealed,
    recipient: item.sealed,
  };
}

export function removeItem(state: State, item: Item): void {
  state.items.delete(item.item);
  if (state.items.values().some((other) => other.queue === item.queue)) return;
  const message = state.messages.get(item.queue);
  state.messages.delete(item.queue);
  if (message !== undefined) dropBlob(state, message.body.blob);
}

function claimed(state: State, { item, fence }: QueueItem): Item {
  const row = state.items.get(item);
  if (row === undefined || row.worker === null || row.fence !== fence) throw new Fault('fenced', 'the lease on this queue item is lost');
  return row;
}

function settle(state: State, item: Item, settlement: Settlement): void {
  switch (settlement.to) {
    case 'done':
      removeItem(state, item);
      return;
    case 'retry': {
      const { dueAt, recipient, counts } = settlement;
      const attempt = counts ? item.attempt : item.attempt - 1;
      state.items.set(item.item, { ...item, dueAt, readyAt: dueAt, worker: null, attempt, sealed: recipient ?? item.sealed });
      return;
    }
    case 'hold':
      state.items.set(item.item, { ...item, held: true, readyAt: item.dueAt, worker: null, sealed: settlement.recipient ?? item.sealed });
      return;
    default:
      unreachable(settlement);
  }
}

function change(state: State, id: QueueItemId, { set, now }: ItemChange): boolean {
  const item = state.items.get(id);
  if (item === undefined || isLeased(item, now)) return false;
  const free = { ...item, worker: null };
  if (set === 'remove') removeItem(state, item);
  else if (set === 'hold') state.items.set(id, { ...free, held: true, readyAt: item.dueAt });
  else state.items.set(id, { ...free, held: set === 'release' ? false : item.held, dueAt: now, readyAt: now });
  return true;
}

export function memoryQueue(state: State, commit: Commit, accept: Accept): QueueStore {
  const claim: QueueStore['claim'] = ({ worker, now, leaseMs, max, except }) =>
    commit(() => {
      const due = state.items.values().filter((item) => !item.held && item.readyAt <= now && !except.includes(item.lane));
      const taken = due.sort((a, b) => a.readyAt - b.readyAt || a.item - b.item).slice(0, max);
      return taken.map((item) => {
        const leased = { ...item, worker, readyAt: now + leaseMs, attempt: item.attempt + 1, fence: item.fence + 1 };
        state.items.set(item.item, leased);
        return view(state, leased, leased.fence);
      });
    });
  return {
    accept,
    claim,
    extend: (item, until) => commit(() => state.items.set(item.item, { ...claimed(state, item), readyAt: until })),
    settle: (item, settlement, steps) =>
      commit((tell) => {
        settle(state, claimed(state, item), settlement);
        tell(steps);
      }),
    nextDue: async () => {
      const times = state.items
        .values()
        .filter((item) => !item.held)
        .map((item) => item.readyAt);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    list: async ({ owner, limit, before }) => list(state, { owner, limit, before }),
    get: async (id) => {
      const item = state.items.get(id);
      return item === undefined ? undefined : view(state, item, 0);
    },
    change: (id, ask, steps) =>
      commit((tell) => {
        const done = change(state, id, ask);
        if (done) tell(steps);
        return done;
      }),
    counts: async (now) => counts(state, now),
    readBody: async (queue, from, to) => {
      const message = state.messages.get(queue);
      return message === undefined ? undefined : readBlob(state, message.body.blob, { from, to });
    },
  };
}

type ListAsk = Readonly<{ owner: OwnerId | undefined; limit: number; before: QueueItemId | undefined }>;

function list(state: State, { owner, limit, before }: ListAsk): QueueItem[] {
  return state.items
    .values()
    .filter((item) => (owner === undefined || item.owner === owner) && (before === undefined || item.item < before))
    .sort((a, b) => b.item - a.item)
    .slice(0, limit)
    .map((item) => view(state, item, 0));
}

function counts(state: State, now: number): Awaited<ReturnType<QueueStore['counts']>> {
  const items = state.items.values();
  const accepted = state.messages.values().map((message) => message.acceptedAt);
  const held = items.filter((item) => item.held).length;
  const leased = items.filter((item) => !item.held && isLeased(item, now)).length;
  return { waiting: items.length - held - leased, held, leased, oldestAcceptedAt: accepted.length === 0 ? null : Math.min(...accepted) };
}
