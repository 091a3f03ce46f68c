/** Keys as the services see them: they seal and open, and never show themselves. */
import type { Glances } from '../../lib/glance.ts';
import type { OwnerId } from '../ids.ts';

/** One owner's key, unwrapped in memory. `context` says what is sealed and binds it there. */
export interface OwnerKey {
  seal(plain: Uint8Array | string, context: string): Uint8Array;
  /** Undefined when it was not sealed with this key in this context. */
  open(sealed: Uint8Array, context: string): Buffer | undefined;
  /** A quick look at many, to throw out most of them; undefined without a key. SECURITY: proves nothing (lib/glance.ts): what is kept must be opened. */
  glance(sealed: readonly Uint8Array[]): Glances | undefined;
  /** 16 bytes: a keyed hash, to find again what is sealed without showing it. */
  hash(text: string, context: string): Uint8Array;
}

export interface Keyring {
  /** Undefined when the owner's key was destroyed or never existed. */
  of(owner: OwnerId): OwnerKey | undefined;
  /** The server's own key: directory rows, lanes, settings. */
  readonly server: OwnerKey;
  /** 32 random bytes for one body. */
  bodyKey(): Uint8Array;
}
