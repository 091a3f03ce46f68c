/**
 * What was learnt about servers a moment ago: addresses that did not answer are
 * tried last, and servers whose TLS is broken are not asked for it again with
 * every message. Short, so that a repaired server is soon well thought of.
 */
import type { Clock } from '../../core/ports/clock.ts';

const UNREACHABLE_MS = 120_000;
const BROKEN_TLS_MS = 600_000;
/** Addresses remembered of each kind; the oldest is forgotten first. */
const MEMORY_LIMIT = 2_000;

export class ServerMemory {
  readonly #clock: Clock;
  readonly #unreachable = new Map<string, number>();
  readonly #brokenTls = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isUnreachable(address: string): boolean {
    return this.#holds(this.#unreachable, address);
  }

  hasBrokenTls(address: string): boolean {
    return this.#holds(this.#brokenTls, address);
  }

  unreachable(address: string): void {
    this.#put(this.#unreachable, address, UNREACHABLE_MS);
  }

  reached(address: string): void {
    this.#unreachable.delete(address);
  }

  brokenTls(address: string): void {
    this.#put(this.#brokenTls, address, BROKEN_TLS_MS);
  }

  #holds(memory: Map<string, number>, address: string): boolean {
    const until = memory.get(address);
    if (until === undefined) return false;
    if (until > this.#clock.now()) return true;
    memory.delete(address);
    return false;
  }

  #put(memory: Map<string, number>, address: string, forMs: number): void {
    memory.delete(address);
    memory.set(address, this.#clock.now() + forMs);
    const [oldest] = memory.keys();
    if (memory.size > MEMORY_LIMIT && oldest !== undefined) memory.delete(oldest);
  }
}
