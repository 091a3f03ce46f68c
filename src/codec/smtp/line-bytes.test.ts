import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineBytes } from './line-bytes.ts';

/** All CR and LF, as found by repeated `next`. */
function found(bytes: Buffer): number[] {
  const scanner = new LineBytes(bytes);
  const at: number[] = [];
  for (let next = scanner.next(0); next < bytes.length; next = scanner.next(next + 1)) at.push(next);
  return at;
}

const expected = (bytes: Buffer): number[] => [...bytes.entries()].filter(([, byte]) => byte === 10 || byte === 13).map(([at]) => at);

test('finds every CR and LF at every alignment and length, and nothing else', () => {
  const source = Buffer.alloc(400);
  // All byte values, the neighbours of CR and LF more often.
  for (let at = 0; at < source.length; at++) source[at] = at % 7 === 0 ? 9 + (at % 6) : (at * 37) & 0xff;
  for (let from = 0; from < 9; from++) {
    for (const length of [0, 1, 2, 3, 4, 5, 30, 31, 32, 33, 34, 35, 36, 64, 200, 301]) {
      const part = source.subarray(from, from + length);
      assert.deepEqual(found(part), expected(part), `${from} ${length}`);
    }
  }
});

test('a slice at the very end of its memory has no word to look at', () => {
  const whole = Buffer.from(new Uint8Array(64).buffer);
  for (let from = 0; from <= 64; from++) assert.deepEqual(found(whole.subarray(from)), []);
});

test('bytes above 0x7f and just above CR do not hide it', () => {
  const bytes = Buffer.alloc(64, 0x80);
  bytes[41] = 13;
  bytes[43] = 0x0e;
  assert.deepEqual(found(bytes), [41]);
});
