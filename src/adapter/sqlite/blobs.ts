/** Who names which body: counted in the commit that names it, gone with the last name. */
import type { DatabaseSync } from 'node:sqlite';
import type { BodySource } from '../../core/command.ts';
import type { BlobId } from '../../core/ids.ts';
import type { Place } from './bodies.ts';
import { query, write } from './database.ts';

/** A large body that was finished but never named is forgotten after this. */
const LOOSE_MS = 3_600_000;

export class Blobs {
  readonly #sql: ReturnType<typeof statements>;
  /** Where the bodies handed along with this group were put. */
  readonly #fresh = new Map<BlobId, Place>();
  /** Finished large bodies: durable, but perhaps not named yet. */
  readonly #loose = new Map<BlobId, Readonly<{ place: Place; since: number }>>();

  constructor(database: DatabaseSync) {
    this.#sql = statements(database);
  }

  setFresh(blob: BlobId, place: Place): void {
    this.#fresh.set(blob, place);
  }

  endGroup(): void {
    this.#fresh.clear();
  }

  addLoose(blob: BlobId, place: Place, now: number): void {
    this.#loose.set(blob, { place, since: now });
  }

  forgetLoose(now: number): void {
    for (const [blob, { since }] of this.#loose) if (since < now - LOOSE_MS) this.#loose.delete(blob);
  }

  /** Names a body once more; false when there is none. */
  add(body: BodySource): boolean {
    const place = this.#fresh.get(body.blob);
    if (place !== undefined && body.kind === 'inline') this.#sql.add(body.blob, place.pack, place.offset, place.length);
    else if (this.#sql.addRef(body.blob) === 0) return this.#addLooseRow(body.blob);
    return true;
  }

  drop(blob: BlobId): void {
    if (this.#sql.removeLast(blob) === 0) this.#sql.removeRef(blob);
  }

  /** Whether what lies there is still named, or may yet be. */
  isWanted(blob: BlobId, from: Place): boolean {
    const loose = this.#loose.get(blob)?.place;
    if (loose?.pack === from.pack && loose.offset === from.offset) return true;
    const [pack, offset] = this.#sql.place.get(blob) ?? [];
    return pack === from.pack && offset === from.offset;
  }

  /** The body was copied; false when nobody names it any more. */
  moved(blob: BlobId, to: Place): void {
    this.#sql.move(to.pack, to.offset, blob);
  }

  #addLooseRow(blob: BlobId): boolean {
    const place = this.#loose.get(blob)?.place;
    if (place === undefined) return false;
    this.#sql.add(blob, place.pack, place.offset, place.length);
    return true;
  }
}

const statements = (database: DatabaseSync) => ({
  add: write(database, 'INSERT INTO blob VALUES (?, ?, ?, ?, 1) ON CONFLICT (blob) DO UPDATE SET refs = refs + 1'),
  addRef: write(database, 'UPDATE blob SET refs = refs + 1 WHERE blob = ?'),
  removeLast: write(database, 'DELETE FROM blob WHERE blob = ? AND refs <= 1'),
  removeRef: write(database, 'UPDATE blob SET refs = refs - 1 WHERE blob = ?'),
  place: query<[number, number]>(database, 'SELECT pack, offset FROM blob WHERE blob = ?'),
  move: write(database, 'UPDATE blob SET pack = ?, offset = ? WHERE blob = ?'),
});
