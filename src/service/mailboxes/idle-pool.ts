/**
 * What nobody uses just now but somebody may soon: kept for a while, within
 * bounds, the longest unused dropped first.
 */
import type { Clock } from '../../core/ports/clock.ts';

type Idle = Readonly<{ weight: number; since: number; drop: () => void }>;
type Bounds = Readonly<{ count: number; weight: number; forMs: number }>;

export class IdlePool {
  /** In the order they fell idle. */
  readonly #idle = new Map<object, Idle>();
  readonly #clock: Clock;
  readonly #bounds: Bounds;
  #weight = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, bounds: Bounds) {
    this.#clock = clock;
    this.#bounds = bounds;
  }

  /** `drop` is called once, unless `take` comes first. */
  keep(thing: object, weight: number, drop: () => void): void {
    this.take(thing);
    this.#idle.set(thing, { weight, since: this.#clock.now(), drop });
    this.#weight += weight;
    for (const oldest of this.#idle.keys()) {
      if (this.#idle.size <= this.#bounds.count && this.#weight <= this.#bounds.weight) break;
      this.#drop(oldest);
    }
    this.#watchTime();
  }

  /** It is used again, or gone: forget about it. */
  take(thing: object): void {
    const idle = this.#idle.get(thing);
    if (idle === undefined) return;
    this.#idle.delete(thing);
    this.#weight -= idle.weight;
    if (this.#idle.size === 0) this.#stopTimer();
  }

  clear(): void {
    for (const thing of this.#idle.keys()) this.#drop(thing);
    this.#stopTimer();
  }

  #drop(thing: object): void {
    const drop = this.#idle.get(thing)?.drop;
    this.take(thing);
    drop?.();
  }

  #watchTime(): void {
    if (this.#cancelTimer !== undefined) return;
    const [oldest] = this.#idle.values();
    if (oldest === undefined) return;
    const wait = Math.max(1, oldest.since + this.#bounds.forMs - this.#clock.now());
    this.#cancelTimer = this.#clock.after(wait, () => {
      this.#cancelTimer = undefined;
      this.#dropOld();
      this.#watchTime();
    });
  }

  #dropOld(): void {
    const before = this.#clock.now() - this.#bounds.forMs;
    for (const [thing, idle] of this.#idle) {
      if (idle.since > before) break;
      this.#drop(thing);
    }
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
