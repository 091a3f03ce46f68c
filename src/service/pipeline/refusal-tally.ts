/**
 * Counts refusals that are not told one by one (told-budget.ts), so that told
 * and counted together are all of them. Totals are kept by the hour,
 * for the organisation they concern and for the whole server, and written as
 * journeys once a minute at most: a flood costs additions, not commits. A
 * crash loses the last minute; an orderly end loses nothing.
 */
import { type OrganisationId, SERVER_OWNER } from '../../core/ids.ts';
import type { StepRow } from '../../core/command.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/store.ts';
import { type Journal, largest, TALLIED_PEOPLE, TALLY_MS, type Tallied, tallyHour, tallyJourney } from '../journey/journey.ts';

const WRITE_EVERY_MS = 60_000;
/** Networks and senders that are told apart between two writes; the others are counted together. */
const CAUSES_COUNTED = 1_000;
/** And of these, the largest are named in a row. */
const CAUSES_NAMED = 10;
/** Organisations times hours that wait to be written; beyond (the disk has failed for long), only the server's totals go on. */
const BUCKETS = 10_000;

/** A refusal that is not told. */
export type Untold = Readonly<{
  at: number;
  refusal: string;
  organisation: OrganisationId | null;
  /** The network it came from, or the address of our own sender. */
  cause: Readonly<{ network: string }> | Readonly<{ sender: string }>;
  /** Addresses of those of our people whom the mail was for. */
  to: readonly string[];
}>;

type Bucket = {
  owner: OrganisationId;
  hour: number;
  refusals: Map<string, number>;
  causes: Map<string, number>;
  otherCauses: number;
  /** Written already in this hour, or about to be. */
  people: Set<string>;
  newPeople: string[];
  toMore: boolean;
};

export type TallyParts = Readonly<{ store: Pick<Store, 'journeys'>; journal: Journal; clock: Clock; onTrouble(error: unknown): void }>;

const empty = (owner: OrganisationId, hour: number): Bucket => ({
  owner,
  hour,
  refusals: new Map(),
  causes: new Map(),
  otherCauses: 0,
  people: new Set(),
  newPeople: [],
  toMore: false,
});

export class RefusalTally {
  readonly #parts: TallyParts;
  readonly #buckets = new Map<string, Bucket>();
  /** Rows whose writing failed: the very same are tried again, which harms nothing if they were written after all. */
  #unsaved: readonly StepRow[] = [];
  #cancel: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: TallyParts) {
    this.#parts = parts;
  }

  count(untold: Untold): void {
    const { organisation, cause } = untold;
    const network = 'network' in cause ? cause.network : undefined;
    // SECURITY: what the server's operator sees names nobody's address.
    add(this.#bucket(SERVER_OWNER, untold.at), { ...untold, cause: network, to: [] });
    const own = organisation === null ? undefined : this.#bucket(organisation, untold.at);
    add(own, { ...untold, cause: 'sender' in cause ? cause.sender : network });
    this.#wait();
  }

  /** Writes what was counted. Called by the clock, and at the end. */
  flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  #wait(): void {
    this.#cancel ??= this.#parts.clock.after(WRITE_EVERY_MS, () => void this.flush());
  }

  async #write(): Promise<void> {
    const { store, onTrouble } = this.#parts;
    if (this.#unsaved.length === 0) this.#unsaved = this.#take();
    try {
      await Promise.all(this.#unsaved.map((row) => store.journeys(row.owner).add([row])));
      this.#unsaved = [];
    } catch (error) {
      onTrouble(error);
    }
    if (this.#unsaved.length > 0 || [...this.#buckets.values()].some(({ refusals }) => refusals.size > 0)) this.#wait();
  }

  /** What was counted since the last time, as rows. */
  #take(): StepRow[] {
    const now = this.#parts.clock.now();
    const rows: StepRow[] = [];
    for (const [key, bucket] of this.#buckets) {
      const { owner, hour, people } = bucket;
      if (bucket.refusals.size > 0) {
        const ask = { owner, organisation: owner === SERVER_OWNER ? null : owner, journey: tallyJourney(hour) };
        for (const row of this.#parts.journal.rows({ ...ask, steps: [stepOf(bucket, now)] })) rows.push(row);
      }
      if (hour + TALLY_MS <= now) this.#buckets.delete(key);
      else this.#buckets.set(key, { ...empty(owner, hour), people });
    }
    return rows;
  }

  #bucket(owner: OrganisationId, at: number): Bucket | undefined {
    const hour = tallyHour(at);
    const key = `${owner} ${hour}`;
    const known = this.#buckets.get(key);
    if (known !== undefined || (this.#buckets.size >= BUCKETS && owner !== SERVER_OWNER)) return known;
    const bucket = empty(owner, hour);
    this.#buckets.set(key, bucket);
    return bucket;
  }
}

function add(
  bucket: Bucket | undefined,
  { refusal, cause, to }: Readonly<{ refusal: string; cause: string | undefined; to: readonly string[] }>,
): void {
  if (bucket === undefined) return;
  const { refusals, causes, people } = bucket;
  refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1);
  const isNamed = cause !== undefined && (causes.has(cause) || causes.size < CAUSES_COUNTED);
  if (isNamed) causes.set(cause, (causes.get(cause) ?? 0) + 1);
  else bucket.otherCauses++;
  for (const address of to) {
    if (people.has(address)) continue;
    if (people.size >= TALLIED_PEOPLE) bucket.toMore = true;
    else {
      people.add(address);
      bucket.newPeople.push(address);
    }
  }
}

function stepOf(bucket: Bucket, now: number): Tallied {
  const { named, rest } = largest(bucket.causes, CAUSES_NAMED);
  return {
    kind: 'tallied',
    at: now,
    of: bucket.owner === SERVER_OWNER ? 'server' : 'organisation',
    from: bucket.hour,
    until: bucket.hour + TALLY_MS,
    refusals: Object.fromEntries(bucket.refusals),
    causes: named,
    otherCauses: bucket.otherCauses + rest,
    to: bucket.newPeople,
    toMore: bucket.toMore,
  };
}
