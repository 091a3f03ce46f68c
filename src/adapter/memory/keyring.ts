/** Keys that live and die with the process: real sealing, nothing on disk. */
import { createHmac } from 'node:crypto';
import type { OwnerId } from '../../core/ids.ts';
import type { Dice } from '../../core/ports/dice.ts';
import type { Keyring, OwnerKey } from '../../core/ports/keyring.ts';
import { glance } from '../../lib/glance.ts';
import { KEY_BYTES, NONCE_BYTES, seal, unseal } from '../../lib/seal.ts';

const HASH_BYTES = 16;

export type MemoryKeyring = Keyring & Readonly<{ add(owner: OwnerId): OwnerKey; destroy(owner: OwnerId): void }>;

function ownerKey(dice: Dice): OwnerKey {
  const key = dice.bytes(KEY_BYTES);
  const hashKey = createHmac('sha256', key).update('hash').digest();
  return {
    seal: (plain, context) => seal(key, dice.bytes(NONCE_BYTES), plain, context),
    open: (sealed, context) => unseal(key, sealed, context),
    glance: (sealed) => glance(key, sealed),
    hash: (text, context) => createHmac('sha256', hashKey).update(context).update('\0').update(text).digest().subarray(0, HASH_BYTES),
  };
}

export function memoryKeyring(dice: Dice): MemoryKeyring {
  const keys = new Map<OwnerId, OwnerKey>();
  return {
    of: (owner) => keys.get(owner),
    server: ownerKey(dice),
    bodyKey: () => dice.bytes(KEY_BYTES),
    add(owner) {
      const key = keys.get(owner) ?? ownerKey(dice);
      keys.set(owner, key);
      return key;
    },
    destroy: (owner) => void keys.delete(owner),
  };
}
