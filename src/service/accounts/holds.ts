/**
 * What whoever has signed in stands on: an account that is open, and the
 * password that was right. Sessions that last watch it, so that they end when
 * it is taken away. Nothing is kept for a sign-in that nobody watches.
 */
import type { AccountId } from '../../core/ids.ts';
import type { Refusal } from '../../core/refusal.ts';

export interface Hold {
  /** Undefined while all is well; else why the session may not go on. */
  readonly lost: Refusal | undefined;
  /**
   * Calls `end` once when the hold is lost, in a moment if it has been already.
   * Gives back how to let go: a session that ends must.
   */
  watch(end: (why: Refusal) => void): () => void;
}

type Watcher = Readonly<{ whyLost: () => Refusal | undefined; end: (why: Refusal) => void }>;

export class Holds {
  /** By account, and only of sessions that are open: bounded by the listeners' connections. */
  readonly #watchers = new Map<AccountId, Set<Watcher>>();
  readonly #onTrouble: (error: unknown) => void;

  constructor(onTrouble: (error: unknown) => void) {
    this.#onTrouble = onTrouble;
  }

  /** Sessions that watch. */
  get count(): number {
    return this.#watchers.values().reduce((sum, { size }) => sum + size, 0);
  }

  /** @param whyLost asked whenever the account has changed, and must answer from memory */
  of(account: AccountId, whyLost: () => Refusal | undefined): Hold {
    return {
      get lost() {
        return whyLost();
      },
      watch: (end) => this.#watch(account, { whyLost, end }),
    };
  }

  /** What is known of an account has changed: whoever stands on what is gone is told, and nobody else. */
  review(account: AccountId): void {
    for (const watcher of this.#watchers.get(account) ?? []) this.#look(account, watcher);
  }

  #watch(account: AccountId, watcher: Watcher): () => void {
    const mates = this.#watchers.get(account) ?? new Set();
    this.#watchers.set(account, mates.add(watcher));
    // Not at once: who watches is still at work on the sign-in.
    if (watcher.whyLost() !== undefined) queueMicrotask(() => this.#look(account, watcher));
    return () => void this.#drop(account, watcher);
  }

  #look(account: AccountId, watcher: Watcher): void {
    const why = watcher.whyLost();
    // Told once; and not any more when the session of another has ended this one.
    if (why === undefined || !this.#drop(account, watcher)) return;
    try {
      watcher.end(why);
    } catch (error) {
      // One session's trouble may not keep the others open, nor undo what was committed.
      this.#onTrouble(error);
    }
  }

  #drop(account: AccountId, watcher: Watcher): boolean {
    const mates = this.#watchers.get(account);
    const wasThere = mates?.delete(watcher) === true;
    if (mates?.size === 0) this.#watchers.delete(account);
    return wasThere;
  }
}
