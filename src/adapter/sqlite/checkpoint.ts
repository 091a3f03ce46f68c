/**
 * Copies the WAL into the database file from a connection of its own, so that
 * no commit waits for it (on the committing thread it cost tens of
 * milliseconds). PASSIVE waits for nobody and stops nobody; only when the WAL
 * has grown past its bound are writers held for the last few pages; then the
 * WAL is written from its beginning again, over blocks it has already.
 */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { databasePath, query, type Query } from './database.ts';
import { failure } from './faults.ts';

/** Between two looks at the WAL. */
const LOOK_MS = 200;
/** The WAL is begun anew beyond this, so that it stays within blocks it has (WAL_KEPT_BYTES in database.ts is a little more). */
const WAL_BOUND_BYTES = 50_331_648;
/** After this long without a commit the WAL is cut to nothing: old pages, destroyed keys among them, leave the disk. */
const QUIET_MS = 5_000;
/** How long the last step may wait for readers before it is put off. */
const PATIENCE_MS = 250;

type Checkpointed = [busy: number, pages: number, copied: number];

export class Checkpoint {
  readonly #database: DatabaseSync;
  readonly #wal: string;
  readonly #version: Query<[number]>;
  readonly #timer: NodeJS.Timeout;
  #seen = -1;
  #quietMs = 0;

  constructor(dir: string) {
    this.#database = new DatabaseSync(databasePath(dir), { timeout: PATIENCE_MS });
    this.#database.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA trusted_schema = OFF');
    this.#wal = `${databasePath(dir)}-wal`;
    this.#version = query<[number]>(this.#database, 'PRAGMA data_version');
    this.#timer = setInterval(() => this.#tryLook(), LOOK_MS);
  }

  /** A full or failing disk is no reason to die: the WAL grows, and the next look may find it better. */
  #tryLook(): void {
    try {
      this.look();
    } catch (error) {
      if ('bug' in failure(error)) throw error;
    }
  }

  /** One look at the WAL, and what follows from it. */
  look(): void {
    const version = this.#version.get()?.[0] ?? 0;
    const quiet = version === this.#seen;
    this.#seen = version;
    this.#quietMs = quiet ? this.#quietMs + LOOK_MS : 0;
    if (this.#quietMs === QUIET_MS) this.#checkpoint('TRUNCATE');
    if (quiet) return;
    this.#checkpoint('PASSIVE');
    if (this.#walBytes() > WAL_BOUND_BYTES) this.#checkpoint('RESTART');
  }

  close(): void {
    clearInterval(this.#timer);
    this.#database.close();
  }

  #checkpoint(how: 'PASSIVE' | 'RESTART' | 'TRUNCATE'): Checkpointed {
    const statement = this.#database.prepare(`PRAGMA wal_checkpoint(${how})`);
    statement.setReturnArrays(true);
    return statement.get() as unknown as Checkpointed;
  }

  #walBytes(): number {
    return statSync(this.#wal, { throwIfNoEntry: false })?.size ?? 0;
  }
}
