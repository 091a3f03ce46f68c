/**
 * How much goes where at once. A lane is one destination; jobs wait here,
 * claimed, until their lane and the whole have room. When a lane has enough
 * waiting it is left out of the next claim, so that one slow destination never
 * keeps the others from their turn.
 */
import type { Job } from './job.ts';

export type LaneLimits = Readonly<{
  /** Errands under way in all. */ total: number /** To one destination. */;
  perLane: number /** Claimed and waiting, for one destination. */;
  waitingPerLane: number;
}>;

/** Stock Postfix allows 20 to one destination; more brings no faster delivery and much ill will. */
export const DEFAULT_LANE_LIMITS: LaneLimits = { total: 100, perLane: 20, waitingPerLane: 200 };

type Lane = { running: number; waiting: Job[] };

export class Lanes {
  readonly #limits: LaneLimits;
  readonly #lanes = new Map<number, Lane>();
  readonly #started = new Set<Job>();
  #waiting = 0;

  constructor(limits: LaneLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#started.size;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Lanes that have enough to do: not to be claimed for. */
  full(): number[] {
    return [...this.#lanes].filter(([, lane]) => lane.waiting.length >= this.#limits.waitingPerLane).map(([number]) => number);
  }

  add(job: Job): void {
    const lane = this.#lanes.get(job.lane) ?? { running: 0, waiting: [] };
    lane.waiting.push(job);
    this.#waiting++;
    this.#lanes.set(job.lane, lane);
  }

  /** The next job that may start now, lanes in turn; undefined when none may. */
  start(): Job | undefined {
    if (this.#started.size >= this.#limits.total) return undefined;
    for (const [number, lane] of this.#lanes) {
      if (lane.waiting.length === 0 || lane.running >= this.#limits.perLane) continue;
      const job = lane.waiting.shift();
      if (job === undefined) continue;
      lane.running++;
      this.#started.add(job);
      this.#waiting--;
      // To the end of the line: the next start looks at the other lanes first.
      this.#lanes.delete(number);
      this.#lanes.set(number, lane);
      return job;
    }
    return undefined;
  }

  /** Gives up a job's place; false when it had none any more. */
  done(job: Job): boolean {
    const lane = this.#lanes.get(job.lane);
    if (lane === undefined || !this.#started.delete(job)) return false;
    lane.running--;
    if (lane.running === 0 && lane.waiting.length === 0) this.#lanes.delete(job.lane);
    return true;
  }

  /** Takes out everything that has not started, to be given back. */
  drain(): Job[] {
    const jobs = [...this.#lanes.values()].flatMap((lane) => lane.waiting.splice(0));
    this.#waiting = 0;
    return jobs;
  }
}
