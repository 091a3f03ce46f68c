import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeClock } from '../../adapter/memory/clock.ts';
import { bad, no, ok } from './answer.ts';
import { Patience } from './patience.ts';

describe('patience', () => {
  it('gives strangers a minute, however much they talk', () => {
    const clock = fakeClock(1000);
    const patience = new Patience(clock);
    clock.tick(59_000);
    patience.heard();
    assert.equal(patience.leftMs, 1000);
    patience.trust();
    assert.equal(patience.leftMs, 30 * 60_000);
    clock.tick(60_000);
    assert.equal(patience.leftMs, 29 * 60_000);
    patience.heard();
    assert.equal(patience.leftMs, 30 * 60_000);
  });

  it('bears few errors of strangers and more of members', () => {
    const patience = new Patience(fakeClock(0));
    assert.deepEqual(
      [ok(''), no(''), bad(''), no(''), bad(''), bad('')].map((answer) => patience.isTooMuch(answer)),
      [false, false, false, false, false, true],
    );
    patience.trust();
    for (let at = 0; at < 49; at++) assert.equal(patience.isTooMuch(bad('')), false);
    assert.equal(patience.isTooMuch(no('')), false);
    assert.equal(patience.isTooMuch(bad('')), true);
  });
});
