import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseSubject } from './base-subject.ts';

const CASES: readonly (readonly [string, string])[] = [
  ['Hello', 'Hello'],
  ['Re: Hello', 'Hello'],
  ['RE: re[2]: Fwd : Hello (fwd)', 'Hello'],
  ['[list] Re: [list] Hello', 'Hello'],
  ['[Fwd: [list] Hello]', 'Hello'],
  ['Antw: AW: Vergadering', 'Antw: AW: Vergadering'],
  ['[only a tag]', '[only a tag]'],
  ['Re:', ''],
  ['  many\t  blanks ', 'many blanks'],
  ['Regarding: us', 'Regarding: us'],
  ['', ''],
];
for (const [subject, base] of CASES) test(`base of ${JSON.stringify(subject)}`, () => assert.equal(baseSubject(subject), base));

test('a subject of nothing but Re: and brackets ends soon', () => {
  assert.ok(baseSubject('Re: '.repeat(100_000)).length < 400_000);
  assert.ok(baseSubject(`${'['.repeat(50_000)}${']'.repeat(50_000)}`).length > 0);
});
