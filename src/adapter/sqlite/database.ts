/** Opening the shard's file: settings, lock and migrations. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import { migrate } from './migrations.ts';

/** How long a connection waits for another one of ours; a checkpoint's last step is the longest. */
const BUSY_MS = 5_000;
/** What the WAL keeps of its size once it has been copied: writing over old blocks is five times as fast as making new ones. */
const WAL_KEPT_BYTES = 67_108_864;
/** Pages kept in memory per connection, in KiB. */
const WRITER_CACHE_KIB = 65_536;
const READER_CACHE_KIB = 32_768;

export const databasePath = (dir: string): string => join(dir, 'mail.db');
export const packsFolder = (dir: string): string => join(dir, 'packs');

/** Opens the one connection that writes, making file and tables if need be. */
export function openWriter(dir: string): DatabaseSync {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(databasePath(dir), { timeout: BUSY_MS, enableForeignKeyConstraints: false });
  // SECURITY: secure_delete overwrites what is deleted, so that a destroyed key is gone from the file too.
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = ${WAL_KEPT_BYTES};
    PRAGMA secure_delete = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -${WRITER_CACHE_KIB};
  `);
  migrate(database);
  // The folder is locked, so whoever held a lease is dead: its mail need not wait until the lease runs out.
  database.exec('UPDATE queue_item SET ready_at = due_at, fence = fence + 1 WHERE ready_at <> due_at');
  return database;
}

export function openReader(dir: string): DatabaseSync {
  const database = new DatabaseSync(databasePath(dir), { readOnly: true, timeout: BUSY_MS });
  database.exec(`PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -${READER_CACHE_KIB}`);
  return database;
}

/**
 * Takes the data folder for this process. The lock is SQLite's own, on a file
 * of its own: the system lets go of it when the process dies, however it dies.
 */
export function lockFolder(dir: string): DatabaseSync {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(dir, 'lock'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw new Error(`Another Eigenpost is already running on the data folder ${dir}. Stop it first, or choose another folder.`, {
      cause: error,
    });
  }
  return lock;
}

export type Value = SQLInputValue;
export type Row = SQLOutputValue[];

/** A prepared statement whose rows are arrays: three times as fast as objects. */
export type Query<Found extends Row = Row> = Readonly<{
  get(...values: Value[]): Found | undefined;
  all(...values: Value[]): Found[];
}>;
/** A prepared statement that writes; the answer is how many rows it changed. */
export type Write = (...values: Value[]) => number;

export function query<Found extends Row = Row>(database: DatabaseSync, sql: string): Query<Found> {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  // The types know only rows as objects; setReturnArrays has just changed that.
  const rows = statement as unknown as Query<Found>;
  return { get: (...values) => rows.get(...values), all: (...values) => rows.all(...values) };
}

export function write(database: DatabaseSync, sql: string): Write {
  const statement = database.prepare(sql);
  return (...values) => Number(statement.run(...values).changes);
}
