/** Finds what tidying may remove or rewrite. It only reads: the writer removes (prune.ts). */
import type { DatabaseSync } from 'node:sqlite';
import type { Ask, Prunable } from './asks.ts';
import type { BodyReader } from './bodies.ts';
import { query, type Query } from './database.ts';

/** Rows removed in one commit. */
const ROWS = 500;
/** The header that each body has in its pack (adapter/bodies/record.ts). */
const HEADER_BYTES = 24;

/** Before every key of the table. */
const START = { effects: [0, '', 0], steps: [0, '', 0], log: [0, 0, 0] } as const;

type Key = [number, string | number, number];

export class Upkeep {
  readonly #bodies: BodyReader;
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: DatabaseSync, bodies: BodyReader) {
    this.#bodies = bodies;
    this.#sql = statements(database);
  }

  prunable({ what, before, after }: Extract<Ask, { ask: 'prunable' }>): Prunable {
    if (what === 'closed') return this.#closed();
    const rows = this.#sql[what].all(...(after ?? START[what]), before, ROWS);
    return { keys: JSON.stringify(rows), after: rows.length < ROWS ? null : (rows.at(-1) ?? null) };
  }

  /** Packs whose garbage is worth the work of rewriting them. */
  wasteful(): number[] {
    return this.#bodies.wasteful(new Map(this.#sql.live.all()));
  }

  /** One closed account at a time, for as long as it has rows. */
  #closed(): Prunable {
    const row = this.#sql.closed.get();
    return { keys: JSON.stringify(row === undefined ? [] : [row]), after: row ?? null };
  }
}

const prunable = (database: DatabaseSync, sql: string): Query<Key> => query<Key>(database, sql);

const statements = (database: DatabaseSync) => ({
  effects: prunable(
    database,
    `SELECT owner, hex(effect), 0 FROM applied WHERE (owner, effect) > (?, unhex(?)) AND ? = 0 AND at < ? ORDER BY owner, effect LIMIT ?`,
  ),
  steps: prunable(
    database,
    `SELECT owner, journey, seq FROM step WHERE (owner, journey, seq) > (?, ?, ?) AND at < ? ORDER BY owner, journey, seq LIMIT ?`,
  ),
  log: prunable(
    database,
    `SELECT account, modseq, 0 FROM change_log WHERE (account, modseq) > (?, ?) AND ? = 0 AND at < ? ORDER BY account, modseq LIMIT ?`,
  ),
  closed: query<[number]>(database, 'SELECT account FROM closed LIMIT 1'),
  live: query<[number, number]>(database, `SELECT pack, sum(length + ${HEADER_BYTES}) FROM blob GROUP BY pack`),
});
