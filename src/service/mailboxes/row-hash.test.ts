import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RowHash } from './row-hash.ts';

test('random keys agree with a Map, however they come and go', () => {
  let state = 5;
  const roll = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 65_536) % below;
  };
  const keys: number[] = [];
  const hash = new RowHash((row) => keys[row] ?? 0);
  const plain = new Map<number, number>();
  for (let step = 0; step < 20_000; step++) {
    // Ids of one moment, and keyed hashes of 53 bits.
    const key = roll(2) === 0 ? 700_000_000_000_000 + roll(2_000) : roll(3_000) * 3_002_399_751_580 + 1;
    if (roll(5) < 2) {
      hash.delete(key);
      plain.delete(key);
    } else {
      const row = keys.push(key) - 1;
      hash.set(key, row);
      plain.set(key, row);
    }
    assert.equal(hash.find(key), plain.get(key) ?? -1);
  }
  assert.ok(plain.size > 500);
  for (const key of keys) assert.equal(hash.find(key), plain.get(key) ?? -1);
  for (const key of plain.keys()) hash.delete(key);
  for (const key of keys) assert.equal(hash.find(key), -1);
});
