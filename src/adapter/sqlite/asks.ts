/** What may be asked of the reading threads: plain values, cloned on the way. */
import type { AccountId, EmailId, OwnerId, QueueId, QueueItemId, UploadId } from '../../core/ids.ts';
import type { Query } from '../../core/ports/store.ts';
import type { PruneRows } from './calls.ts';

export type Ask =
  | Readonly<{ ask: 'query'; owner: OwnerId; query: Query }>
  | Readonly<{ ask: 'changes'; account: AccountId; epoch: number; modseq: number; max: number }>
  | Readonly<{ ask: 'emailBody'; account: AccountId; email: EmailId; from: number; to: number }>
  | Readonly<{ ask: 'uploadBody'; account: AccountId; upload: UploadId; from: number; to: number }>
  | Readonly<{ ask: 'queueBody'; queue: QueueId; from: number; to: number }>
  | Readonly<{ ask: 'nextDue' }>
  | Readonly<{ ask: 'queueList'; owner?: OwnerId; limit: number; before?: QueueItemId }>
  | Readonly<{ ask: 'queueItem'; item: QueueItemId }>
  | Readonly<{ ask: 'queueCounts'; now: number }>
  | Readonly<{ ask: 'directory' }>
  | Readonly<{ ask: 'keys' }>
  | Readonly<{ ask: 'forgetPack'; pack: number }>
  /** Rows older than `before`, behind row `after`. */
  | Readonly<{ ask: 'prunable'; what: PruneRows['what']; before: number; after: number }>
  | Readonly<{ ask: 'wasteful' }>
  | Readonly<{ ask: 'close' }>;

/** Row numbers, or the number of a closed account; `after` null when there are no more. */
export type Prunable = Readonly<{ rows: readonly number[]; after: number | null }>;

export type Asked = Readonly<{ id: number; ask: Ask }>;
