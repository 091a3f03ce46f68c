import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import { Gate } from './gate.ts';

test('never more inside than there are places, and the line ends', async () => {
  const gate = new Gate(2, 3);
  let inside = 0;
  let most = 0;
  const work = async (): Promise<string> => {
    most = Math.max(most, ++inside);
    await setImmediate();
    inside--;
    return 'done';
  };
  const results = await Promise.all(Array.from({ length: 8 }, () => gate.through(work)));
  assert.equal(most, 2);
  assert.equal(results.filter((result) => result === 'done').length, 5);
  assert.equal(results.filter((result) => result === undefined).length, 3);
  assert.equal(gate.full, false);
});

test('a failure gives its place back', async () => {
  const gate = new Gate(1, 1);
  await assert.rejects(gate.through(() => Promise.reject(new Error('no'))));
  assert.equal(await gate.through(async () => 7), 7);
});
