/** Reading journeys: an owner's rows, newest journey first. */
import type { DatabaseSync } from 'node:sqlite';
import type { StepRow } from '../../../core/command.ts';
import type { JourneyId, OwnerId } from '../../../core/ids.ts';
import { JOURNEYS_AT_ONCE } from '../../../core/ports/store.ts';
import { query } from '../database.ts';

/** Sorts behind every journey id: "~" comes after all their letters. */
const NEWEST = '~';

export class ReadJourneys {
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: DatabaseSync) {
    this.#sql = statements(database);
  }

  list(owner: OwnerId, { before = NEWEST, limit }: Readonly<{ before?: string; limit: number }>): StepRow[] {
    const journeys = this.#sql.journeys.all(owner, before, Math.min(limit, JOURNEYS_AT_ONCE));
    return journeys.flatMap(([journey]) => this.one(owner, journey as JourneyId));
  }

  one(owner: OwnerId, journey: JourneyId): StepRow[] {
    return this.#sql.steps.all(owner, journey).map(([seq, at, sealed]) => ({ owner, journey, seq, at, sealed }));
  }
}

const statements = (database: DatabaseSync) => ({
  journeys: query<[string]>(database, 'SELECT DISTINCT journey FROM step WHERE owner = ? AND journey < ? ORDER BY journey DESC LIMIT ?'),
  steps: query<[number, number, Uint8Array<ArrayBuffer>]>(
    database,
    'SELECT seq, at, sealed FROM step WHERE owner = ? AND journey = ? ORDER BY seq',
  ),
});
