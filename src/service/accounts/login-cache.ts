/**
 * Remembers for minutes which password an account last signed in with, and
 * which one was last wrong, so that mail apps that sign in again and again do
 * not cost an argon2id each. Only a keyed hash is kept, with a key that lives
 * and dies with the process.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../core/ports/clock.ts';
import type { Dice } from '../../core/ports/dice.ts';
import { LruMap } from '../../lib/lru-map.ts';

export const CACHE_MS = 10 * 60_000;
/** One entry per login name. */
const CACHE_LIMIT = 20_000;
const KEY_BYTES = 32;

type Entry = Readonly<{ digest: Buffer; until: number }>;

export class LoginCache {
  readonly #clock: Clock;
  readonly #key: Uint8Array;
  readonly #right = new LruMap<string, Entry>(CACHE_LIMIT);
  readonly #wrong = new LruMap<string, Entry>(CACHE_LIMIT);

  constructor(clock: Clock, dice: Dice) {
    this.#clock = clock;
    this.#key = dice.bytes(KEY_BYTES);
  }

  /** Undefined: not known, ask argon2. `who` is the canonical login name. */
  verdict(who: string, password: string): boolean | undefined {
    const digest = this.#digest(who, password);
    if (this.#holds(this.#right, who, digest)) return true;
    return this.#holds(this.#wrong, who, digest) ? false : undefined;
  }

  keep(who: string, password: string, isRight: boolean): void {
    const entry = { digest: this.#digest(who, password), until: this.#clock.now() + CACHE_MS };
    (isRight ? this.#right : this.#wrong).set(who, entry);
  }

  /** On any change of the account. */
  drop(who: string): void {
    this.#right.delete(who);
    this.#wrong.delete(who);
  }

  #holds(entries: LruMap<string, Entry>, who: string, digest: Buffer): boolean {
    const entry = entries.get(who);
    return entry !== undefined && entry.until > this.#clock.now() && timingSafeEqual(entry.digest, digest);
  }

  #digest(who: string, password: string): Buffer {
    return createHmac('sha256', this.#key).update(`${who}\0${password}`).digest();
  }
}
