import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flagsAfter } from './flag-change.ts';

const before = { flags: 3, keywords: ['a', 'b'] };
const nothing = { add: 0, addKeywords: [], remove: 0, removeKeywords: [], replace: false };

test('adds, removes and replaces flags and keywords', () => {
  assert.deepEqual(flagsAfter(before, { ...nothing, add: 4, remove: 1, addKeywords: ['c', 'a'], removeKeywords: ['b'] }), {
    flags: 6,
    keywords: ['a', 'c'],
  });
  assert.deepEqual(flagsAfter(before, { ...nothing, add: 8, addKeywords: ['z', 'z'], replace: true }), { flags: 8, keywords: ['z'] });
});

test('gives back the same object when nothing changes', () => {
  assert.equal(flagsAfter(before, { ...nothing, add: 1, addKeywords: ['b'], removeKeywords: ['q'] }), before);
  assert.equal(flagsAfter(before, { ...nothing, add: 3, addKeywords: ['b', 'a'], replace: true }), before);
});
