import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { vapidHeader, vapidKeyOf } from './vapid.ts';
import { encryptPush, PLAIN_LIMIT, readPushKeys } from './web-push.ts';

const P256DH = 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4';
const AUTH = 'BTBZMqHH6r4Tts7J_aSIgg';
const OURS = {
  privateKey: Buffer.from('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw', 'base64url'),
  salt: Buffer.from('DGv6ra1nlYgDCS1FRnbzlw', 'base64url'),
};

test('the example of RFC 8291 §5 comes out to the octet', () => {
  const keys = readPushKeys(P256DH, AUTH) ?? assert.fail();
  assert.equal(
    encryptPush(Buffer.from('When I grow up, I want to be a watermelon'), keys, OURS).toString('base64url'),
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
  );
  assert.equal(encryptPush(Buffer.alloc(PLAIN_LIMIT), keys, OURS).length, 4_096);
  assert.throws(() => encryptPush(Buffer.alloc(PLAIN_LIMIT + 1), keys, OURS));
});

test('keys that are none are told from those that are', () => {
  const point = Buffer.from(P256DH, 'base64url');
  const beside = Buffer.from(point);
  beside[64] = (beside[64] ?? 0) ^ 1;
  const compressed = Buffer.concat([Buffer.of(2), point.subarray(1, 33)]);
  const infinity = Buffer.concat([Buffer.of(4), Buffer.alloc(64)]);
  for (const wrong of [beside, compressed, infinity, point.subarray(1), Buffer.concat([point, Buffer.of(0)])])
    assert.equal(readPushKeys(wrong.toString('base64url'), AUTH), undefined);
  for (const auth of ['', 'AAAA', `${AUTH}A`, 'BTBZMqHH6r4Tts7J+aSIgg', 'x'.repeat(100_000)])
    assert.equal(readPushKeys(P256DH, auth), undefined, auth.slice(0, 30));
  assert.ok(readPushKeys(`${P256DH}=`, `${AUTH}==`));
});

test('a push service can check the token with the key beside it (RFC 8292)', () => {
  const key = vapidKeyOf(OURS.privateKey) ?? assert.fail();
  const header = vapidHeader(key, { origin: 'https://push.example', expiresAt: 1_800_000_000, subject: 'mailto:a@b.example' });
  const [, head, claims, signature, k] = /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)$/.exec(header) ?? assert.fail(header);
  const decoded = (text = ''): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());
  assert.deepEqual(decoded(head), { typ: 'JWT', alg: 'ES256' });
  assert.deepEqual(decoded(claims), { aud: 'https://push.example', exp: 1_800_000_000, sub: 'mailto:a@b.example' });
  const point = Buffer.from(k ?? '', 'base64url');
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const check = (text: string): boolean =>
    verify('sha256', Buffer.from(text), { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature ?? '', 'base64url'));
  assert.ok(check(`${head}.${claims}`));
  assert.ok(!check(`${head}.${claims}x`));
  assert.equal(vapidKeyOf(Buffer.alloc(32)), undefined);
  assert.equal(vapidKeyOf(Buffer.alloc(32, 0xff)), undefined);
});
