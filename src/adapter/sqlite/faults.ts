/** What an error of the disk or of SQLite means for whoever waits for the commit. */
import type { FaultOutcome } from '../../core/fault.ts';

/** SQLite's result codes that speak of the machinery, not of a mistake of ours (sqlite.org/rescode.html). */
const SQLITE = { busy: 5, locked: 6, readonly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const;
const MACHINERY = new Set<number>(Object.values(SQLITE));

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** The primary result code, when the error is SQLite's. */
function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

export type Failure = Readonly<{ fault: FaultOutcome; why: string } | { bug: string }>;

/** An error from before the commit: certainly nothing was kept. */
export function failure(error: unknown): Failure {
  const why = error instanceof Error ? error.message : String(error);
  const [sqlite, code] = [sqliteCode(error), codeOf(error)];
  if (sqlite === SQLITE.full || code === 'ENOSPC' || code === 'EDQUOT') return { fault: 'full', why };
  const isMachinery =
    sqlite === undefined ? typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) && !code.startsWith('ERR_') : MACHINERY.has(sqlite);
  return isMachinery ? { fault: 'unavailable', why } : { bug: error instanceof Error ? (error.stack ?? why) : why };
}

/** An error from the commit itself: unless the disk was full, it may be on disk or not. */
export function commitFailure(error: unknown): Failure {
  const found = failure(error);
  return 'fault' in found && found.fault === 'full'
    ? found
    : { fault: 'unknown', why: error instanceof Error ? error.message : String(error) };
}
