/** What somebody signed in with, for a test to take away. */
import { type Refusal, type RefusalName, refuse } from '../../../core/refusal.ts';
import type { Hold } from '../../../service/accounts/accounts.ts';

export class FakeHold implements Hold {
  lost: Refusal | undefined;
  readonly #watchers = new Set<(why: Refusal) => void>();

  /** Sessions that watch. */
  get watchers(): number {
    return this.#watchers.size;
  }

  watch(end: (why: Refusal) => void): () => void {
    this.#watchers.add(end);
    if (this.lost !== undefined) queueMicrotask(() => this.take(this.lost?.refusal));
    return () => void this.#watchers.delete(end);
  }

  take(why: RefusalName = 'passwordWithdrawn'): void {
    const lost = refuse(why);
    this.lost = lost;
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const end of watchers) end(lost);
  }
}
