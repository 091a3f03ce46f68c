/** The store on the main thread: it knows no SQL, only how to ask the threads that do. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Change } from '../../core/change.ts';
import type { AccountWrite, CommandResult, QueuedMessage, StepRow } from '../../core/command.ts';
import type { AccountId, BlobId, JourneyId, OwnerId } from '../../core/ids.ts';
import type {
  AccountHandle,
  AnswerTo,
  Applied,
  BodyWriter,
  DirectoryStore,
  Query,
  QueueStore,
  Store,
  TidyAsk,
} from '../../core/ports/store.ts';
import { isRefusal, type Refusal } from '../../core/refusal.ts';
import type { AppliedValue, ApplyValue, Call, Reply } from './calls.ts';
import { unpack } from './change-log.ts';
import { lockFolder } from './database.ts';
import { AskLine, CallLine } from './line.ts';
import { sqliteQueue } from './queue-client.ts';
import type { LoggedChanges } from './read/accounts.ts';
import { type StepColumns, unpackSteps } from './step-columns.ts';
import { tidy } from './tidy.ts';

export type SqliteOptions = Readonly<{
  /** The data folder; made when it is not there. */
  dir: string;
  /** The threads' entry: app/storage-thread.ts, which joins database and packs. */
  thread: URL;
  /** For tests: a module that exports `hooks(data): Hooks` (hooks.ts), loaded by the thread that writes. */
  hooks?: Readonly<{ module: URL; data: unknown }>;
  /** A thread has died: the store is no longer of use. */
  onDeath?: (error: unknown) => void;
}>;

export type ThreadRole = 'writer' | 'reader' | 'upkeep';
export type ThreadData = Readonly<{ role: ThreadRole; dir: string; hooks?: Readonly<{ module: string; data: unknown }> }>;
/** What a thread says first. */
export type Started = Readonly<{ started: true } | { failed: string }>;

export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const lock = lockFolder(options.dir);
  const workers: Worker[] = [];
  try {
    // The writer makes or migrates the file; only then can it be read.
    workers.push(await start('writer', options));
    workers.push(...(await Promise.all([start('reader', options), start('upkeep', options)])));
    const [writer, reader, upkeep] = workers as [Worker, Worker, Worker];
    return new SqliteStore({ writer, reader, upkeep, unlock: () => lock.close() });
  } catch (error) {
    for (const worker of workers) await worker.terminate();
    lock.close();
    throw error;
  }
}

async function start(role: ThreadRole, { dir, thread, hooks, onDeath }: SqliteOptions): Promise<Worker> {
  const test = hooks === undefined ? {} : { hooks: { module: hooks.module.href, data: hooks.data } };
  const workerData: ThreadData = { role, dir, ...test };
  const worker = new Worker(thread, { workerData, name: `storage ${role}` });
  worker.unref();
  const [message] = (await once(worker, 'message')) as [Started];
  if ('failed' in message) throw new Error(message.failed);
  if (onDeath !== undefined) worker.on('error', onDeath);
  return worker;
}

type Parts = Readonly<{ writer: Worker; reader: Worker; upkeep: Worker; unlock: () => void }>;

class SqliteStore implements Store {
  readonly queue: QueueStore;
  readonly directory: DirectoryStore;
  readonly #writer: CallLine;
  readonly #reader: AskLine;
  readonly #upkeep: AskLine;
  readonly #workers: readonly Worker[];
  readonly #unlock: () => void;
  readonly #listeners = new Set<(changes: readonly Change[]) => void>();
  #tidying: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor({ writer, reader, upkeep, unlock }: Parts) {
    this.#writer = new CallLine(writer, (reply) => this.#tell(reply));
    this.#reader = new AskLine(reader);
    this.#upkeep = new AskLine(upkeep);
    this.#workers = [writer, reader, upkeep];
    this.#unlock = unlock;
    for (const worker of this.#workers) worker.ref();
    this.queue = sqliteQueue(this.#writer, this.#reader);
    this.directory = {
      load: () => this.#reader.ask({ ask: 'directory' }) as ReturnType<DirectoryStore['load']>,
      keys: () => this.#reader.ask({ ask: 'keys' }) as ReturnType<DirectoryStore['keys']>,
      write: (changes) => this.#writer.call({ call: 'directory', changes }) as Promise<Refusal | undefined>,
    };
  }

  account(account: AccountId): AccountHandle {
    return {
      account,
      apply: async (batch, options = {}) => {
        const value = (await this.#writer.call({ call: 'apply', account, batch, options })) as ApplyValue;
        return isRefusal(value) ? value : applied(value);
      },
      read: (query) => this.#read(account, query),
      changes: async ({ epoch, modseq }, max) => {
        const { logged, to, complete } = (await this.#reader.ask({ ask: 'changes', account, epoch, modseq, max })) as LoggedChanges;
        return { items: logged.flatMap(unpack), to, complete };
      },
      readBody: (email, from, to) => this.#reader.ask({ ask: 'emailBody', account, email, from, to }) as Promise<Uint8Array | undefined>,
      readUpload: (upload, from, to) =>
        this.#reader.ask({ ask: 'uploadBody', account, upload, from, to }) as Promise<Uint8Array | undefined>,
    };
  }

  async applyTogether(
    writes: readonly AccountWrite[],
    message?: QueuedMessage,
    steps: readonly StepRow[] = [],
  ): Promise<readonly Applied[] | Refusal> {
    const value = (await this.#writer.call({ call: 'together', writes, message, steps })) as readonly AppliedValue[] | Refusal;
    return isRefusal(value) ? value : value.map(applied);
  }

  journeys(owner: OwnerId): ReturnType<Store['journeys']> {
    return {
      read: (query) => this.#read(owner, query),
      add: async (steps) => {
        if (steps.some((row) => row.owner !== owner)) throw new Error('a journey row of another owner');
        await this.#writer.call({ call: 'addSteps', steps });
      },
    };
  }

  async openBody(blob: BlobId): Promise<BodyWriter> {
    const call = async (what: Call): Promise<void> => void (await this.#writer.call(what));
    await call({ call: 'openBody', blob });
    return {
      blob,
      write: (parts) => call({ call: 'writeBody', blob, parts }),
      finish: () => call({ call: 'finishBody', blob }),
      abort: () => call({ call: 'abortBody', blob }),
    };
  }

  onChange(listener: (changes: readonly Change[]) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tidy(ask: TidyAsk): Promise<void> {
    const lines = { writer: this.#writer, reader: this.#reader, upkeep: this.#upkeep };
    // One at a time; the one before may have failed, which its own caller was told.
    const turn = this.#tidying.then(() => tidy(lines, ask));
    this.#tidying = turn.catch(() => undefined);
    return turn;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const ends = [this.#upkeep.ask({ ask: 'close' }), this.#reader.ask({ ask: 'close' }), this.#writer.call({ call: 'close' })];
    for (const line of [this.#upkeep, this.#reader, this.#writer]) line.stop();
    await Promise.allSettled(ends);
    for (const worker of this.#workers) await worker.terminate();
    this.#unlock();
  }

  async #read<Q extends Query>(owner: OwnerId, query: Q): Promise<AnswerTo<Q>> {
    const answer = await this.#reader.ask({ ask: 'query', owner, query });
    const isSteps = query.ask === 'journeys' || query.ask === 'journey';
    return (isSteps ? unpackSteps(owner, answer as StepColumns) : answer) as AnswerTo<Q>;
  }

  #tell({ logged, journeys }: Reply): void {
    if (this.#listeners.size === 0 || (logged.length === 0 && journeys.length === 0)) return;
    const changes: Change[] = [];
    for (let at = 0; at < logged.length; at += 3) {
      const [account, modseq, items] = logged.slice(at, at + 3) as [AccountId, number, string];
      changes.push(...unpack({ account, modseq, items }));
    }
    for (let at = 0; at < journeys.length; at += 2) {
      changes.push({ kind: 'journey', owner: journeys[at] as OwnerId, journey: journeys[at + 1] as JourneyId });
    }
    for (const listener of this.#listeners) listener(changes);
  }
}

/** The results are ours: written by JSON.stringify in the storage thread. */
function applied([modseq, firstTime, results]: AppliedValue): Applied {
  return { modseq, firstTime, results: JSON.parse(results) as CommandResult[] };
}
