/** Random bytes fetched in bulk: one trip to the kernel serves hundreds of nonces. */
import type { Dice } from '../../core/ports/dice.ts';

/** A page: 341 nonces, a few µs to fill. */
const POOL_BYTES = 4096;

export class RandomPool {
  readonly #dice: Dice;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** A view that stays as it is, for what is written out anyway (a nonce). */
  take(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length) this.#refill(count);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** For secrets: the caller's own copy, and none is left behind. */
  takeSecret(count: number): Uint8Array {
    const view = this.take(count);
    const copy = Uint8Array.from(view);
    view.fill(0);
    return copy;
  }

  #refill(count: number): void {
    this.#bytes = this.#dice.bytes(Math.max(POOL_BYTES, count));
    this.#at = 0;
  }
}
