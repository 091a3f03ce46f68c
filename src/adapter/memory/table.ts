/** Maps of immutable rows that remember how to take back what was done since the last commit. */

/** What must be done to undo the commit under way, in the order it was done. */
export class Undo {
  #steps: (() => void)[] = [];

  note(step: () => void): void {
    this.#steps.push(step);
  }

  rollBack(): void {
    for (const step of this.#steps.reverse()) step();
    this.#steps = [];
  }

  commit(): void {
    this.#steps = [];
  }
}

export class Table<Key, Row> {
  readonly #undo: Undo;
  readonly #rows = new Map<Key, Row>();

  constructor(undo: Undo) {
    this.#undo = undo;
  }

  get(key: Key): Row | undefined {
    return this.#rows.get(key);
  }

  has(key: Key): boolean {
    return this.#rows.has(key);
  }

  set(key: Key, row: Row): void {
    this.#remember(key);
    this.#rows.set(key, row);
  }

  delete(key: Key): void {
    this.#remember(key);
    this.#rows.delete(key);
  }

  /** In no order that may be relied on. */
  values(): Row[] {
    return [...this.#rows.values()];
  }

  entries(): [Key, Row][] {
    return [...this.#rows];
  }

  get size(): number {
    return this.#rows.size;
  }

  #remember(key: Key): void {
    const had = this.#rows.has(key);
    const before = this.#rows.get(key);
    this.#undo.note(() => {
      if (had) this.#rows.set(key, before as Row);
      else this.#rows.delete(key);
    });
  }
}
