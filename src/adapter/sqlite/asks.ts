/** What may be asked of the reading threads: plain values, cloned on the way. */
import type { AccountId, EmailId, OrganisationId, OwnerId, QueueId, QueueItemId, UploadId } from '../../core/ids.ts';
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
  | Readonly<{ ask: 'prunable'; what: Exclude<PruneRows['what'], 'steps'>; before: number; after: number }>
  /** Who has journey rows, by ascending id, behind `after`. */
  | Readonly<{ ask: 'journeyOwners'; after: number }>
  /** Journey rows past their time, of these owners. */
  | Readonly<{ ask: 'oldSteps'; owners: readonly OwnerAge[] }>
  | Readonly<{ ask: 'wasteful' }>
  | Readonly<{ ask: 'close' }>;

/** Row numbers, or the number of a closed account; `after` null when there are no more. */
export type Prunable = Readonly<{ rows: readonly number[]; after: number | null }>;

export type JourneyOwner = Readonly<{ owner: OwnerId; organisation: OrganisationId }>;
/** Rows of this owner older than `before` (ms) are past their time. */
export type OwnerAge = Readonly<{ owner: OwnerId; before: number }>;
/** Row numbers; the owners from the `done`th on are to be asked for again. */
export type OldSteps = Readonly<{ rows: readonly number[]; done: number }>;

export type Asked = Readonly<{ id: number; ask: Ask }>;
