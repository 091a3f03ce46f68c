/**
 * How many refusals are written down: a flood of them must not fill the disk,
 * and what one network causes must not use up what the others may.
 */
import { neighbourhood, parseIp } from '../../codec/net/ip.ts';
import { LruMap } from '../../lib/lru-map.ts';

const WINDOW_MS = 3_600_000;
/** Refusals of one network (or signed-in sender) in an hour: beyond, nobody reads them. One takes about a kilobyte on disk. */
const PER_CAUSE = 2_000;
/** Of all together: 20 MB in an hour at most. */
const IN_ALL = 20_000;
/** Networks counted at once; the one unseen for longest is forgotten, and `IN_ALL` holds all the same. */
const CAUSES = 10_000;

/** Who causes refusals: the network a stranger calls from. An address nobody can read is one network more. */
export function networkOfCaller(ip: string): string {
  const parsed = parseIp(ip);
  return parsed.ok ? neighbourhood(parsed.value) : 'unknown';
}

/** The same for people to read: the network as it is shown of an address a week old. */
export function networkToTell(ip: string): string {
  const parsed = parseIp(ip);
  return parsed.ok ? neighbourhood(parsed.value, { v6: 48 }) : 'unknown';
}

export class ToldBudget {
  #told = 0;
  #until = 0;
  #byCause = new LruMap<string, number>(CAUSES);

  /** True when one more may be written down for this cause. */
  spend(cause: string, now: number): boolean {
    if (now >= this.#until) this.#begin(now);
    const told = this.#byCause.get(cause) ?? 0;
    if (told >= PER_CAUSE || this.#told >= IN_ALL) return false;
    this.#byCause.set(cause, told + 1);
    this.#told++;
    return true;
  }

  #begin(now: number): void {
    this.#until = now + WINDOW_MS;
    this.#told = 0;
    this.#byCause = new LruMap(CAUSES);
  }
}
