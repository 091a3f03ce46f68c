/**
 * What an account's sign-ins usually look like: the places it came from, and
 * when its app passwords were last used. Kept sealed in the directory and
 * written seldom and together, because signing in must not wait for a disk.
 */
import type { AccountId } from '../../core/ids.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Keyring } from '../../core/ports/keyring.ts';
import type { Directory } from './directory.ts';
import type { HabitRecord } from './records.ts';
import { placeOf } from './throttle.ts';

/** Places remembered per account: home, work, the train, some years of telephone networks. */
const PLACES_LIMIT = 32;
/** A place not seen for this long is a stranger's again. */
const PLACE_MS = 90 * 86_400_000;
/** How exact the times are: a row is written at most this often for what is known already. */
const GRAIN_MS = 3_600_000;
/** New habits are written together, this long after the first. */
export const FLUSH_MS = 5_000;

export type HabitParts = Readonly<{
  directory: Directory;
  keys: Keyring;
  clock: Clock;
  write: (habits: readonly HabitRecord[]) => Promise<void>;
  onTrouble: (error: unknown) => void;
}>;

export class Habits {
  readonly #parts: HabitParts;
  readonly #dirty = new Set<AccountId>();
  #cancel: (() => void) | undefined;

  constructor(parts: HabitParts) {
    this.#parts = parts;
  }

  /** Whether the account signed in from this place before. */
  knows(account: AccountId, ip: string): boolean {
    const place = this.#place(account, ip);
    const seen = place === undefined ? undefined : this.#parts.directory.habits.get(account)?.places[place];
    return seen !== undefined && seen > this.#parts.clock.now() - PLACE_MS;
  }

  lastUsed(account: AccountId, appPassword: number): number | null {
    return this.#parts.directory.habits.get(account)?.used[String(appPassword)] ?? null;
  }

  /** After a sign-in that succeeded. */
  learn(account: AccountId, ip: string, appPassword: number | undefined): void {
    const now = this.#parts.clock.now();
    const place = this.#place(account, ip);
    const old = this.#parts.directory.habits.get(account) ?? { kind: 'habit', id: account, places: {}, used: {} };
    const isStale = (at: number | undefined): boolean => at === undefined || now - at >= GRAIN_MS;
    const newPlace = place !== undefined && isStale(old.places[place]);
    const newUse = appPassword !== undefined && isStale(old.used[String(appPassword)]);
    if (!newPlace && !newUse) return;
    const places = newPlace ? youngest({ ...old.places, [place]: now }) : old.places;
    const used = newUse ? this.#known(account, { ...old.used, [String(appPassword)]: now }) : old.used;
    this.#parts.directory.put({ ...old, places, used });
    this.#dirty.add(account);
    this.#cancel ??= this.#parts.clock.after(FLUSH_MS, () => void this.flush());
  }

  /** Writes what is new. What cannot be written now is tried with the next. */
  async flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    const accounts = [...this.#dirty];
    this.#dirty.clear();
    const habits = accounts.map((account) => this.#parts.directory.habits.get(account)).filter((habit) => habit !== undefined);
    if (habits.length === 0) return;
    try {
      await this.#parts.write(habits);
    } catch (error) {
      for (const account of accounts) this.#dirty.add(account);
      this.#parts.onTrouble(error);
    }
  }

  /** Only a keyed hash of the place is kept: no list of addresses lies in the directory. */
  #place(account: AccountId, ip: string): string | undefined {
    const hash = this.#parts.keys.of(account)?.hash(placeOf(ip), 'sign-in-place');
    return hash === undefined ? undefined : Buffer.from(hash).toString('base64url');
  }

  /** Without the app passwords that are gone. */
  #known(account: AccountId, used: Readonly<Record<string, number>>): Record<string, number> {
    const ids = new Set(this.#parts.directory.appPasswords(account).map(({ id }) => String(id)));
    return Object.fromEntries(Object.entries(used).filter(([id]) => ids.has(id)));
  }
}

function youngest(places: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(places).sort(([, a], [, b]) => b - a);
  return Object.fromEntries(entries.slice(0, PLACES_LIMIT));
}
