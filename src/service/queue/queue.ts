/**
 * The door of the queue: what leaves the house waits here, durable, until a
 * server takes it or time is up. Its sender may look at it, hold it back, hurry
 * it or cancel it; every such act is a Step.
 */
import type { QueuedMessage, StepRow } from '../../core/command.ts';
import type { IdMaker, JourneyId, OwnerId, QueueItemId } from '../../core/ids.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Keyring } from '../../core/ports/keyring.ts';
import type { ItemChange, QueueItem, QueueStore } from '../../core/ports/store.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { Step } from '../../core/step.ts';
import type { Journal } from '../journey/journey.ts';
import { FreshBodies } from './fresh-bodies.ts';
import { GIVE_UP_MS, type Handover, openMessage, openRecipient, type Outgoing, ownerKey, pack } from './outgoing.ts';
import { Scheduler, type SchedulerParts } from './scheduler.ts';

export { GIVE_UP_MS, type Handover, laneOf, type Outgoing } from './outgoing.ts';
export { Reporter, type ReporterParts } from './report.ts';
export type { RouteChoice } from './scheduler.ts';

/** One waiting recipient, as people see it. */
export type QueueEntry = Readonly<{
  item: QueueItemId;
  journey: JourneyId;
  owner: OwnerId;
  from: string;
  to: string;
  subject: string;
  size: number;
  acceptedAt: number;
  nextAt: number;
  giveUpAt: number;
  tries: number;
  held: boolean;
  lastReply: readonly string[] | null;
  lastTrouble: string | null;
  lastHost: string | null;
}>;

export type QueueAct = ItemChange['set'];
/** Who acts: `owner` limits it to their own mail; null is the server's operator. */
export type Actor = Readonly<{ owner: OwnerId | null; name: string }>;

export type QueueParts = Omit<SchedulerParts, 'store'> &
  Readonly<{ store: QueueStore; ids: IdMaker; clock: Clock; keyring: Keyring; journal: Journal; giveUpMs?: number }>;

/** Most entries one listing gives. */
const LIST_LIMIT = 1_000;

const STEP_OF: Readonly<Record<QueueAct, 'paused' | 'released' | 'hurried' | 'cancelled'>> = {
  hold: 'paused',
  release: 'released',
  hurry: 'hurried',
  remove: 'cancelled',
};

export class Queue {
  readonly #parts: QueueParts;
  readonly #scheduler: Scheduler;
  readonly #fresh = new FreshBodies();

  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.#scheduler = new Scheduler(parts, this.#fresh);
  }

  start(): void {
    this.#scheduler.wake();
  }

  /** After a commit that put something in. */
  wake(): void {
    this.#scheduler.wake();
  }

  stop(graceMs: number): Promise<void> {
    return this.#scheduler.stop(graceMs);
  }

  /** Errands under way. */
  get running(): number {
    return this.#scheduler.running;
  }

  /** How long a message is tried for. */
  get giveUpMs(): number {
    return this.#parts.giveUpMs ?? GIVE_UP_MS;
  }

  /** For a commit that concerns mailboxes too; call `wake` afterwards. */
  pack(handover: Handover): QueuedMessage {
    const { keyring, ids, clock } = this.#parts;
    const message = pack(handover, { keyring, ids, now: clock.now(), giveUpMs: this.giveUpMs });
    if ((handover.dueAt ?? 0) <= clock.now()) this.#fresh.keep(message.queue, message.body);
    return message;
  }

  /** Resolves when durable. */
  async accept(message: QueuedMessage, steps: readonly StepRow[], effectId?: Uint8Array): Promise<void> {
    await this.#parts.store.accept(message, steps, effectId);
    this.wake();
  }

  async list(ask: Readonly<{ owner?: OwnerId; limit?: number; before?: QueueItemId }>): Promise<readonly QueueEntry[]> {
    const { limit = LIST_LIMIT, ...rest } = ask;
    const items = await this.#parts.store.list({ ...rest, limit: Math.min(limit, LIST_LIMIT) });
    return items.map((item) => this.#entry(item)).filter((entry) => entry !== undefined);
  }

  async show(item: QueueItemId, actor: Actor): Promise<QueueEntry | undefined> {
    const found = await this.#mine(item, actor);
    return found === undefined ? undefined : this.#entry(found);
  }

  /** Refuses with `notFound` (also for what is not theirs) and, while a server is being spoken to, `notAllowed`. */
  async act(item: QueueItemId, act: QueueAct, actor: Actor): Promise<Refusal | undefined> {
    const found = await this.#mine(item, actor);
    const entry = found === undefined ? undefined : this.#entry(found);
    if (found === undefined || entry === undefined) return refuse('notFound');
    if (act === 'hurry' && found.held) return refuse('notAllowed', { why: 'it is held; release it first' });
    const now = this.#parts.clock.now();
    const step: Step = { kind: STEP_OF[act], at: now, recipient: entry.to, by: actor.name };
    const { organisation } = this.#open(found).outgoing;
    const rows = this.#parts.journal.rows({ owner: found.owner, organisation, journey: entry.journey, steps: [step] });
    const done = await this.#parts.store.change(item, { set: act, now }, rows);
    if (done) this.wake();
    return done ? undefined : refuse('notAllowed', { why: 'it is being sent just now' });
  }

  /** All of these or none, for a message that is to be called back. Refuses with `notAllowed` when one of them is not waiting here any more. */
  async cancelAll(items: readonly QueueItemId[], actor: Actor): Promise<Refusal | undefined> {
    const { store, clock } = this.#parts;
    const held: QueueItem[] = [];
    for (const item of items) {
      const found = await this.#mine(item, actor);
      // What is held cannot be claimed: then all may be taken out, one after another.
      const isHeld = found !== undefined && (found.held || (await store.change(item, { set: 'hold', now: clock.now() }, [])));
      if (found === undefined || !isHeld) return this.#letGo(held);
      held.push(found);
    }
    for (const { item } of held) {
      const refused = await this.act(item, 'remove', actor);
      if (refused !== undefined) return refused;
    }
    return undefined;
  }

  async #letGo(held: readonly QueueItem[]): Promise<Refusal> {
    const { store, clock } = this.#parts;
    for (const { item, held: before } of held) if (!before) await store.change(item, { set: 'release', now: clock.now() }, []);
    this.wake();
    return refuse('notAllowed', { why: 'it has left, or is leaving just now' });
  }

  counts(): ReturnType<QueueStore['counts']> {
    return this.#parts.store.counts(this.#parts.clock.now());
  }

  async #mine(item: QueueItemId, actor: Actor): Promise<QueueItem | undefined> {
    const found = await this.#parts.store.get(item);
    return found === undefined || (actor.owner !== null && found.owner !== actor.owner) ? undefined : found;
  }

  #open(item: QueueItem): Readonly<{ outgoing: Outgoing; known: ReturnType<typeof openRecipient> }> {
    const key = ownerKey(this.#parts.keyring, item.owner);
    return { outgoing: openMessage(key, item.queue, item.message), known: openRecipient(key, item, item.recipient) };
  }

  /** Undefined where the owner's key is gone. */
  #entry(item: QueueItem): QueueEntry | undefined {
    try {
      const { outgoing, known } = this.#open(item);
      return {
        item: item.item,
        journey: outgoing.journey,
        owner: item.owner,
        from: outgoing.envelope.from,
        to: known.recipient.address,
        subject: outgoing.subject,
        size: item.size,
        acceptedAt: item.acceptedAt,
        nextAt: item.dueAt,
        giveUpAt: item.expiresAt,
        tries: known.tries,
        held: item.held,
        lastReply: known.lastReply?.lines ?? null,
        lastTrouble: known.lastTrouble,
        lastHost: known.lastHost,
      };
    } catch {
      return undefined;
    }
  }
}
