import assert from 'node:assert/strict';
import { test } from 'node:test';
import { glance } from './glance.ts';
import { KEY_BYTES, NONCE_BYTES, seal, unseal } from './seal.ts';

const key = Buffer.alloc(KEY_BYTES, 7);
let nonces = 0xfffffff0;

function sealed(plain: Buffer): Uint8Array {
  const nonce = Buffer.alloc(NONCE_BYTES, 0xa5);
  nonce.writeUInt32BE(nonces--, 4);
  return seal(key, nonce, plain, 'a context');
}

/** Bytes that differ from each other and from one size to the next. */
const words = (size: number): Buffer => Buffer.from(Array.from({ length: size }, (_, at) => ((at * 131) ^ size) & 0xff));
const shown = ({ plain, starts, ends }: ReturnType<typeof glance>): Buffer[] =>
  Array.from(starts, (start, index) => plain.subarray(start, ends[index]));

test('a glance shows what opening shows, whatever the sizes', () => {
  // Around the block of 16, and past the 256 blocks where the counter's second byte begins to count.
  const plains = [0, 1, 15, 16, 17, 31, 32, 33, 0, 255, 4_095, 4_097, 300_001, 5].map(words);
  const values = plains.map(sealed);
  const seen = glance(key, values);
  assert.deepEqual(shown(seen), plains);
  assert.deepEqual(
    values.map((value) => unseal(key, value, 'a context')),
    plains,
  );
  for (const [index, end] of seen.ends.entries()) {
    const gap = seen.plain.subarray(end, seen.starts[index + 1] ?? seen.plain.length);
    assert.ok(gap.length < 16 && gap.every((byte) => byte === 0), `behind value ${index}`);
  }
});

test('values are views into something larger, at any place', () => {
  const plains = [words(40), words(41), words(42)];
  const values = plains.map(sealed);
  const all = Buffer.concat([Buffer.from('x'), ...values]);
  let at = 1;
  const views = values.map(({ length }) => all.subarray(at, (at += length)));
  assert.deepEqual(shown(glance(key, views)), plains);
});

test('SECURITY: a glance believes anything: what it shows opens only when it is whole', () => {
  const value = Buffer.from(sealed(Buffer.from('pay 10')));
  value[NONCE_BYTES + 4] = (value[NONCE_BYTES + 4] ?? 0) ^ 0x08;
  assert.equal(glance(key, [value]).plain.toString('utf8', 0, 6), 'pay 90');
  assert.equal(unseal(key, value, 'a context'), undefined);
});

test('what was never sealed shows as nothing, and takes nothing from the others', () => {
  const good = words(20);
  const seen = shown(glance(key, [Buffer.alloc(0), Buffer.alloc(27), sealed(good), Buffer.alloc(28, 1)]));
  assert.deepEqual(seen, [Buffer.alloc(0), Buffer.alloc(0), good, Buffer.alloc(0)]);
  assert.deepEqual(shown(glance(key, [])), []);
  assert.notDeepEqual(shown(glance(Buffer.alloc(KEY_BYTES, 8), [sealed(good)])), [good]);
});
