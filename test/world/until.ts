/** Waiting for what the house does in its own time. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than anything takes on a busy machine; a test that waits so long has failed. */
const PATIENCE_MS = 15_000;
const PAUSE_MS = 10;

/** Asks again and again until there is an answer. `what` stands in the failure. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`waited ${patienceMs} ms in vain for ${what}`);
    await sleep(PAUSE_MS);
  }
}
