/**
 * What goes to one subscription: at most one POST at a time. What changes
 * meanwhile is a set of type names, and goes together when its turn comes; so
 * a slow service makes its own news late, and nobody else's.
 */
import type { Clock } from '../../../core/ports/clock.ts';
import type { PushOutcome } from './push-request.ts';

/** A burst of changes is one push. */
export const PUSH_GATHER_MS = 50;
/** Waits after a POST that failed; after the last one what waited is dropped: the next change tells all of it. */
export const RETRY_MS = [5_000, 30_000, 120_000] as const;
/** A service that says "slower" is asked so seldom, and half as seldom with each time it says it again. */
export const SLOWER_MS = 30_000;
export const SLOWEST_MS = 15 * 60_000;

export type LaneParts = Readonly<{
  clock: Clock;
  /** One POST; null asks for the verification code to be sent. Never rejects. */
  post(types: ReadonlySet<string> | null): Promise<PushOutcome | undefined>;
  /** The service refused for good. */
  onRefused(): void;
}>;

export class PushLane {
  readonly #parts: LaneParts;
  #changed = new Set<string>();
  #owesCode = false;
  #isPosting = false;
  #cancel: (() => void) | undefined;
  #tries = 0;
  #paceMs = PUSH_GATHER_MS;
  #closed = false;

  constructor(parts: LaneParts) {
    this.#parts = parts;
  }

  tell(types: Iterable<string>): void {
    for (const type of types) this.#changed.add(type);
    this.#soon(this.#paceMs);
  }

  sendCode(): void {
    this.#owesCode = true;
    this.#soon(0);
  }

  close(): void {
    this.#closed = true;
    this.#changed.clear();
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #soon(ms: number): void {
    if (this.#closed || this.#isPosting || this.#cancel !== undefined || (this.#changed.size === 0 && !this.#owesCode)) return;
    this.#cancel = this.#parts.clock.after(ms, () => {
      this.#cancel = undefined;
      void this.#post();
    });
  }

  async #post(): Promise<void> {
    this.#isPosting = true;
    const isCode = this.#owesCode;
    const types = this.#changed;
    if (isCode) this.#owesCode = false;
    else this.#changed = new Set();
    const outcome = await this.#parts.post(isCode ? null : types);
    this.#isPosting = false;
    if (this.#closed) return;
    if (outcome?.did === 'refused') return this.#parts.onRefused();
    if (outcome?.did === 'failed') return this.#again(outcome, isCode ? null : types);
    this.#tries = 0;
    if (outcome !== undefined) this.#paceMs = Math.max(this.#paceMs / 2, PUSH_GATHER_MS);
    this.#soon(this.#paceMs);
  }

  #again({ slower, afterMs }: Extract<PushOutcome, { did: 'failed' }>, types: ReadonlySet<string> | null): void {
    if (slower) this.#paceMs = Math.min(Math.max(this.#paceMs * 2, SLOWER_MS), SLOWEST_MS);
    const wait = RETRY_MS[this.#tries++];
    if (wait === undefined) {
      this.#tries = 0;
      return this.#soon(Math.max(this.#paceMs, afterMs));
    }
    if (types === null) this.#owesCode = true;
    else for (const type of types) this.#changed.add(type);
    this.#soon(Math.max(wait, afterMs, slower ? this.#paceMs : 0));
  }
}
