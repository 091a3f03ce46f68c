/**
 * Finds journey rows past their time. How long that is differs from one
 * organisation to the next, so the rows are found by owner, along the index:
 * a journey's id begins with its time. That costs a look per owner, and then
 * as much as there is to remove.
 */
import type { DatabaseSync } from 'node:sqlite';
import { JOURNEY_TIME_END, lowestJourney, type OrganisationId, type OwnerId } from '../../core/ids.ts';
import type { JourneyOwner, OldSteps, OwnerAge } from './asks.ts';
import { query } from './database.ts';

/** Rows removed in one commit. */
const ROWS = 500;
/** Owners in one answer. */
const OWNERS = 500;
/** A journey is as old as its oldest row, but for a clock that was put right in between. */
const SLACK_MS = 3_600_000;

export class JourneyAges {
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: DatabaseSync) {
    this.#sql = statements(database);
  }

  owners(after: number): JourneyOwner[] {
    const owners: JourneyOwner[] = [];
    let last = after;
    while (owners.length < OWNERS) {
      const owner = this.#sql.nextOwner.get(last)?.[0] ?? null;
      if (owner === null) break;
      owners.push({ owner: owner as OwnerId, organisation: (this.#sql.organisation.get(owner)?.[0] ?? owner) as OrganisationId });
      last = owner;
    }
    return owners;
  }

  /** Whoever has more of them than fit is asked for again, when these are gone. */
  old(owners: readonly OwnerAge[]): OldSteps {
    const rows: number[] = [];
    for (const [index, { owner, before }] of owners.entries()) {
      const room = ROWS - rows.length;
      const found = this.#sql.old.all(owner, upTo(before), before, room);
      for (const [row] of found) rows.push(row);
      if (found.length === room) return { rows, done: index };
    }
    return { rows, done: owners.length };
  }
}

/** Above every journey that may have rows older than this. */
const upTo = (before: number): string => lowestJourney(Math.min(Math.max(0, before + SLACK_MS), JOURNEY_TIME_END - 1));

const statements = (database: DatabaseSync) => ({
  nextOwner: query<[number | null]>(database, 'SELECT min(owner) FROM step WHERE owner > ?'),
  organisation: query<[number]>(database, 'SELECT organisation FROM account WHERE account = ?'),
  old: query<[number]>(database, 'SELECT rowid FROM step WHERE owner = ? AND journey < ? AND at < ? ORDER BY journey LIMIT ?'),
});
