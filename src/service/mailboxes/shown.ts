/** Up to which commit an account's news has been shown and told, and who waits for more. */
import type { Clock } from '../../core/ports/clock.ts';

type Waiting = Readonly<{ modseq: number; resolve: (isShown: boolean) => void }>;

export class Shown {
  readonly #clock: Clock;
  #upTo = 0;
  #waiting: Waiting[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get upTo(): number {
    return this.#upTo;
  }

  raise(modseq: number): void {
    if (modseq <= this.#upTo) return;
    this.#upTo = modseq;
    if (this.#waiting.length === 0) return;
    const awake = this.#waiting.filter((one) => one.modseq <= modseq);
    this.#waiting = this.#waiting.filter((one) => one.modseq > modseq);
    for (const { resolve } of awake) resolve(true);
  }

  /** True when it is shown, false when it was not within that time. */
  async until(modseq: number, forMs: number): Promise<boolean> {
    if (modseq <= this.#upTo) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const one = { modseq, resolve };
    this.#waiting.push(one);
    const stop = this.#clock.after(forMs, () => resolve(false));
    const isShown = await promise;
    stop();
    if (!isShown) this.#waiting = this.#waiting.filter((other) => other !== one);
    return isShown;
  }
}
