/** The machine's own clock. */
import type { Clock } from '../../core/ports/clock.ts';

/** The longest a timer can wait; a longer one is set again when it rings. */
const TIMER_LIMIT_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, then) {
    let timer: NodeJS.Timeout;
    const set = (left: number): void => {
      timer = setTimeout(() => (left > TIMER_LIMIT_MS ? set(left - TIMER_LIMIT_MS) : then()), Math.min(left, TIMER_LIMIT_MS));
      timer.unref();
    };
    set(ms);
    return () => clearTimeout(timer);
  },
};
