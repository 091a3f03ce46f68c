/** Messages and their items in the queue's tables: added by batches, removed with their last item. */
import type { DatabaseSync } from 'node:sqlite';
import type { QueuedMessage } from '../../core/command.ts';
import type { BlobId, OwnerId, QueueId, QueueItemId } from '../../core/ids.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { Blobs } from './blobs.ts';
import { query, write } from './database.ts';

export class Outbox {
  readonly #blobs: Blobs;
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: DatabaseSync, blobs: Blobs) {
    this.#blobs = blobs;
    this.#sql = statements(database);
  }

  /** Adds a message with all its items; one that is there already is left as it is. */
  add(message: QueuedMessage): Refusal | undefined {
    const { queue, owner, body, size, acceptedAt, expiresAt, sealed, recipients } = message;
    if (this.#sql.isThere.get(queue) !== undefined) return undefined;
    if (recipients.length === 0) return refuse('badValue', { why: 'no recipients' });
    if (!this.#blobs.add(body)) return refuse('notFound', { what: 'body' });
    this.#sql.addMessage(queue, owner, body.blob, size, acceptedAt, expiresAt, sealed);
    for (const { item, lane, dueAt, held, sealed: recipient } of recipients) {
      this.#sql.addItem(item, queue, owner, lane, dueAt, dueAt, Number(held), recipient);
    }
    return undefined;
  }

  /** Removes an item, and with the last one the message, its key and its claim on the body. */
  remove(item: QueueItemId, queue: QueueId): void {
    this.#sql.removeItem(item);
    if (this.#sql.hasItem.get(queue) !== undefined) return;
    const blob = this.#sql.blob.get(queue)?.[0];
    this.#sql.removeMessage(queue);
    if (blob !== undefined) this.#blobs.drop(blob as BlobId);
  }

  removeAllOf(owner: OwnerId): void {
    for (const [item, queue] of this.#sql.itemsOf.all(owner)) this.remove(item as QueueItemId, queue as QueueId);
  }
}

const statements = (database: DatabaseSync) => ({
  isThere: query(database, 'SELECT 1 FROM queue_message WHERE queue = ?'),
  addMessage: write(database, 'INSERT INTO queue_message VALUES (?, ?, ?, ?, ?, ?, ?)'),
  addItem: write(database, 'INSERT INTO queue_item VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, NULL, ?)'),
  removeItem: write(database, 'DELETE FROM queue_item WHERE item = ?'),
  hasItem: query(database, 'SELECT 1 FROM queue_item WHERE queue = ? LIMIT 1'),
  blob: query<[number]>(database, 'SELECT blob FROM queue_message WHERE queue = ?'),
  removeMessage: write(database, 'DELETE FROM queue_message WHERE queue = ?'),
  itemsOf: query<[number, number]>(database, 'SELECT item, queue FROM queue_item WHERE owner = ?'),
});
