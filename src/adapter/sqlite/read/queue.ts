/** Reading the queue: listings, counts, and when the next item falls due. */
import type { DatabaseSync } from 'node:sqlite';
import type { BlobId, OwnerId, QueueId, QueueItemId } from '../../../core/ids.ts';
import type { QueueItem, QueueStore } from '../../../core/ports/store.ts';
import { query } from '../database.ts';
import { ITEM_COLUMNS, ITEM_TABLES, type ItemRow, queueItem } from '../queue-rows.ts';

/** Items in one listing, whatever was asked. */
const MAX_ITEMS = 10_000;

/** A listing shows no fence: it is no claim. */
const listed = (row: ItemRow): QueueItem => ({ ...queueItem(row), fence: 0 });

export class ReadQueue {
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: DatabaseSync) {
    this.#sql = statements(database);
  }

  nextDue(): number | undefined {
    return this.#sql.nextDue.get()?.[0] ?? undefined;
  }

  list({ owner, limit, before }: Readonly<{ owner?: OwnerId; limit: number; before?: QueueItemId }>): QueueItem[] {
    const [older, most] = [before ?? Number.MAX_SAFE_INTEGER, Math.min(limit, MAX_ITEMS)];
    const rows = owner === undefined ? this.#sql.all.all(older, most) : this.#sql.ofOwner.all(owner, older, most);
    return rows.map(listed);
  }

  item(item: QueueItemId): QueueItem | undefined {
    const row = this.#sql.item.get(item);
    return row === undefined ? undefined : listed(row);
  }

  counts(now: number): Awaited<ReturnType<QueueStore['counts']>> {
    const [all = 0, held = 0, leased = 0] = this.#sql.counts.get(now) ?? [];
    const oldest = this.#sql.oldest.get()?.[0] ?? null;
    return { waiting: all - held - leased, held, leased, oldestAcceptedAt: oldest };
  }

  blob(queue: QueueId): BlobId | undefined {
    return this.#sql.blob.get(queue)?.[0] as BlobId | undefined;
  }
}

const statements = (database: DatabaseSync) => ({
  nextDue: query<[number | null]>(database, 'SELECT min(ready_at) FROM queue_item WHERE held = 0'),
  all: query<ItemRow>(database, `SELECT ${ITEM_COLUMNS} FROM ${ITEM_TABLES} WHERE i.item < ? ORDER BY i.item DESC LIMIT ?`),
  ofOwner: query<ItemRow>(
    database,
    `SELECT ${ITEM_COLUMNS} FROM ${ITEM_TABLES} WHERE i.owner = ? AND i.item < ? ORDER BY i.item DESC LIMIT ?`,
  ),
  item: query<ItemRow>(database, `SELECT ${ITEM_COLUMNS} FROM ${ITEM_TABLES} WHERE i.item = ?`),
  counts: query<[number, number, number]>(
    database,
    'SELECT count(*), total(held), total(held = 0 AND worker IS NOT NULL AND ready_at > ?) FROM queue_item',
  ),
  oldest: query<[number | null]>(database, 'SELECT min(accepted_at) FROM queue_message'),
  blob: query<[number]>(database, 'SELECT blob FROM queue_message WHERE queue = ?'),
});
