/**
 * Answers kept as long as their TTL allows, the least recently used given up
 * first. Bounded by number and by weight: a few zones of giant TXT records must
 * not fill the memory.
 */
import type { Clock } from '../../core/ports/clock.ts';

type Entry<T> = Readonly<{ value: T; goodUntil: number; weight: number }>;

/** Entries and weight (octets, as the caller counts them) kept at once. */
export type CacheLimits = Readonly<{ entries: number; weight: number }>;

export class TtlCache<T> {
  readonly #clock: Clock;
  readonly #limits: CacheLimits;
  /** In the order of use: a Map keeps insertion order, and a hit is inserted anew. */
  readonly #entries = new Map<string, Entry<T>>();
  #weight = 0;

  constructor(clock: Clock, limits: CacheLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.goodUntil <= this.#clock.now()) {
      this.#drop(key, entry);
      return undefined;
    }
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  put(key: string, value: T, { ttlMs, weight }: { ttlMs: number; weight: number }): void {
    const old = this.#entries.get(key);
    if (old !== undefined) this.#drop(key, old);
    if (ttlMs <= 0 || weight > this.#limits.weight) return;
    this.#entries.set(key, { value, goodUntil: this.#clock.now() + ttlMs, weight });
    this.#weight += weight;
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= this.#limits.entries && this.#weight <= this.#limits.weight) break;
      this.#drop(oldest, entry);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }

  #drop(key: string, entry: Entry<T>): void {
    this.#entries.delete(key);
    this.#weight -= entry.weight;
  }
}
