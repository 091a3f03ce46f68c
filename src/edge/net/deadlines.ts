/**
 * Deadlines of many connections with one timer: each holds a moment, a tick
 * looks who is late. Setting a deadline is writing a number, so it may be done
 * at every command; ten thousand idle connections cost a millisecond a tick.
 */

/** How late a deadline may be noticed. */
const TICK_MS = 1_000;

export interface Watched {
  /** On the clock of `Deadlines.now`; Infinity for none. */
  readonly dueAt: number;
  /** Called at most once per moment set: whoever is late sets another `dueAt`. */
  overdue(): void;
}

export class Deadlines {
  /** Milliseconds on a clock that only moves forward, as of the latest tick. */
  now: number;
  readonly #watched = new Set<Watched>();
  readonly #tickMs: number;
  readonly #clock: () => number;
  #timer: NodeJS.Timeout | undefined;

  constructor(tickMs: number = TICK_MS, clock: () => number = () => performance.now()) {
    this.#tickMs = tickMs;
    this.#clock = clock;
    this.now = clock();
  }

  watch(one: Watched): void {
    this.#watched.add(one);
    if (this.#timer !== undefined) return;
    this.now = this.#clock();
    this.#timer = setInterval(() => this.#tick(), this.#tickMs);
    this.#timer.unref();
  }

  forget(one: Watched): void {
    this.#watched.delete(one);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    this.now = this.#clock();
    for (const one of this.#watched) if (one.dueAt <= this.now) one.overdue();
  }
}
