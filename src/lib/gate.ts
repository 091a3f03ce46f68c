/** So many at once, the rest in line, and no line without end. */

export class Gate {
  readonly #places: number;
  readonly #lineLimit: number;
  readonly #line: (() => void)[] = [];
  #inside = 0;

  constructor(places: number, lineLimit: number) {
    this.#places = places;
    this.#lineLimit = lineLimit;
  }

  /** How many are let in at once. */
  get places(): number {
    return this.#places;
  }

  /** True when one more would be turned away. */
  get full(): boolean {
    return this.#inside >= this.#places && this.#line.length >= this.#lineLimit;
  }

  /** Runs `work` when there is a place; undefined when the line is full. */
  async through<T>(work: () => Promise<T>): Promise<T | undefined> {
    return this.full ? undefined : this.patiently(work);
  }

  /** The same, never turned away: for callers who bound themselves. */
  async patiently<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#places) await new Promise<void>((enter) => this.#line.push(enter));
    else this.#inside++;
    try {
      return await work();
    } finally {
      // The place is handed on, not given up: nobody slips in between.
      const next = this.#line.shift();
      if (next === undefined) this.#inside--;
      else next();
    }
  }
}
