/** The queue's writes: claims, leases, settlements and changes by hand. */
import type { DatabaseSync } from 'node:sqlite';
import type { QueueId, QueueItemId } from '../../core/ids.ts';
import type { ItemChange, QueueItem, QueueStore, Settlement } from '../../core/ports/store.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { query, write } from './database.ts';
import type { Outbox } from './outbox.ts';
import { ITEM_COLUMNS, ITEM_TABLES, type ItemRow, queueItem } from './queue-rows.ts';

export type ClaimAsk = Parameters<QueueStore['claim']>[0];
export type Lease = Pick<QueueItem, 'item' | 'fence'>;

export class QueueCommit {
  readonly #outbox: Outbox;
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: DatabaseSync, outbox: Outbox) {
    this.#outbox = outbox;
    this.#sql = statements(database);
  }

  claim({ worker, now, leaseMs, max, except }: ClaimAsk): QueueItem[] {
    return this.#sql.due.all(now, JSON.stringify(except), max).map(([item]) => {
      this.#sql.lease(worker, now + leaseMs, item);
      const row = this.#sql.item.get(item);
      if (row === undefined) throw new Error('a queue item without its message');
      return queueItem(row);
    });
  }

  /** False when the lease is lost. */
  extend({ item, fence }: Lease, until: number): boolean {
    return this.#sql.extend(until, item, fence) === 1;
  }

  /** False when the lease is lost: then nothing was changed. */
  settle({ item, fence }: Lease, settlement: Settlement): boolean {
    const queue = this.#sql.claimed.get(item, fence)?.[0];
    if (queue === undefined) return false;
    switch (settlement.to) {
      case 'done':
        this.#outbox.remove(item, queue as QueueId);
        return true;
      case 'retry':
        this.#sql.retry(settlement.dueAt, settlement.dueAt, settlement.counts ? 0 : 1, settlement.recipient ?? null, item);
        return true;
      case 'hold':
        this.#sql.hold(settlement.recipient ?? null, item);
        return true;
      default:
        return unreachable(settlement);
    }
  }

  /** False when there is no such item, or a worker holds it. */
  change(item: QueueItemId, { set, now }: ItemChange): boolean {
    const queue = this.#sql.free.get(item, now)?.[0];
    if (queue === undefined) return false;
    if (set === 'remove') this.#outbox.remove(item, queue as QueueId);
    else if (set === 'hold') this.#sql.hold(null, item);
    else this.#sql.hurry(now, now, set === 'release' ? 1 : 0, item);
    return true;
  }
}

const statements = (database: DatabaseSync) => ({
  due: query<[number]>(
    database,
    `SELECT item FROM queue_item WHERE held = 0 AND ready_at <= ? AND lane NOT IN (SELECT value FROM json_each(?))
     ORDER BY ready_at, item LIMIT ?`,
  ),
  lease: write(database, 'UPDATE queue_item SET worker = ?, ready_at = ?, attempt = attempt + 1, fence = fence + 1 WHERE item = ?'),
  item: query<ItemRow>(database, `SELECT ${ITEM_COLUMNS} FROM ${ITEM_TABLES} WHERE i.item = ?`),
  extend: write(database, 'UPDATE queue_item SET ready_at = ? WHERE item = ? AND fence = ? AND worker IS NOT NULL'),
  claimed: query<[number]>(database, 'SELECT queue FROM queue_item WHERE item = ? AND fence = ? AND worker IS NOT NULL'),
  free: query<[number]>(database, 'SELECT queue FROM queue_item WHERE item = ? AND (worker IS NULL OR ready_at <= ?)'),
  retry: write(
    database,
    'UPDATE queue_item SET due_at = ?, ready_at = ?, worker = NULL, attempt = attempt - ?, sealed = ifnull(?, sealed) WHERE item = ?',
  ),
  hold: write(database, 'UPDATE queue_item SET held = 1, ready_at = due_at, worker = NULL, sealed = ifnull(?, sealed) WHERE item = ?'),
  hurry: write(
    database,
    'UPDATE queue_item SET due_at = ?, ready_at = ?, worker = NULL, held = CASE ? WHEN 1 THEN 0 ELSE held END WHERE item = ?',
  ),
});
