/** Keys made in memory: the KeyMaker that tests give to accounts. */
import type { OwnerId } from '../../core/ids.ts';
import type { Dice } from '../../core/ports/dice.ts';
import type { KeyMaker } from '../../core/ports/key-maker.ts';
import type { OwnerKey } from '../../core/ports/keyring.ts';
import { memoryKeyring } from './keyring.ts';

/** Stands in for a wrapped key; nobody unwraps it. */
const WRAPPED_BYTES = 32;

export function memoryKeyMaker(dice: Dice): KeyMaker {
  const ring = memoryKeyring(dice);
  const keys = new Map<OwnerId, OwnerKey>();
  return {
    server: ring.server,
    bodyKey: () => ring.bodyKey(),
    of: (owner) => keys.get(owner),
    make: (owner) => ({ owner, key: memoryKeyring(dice).server, wrapped: dice.bytes(WRAPPED_BYTES) }),
    adopt: ({ owner, key }) => void keys.set(owner, key),
    forget: (owner) => void keys.delete(owner),
  };
}
