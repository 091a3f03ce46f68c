import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SetFault } from './error.ts';
import { patched } from './patch.ts';

const EMAIL = { subject: 'x', keywords: { $seen: true }, mailboxIds: { m1: true }, list: [1] };

test('a patch changes a copy, as deep as it reaches (RFC 8620 §5.3)', () => {
  const changed = patched(EMAIL, { 'keywords/$flagged': true, 'keywords/$seen': null, mailboxIds: { m2: true }, subject: null, 'x~1y': 1 });
  assert.deepEqual(changed, { subject: null, keywords: { $flagged: true }, mailboxIds: { m2: true }, list: [1], 'x/y': 1 });
  assert.deepEqual(EMAIL.keywords, { $seen: true }, 'the original is as it was');
});

const BAD: readonly Record<string, unknown>[] = [
  { 'keywords/a': true, keywords: {} },
  { 'nothing/a': 1 },
  { 'subject/a': 1 },
  { 'list/0': 1 },
  { '__proto__/polluted': 1 },
  { 'keywords/__proto__': { polluted: 1 } },
  JSON.parse('{"__proto__":{"polluted":1}}') as Record<string, unknown>,
];
for (const patch of BAD)
  test(`invalidPatch: ${JSON.stringify(patch)}`, () => {
    assert.throws(
      () => patched(EMAIL, patch),
      (error) => error instanceof SetFault && error.error.type === 'invalidPatch',
    );
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  });

test('a patch of ten thousand paths is done in one go, a longer one is refused', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, number) => [`keywords/k${number}`, true]));
  assert.equal(Object.keys(patched(EMAIL, many(10_000))['keywords'] as object).length, 10_001);
  assert.throws(() => patched(EMAIL, many(10_001)), SetFault);
});
