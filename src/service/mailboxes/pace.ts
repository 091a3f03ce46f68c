/** Long work in short stretches: sessions, timers and deliveries get their turn in between. */
import { STRETCH_MS } from './limits.ts';

export class Pace {
  #began = performance.now();
  readonly #signal: AbortSignal | undefined;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  get isAborted(): boolean {
    return this.#signal?.aborted === true;
  }

  /** Ask often: it costs a look at the clock. */
  get isDue(): boolean {
    return performance.now() - this.#began > STRETCH_MS;
  }

  /** Lets others go first. */
  rest(): Promise<void> {
    return new Promise((resolve) =>
      setImmediate(() => {
        this.#began = performance.now();
        resolve();
      }),
    );
  }
}
