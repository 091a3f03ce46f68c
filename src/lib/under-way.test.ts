import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnderWay } from './under-way.ts';

test('what is under way is counted by whom it is for, and no longer when it has ended or failed', async () => {
  const underWay = new UnderWay<string>();
  const gate = Promise.withResolvers<number>();
  const both = [underWay.during('a', () => gate.promise), underWay.during('a', () => gate.promise)];
  assert.deepEqual([underWay.of('a'), underWay.of('b')], [2, 0]);
  await assert.rejects(
    underWay.during('a', async () => {
      throw new Error('no');
    }),
  );
  assert.equal(underWay.of('a'), 2);
  gate.resolve(7);
  assert.deepEqual(await Promise.all(both), [7, 7]);
  assert.equal(underWay.of('a'), 0);
});
