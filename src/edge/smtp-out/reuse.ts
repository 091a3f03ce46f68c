/**
 * Connections kept for the next message to the same place: a handshake costs
 * more than a message. Bounded per destination and in total; servers count
 * connections, messages on one connection and idle time, and so do we.
 */
import type { OutSession } from './session.ts';

export type ReuseLimits = Readonly<{
  /** Idle connections kept for one destination: as many as the queue speaks over at once (service/queue/lanes.ts), or half are opened anew each time. */
  perDestination: number;
  inTotal: number;
  /** Messages over one connection; many servers close after a hundred. */
  messages: number;
  /** Age of a connection: addresses and certificates change. */
  ageMs: number;
}>;

export const REUSE_LIMITS: ReuseLimits = { perDestination: 20, inTotal: 500, messages: 100, ageMs: 300_000 };

export class ReusePool {
  readonly #limits: ReuseLimits;
  /** Idle connections by what they were opened for, the latest last: those used least go idle first. */
  readonly #idle = new Map<string, OutSession[]>();
  readonly #live = new Set<OutSession>();
  #idleCount = 0;

  constructor(limits: ReuseLimits = REUSE_LIMITS) {
    this.#limits = limits;
  }

  get idleCount(): number {
    return this.#idleCount;
  }

  get liveCount(): number {
    return this.#live.size;
  }

  /** Counts a connection as ours until it ends. */
  adopt(key: string, session: OutSession): void {
    if (session.end !== undefined) return;
    this.#live.add(session);
    session.onEnd = () => {
      this.#live.delete(session);
      this.#remove(key, session);
    };
  }

  /** An idle connection to this place, taken out of the pool. */
  take(key: string): OutSession | undefined {
    for (;;) {
      const session = this.#idle.get(key)?.at(-1);
      if (session === undefined) return undefined;
      this.#remove(key, session);
      if (session.isReady && this.#isYoung(session)) return session;
      session.close();
    }
  }

  /** Gives a connection back; it is kept, or says goodbye. */
  give(key: string, session: OutSession): void {
    const mates = this.#idle.get(key) ?? [];
    const hasRoom = mates.length < this.#limits.perDestination && this.#idleCount < this.#limits.inTotal;
    if (!session.isReady) return;
    if (!hasRoom || !this.#isYoung(session)) return session.close();
    mates.push(session);
    this.#idle.set(key, mates);
    this.#idleCount++;
    session.rest();
  }

  /** Says goodbye on all that is idle; what is busy is left to its owner. */
  closeIdle(): void {
    for (const session of this.#idle.values().toArray().flat()) session.close();
  }

  /** Cuts all connections. */
  destroy(): void {
    for (const session of this.#live) session.giveUp('cancelled');
  }

  #isYoung(session: OutSession): boolean {
    return session.messages < this.#limits.messages && performance.now() - session.openedAt < this.#limits.ageMs;
  }

  #remove(key: string, session: OutSession): void {
    const mates = this.#idle.get(key);
    const at = mates?.indexOf(session) ?? -1;
    if (mates === undefined || at < 0) return;
    mates.splice(at, 1);
    this.#idleCount--;
    if (mates.length === 0) this.#idle.delete(key);
  }
}
