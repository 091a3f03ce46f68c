import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeClock } from '../../adapter/memory/clock.ts';
import { IdlePool } from './idle-pool.ts';

const pool = () => {
  const clock = fakeClock(0);
  const dropped: string[] = [];
  const idle = new IdlePool(clock, { count: 3, weight: 10, forMs: 100 });
  const things = new Map<string, object>();
  const thing = (name: string): object => {
    const known = things.get(name) ?? {};
    things.set(name, known);
    return known;
  };
  const keep = (name: string, weight = 1): void => idle.keep(thing(name), weight, () => dropped.push(name));
  return { clock, dropped, idle, thing, keep };
};

test('the longest unused goes first, by count and by weight', () => {
  const { keep, dropped } = pool();
  for (const name of ['a', 'b', 'c', 'd']) keep(name);
  assert.deepEqual(dropped, ['a']);
  keep('b');
  keep('heavy', 9);
  assert.deepEqual(dropped, ['a', 'c', 'd']);
  keep('too heavy', 11);
  assert.deepEqual(dropped, ['a', 'c', 'd', 'b', 'heavy', 'too heavy']);
});

test('what is used again is not dropped, and time drops the rest', async () => {
  const { clock, idle, keep, thing, dropped } = pool();
  keep('a');
  await clock.advance(60);
  keep('b');
  idle.take(thing('a'));
  await clock.advance(50);
  assert.deepEqual(dropped, []);
  keep('a');
  await clock.advance(50);
  assert.deepEqual(dropped, ['b']);
  await clock.advance(50);
  assert.deepEqual(dropped, ['b', 'a']);
  assert.equal(clock.waiting(), 0, 'no timer for nothing');
});

test('cleared, it drops everything and waits for nothing', () => {
  const { clock, idle, keep, dropped } = pool();
  keep('a');
  keep('b');
  idle.clear();
  assert.deepEqual([dropped, clock.waiting()], [['a', 'b'], 0]);
});
