import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed, unparsed } from './parsed.ts';

test('a parsed value and its opposite are told apart by ok', () => {
  assert.deepEqual(parsed(7), { ok: true, value: 7 });
  assert.deepEqual(unparsed(3, 'a digit is missing'), { ok: false, at: 3, why: 'a digit is missing' });
});
