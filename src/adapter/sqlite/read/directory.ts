/** Reading the directory whole: it is small and kept in memory by the services. */
import type { DatabaseSync } from 'node:sqlite';
import type { OwnerId } from '../../../core/ids.ts';
import type { DirectoryRow } from '../../../core/ports/store.ts';
import { query } from '../database.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export class ReadDirectory {
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: DatabaseSync) {
    this.#sql = statements(database);
  }

  load(): DirectoryRow[] {
    const names = new Map<string, Bytes[]>();
    for (const [kind, id, name] of this.#sql.names.all()) {
      const key = `${kind}/${id}`;
      const list = names.get(key);
      if (list === undefined) names.set(key, [name]);
      else list.push(name);
    }
    return this.#sql.rows.all().map(([kind, id, sealed]) => ({ kind, id, sealed, names: names.get(`${kind}/${id}`) ?? [] }));
  }

  keys(): { owner: OwnerId; wrapped: Bytes }[] {
    return this.#sql.keys.all().map(([owner, wrapped]) => ({ owner: owner as OwnerId, wrapped }));
  }
}

const statements = (database: DatabaseSync) => ({
  rows: query<[string, number, Bytes]>(database, 'SELECT kind, id, sealed FROM directory'),
  names: query<[string, number, Bytes]>(database, 'SELECT kind, id, name FROM directory_name'),
  keys: query<[number, Bytes]>(database, 'SELECT owner, wrapped FROM wrapped_key'),
});
