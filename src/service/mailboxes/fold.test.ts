import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Haystack, Needle } from './fold.ts';

const FOUND: readonly (readonly [string, string])[] = [
  ['zoe', 'Zoë'],
  ['zoë', 'ZOE\u0308'],
  ['ZOË', 'zoë'],
  ['ijs', 'ĳs'],
  ['strasse', 'Straße'],
  ['straße', 'STRASSE'],
  ['office', 'oﬃce'],
  ['Σίσυφος', 'ΣΊΣΥΦΟΣ'],
  ['two words', 'Two\r\n\twords'],
  ['½', '1⁄2'],
  ['йод', 'ЙОД'],
  ['', ''],
  ['a', 'bab'],
];
const NOT_FOUND: readonly (readonly [string, string])[] = [
  ['zoë', 'zoe'],
  ['café', 'cafe'],
  ['abc', 'ab'],
  ['ノート', 'ノ-ト'],
  ['twowords', 'two words'],
];

test('text is compared without case and compatibility forms', () => {
  for (const [needle, text] of FOUND) assert.ok(new Needle(needle).isIn(new Haystack(text)), `${needle} in ${text}`);
  for (const [needle, text] of NOT_FOUND) assert.ok(!new Needle(needle).isIn(new Haystack(text)), `${needle} not in ${text}`);
});
