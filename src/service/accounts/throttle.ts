/**
 * Slowing down those who guess. Wrong guesses are counted per account,
 * per address (/32 or /64) and per network (/24 or /48), and fade with time.
 * From a place where an account signed in before, only that place's own
 * guesses at that account count: nobody is locked out by what others do.
 */
import { neighbourhood, parseIp } from '../../codec/net/ip.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { LruMap } from '../../lib/lru-map.ts';

/** Guesses that may stand at once. After that, one more fades in every HALF_LIFE_MS × 1.44 / limit. */
export const GUESS_LIMITS = {
  /** From places the account does not know: about one a minute once it is reached. */
  account: 20,
  /** A school behind one address has many typists; known places are not counted here. */
  address: 30,
  network: 100,
  /** One known place at one account: a phone with the old password. */
  knownPlace: 30,
} as const;

export const HALF_LIFE_MS = 15 * 60_000;
/** Counters kept of each sort. Filling them takes as many guesses as there are counters, all from places not yet slowed down. */
const COUNTERS_LIMIT = 50_000;

type Counter = Readonly<{ score: number; at: number }>;
type Sort = keyof typeof GUESS_LIMITS;

/** `who` is the canonical login name, there or not. `known`: the account signed in from this place before. */
export type Guess = Readonly<{ who: string; ip: string; known: boolean }>;

/** The part of an address that one customer has; text that is no address counts as itself. */
export function placeOf(ip: string): string {
  const parsed = parseIp(ip);
  return parsed.ok ? neighbourhood(parsed.value, { v4: 32, v6: 64 }) : ip;
}

function networkOf(ip: string): string {
  const parsed = parseIp(ip);
  return parsed.ok ? neighbourhood(parsed.value, { v4: 24, v6: 48 }) : ip;
}

export class Throttle {
  readonly #clock: Clock;
  readonly #counters: Readonly<Record<Sort, LruMap<string, Counter>>> = {
    account: new LruMap(COUNTERS_LIMIT),
    address: new LruMap(COUNTERS_LIMIT),
    network: new LruMap(COUNTERS_LIMIT),
    knownPlace: new LruMap(COUNTERS_LIMIT),
  };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asked before a password is looked at, right or wrong: a guesser learns nothing while it holds. */
  isBlocked(guess: Guess): boolean {
    return this.#counted(guess).some(([sort, key]) => this.#score(sort, key) >= GUESS_LIMITS[sort]);
  }

  failed(guess: Guess): void {
    const at = this.#clock.now();
    for (const [sort, key] of this.#counted(guess)) this.#counters[sort].set(key, { score: this.#score(sort, key) + 1, at });
  }

  /** Clears what stood against this place at this account. Not the address or network: one good account must not excuse guessing at others. */
  succeeded({ who, ip }: Guess): void {
    this.#counters.knownPlace.delete(pair(who, ip));
  }

  #counted({ who, ip, known }: Guess): readonly (readonly [Sort, string])[] {
    if (known) return [['knownPlace', pair(who, ip)]];
    return [
      ['account', who],
      ['address', placeOf(ip)],
      ['network', networkOf(ip)],
    ];
  }

  #score(sort: Sort, key: string): number {
    const counter = this.#counters[sort].get(key);
    if (counter === undefined) return 0;
    const age = Math.max(0, this.#clock.now() - counter.at);
    return counter.score * 0.5 ** (age / HALF_LIFE_MS);
  }
}

const pair = (who: string, ip: string): string => `${placeOf(ip)} ${who}`;
