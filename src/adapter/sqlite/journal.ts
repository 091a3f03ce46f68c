/** What the unit of work under way tells: changes of accounts, and journeys with new rows. */
import type { DatabaseSync } from 'node:sqlite';
import type { StepRow } from '../../core/command.ts';
import type { JourneyId, OwnerId } from '../../core/ids.ts';
import type { Logged } from './change-log.ts';
import { write } from './database.ts';

/** Flat, as it goes to the main thread (calls.ts). */
export type News = { logged: (number | string)[]; journeys: (number | string)[] };

export class Journal {
  #news: News = { logged: [], journeys: [] };
  readonly #add: ReturnType<typeof write>;

  constructor(database: DatabaseSync) {
    this.#add = write(database, 'INSERT OR IGNORE INTO step VALUES (?, ?, ?, ?, ?)');
  }

  addStep({ owner, journey, seq, at, sealed }: StepRow): void {
    this.#add(owner, journey, seq, at, sealed);
    if (!this.#isTold(owner, journey)) this.#news.journeys.push(owner, journey);
  }

  addSteps(rows: readonly StepRow[]): void {
    for (const row of rows) this.addStep(row);
  }

  log({ account, modseq, items }: Logged): void {
    this.#news.logged.push(account, modseq, items);
  }

  /** Takes what was told since the last time. */
  take(): News {
    const news = this.#news;
    this.#news = { logged: [], journeys: [] };
    return news;
  }

  #isTold(owner: OwnerId, journey: JourneyId): boolean {
    const { journeys } = this.#news;
    for (let at = 0; at < journeys.length; at += 2) if (journeys[at] === owner && journeys[at + 1] === journey) return true;
    return false;
  }
}
