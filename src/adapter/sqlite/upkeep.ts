/** Finds what tidying may remove or rewrite. It only reads: the writer removes (prune.ts). */
import type { DatabaseSync } from 'node:sqlite';
import type { Ask, Prunable } from './asks.ts';
import type { BodyReader } from './bodies.ts';
import { query, type Query } from './database.ts';

/** Rows removed in one commit. */
const ROWS = 500;
/** The header that each body has in its pack (adapter/bodies/record.ts). */
const HEADER_BYTES = 24;

export class Upkeep {
  readonly #bodies: BodyReader;
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: DatabaseSync, bodies: BodyReader) {
    this.#bodies = bodies;
    this.#sql = statements(database);
  }

  /**
   * Rows lie in the order of time, nearly: the search ends with the first lot
   * in which nothing is old, and so costs as much as there is to remove.
   */
  prunable({ what, before, after }: Extract<Ask, { ask: 'prunable' }>): Prunable {
    if (what === 'closed') return this.#closed();
    const lot = this.#sql[what].all(after, ROWS);
    const rows = lot.filter(([, at]) => at < before).map(([row]) => row);
    return { rows, after: rows.length === 0 || lot.length < ROWS ? null : (lot.at(-1)?.[0] ?? null) };
  }

  /** Packs whose garbage is worth the work of rewriting them. */
  wasteful(): number[] {
    return this.#bodies.wasteful(new Map(this.#sql.live.all()));
  }

  /** One closed account at a time, for as long as it has rows. */
  #closed(): Prunable {
    const row = this.#sql.closed.get();
    return { rows: row ?? [], after: row === undefined ? null : 0 };
  }
}

const inOrder = (database: DatabaseSync, table: string): Query<[number, number]> =>
  query(database, `SELECT rowid, at FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT ?`);

const statements = (database: DatabaseSync) => ({
  effects: inOrder(database, 'applied'),
  log: inOrder(database, 'change_log'),
  uploads: inOrder(database, 'upload'),
  closed: query<[number]>(database, 'SELECT account FROM closed LIMIT 1'),
  live: query<[number, number]>(database, `SELECT pack, sum(length + ${HEADER_BYTES}) FROM blob GROUP BY pack`),
});
