/** Dice that always fall the same way for the same seed. */
import { createHash } from 'node:crypto';
import type { Dice } from '../../core/ports/dice.ts';

const BLOCK = 32;

export function seededDice(seed: string | number): Dice {
  let count = 0;
  let rest = Buffer.alloc(0);
  return {
    bytes(wanted) {
      const blocks = [rest];
      for (let have = rest.length; have < wanted; have += BLOCK) {
        blocks.push(createHash('sha256').update(`${seed}/${count++}`).digest());
      }
      const all = Buffer.concat(blocks);
      rest = all.subarray(wanted);
      return Uint8Array.from(all.subarray(0, wanted));
    },
  };
}
