/**
 * Steps into sealed rows: one for whoever owns the story, one for the
 * organisation's admins without subjects. Committed in the batch the Steps
 * report, so that the log cannot lie.
 */
import type { StepRow } from '../../core/command.ts';
import { type IdMaker, type JourneyId, type OwnerId, SERVER_OWNER } from '../../core/ids.ts';
import type { Keyring, OwnerKey } from '../../core/ports/keyring.ts';
import type { Step } from '../../core/step.ts';
import type { Entry, Journal, Seat } from './journey.ts';
import { projectedStep, seen } from './seats.ts';

/** What a row holds once opened. */
export type Page = Readonly<{ seat: Seat | null; steps: readonly Step[] }>;

/** SECURITY: a row copied to another owner or another journey does not open there. */
const contextOf = (owner: OwnerId, journey: JourneyId): string => `journey:${owner}:${journey}`;

export const keyOf = (keyring: Keyring, owner: OwnerId): OwnerKey | undefined =>
  owner === SERVER_OWNER ? keyring.server : keyring.of(owner);

/** The page's JSON, or undefined when the row is not this owner's. */
export const openText = (key: OwnerKey, row: StepRow): string | undefined =>
  key.open(row.sealed, contextOf(row.owner, row.journey))?.toString('utf8');

export const readPage = (text: string): Page => JSON.parse(text) as Page;

/** The JSON of a page whose steps are written out already. */
const pageText = (seat: Seat | undefined, steps: readonly string[]): string =>
  `{"seat":${seat === undefined ? 'null' : JSON.stringify(seat)},"steps":[${steps.join(',')}]}`;

/** Steps for one owner, with the JSON of each. */
type Written = Readonly<{ owner: OwnerId; steps: readonly Step[]; texts: readonly string[] }>;

/** When the newest of these happened: a row lives as long as the latest thing it tells of. */
function newest(steps: readonly Step[]): number {
  let at = 0;
  for (const step of steps) if (step.at > at) at = step.at;
  return at;
}

class SealingJournal implements Journal {
  readonly #keyring: Keyring;
  readonly #ids: IdMaker;

  constructor(parts: Readonly<{ keyring: Keyring; ids: IdMaker }>) {
    this.#keyring = parts.keyring;
    this.#ids = parts.ids;
  }

  rows(entry: Entry): readonly StepRow[] {
    const { owner, organisation, seat, steps } = entry;
    if (steps.length === 0) return [];
    const house = owner === organisation || owner === SERVER_OWNER;
    const own = house ? steps.map(projectedStep) : seat === undefined ? steps : seen(steps, seat);
    const ownTexts = own.map((step) => JSON.stringify(step));
    const rows: StepRow[] = [];
    this.#add(rows, entry, { owner, steps: own, texts: ownTexts });
    if (house || organisation === null) return rows;
    const plain = steps.map(projectedStep);
    // Most steps are the same for the admins: no need to write them out twice.
    const texts = plain.map((step, index) => (step === own[index] ? (ownTexts[index] ?? '') : JSON.stringify(step)));
    this.#add(rows, { ...entry, seat: undefined }, { owner: organisation, steps: plain, texts });
    return rows;
  }

  /** An owner whose key was destroyed keeps no story; that must not stop the mail. */
  #add(rows: StepRow[], { journey, seat }: Readonly<{ journey: JourneyId; seat?: Seat | undefined }>, written: Written): void {
    const { owner } = written;
    const key = keyOf(this.#keyring, owner);
    if (key === undefined || written.steps.length === 0) return;
    const sealed = key.seal(pageText(seat, written.texts), contextOf(owner, journey));
    rows.push({ owner, journey, seq: this.#ids.next<number>(), at: newest(written.steps), sealed });
  }
}

/** @param parts.ids gives each row its place in the story */
export function openJournal(parts: Readonly<{ keyring: Keyring; ids: IdMaker }>): Journal {
  return new SealingJournal(parts);
}
