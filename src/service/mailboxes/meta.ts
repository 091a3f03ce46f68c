/**
 * What is kept sealed beside each message: the key of its body and what the
 * MIME reader said about it. Layout before sealing: version (1) | body key
 * (32) | the packed structure as JSON. The context binds it to its message, so that
 * a row put in another's place does not open.
 */
import { Buffer } from 'node:buffer';
import type { MessageStructure } from '../../codec/mime/structure.ts';
import type { AccountId, EmailId } from '../../core/ids.ts';
import type { OwnerKey } from '../../core/ports/keyring.ts';
import { KEY_BYTES } from '../../lib/seal.ts';
import { type PackedStructure, packStructure, unpackStructure } from './packed-structure.ts';

const VERSION = 1;
const STRUCTURE_AT = 1 + KEY_BYTES;

export type Meta = Readonly<{ bodyKey: Uint8Array; structure: MessageStructure }>;

const context = (account: AccountId, email: EmailId): string => `email-meta/${account}/${email}`;

export function sealMeta(key: OwnerKey, meta: Meta & Readonly<{ account: AccountId; email: EmailId }>): Uint8Array {
  if (meta.bodyKey.length !== KEY_BYTES) throw new Error('a body key has 32 bytes');
  const json = JSON.stringify(packStructure(meta.structure));
  // Three octets for a UTF-16 unit is the most there can be: no second pass to count them.
  const plain = Buffer.allocUnsafe(STRUCTURE_AT + json.length * 3);
  plain[0] = VERSION;
  plain.set(meta.bodyKey, 1);
  const end = STRUCTURE_AT + plain.write(json, STRUCTURE_AT, 'utf8');
  return key.seal(plain.subarray(0, end), context(meta.account, meta.email));
}

/** Undefined when it was not sealed for this message, or by a later version of ours. */
export function openMeta(key: OwnerKey, account: AccountId, email: EmailId, sealed: Uint8Array): Meta | undefined {
  const plain = key.open(sealed, context(account, email));
  if (plain === undefined || plain[0] !== VERSION) return undefined;
  const packed: PackedStructure = JSON.parse(plain.toString('utf8', STRUCTURE_AT));
  return { bodyKey: plain.subarray(1, STRUCTURE_AT), structure: unpackStructure(packed) };
}
