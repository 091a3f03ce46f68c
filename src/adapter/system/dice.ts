/** Randomness from the operating system, drawn in larger helpings: a call per message would cost more than its sealing. */
import { randomFillSync } from 'node:crypto';
import type { Dice } from '../../core/ports/dice.ts';

const POOL_BYTES = 8_192;

export function systemDice(): Dice {
  const pool = Buffer.alloc(POOL_BYTES);
  let at = POOL_BYTES;
  return {
    bytes(count) {
      if (count > POOL_BYTES) return randomFillSync(Buffer.alloc(count));
      if (at + count > POOL_BYTES) {
        randomFillSync(pool);
        at = 0;
      }
      const drawn = Buffer.from(pool.subarray(at, at + count));
      // SECURITY: what was given out is not kept.
      pool.fill(0, at, at + count);
      at += count;
      return drawn;
    },
  };
}
