import assert from 'node:assert/strict';
import { test } from 'node:test';
import { searchTokens } from './search-text.ts';

const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['bus stop', ['bus', 'stop']],
  ['  ', []],
  ['"bus stop" north', ['bus stop', 'north']],
  ["'bus stop' north", ['bus stop', 'north']],
  ['"say \\"hi\\" \\\\ now"', ['say "hi" \\ now']],
  ["zo'n dag", ["zo'n", 'dag']],
  ['"open', ['"open']],
  ["it's 'fine' isn't it", ["it's", 'fine', "isn't", 'it']],
  ['""', []],
  ['a"b c"d', ['a"b', 'c"d']],
];
for (const [text, tokens] of CASES) test(`tokens of ${text}`, () => assert.deepEqual(searchTokens(text), tokens));

test('a text of a hundred thousand words, or quotes, is a bounded search', () => {
  assert.equal(searchTokens('word '.repeat(100_000)).length, 32);
  assert.ok(searchTokens('"\\'.repeat(50_000)).length <= 32);
});
