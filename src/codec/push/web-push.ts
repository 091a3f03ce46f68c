/** A push message that only the subscriber can read (RFC 8291, in the aes128gcm coding of RFC 8188), as one record. */
import { createCipheriv, createECDH, hkdfSync } from 'node:crypto';

export const CURVE = 'prime256v1';
const POINT_BYTES = 65;
const UNCOMPRESSED = 0x04;
const AUTH_BYTES = 16;
const RECORD_SIZE = 4_096;
/** RFC 8291 §4: what every push service takes. */
export const PLAIN_LIMIT = 3_993;
/** RFC 8188 §2: the delimiter of the last record. */
const LAST_RECORD = Buffer.of(2);

/** The subscriber's public key as an uncompressed point, and their secret. */
export type PushKeys = Readonly<{ p256dh: Buffer; auth: Buffer }>;

/** Undefined where one is no URL-safe base64 (padding is let pass), has another length, or is no point on the curve (RFC 8291 §7). */
export function readPushKeys(p256dh: string, auth: string): PushKeys | undefined {
  const [point, secret] = [decoded(p256dh), decoded(auth)];
  if (point?.length !== POINT_BYTES || point[0] !== UNCOMPRESSED || secret?.length !== AUTH_BYTES) return undefined;
  return isOnCurve(point) ? { p256dh: point, auth: secret } : undefined;
}

function decoded(text: string): Buffer | undefined {
  return /^[A-Za-z0-9_-]{1,128}={0,2}$/.test(text) ? Buffer.from(text, 'base64url') : undefined;
}

/** SECURITY: with a point beside the curve an attacker could learn the key we multiply it by. */
function isOnCurve(point: Buffer): boolean {
  const ours = createECDH(CURVE);
  ours.generateKeys();
  try {
    ours.computeSecret(point);
    return true;
  } catch {
    return false;
  }
}

/**
 * Header and ciphertext.
 * @param privateKey made for this message alone (RFC 8291 §3.1)
 * @param salt 16 random octets
 */
export function encryptPush(
  plain: Uint8Array,
  { p256dh, auth }: PushKeys,
  { privateKey, salt }: Readonly<{ privateKey: Uint8Array; salt: Uint8Array }>,
): Buffer {
  if (plain.length > PLAIN_LIMIT) throw new Error(`a push message has at most ${PLAIN_LIMIT} octets`);
  const ours = createECDH(CURVE);
  ours.setPrivateKey(privateKey);
  const publicKey = ours.getPublicKey();
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), p256dh, publicKey]);
  const keying = Buffer.from(hkdfSync('sha256', ours.computeSecret(p256dh), auth, info, 32));
  const key = Buffer.from(hkdfSync('sha256', keying, salt, 'Content-Encoding: aes128gcm\0', 16));
  const nonce = Buffer.from(hkdfSync('sha256', keying, salt, 'Content-Encoding: nonce\0', 12));
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  const body = [cipher.update(plain), cipher.update(LAST_RECORD), cipher.final(), cipher.getAuthTag()];
  const sizes = Buffer.alloc(5);
  sizes.writeUInt32BE(RECORD_SIZE);
  sizes.writeUInt8(publicKey.length, 4);
  return Buffer.concat([salt, sizes, publicKey, ...body]);
}
