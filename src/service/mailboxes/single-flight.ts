/** Work of which one run serves everybody who asked before it began. */
export class SingleFlight<Value> {
  readonly #work: () => Promise<Value>;
  #running: Promise<Value> | undefined;
  #next: Promise<Value> | undefined;

  constructor(work: () => Promise<Value>) {
    this.#work = work;
  }

  /** The result of a run that began after this call: one under way may have missed what the caller knows. */
  run(): Promise<Value> {
    if (this.#next !== undefined) return this.#next;
    if (this.#running === undefined) return this.#start();
    const begin = (): Promise<Value> => {
      this.#next = undefined;
      return this.#start();
    };
    this.#next = this.#running.then(begin, begin);
    return this.#next;
  }

  #start(): Promise<Value> {
    const running = this.#work().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}
