import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SingleFlight } from './single-flight.ts';

test('whoever asks during a run shares the next one', async () => {
  const ends: (() => void)[] = [];
  let runs = 0;
  const flight = new SingleFlight(async () => {
    const run = ++runs;
    await new Promise<void>((resolve) => ends.push(resolve));
    return run;
  });
  const first = flight.run();
  const [second, third] = [flight.run(), flight.run()];
  ends.shift()?.();
  assert.equal(await first, 1);
  await new Promise((resolve) => setImmediate(resolve));
  ends.shift()?.();
  assert.deepEqual([await second, await third, runs], [2, 2, 2]);
  const fourth = flight.run();
  ends.shift()?.();
  assert.equal(await fourth, 3);
});

test('a run that fails fails for those who share it, not for the next', async () => {
  let runs = 0;
  const flight = new SingleFlight(async () => {
    if (++runs === 1) throw new Error('broken');
    return runs;
  });
  const [first, second] = [flight.run(), flight.run()];
  await assert.rejects(first, /broken/);
  assert.equal(await second, 2);
});
