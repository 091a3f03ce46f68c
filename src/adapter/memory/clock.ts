/** A clock that stands still until a test moves it. */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../core/ports/clock.ts';

export type FakeClock = Clock &
  Readonly<{
    /** Moves on by `ms`; timers run in the order they fall due, and what each one starts may finish and set new timers before the next. */
    advance(ms: number): Promise<void>;
    /** Moves on by `ms` at once: timers run in order, nothing is waited for. */
    tick(ms: number): void;
    /** Timers that have not run yet. */
    waiting(): number;
  }>;

type Timer = { due: number; order: number; run: () => void };

export function fakeClock(start: number): FakeClock {
  let time = start;
  let order = 0;
  const timers = new Set<Timer>();
  const next = (until: number): Timer | undefined =>
    [...timers].filter((timer) => timer.due <= until).sort((a, b) => a.due - b.due || a.order - b.order)[0];
  const run = (timer: Timer): void => {
    time = Math.max(time, timer.due);
    timers.delete(timer);
    timer.run();
  };
  return {
    now: () => time,
    after(ms, then) {
      const timer = { due: time + ms, order: order++, run: then };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const until = time + ms;
      await setImmediate();
      for (let timer = next(until); timer !== undefined; timer = next(until)) {
        run(timer);
        await setImmediate();
      }
      time = Math.max(time, until);
    },
    tick(ms) {
      const until = time + ms;
      for (let timer = next(until); timer !== undefined; timer = next(until)) run(timer);
      time = until;
    },
    waiting: () => timers.size,
  };
}
