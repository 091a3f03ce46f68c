import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LruMap } from './lru-map.ts';

test('what was not asked for the longest goes first', () => {
  const map = new LruMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  assert.equal(map.get('a'), 1);
  map.set('c', 3);
  assert.equal(map.get('b'), undefined);
  assert.deepEqual([map.get('a'), map.get('c'), map.size], [1, 3, 2]);
  map.set('a', 9);
  assert.deepEqual([map.get('a'), map.size], [9, 2]);
  map.delete('a');
  assert.deepEqual([map.get('a'), map.size], [undefined, 1]);
});
