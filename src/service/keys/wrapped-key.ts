/**
 * A wrapped key as it lies in the directory store:
 *
 *   version (1) | owner that wrapped it (8, 0 for root) | mark of that key (4) | sealed key (12 + 32 + 16)
 *
 * The mark is a hash of the wrapping key. It protects nothing; it lets us say
 * "this is another root key" where a failed tag could only say "no".
 */
import { KEY_BYTES, SEAL_OVERHEAD } from '../../lib/seal.ts';

const VERSION = 1;
const UNDER_AT = 1;
const MARK_AT = UNDER_AT + 8;
export const MARK_BYTES = 4;
const SEALED_AT = MARK_AT + MARK_BYTES;
const WRAPPED_BYTES = SEALED_AT + KEY_BYTES + SEAL_OVERHEAD;

export type WrappedKey = Readonly<{ under: number; mark: Uint8Array; sealed: Uint8Array }>;

export function writeWrapped({ under, mark, sealed }: WrappedKey): Buffer {
  const head = Buffer.alloc(SEALED_AT);
  head[0] = VERSION;
  head.writeBigUInt64BE(BigInt(under), UNDER_AT);
  head.set(mark, MARK_AT);
  return Buffer.concat([head, sealed]);
}

/** Undefined when it is not of this form. */
export function readWrapped(bytes: Uint8Array): WrappedKey | undefined {
  if (bytes.length !== WRAPPED_BYTES || bytes[0] !== VERSION) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const under = view.readBigUInt64BE(UNDER_AT);
  if (under > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return { under: Number(under), mark: view.subarray(MARK_AT, SEALED_AT), sealed: view.subarray(SEALED_AT) };
}

/** Binds a wrapped key to its owner and to whose key wraps it: moved to another row it does not open. */
export const wrapContext = (owner: number, under: number): string => `key/${owner}/under/${under}`;
