/** A PushSubscription (RFC 8620 §7.2) as it lies sealed in the store. */
import { isObject, isText, isTextList } from '../../../codec/jmap/json.ts';
import { type PushKeys, readPushKeys } from '../../../codec/push/web-push.ts';
import type { PushCredential } from './credential.ts';

export type PushRecord = Readonly<{
  credential: PushCredential;
  deviceClientId: string;
  url: string;
  keys: Readonly<{ p256dh: string; auth: string }> | null;
  /** Sent to the url; the client proves by it that it reads what comes there. */
  code: string;
  verified: boolean;
  /** ms since 1970 */
  expires: number;
  /** Null: all. */
  types: readonly string[] | null;
}>;

/** Undefined for what is none of ours, or of a later version of ours. */
export function readPushRecord(text: string): PushRecord | undefined {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) return undefined;
  const { credential, deviceClientId, url, keys, code, verified, expires, types } = value;
  const isOurs = credential === 'password' || typeof credential === 'number';
  if (!isOurs || !isText(deviceClientId) || !isText(url) || !isText(code) || typeof expires !== 'number') return undefined;
  if (types !== null && !isTextList(types)) return undefined;
  if (keys !== null && !(isObject(keys) && isText(keys['p256dh']) && isText(keys['auth']))) return undefined;
  const pair = keys === null ? null : { p256dh: String(keys['p256dh']), auth: String(keys['auth']) };
  return { credential, deviceClientId, url, keys: pair, code, verified: verified === true, expires, types };
}

export const keysOf = ({ keys }: PushRecord): PushKeys | undefined => (keys === null ? undefined : readPushKeys(keys.p256dh, keys.auth));
