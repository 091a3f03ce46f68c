/** What the unit of work under way tells: changes of accounts, and journeys with new rows. */
import type { DatabaseSync } from 'node:sqlite';
import type { StepRow } from '../../core/command.ts';
import type { JourneyId, OwnerId } from '../../core/ids.ts';
import type { Logged } from './change-log.ts';
import { write } from './database.ts';

export type News = { logged: Logged[]; journeys: [OwnerId, JourneyId][] };

export class Journal {
  #news: News = { logged: [], journeys: [] };
  readonly #add: ReturnType<typeof write>;

  constructor(database: DatabaseSync) {
    this.#add = write(database, 'INSERT OR IGNORE INTO step VALUES (?, ?, ?, ?, ?)');
  }

  addStep({ owner, journey, seq, at, sealed }: StepRow): void {
    this.#add(owner, journey, seq, at, sealed);
    const { journeys } = this.#news;
    if (!journeys.some(([theirs, other]) => theirs === owner && other === journey)) journeys.push([owner, journey]);
  }

  addSteps(rows: readonly StepRow[]): void {
    for (const row of rows) this.addStep(row);
  }

  log(logged: Logged): void {
    this.#news.logged.push(logged);
  }

  /** Takes what was told since the last time. */
  take(): News {
    const news = this.#news;
    this.#news = { logged: [], journeys: [] };
    return news;
  }
}
