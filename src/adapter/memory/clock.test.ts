import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeClock } from './clock.ts';

test('timers run in order, each at its time, with those that they set', async () => {
  const clock = fakeClock(1000);
  const ran: [string, number][] = [];
  const mark = (name: string) => (): void => void ran.push([name, clock.now()]);
  clock.after(20, mark('late'));
  clock.after(10, () => {
    mark('early')();
    void Promise.resolve().then(() => clock.after(5, mark('set by early')));
  });
  clock.after(15, mark('cancelled'))();
  await clock.advance(19);
  assert.deepEqual(ran, [
    ['early', 1010],
    ['set by early', 1015],
  ]);
  assert.equal(clock.now(), 1019);
  clock.tick(1);
  assert.deepEqual(ran.at(-1), ['late', 1020]);
  assert.equal(clock.waiting(), 0);
});
