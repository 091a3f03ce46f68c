/**
 * Broken machinery (disk, database, network): thrown, never returned. An edge
 * answers 451, NO [UNAVAILABLE] or 503 with the incident id and lives on.
 *
 * `unavailable`: certainly not done, may be tried again.
 * `unknown`: may have been done; try again only with the same effect id.
 * `fenced`: the lease went to another worker; drop the work silently.
 * `full`: no room on the disk; nothing was kept (SMTP: 452).
 */
export type FaultOutcome = 'unavailable' | 'unknown' | 'fenced' | 'full';

export class Fault extends Error {
  readonly outcome: FaultOutcome;

  constructor(outcome: FaultOutcome, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'Fault';
    this.outcome = outcome;
  }
}
