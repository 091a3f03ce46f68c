/** How much is under way for each of many: for limits on what one may do at once. Holds only those that are doing something. */
export class UnderWay<Key> {
  readonly #counts = new Map<Key, number>();

  of(key: Key): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Counts one more until the work has ended, however it ends. */
  async during<Value>(key: Key, work: () => Promise<Value>): Promise<Value> {
    this.#counts.set(key, this.of(key) + 1);
    try {
      return await work();
    } finally {
      const left = this.of(key) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    }
  }
}
