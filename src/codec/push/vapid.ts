/** Saying to a push service who we are (RFC 8292): a token signed with the server's own key. */
import { createECDH, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { CURVE } from './web-push.ts';

export type VapidKey = Readonly<{
  signing: KeyObject;
  /** The uncompressed point in URL-safe base64: `k` of the header, `applicationServerKey` for browsers. */
  publicKey: string;
}>;

/** Undefined for a number that is no private key of the curve: about one in 2^32 of random ones. */
export function vapidKeyOf(privateKey: Uint8Array): VapidKey | undefined {
  const pair = createECDH(CURVE);
  try {
    pair.setPrivateKey(privateKey);
  } catch {
    return undefined;
  }
  const point = pair.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
  const jwk = { kty: 'EC', crv: 'P-256', d: Buffer.from(privateKey).toString('base64url'), x: x ?? '', y: y ?? '' };
  return { signing: createPrivateKey({ key: jwk, format: 'jwk' }), publicKey: point.toString('base64url') };
}

const HEADER = Buffer.from('{"typ":"JWT","alg":"ES256"}').toString('base64url');

/** The value of Authorization. @param origin of the push service; @param expiresAt in seconds since 1970, within 24 hours (§2) */
export function vapidHeader(
  { signing, publicKey }: VapidKey,
  { origin, expiresAt, subject }: Readonly<{ origin: string; expiresAt: number; subject: string }>,
): string {
  const claims = Buffer.from(JSON.stringify({ aud: origin, exp: expiresAt, sub: subject })).toString('base64url');
  const signature = sign('sha256', Buffer.from(`${HEADER}.${claims}`), { key: signing, dsaEncoding: 'ieee-p1363' });
  return `vapid t=${HEADER}.${claims}.${signature.toString('base64url')}, k=${publicKey}`;
}
