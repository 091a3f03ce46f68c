/** Ids: in order of time, never twice, and readable back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdMaker, isJourneyId, JOURNEY_RANDOM_BYTES, journeyId, journeyTime, lowestJourney } from './ids.ts';

const NOW = Date.UTC(2026, 10, 23, 8, 30, 15, 123);

test('row ids rise, within one millisecond and when the clock falls back', () => {
  let now = NOW;
  const ids = new IdMaker(() => now);
  const made = Array.from({ length: 10_000 }, () => ids.next<number>());
  now -= 60_000;
  made.push(ids.next<number>());
  assert.ok(made.every((id, at) => at === 0 || id > (made[at - 1] ?? 0)));
  assert.ok(made.every(Number.isSafeInteger));
});

test('a journey’s id sorts by time, tells it, and has the form we know', () => {
  const random = (byte: number): Uint8Array => new Uint8Array(JOURNEY_RANDOM_BYTES).fill(byte);
  const early = journeyId(NOW, random(255));
  const late = journeyId(NOW + 1, random(0));
  assert.ok(early < late);
  assert.equal(journeyTime(early), NOW);
  assert.ok(isJourneyId(early) && early.length === 20);
  assert.ok(lowestJourney(NOW) <= early && early < lowestJourney(NOW + 1));
  for (const wrong of ['', 'x', `${early}0`, early.toUpperCase(), early.replace(/.$/, 'l'), early.replace(/.$/, '/')])
    assert.equal(isJourneyId(wrong), false, wrong);
});
