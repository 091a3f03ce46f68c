/**
 * Reading journeys back. A viewer's own rows are all that is ever asked of the
 * store, under the viewer's own key: other people's journeys, other
 * organisations' and ids that never were look exactly alike (R-35, R-50).
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StepRow } from '../../core/command.ts';
import {
  type AccountId,
  isJourneyId,
  JOURNEY_TIME_END,
  type JourneyId,
  lowestJourney,
  type OrganisationId,
  type OwnerId,
  SERVER_OWNER,
} from '../../core/ids.ts';
import type { Keyring, OwnerKey } from '../../core/ports/keyring.ts';
import { JOURNEYS_AT_ONCE, type Store } from '../../core/ports/store.ts';
import { some } from '../../lib/some.ts';
import { assemble, type Eyes } from './assemble.ts';
import type { Journey, JourneyReader, JourneySearch, Viewer } from './journey.ts';
import { type Group, pagesOf } from './pages.ts';
import { keyOf, openText, readPage } from './record.ts';
import { type Finder, finderOf } from './search.ts';
import { lotsOf, sift } from './sift.ts';

/** Journeys given at once. */
export const LIST_LIMIT = 200;
/** Journeys looked through by one search: more than a person gets in the year a journey may live. */
const SCAN_LIMIT = 250_000;
/** Journeys opened before others get a turn: about 2 ms of work. */
const TURN = 128;

export type ReaderParts = Readonly<{
  store: Pick<Store, 'journeys'>;
  keyring: Keyring;
  accounts: Readonly<{
    organisationOf(account: AccountId): OrganisationId | undefined;
    /** Whether an address belongs to this person; tells sender from recipient where a row does not say. */
    mayUse?(account: AccountId, address: string): boolean;
  }>;
  /** With a clock, client addresses are shortened once they are a week old. */
  now?: () => number;
}>;

type Ask = Readonly<{ limit: number; before?: JourneyId; search?: JourneySearch }>;
/** A viewer let in: whose rows, with which key, seen with whose eyes. */
type Desk = Readonly<{ owner: OwnerId; key: OwnerKey; eyes: Eyes }>;

class SealedReader implements JourneyReader {
  readonly #parts: ReaderParts;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  async show(viewer: Viewer, journey: JourneyId): Promise<Journey | undefined> {
    const desk = this.#desk(viewer);
    if (desk === undefined || !isJourneyId(journey)) return undefined;
    const rows = await this.#parts.store.journeys(desk.owner).read({ ask: 'journey', journey });
    return rows.length === 0 ? undefined : this.#tale(desk, { journey, texts: openAll(desk, rows) });
  }

  async list(viewer: Viewer, ask: Ask): Promise<readonly Journey[]> {
    const desk = this.#desk(viewer);
    const limit = Math.max(0, Math.min(Math.trunc(ask.limit), LIST_LIMIT));
    if (desk === undefined || limit === 0) return [];
    const reference = referenceIn(ask);
    if (reference !== undefined) return this.#referred(viewer, reference);
    const finder = finderOf(ask.search ?? {});
    const found: Journey[] = [];
    const size = finder.looks ? JOURNEYS_AT_ONCE : limit;
    let scanned = 0;
    for await (const groups of pagesOf(this.#parts.store.journeys(desk.owner), { ...windowOf(ask.before, finder), size })) {
      await this.#pick({ desk, groups, finder, limit, found });
      scanned += groups.length;
      if (found.length >= limit || scanned >= SCAN_LIMIT) break;
    }
    return found;
  }

  async #referred(viewer: Viewer, reference: JourneyId): Promise<readonly Journey[]> {
    const journey = await this.show(viewer, reference);
    return journey === undefined ? [] : [journey];
  }

  /** Adds what fits, and lets others go on meanwhile. */
  async #pick(work: Readonly<{ desk: Desk; groups: readonly Group[]; finder: Finder; limit: number; found: Journey[] }>): Promise<void> {
    const { desk, finder, found } = work;
    let opened = 0;
    for (const lot of lotsOf(work.groups)) {
      await nextTurn();
      for (const { journey, rows } of finder.looks ? sift(desk.key, lot, finder) : lot) {
        if (++opened % TURN === 0) await nextTurn();
        const tale = this.#tale(desk, { journey, texts: openAll(desk, rows) });
        if (tale !== undefined && finder.fits(tale)) found.push(tale);
        if (found.length >= work.limit) return;
      }
    }
  }

  #tale(desk: Desk, { journey, texts }: Readonly<{ journey: JourneyId; texts: readonly string[] }>): Journey | undefined {
    return texts.length === 0 ? undefined : assemble({ journey, pages: texts.map(readPage) }, desk.eyes);
  }

  #desk(viewer: Viewer): Desk | undefined {
    const { accounts, keyring, now } = this.#parts;
    if (viewer.as === 'person' && accounts.organisationOf(viewer.account) === undefined) return undefined;
    const owner = ownerSeenBy(viewer);
    const key = keyOf(keyring, owner);
    if (key === undefined) return undefined;
    const isTheirs =
      viewer.as === 'person' && accounts.mayUse !== undefined
        ? (address: string) => accounts.mayUse?.(viewer.account, address) === true
        : undefined;
    return { owner, key, eyes: { owner, admin: viewer.as !== 'person', isTheirs, now: now?.() } };
  }
}

export function openReader(parts: ReaderParts): JourneyReader {
  return new SealedReader(parts);
}

function openAll({ owner, key }: Desk, rows: readonly StepRow[]): readonly string[] {
  const texts: string[] = [];
  for (const row of rows) {
    // SECURITY: a store that hands out somebody else's row is not believed.
    const text = row.owner === owner ? openText(key, row) : undefined;
    if (text !== undefined) texts.push(text);
  }
  return texts;
}

// A journey's id begins with its time, so a search by day need not look at other days.

/** An id may be older than the first Step: a connection gets it at MAIL FROM, the content may take its time. An hour is beyond every deadline. */
const SLACK_MS = 3_600_000;

/** What the store is asked for: from the reader's place or just above the last moment that is wanted, to the first. */
function windowOf(place: JourneyId | undefined, { from, to }: Finder): Readonly<{ before?: JourneyId; from?: JourneyId }> {
  const last = to >= 0 && to < JOURNEY_TIME_END ? lowestJourney(to + 1) : undefined;
  const before = place !== undefined && (last === undefined || place < last) ? place : last;
  const first = from - SLACK_MS;
  return some({ before, from: first > 0 ? lowestJourney(Math.min(first, JOURNEY_TIME_END - 1)) : undefined });
}

function ownerSeenBy(viewer: Viewer): OwnerId {
  if (viewer.as === 'operator') return SERVER_OWNER;
  return viewer.as === 'person' ? viewer.account : viewer.organisation;
}

/** A search for nothing but a journey's own id needs no search. */
function referenceIn({ search, before }: Ask): JourneyId | undefined {
  if (search?.text === undefined || before !== undefined || Object.keys(search).length > 1) return undefined;
  const text = search.text.trim().toLowerCase();
  return isJourneyId(text) ? text : undefined;
}
