/** The store in memory: the reference that every adapter must agree with, and what service tests use. */
import type { Change } from '../../core/change.ts';
import type { AccountWrite, Command, QueuedMessage, StepRow } from '../../core/command.ts';
import { Fault } from '../../core/fault.ts';
import type { AccountId, BlobId, OwnerId } from '../../core/ids.ts';
import type {
  AccountHandle,
  AnswerTo,
  Applied,
  ApplyOptions,
  BodyWriter,
  DirectoryChange,
  DirectoryStore,
  Query,
  QueueStore,
  Store,
  TidyAsk,
} from '../../core/ports/store.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { AccountCommit, enqueue } from './commit.ts';
import { changeDirectory } from './directory.ts';
import { memoryQueue } from './queue.ts';
import { read, readBlob, uploadRow } from './read.ts';
import { State } from './state.ts';
import { tidy } from './tidy.ts';

/** Called at points of a commit, so that a test may break the machinery there: what it throws is what the disk would have said. */
export type MemoryHooks = Readonly<{ at(point: 'beforeCommit' | 'afterCommit'): void }>;
export type MemoryStoreOptions = Readonly<{ now?: () => number; hooks?: MemoryHooks }>;

export function memoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options);
}

/** One account's part of a commit. */
type Write = Readonly<{ account: AccountId; batch: readonly Command[]; options: ApplyOptions }>;

const effectKey = (owner: OwnerId, effectId: Uint8Array): string => `${owner}/${Buffer.from(effectId).toString('hex')}`;
const isFull = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOSPC';

/** Changes of the commit under way, told to the listeners once it is done. */
class News {
  readonly #listeners = new Set<(changes: readonly Change[]) => void>();
  #waiting: Change[] = [];

  add(changes: readonly Change[]): void {
    this.#waiting.push(...changes);
  }

  addSteps(rows: readonly StepRow[]): void {
    for (const { owner, journey } of rows) {
      const known = this.#waiting.some((change) => change.kind === 'journey' && change.owner === owner && change.journey === journey);
      if (!known) this.#waiting.push({ kind: 'journey', owner, journey });
    }
  }

  tell(): void {
    const changes = this.#waiting;
    this.#waiting = [];
    if (changes.length > 0) for (const listener of this.#listeners) listener(changes);
  }

  forget(): void {
    this.#waiting = [];
  }

  listen(listener: (changes: readonly Change[]) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

class MemoryStore implements Store {
  readonly queue: QueueStore;
  readonly directory: DirectoryStore;
  readonly #state = new State();
  readonly #news = new News();
  readonly #now: () => number;
  readonly #hooks: MemoryHooks | undefined;
  #closed = false;

  constructor({ now = Date.now, hooks }: MemoryStoreOptions) {
    this.#now = now;
    this.#hooks = hooks;
    this.queue = memoryQueue(
      this.#state,
      (change) => this.#commit(() => change((steps) => this.#addSteps(steps))),
      (message, steps, effectId) => this.#accept(message, steps, effectId),
    );
    this.directory = {
      load: async () => this.#state.directory.values(),
      keys: async () => this.#state.keys.entries().map(([owner, wrapped]) => ({ owner, wrapped })),
      write: (changes) => this.#commit(() => this.#changeDirectory(changes)),
    };
  }

  account(account: AccountId): AccountHandle {
    return {
      account,
      apply: (batch, options = {}) => this.#commit(() => this.#write({ account, batch, options })),
      read: (query) => this.#read(account, query),
      changes: async (since, max) => this.#changes(account, since, max),
      readBody: async (email, from, to) => {
        const row = this.#state.emails.get(email);
        return row?.account === account ? readBlob(this.#state, row.blob, { from, to }) : undefined;
      },
      readUpload: async (upload, from, to) => {
        const row = uploadRow(this.#state, account, upload);
        return row === undefined ? undefined : readBlob(this.#state, row.blob, { from, to });
      },
    };
  }

  async applyTogether(
    writes: readonly AccountWrite[],
    message?: QueuedMessage,
    steps: readonly StepRow[] = [],
  ): Promise<readonly Applied[] | Refusal> {
    return this.#commit(() => {
      const results: Applied[] = [];
      for (const { account, batch, effectId } of writes) {
        const applied = this.#write({ account, batch, options: effectId === undefined ? {} : { effectId } });
        if (isRefusal(applied)) return applied;
        results.push(applied);
      }
      // All was one commit: when a part of it was done before, so was this.
      if (results.some(({ firstTime }) => !firstTime)) return results;
      const refused = message === undefined ? undefined : enqueue(this.#state, message, this.#now());
      if (refused === undefined) this.#addSteps(steps);
      return refused ?? results;
    });
  }

  journeys(owner: OwnerId): ReturnType<Store['journeys']> {
    return {
      read: (query) => this.#read(owner, query),
      add: async (rows) => {
        if (rows.some((row) => row.owner !== owner)) throw new Error('a journey row of another owner');
        await this.#commit(() => this.#addSteps(rows));
      },
    };
  }

  async openBody(blob: BlobId): Promise<BodyWriter> {
    if (this.#state.blobs.has(blob)) throw new Error(`body ${blob} was written twice`);
    const parts: Uint8Array[] = [];
    return {
      blob,
      write: async (sealed) => void parts.push(...sealed.map((part) => Uint8Array.from(part))),
      finish: () => this.#commit(() => this.#state.blobs.set(blob, { sealed: Buffer.concat(parts), refs: 0, since: this.#now() })),
      abort: async () => void parts.splice(0),
    };
  }

  onChange(listener: (changes: readonly Change[]) => void): () => void {
    return this.#news.listen(listener);
  }

  async tidy(ask: TidyAsk): Promise<void> {
    await this.#commit(() => tidy(this.#state, ask));
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  async #commit<Value>(change: () => Value): Promise<Value> {
    if (this.#closed) throw new Fault('unavailable', 'the store is closed');
    const value = this.#orRollBack(() => {
      const done = change();
      if (!isRefusal(done)) this.#hooks?.at('beforeCommit');
      return done;
    });
    if (isRefusal(value)) {
      this.#rollBack();
      return value;
    }
    this.#state.undo.commit();
    this.#news.tell();
    try {
      this.#hooks?.at('afterCommit');
    } catch (error) {
      throw new Fault('unknown', 'whether it was committed is not known', error);
    }
    return value;
  }

  #orRollBack<Value>(change: () => Value): Value {
    try {
      return change();
    } catch (error) {
      this.#rollBack();
      if (error instanceof Fault) throw error;
      if (error instanceof Error && 'code' in error) throw new Fault(isFull(error) ? 'full' : 'unavailable', 'not committed', error);
      throw error;
    }
  }

  #rollBack(): void {
    this.#state.undo.rollBack();
    this.#news.forget();
  }

  #addSteps(rows: readonly StepRow[]): void {
    this.#state.addSteps(rows);
    this.#news.addSteps(rows);
  }

  #write({ account, batch, options: { effectId, ifModseq } }: Write): Applied | Refusal {
    const row = this.#state.accounts.get(account);
    if (row === undefined) return refuse('accountClosed');
    const known = effectId === undefined ? undefined : this.#state.effects.get(effectKey(account, effectId));
    if (known !== undefined) return { modseq: known.modseq, firstTime: false, results: known.results };
    if (ifModseq !== undefined && row.modseq > ifModseq) return refuse('notAllowed', { why: 'the account has moved on' });
    const commit = new AccountCommit(this.#state, account, this.#now());
    const results = commit.run(batch);
    if (isRefusal(results)) return results;
    this.#news.add(commit.changes);
    this.#news.addSteps(batch.flatMap((command) => (command.do === 'step' ? [command.row] : [])));
    const modseq = this.#state.accounts.get(account)?.modseq ?? 0;
    if (effectId !== undefined) this.#state.effects.set(effectKey(account, effectId), { modseq, results, at: this.#now() });
    return { modseq, firstTime: true, results };
  }

  async #accept(message: QueuedMessage, steps: readonly StepRow[], effectId?: Uint8Array): Promise<void> {
    await this.#commit(() => {
      const key = effectId === undefined ? undefined : effectKey(message.owner, effectId);
      if (key !== undefined && this.#state.effects.has(key)) return;
      const refused = enqueue(this.#state, message, this.#now());
      if (refused !== undefined) throw new Error(`the queue cannot take this message: ${refused.refusal}`);
      if (key !== undefined) this.#state.effects.set(key, { modseq: 0, results: [], at: this.#now() });
      this.#addSteps(steps);
    });
  }

  #changeDirectory(changes: readonly DirectoryChange[]): Refusal | undefined {
    for (const change of changes) {
      const refused = changeDirectory(this.#state, change, (account, batch) => {
        const applied = this.#write({ account, batch, options: {} });
        return isRefusal(applied) ? applied : undefined;
      });
      if (refused !== undefined) return refused;
    }
    return undefined;
  }

  async #read<Q extends Query>(owner: OwnerId, query: Q): Promise<AnswerTo<Q>> {
    if (this.#closed) throw new Fault('unavailable', 'the store is closed');
    return read(this.#state, owner, query) as AnswerTo<Q>;
  }

  #changes(
    account: AccountId,
    since: Readonly<{ epoch: number; modseq: number }>,
    max: number,
  ): Awaited<ReturnType<AccountHandle['changes']>> {
    const row = this.#state.accounts.get(account);
    const modseq = row?.modseq ?? 0;
    const reaches = row !== undefined && since.epoch === row.epoch && since.modseq >= row.logFloor && since.modseq <= modseq;
    if (!reaches) return { items: [], to: modseq, complete: false };
    const items: Change[] = [];
    let to = since.modseq;
    // A commit is told whole, so that `to` never stands in the middle of one.
    while (to < modseq && items.length < max) items.push(...(this.#state.log.get(`${account}/${++to}`)?.changes ?? []));
    return { items, to, complete: true };
  }
}
