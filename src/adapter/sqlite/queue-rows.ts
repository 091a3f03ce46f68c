/** How a queue item is read from its two rows. */
import type { OwnerId, QueueId, QueueItemId } from '../../core/ids.ts';
import type { QueueItem } from '../../core/ports/store.ts';

export const ITEM_COLUMNS = `i.item, i.queue, i.owner, i.lane, m.size, m.accepted_at, m.expires_at, i.due_at, i.attempt, i.held, i.fence, m.sealed, i.sealed`;
export const ITEM_TABLES = 'queue_item i JOIN queue_message m ON m.queue = i.queue';

export type ItemRow = [
  item: number,
  queue: number,
  owner: number,
  lane: number,
  size: number,
  acceptedAt: number,
  expiresAt: number,
  dueAt: number,
  attempt: number,
  held: number,
  fence: number,
  message: Uint8Array<ArrayBuffer>,
  recipient: Uint8Array<ArrayBuffer>,
];

export function queueItem(row: ItemRow): QueueItem {
  const [item, queue, owner, lane, size, acceptedAt, expiresAt, dueAt, attempt, held, fence, message, recipient] = row;
  return {
    item: item as QueueItemId,
    queue: queue as QueueId,
    owner: owner as OwnerId,
    lane,
    size,
    acceptedAt,
    expiresAt,
    dueAt,
    attempt,
    held: held === 1,
    fence,
    message,
    recipient,
  };
}
