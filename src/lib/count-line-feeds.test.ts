import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countLineFeeds } from './count-line-feeds.ts';

const plainly = (bytes: Uint8Array, from: number, to: number): number => bytes.subarray(from, to).filter((byte) => byte === 10).length;

test('counts like a plain loop at every alignment and length', () => {
  const bytes = Buffer.alloc(400);
  for (let at = 0; at < bytes.length; at++) bytes[at] = [10, 0x8a, 11, 9, 0, 255, 10, 138, 65][(at * 7 + (at >> 3)) % 9] ?? 0;
  for (let from = 0; from < 9; from++) {
    for (let to = from; to < 400; to += 13) assert.equal(countLineFeeds(bytes, from, to), plainly(bytes, from, to), `${from}-${to}`);
  }
});

test('counts where every octet is a line feed, and where none is', () => {
  assert.equal(countLineFeeds(Buffer.alloc(1001, 10), 0, 1001), 1001);
  assert.equal(countLineFeeds(Buffer.alloc(1001, 0x8a), 0, 1001), 0);
  assert.equal(countLineFeeds(Buffer.alloc(0), 0, 0), 0);
});

test('counts inside a view that starts at an odd octet', () => {
  const bytes = new Uint8Array(Buffer.alloc(300, 'ab\n').buffer, 0, 300).subarray(3);
  assert.equal(countLineFeeds(bytes, 1, 290), plainly(bytes, 1, 290));
});
