/** When to try again: soon at first (a greylisting server wants minutes), then ever less often (RFC 5321 §4.5.4.1). */

/** Minutes after each failed try; the last one repeats. */
export const RETRY_MINUTES: readonly number[] = [1, 4, 10, 15, 30, 60, 120, 240];
/** Spread, so that what failed together does not come back together. */
const JITTER = 0.1;

/**
 * @param tries failed tries so far, 1 or more
 * @param chance 0 to 1
 * @returns ms to wait
 */
export function retryAfterMs(tries: number, chance: number, plan: readonly number[] = RETRY_MINUTES): number {
  const minutes = plan[Math.min(tries, plan.length) - 1] ?? 1;
  return Math.round(minutes * 60_000 * (1 - JITTER + 2 * JITTER * chance));
}

/**
 * a sender hears of a delay after an hour, once; not of ordinary
 * greylisting, which is over by then. Told at the try after which none comes
 * before an hour and a fifth: the spread may put that try a little short of
 * the hour, and the next one is an hour away.
 */
export const DELAY_NOTICE_MS = 3_600_000;
export const tellsDelay = (waitedMs: number, noticeMs: number): boolean => waitedMs >= noticeMs * (1 + 2 * JITTER);
