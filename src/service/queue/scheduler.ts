/**
 * The queue's heart: claims what is due, lets the lanes decide what may start,
 * has it carried, and writes down what came of it. A crash only delays: what
 * was claimed falls free when its lease runs out.
 */
import type { Clock } from '../../core/ports/clock.ts';
import type { Courier, Delivery, Route } from '../../core/ports/courier.ts';
import type { Dice } from '../../core/ports/dice.ts';
import type { Keyring } from '../../core/ports/keyring.ts';
import type { QueueItem, QueueStore } from '../../core/ports/store.ts';
import { Fault } from '../../core/fault.ts';
import type { Journal } from '../journey/journey.ts';
import type { FreshBodies } from './fresh-bodies.ts';
import { bringHome, type HereRoute } from './home.ts';
import { errandOf, first, type Job, jobsOf } from './job.ts';
import { DEFAULT_LANE_LIMITS, type LaneLimits, Lanes } from './lanes.ts';
import { DELAY_NOTICE_MS, RETRY_MINUTES } from './retry-plan.ts';
import { type Circumstances, type Verdict, verdicts } from './settle.ts';

/** Where a destination's mail goes; `discard` drops it as if sent, `here` is the house itself (mail that waited for its time). */
export type RouteChoice = Route | Readonly<{ via: 'discard' }> | HereRoute;

export type SchedulerParts = Readonly<{
  store: QueueStore;
  courier: Courier;
  keyring: Keyring;
  journal: Journal;
  clock: Clock;
  dice: Dice;
  route(domain: string): RouteChoice;
  /** Makes the delivery reports for these verdicts; called before they are settled, and harmless when repeated. */
  report(job: Job, verdicts: readonly Verdict[]): Promise<readonly Verdict[]>;
  /** For the operator's log: machinery that broke. */
  onTrouble(error: unknown): void;
  limits?: LaneLimits;
  /** Minutes after each failed try. */
  retryMinutes?: readonly number[];
  /** When a sender is told that it takes long. */
  delayNoticeMs?: number;
  worker: string;
}>;

/** Longer than any errand may take (RFC 5321 §4.5.3.2 adds up to less), extended while one is under way. */
const LEASE_MS = 300_000;
const EXTEND_EVERY_MS = 100_000;
const CLAIM_AT_ONCE = 200;
/** Never sleep longer than this: other processes may have put something in. */
const LONGEST_SLEEP_MS = 30_000;
/** While errands are under way. */
const BUSY_SLEEP_MS = 1_000;
/** After broken machinery. */
const TROUBLE_PAUSE_MS = 2_000;

/** An errand that hangs on a slow peer gets no longer than this once we are to stop: it goes again after the start. */
const STOP_ERRANDS_MS = 10_000;

export class Scheduler {
  readonly #parts: SchedulerParts;
  readonly #fresh: FreshBodies;
  readonly #lanes: Lanes;
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #pumping: Promise<void> | undefined;
  #again = false;
  #isStopping = false;
  #cancelTimer: () => void = () => undefined;

  constructor(parts: SchedulerParts, fresh: FreshBodies) {
    this.#parts = parts;
    this.#fresh = fresh;
    this.#lanes = new Lanes(parts.limits ?? DEFAULT_LANE_LIMITS);
  }

  /** Something may be due: look now. Cheap to call often. */
  wake(): void {
    if (this.#isStopping) return;
    this.#again = true;
    this.#pumping ??= this.#pump();
  }

  get running(): number {
    return this.#lanes.running;
  }

  /** Ends what is under way within `graceMs`, and never waits longer than STOP_ERRANDS_MS; gives back the rest. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#cancelTimer();
    const abort = this.#parts.clock.after(Math.min(graceMs, STOP_ERRANDS_MS), () => this.#stopping.abort());
    // What a claim under way brings is given back too, and nothing asks the store once we are done.
    await this.#pumping;
    const given = this.#lanes.drain().map((job) => this.#giveBack(job.items.map(({ item }) => item)));
    await Promise.all([...this.#underWay, ...given]);
    abort();
    this.#stopping.abort();
  }

  async #pump(): Promise<void> {
    try {
      while (this.#again && !this.#isStopping) {
        this.#again = false;
        await this.#claim();
        this.#startJobs();
      }
      await this.#sleepUntilDue();
    } catch (error) {
      this.#parts.onTrouble(error);
      this.#sleep(TROUBLE_PAUSE_MS);
    } finally {
      this.#pumping = undefined;
      if (this.#again) this.wake();
    }
  }

  async #claim(): Promise<void> {
    const { store, clock, worker, keyring } = this.#parts;
    const room = CLAIM_AT_ONCE - this.#lanes.waiting;
    if (room <= 0) return;
    const items = await store.claim({ worker, now: clock.now(), leaseMs: LEASE_MS, max: room, except: this.#lanes.full() });
    if (items.length === room) this.#again = true;
    const { jobs, broken } = jobsOf(items, keyring);
    for (const job of jobs) this.#lanes.add(job);
    if (broken.length > 0) await this.#setAside(broken);
  }

  /** What does not open with its owner's key is kept for the operator to see, never dropped. */
  async #setAside(items: readonly QueueItem[]): Promise<void> {
    this.#parts.onTrouble(new Fault('unavailable', `${items.length} queued item(s) do not open; they are held`));
    for (const item of items) await this.#parts.store.settle(item, { to: 'hold' }, []);
  }

  #startJobs(): void {
    if (this.#isStopping) return;
    for (let job = this.#lanes.start(); job !== undefined; job = this.#lanes.start()) {
      const started = job;
      const run = this.#run(started)
        .catch((error: unknown) => this.#afterTrouble(started, error))
        .finally(() => {
          this.#underWay.delete(run);
          this.#leave(started);
        });
      this.#underWay.add(run);
    }
  }

  /**
   * The destination is done with: its place in the lane is another's. What is
   * still to be written down holds nobody up, and does not pile up either: new
   * jobs come by a claim, which the store answers after what it was given before.
   */
  #leave(job: Job): void {
    if (!this.#lanes.done(job)) return;
    this.#startJobs();
    if (this.#lanes.waiting < CLAIM_AT_ONCE / 2) this.wake();
  }

  async #run(job: Job): Promise<void> {
    const { store, journal } = this.#parts;
    const route = this.#parts.route(job.domain);
    const stopExtending = this.#keepLease(job);
    try {
      const found = await this.#try(job, route);
      const reported = found.some(({ report }) => report !== null) ? await this.#parts.report(job, found) : found;
      const written = reported.map((verdict) => store.settle(verdict.item.item, verdict.settlement, this.#rows(journal, job, verdict)));
      this.#leave(job);
      await Promise.all(written);
    } finally {
      this.#fresh.forget(first(job).item.queue);
      stopExtending();
    }
  }

  async #try(job: Job, route: RouteChoice): Promise<readonly Verdict[]> {
    if (route.via === 'discard') return discarded(job);
    if (route.via === 'here')
      return bringHome({ store: this.#parts.store, job, route, circumstances: (mx) => this.#circumstances(job, mx) });
    const delivery = await this.#carry(job, route);
    return verdicts(delivery, this.#circumstances(job, route));
  }

  #circumstances(job: Job, route: Route): Circumstances {
    const { clock, dice, retryMinutes = RETRY_MINUTES, delayNoticeMs = DELAY_NOTICE_MS } = this.#parts;
    const chance = (): number => (dice.bytes(1)[0] ?? 0) / 255;
    return { job, route, now: clock.now(), chance, retryMinutes, delayNoticeMs, isCut: this.#stopping.signal.aborted };
  }

  #rows(journal: Journal, job: Job, verdict: Verdict): ReturnType<Journal['rows']> {
    if (verdict.steps.length === 0) return [];
    const { organisation, journey } = job.outgoing;
    return journal.rows({ owner: first(job).item.owner, organisation, journey, seat: { as: 'sender' }, steps: verdict.steps });
  }

  async #carry(job: Job, route: Route): Promise<Delivery> {
    const fresh = this.#fresh.get(first(job).item.queue);
    const errand = await errandOf({ store: this.#parts.store, job, route, signal: this.#stopping.signal, fresh });
    return this.#parts.courier.deliver(errand);
  }

  #keepLease(job: Job): () => void {
    const { clock, store } = this.#parts;
    let cancel = (): void => undefined;
    const extend = (): void => {
      for (const { item } of job.items) store.extend(item, clock.now() + LEASE_MS).catch((error: unknown) => this.#parts.onTrouble(error));
      cancel = clock.after(EXTEND_EVERY_MS, extend);
    };
    cancel = clock.after(EXTEND_EVERY_MS, extend);
    return () => cancel();
  }

  /** Our own machinery broke: nobody's fault out there, so the try does not count. */
  async #afterTrouble(job: Job, error: unknown): Promise<void> {
    if (error instanceof Fault && error.outcome === 'fenced') return;
    this.#parts.onTrouble(error);
    await this.#giveBack(
      job.items.map(({ item }) => item),
      TROUBLE_PAUSE_MS,
    );
  }

  async #giveBack(items: readonly QueueItem[], afterMs = 0): Promise<void> {
    const dueAt = this.#parts.clock.now() + afterMs;
    // Where even this fails the lease runs out by itself.
    await Promise.all(
      items.map((item) =>
        this.#parts.store.settle(item, { to: 'retry', dueAt, counts: false }, []).catch((error: unknown) => this.#parts.onTrouble(error)),
      ),
    );
  }

  async #sleepUntilDue(): Promise<void> {
    if (this.#isStopping) return;
    // The next errand that ends looks for more by itself; asking when would cost more than looking.
    if (this.#lanes.running > 0) return this.#sleep(BUSY_SLEEP_MS);
    const due = await this.#parts.store.nextDue();
    const now = this.#parts.clock.now();
    const idle = due === undefined ? LONGEST_SLEEP_MS : Math.min(LONGEST_SLEEP_MS, Math.max(0, due - now));
    // Due already, but its lane is full: a finished job wakes us.
    this.#sleep(idle === 0 ? TROUBLE_PAUSE_MS : idle);
  }

  #sleep(ms: number): void {
    this.#cancelTimer();
    if (!this.#isStopping) this.#cancelTimer = this.#parts.clock.after(ms, () => this.wake());
  }
}

function discarded(job: Job): Verdict[] {
  return job.items.map((item) => ({ item, settlement: { to: 'done' }, steps: [], report: null, reply: null, host: '', trouble: null }));
}
