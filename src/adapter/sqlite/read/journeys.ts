/** Reading journeys: an owner's rows, newest journey first. */
import type { DatabaseSync } from 'node:sqlite';
import type { StepRow } from '../../../core/command.ts';
import type { JourneyId, OwnerId } from '../../../core/ids.ts';
import { JOURNEYS_AT_ONCE } from '../../../core/ports/store.ts';
import { query } from '../database.ts';

/** Sorts behind every journey id: "~" comes after all their letters. */
const NEWEST = '~';
const OLDEST = '';

type Found = [string, number, number, Uint8Array<ArrayBuffer>];
type Range = Readonly<{ before?: string; from?: string; limit: number }>;

export class ReadJourneys {
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: DatabaseSync) {
    this.#sql = statements(database);
  }

  list(owner: OwnerId, { before = NEWEST, from = OLDEST, limit }: Range): StepRow[] {
    const journeys = Math.min(limit, JOURNEYS_AT_ONCE);
    if (journeys < 1) return [];
    // Without a last one there are fewer: all of them are wanted.
    const lowest = this.#sql.last.get(owner, before, from, journeys - 1)?.[0] ?? from;
    return newestFirst(this.#sql.within.all(owner, before, lowest).map((found) => stepRow(owner, found)));
  }

  one(owner: OwnerId, journey: JourneyId): StepRow[] {
    return this.#sql.one.all(owner, journey).map((found) => stepRow(owner, found));
  }
}

const stepRow = (owner: OwnerId, [journey, seq, at, sealed]: Found): StepRow => ({ owner, journey: journey as JourneyId, seq, at, sealed });

/** Journeys the other way round, the rows of each as they are. */
function newestFirst(rows: readonly StepRow[]): StepRow[] {
  const turned: StepRow[] = [];
  for (let end = rows.length; end > 0; ) {
    let start = end - 1;
    while (start > 0 && rows[start - 1]?.journey === rows[start]?.journey) start--;
    for (const row of rows.slice(start, end)) turned.push(row);
    end = start;
  }
  return turned;
}

const statements = (database: DatabaseSync) => ({
  last: query<[string]>(
    database,
    'SELECT DISTINCT journey FROM step WHERE owner = ? AND journey < ? AND journey >= ? ORDER BY journey DESC LIMIT 1 OFFSET ?',
  ),
  within: query<Found>(
    database,
    'SELECT journey, seq, at, sealed FROM step WHERE owner = ? AND journey < ? AND journey >= ? ORDER BY journey, seq',
  ),
  one: query<Found>(database, 'SELECT journey, seq, at, sealed FROM step WHERE owner = ? AND journey = ? ORDER BY seq'),
});
