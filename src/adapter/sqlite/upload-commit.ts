/** Commands on uploads, and their end when their time is past. */
import type { DatabaseSync } from 'node:sqlite';
import type { Command, CommandResult } from '../../core/command.ts';
import type { AccountId, BlobId } from '../../core/ids.ts';
import { UPLOAD_LEAST_BYTES, UPLOADS_BYTES } from '../../core/ports/store.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { Blobs } from './blobs.ts';
import { query, write } from './database.ts';

type Of<Do extends Command['do']> = Extract<Command, { do: Do }>;
type Parts = Readonly<{ database: DatabaseSync; blobs: Blobs }>;

export class Uploads {
  readonly #blobs: Blobs;
  readonly #sql: ReturnType<typeof statements>;

  constructor({ database, blobs }: Parts) {
    this.#blobs = blobs;
    this.#sql = statements(database);
  }

  add(account: AccountId, { upload, body, size, at, meta }: Of<'addUpload'>): CommandResult | Refusal {
    const [held = 0] = this.#sql.held.get(account) ?? [];
    if (held + Math.max(size, UPLOAD_LEAST_BYTES) > UPLOADS_BYTES) return refuse('overQuota');
    if (!this.#blobs.add(body)) return refuse('notFound', { what: 'body' });
    this.#sql.add(upload, account, body.blob, size, at, meta);
    return { did: 'addUpload' };
  }

  drop(account: AccountId, { upload }: Of<'dropUpload'>): CommandResult {
    const row = this.#sql.find.get(upload);
    if (row?.[0] === account) this.remove(upload);
    return { did: 'dropUpload' };
  }

  /** Whosever it is. */
  remove(upload: number): void {
    const row = this.#sql.find.get(upload);
    if (row === undefined) return;
    this.#sql.remove(upload);
    this.#blobs.drop(row[1] as BlobId);
  }

  /** Removes some of a closed account; gives how many. */
  removeSome(account: AccountId, most: number): number {
    const rows = this.#sql.some.all(account, most);
    for (const [upload] of rows) this.remove(upload);
    return rows.length;
  }
}

const statements = (database: DatabaseSync) => ({
  held: query<[number]>(database, `SELECT ifnull(sum(max(size, ${UPLOAD_LEAST_BYTES})), 0) FROM upload WHERE account = ?`),
  add: write(database, 'INSERT INTO upload VALUES (?, ?, ?, ?, ?, ?)'),
  find: query<[number, number]>(database, 'SELECT account, blob FROM upload WHERE upload = ?'),
  some: query<[number]>(database, 'SELECT upload FROM upload WHERE account = ? LIMIT ?'),
  remove: write(database, 'DELETE FROM upload WHERE upload = ?'),
});
