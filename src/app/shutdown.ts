/** Waiting to be told to stop. */

/** A second signal so soon after the first is the same key press, arriving by another way (npm passes it on). */
const SAME_PRESS_MS = 500;

/** What SIGHUP does, where it does not stop. */
export const onReload = (reload: () => void): void => void process.on('SIGHUP', reload);

/** Resolves at the first SIGINT or SIGTERM, or SIGHUP where nothing is reloaded; a later one ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  // A pending promise does not keep a process alive.
  const alive = setInterval(() => undefined, 2 ** 30);
  let first = 0;
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      if (first === 0) {
        first = Date.now();
        clearInterval(alive);
        resolve(signal);
      } else if (Date.now() - first > SAME_PRESS_MS) {
        process.exit(130);
      }
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    if (process.listenerCount('SIGHUP') === 0) process.on('SIGHUP', stop);
  });
}
