/**
 * Giving birth to keys, and ending them. Only accounts does that; everybody
 * else has the Keyring. A key made here exists nowhere until its `wrapped`
 * form is committed (`putKey`); `adopt` then puts it on the ring.
 */
import type { OrganisationId, OwnerId } from '../ids.ts';
import type { Keyring, OwnerKey } from './keyring.ts';

export type NewKey = Readonly<{ owner: OwnerId; key: OwnerKey; wrapped: Uint8Array }>;

export interface KeyMaker extends Keyring {
  /** @param under the organisation whose key wraps an account's; null for an organisation, which the root key wraps. */
  make(owner: OwnerId, under: OrganisationId | null): NewKey;
  /** After the commit. */
  adopt(made: NewKey): void;
  /** Wiped from memory. Whoever still holds it can neither seal nor open. */
  forget(owner: OwnerId): void;
}
