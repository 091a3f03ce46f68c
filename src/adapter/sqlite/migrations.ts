/** The steps from an empty file to today's tables, each a file under migration/, each in one transaction. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

const FOLDER = join(import.meta.dirname, 'migration');
/** "Epst": says to anybody who looks at the file what it is. */
export const APPLICATION_ID = 0x45_70_73_74;

type Migration = Readonly<{ version: number; sql: string }>;

/** In the order of their numbers, without a gap. */
export function migrations(folder = FOLDER): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name))
    .sort();
  return names.map((name, row) => {
    const version = Number(name.slice(0, 4));
    if (version !== row + 1) throw new Error(`the migrations have a gap before ${name}`);
    return { version, sql: readFileSync(join(folder, name), 'utf8') };
  });
}

const pragma = (database: DatabaseSync, name: string): number => Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);

/** Brings the file to the newest version; refuses one that a newer program has written. */
export function migrate(database: DatabaseSync, steps: readonly Migration[] = migrations()): void {
  const [version, application] = [pragma(database, 'user_version'), pragma(database, 'application_id')];
  if (application !== 0 && application !== APPLICATION_ID) throw new Error('The database file was not made by Eigenpost.');
  if (version > steps.length) {
    throw new Error(
      `The data was written by a newer version of Eigenpost (its tables have version ${version}, this program knows ${steps.length}). Start the newer version, or restore a backup from before the upgrade.`,
    );
  }
  for (const step of steps.slice(version)) {
    database.exec(`BEGIN IMMEDIATE; ${step.sql}; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${step.version}; COMMIT`);
  }
}
