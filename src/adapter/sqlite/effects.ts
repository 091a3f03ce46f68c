/** Which effects were done, and with what results: a repeated delivery finds them here. */
import type { DatabaseSync } from 'node:sqlite';
import type { OwnerId } from '../../core/ids.ts';
import { query, write } from './database.ts';

export type Effect = Readonly<{ modseq: number; results: string }>;

export class Effects {
  readonly #find: ReturnType<typeof query<[number, string]>>;
  readonly #add: ReturnType<typeof write>;

  constructor(database: DatabaseSync) {
    this.#find = query<[number, string]>(database, 'SELECT modseq, results FROM applied WHERE owner = ? AND effect = ?');
    this.#add = write(database, 'INSERT INTO applied VALUES (?, ?, ?, ?, ?)');
  }

  find(owner: OwnerId, effect: Uint8Array): Effect | undefined {
    const row = this.#find.get(owner, effect);
    return row === undefined ? undefined : { modseq: row[0], results: row[1] };
  }

  add(owner: OwnerId, effect: Uint8Array, done: Effect & Readonly<{ at: number }>): void {
    this.#add(owner, effect, done.modseq, done.results, done.at);
  }
}
