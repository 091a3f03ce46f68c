/** Reading uploads. */
import type { DatabaseSync } from 'node:sqlite';
import type { AccountId, BlobId, UploadId } from '../../../core/ids.ts';
import type { UploadRow } from '../../../core/ports/store.ts';
import { query } from '../database.ts';

export class ReadUploads {
  readonly #one: ReturnType<typeof statement>;

  constructor(database: DatabaseSync) {
    this.#one = statement(database);
  }

  /** An upload of this account; another's does not exist here. */
  one(account: AccountId, upload: UploadId): UploadRow | undefined {
    const row = this.#one.get(upload, account);
    if (row === undefined) return undefined;
    const [size, at, meta, blob] = row;
    return { upload, size, at, meta, blob: blob as BlobId };
  }
}

const statement = (database: DatabaseSync) =>
  query<[number, number, Uint8Array<ArrayBuffer>, number]>(
    database,
    'SELECT size, at, meta, blob FROM upload WHERE upload = ? AND account = ?',
  );
