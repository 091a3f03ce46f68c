/**
 * What a person sent over JMAP: kept for as long as the journeys that tell
 * what became of it. How it stands is worked out when somebody looks, and
 * written down where it changed, so that states and changes are true.
 */
import type { AccountId, EmailId, IdMaker, OwnerId, ThreadId } from '../../core/ids.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/store.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { LruMap } from '../../lib/lru-map.ts';
import type { Person, SignedIn } from '../accounts/accounts.ts';
import type { JourneyReader } from '../journey/journey.ts';
import type { Doorkeeper } from '../pipeline/pipeline.ts';
import type { Queue } from '../queue/queue.ts';
import { standing } from './delivery-status.ts';
import { type BadRecipients, type HandOver, handOver } from './hand-over.ts';
import type { Edit, ObjectShelf, Shelf, ShelfState } from './object-shelf.ts';
import type { ShelfChanges } from './shelf-changes.ts';
import { isSettled, type Submission, type SubmissionRecord, type SubmittedEnvelope } from './submission.ts';

export type SentMailParts = Readonly<{
  shelf: ObjectShelf<SubmissionRecord>;
  door: Doorkeeper;
  queue: Pick<Queue, 'cancelAll'>;
  reader: JourneyReader;
  ids: IdMaker;
  clock: Clock;
  onChange: Store['onChange'];
  /** For the operator's log: mail was sent, but what is known of it could not be kept. */
  onTrouble(error: unknown): void;
}>;

export type Send = HandOver &
  Readonly<{ signedIn: SignedIn; identity: number; email: EmailId; thread: ThreadId; envelope: SubmittedEnvelope }>;

/** As long as journeys live (app/serve.ts); counted from when it was to leave. */
const KEPT_MS = 30 * 86_400_000;
/** Of one account; the oldest that have left make room. */
export const SUBMISSIONS_LIMIT = 500;
/** Of these, messages whose time is still to come. */
const SCHEDULED_LIMIT = 400;
/** Accounts of which it is remembered that no journey went on. */
const QUIET_KEPT = 1_000;

export class SentMail {
  readonly #parts: SentMailParts;

  /** Accounts whose journeys are as they were when they were last read. */
  readonly #quiet = new LruMap<OwnerId, true>(QUIET_KEPT);

  constructor(parts: SentMailParts) {
    this.#parts = parts;
    parts.onChange((changes) => {
      for (const change of changes) if (change.kind === 'journey') this.#quiet.delete(change.owner);
    });
  }

  /** By age. */
  async list(account: AccountId): Promise<Readonly<{ state: ShelfState; submissions: readonly Submission[] }>> {
    const { state, objects } = await this.#current(account);
    return { state, submissions: [...objects].map(([id, { value }]) => ({ id, record: value })) };
  }

  async changes(account: AccountId, since: ShelfState, max: number): Promise<ShelfChanges | undefined> {
    await this.#current(account);
    return this.#parts.shelf.changes(account, since, max);
  }

  async send(send: Send): Promise<Submission | Refusal | BadRecipients> {
    const { account } = send.signedIn.person;
    const { ids, clock, shelf } = this.#parts;
    const waits = (send.sender.releaseAt ?? 0) > clock.now();
    if (waits && this.#scheduledIn(await shelf.of(account)) >= SCHEDULED_LIMIT)
      return refuse('overQuota', { why: `more than ${SCHEDULED_LIMIT} messages would be waiting for their time` });
    const taken = await handOver(this.#parts.door, send);
    if (isRefusal(taken) || 'badRecipients' in taken) return taken;
    const { identity, email, thread, envelope } = send;
    const sendAt = Math.max(clock.now(), send.sender.releaseAt ?? 0);
    const { journey, queued: items, filed } = taken;
    const isFiled = filed > 0;
    const fresh: SubmissionRecord = {
      identity,
      email,
      thread,
      envelope,
      sendAt,
      journey,
      items,
      isFiled,
      undoStatus: 'pending',
      delivery: [],
    };
    const id = ids.next<number>();
    return { id, record: await this.#keep(account, id, fresh) };
  }

  /** Refuses with `notFound`, and with `notAllowed` where some of it has left, or is leaving just now. */
  async cancel({ account, address }: Person, id: number): Promise<Refusal | undefined> {
    const record = (await this.#current(account)).objects.get(id)?.value;
    if (record === undefined) return refuse('notFound');
    if (record.undoStatus !== 'pending' || record.items.length === 0) return refuse('notAllowed', { why: 'it has left' });
    const refused = await this.#parts.queue.cancelAll(record.items, { owner: account, name: address });
    if (refused === undefined) await this.#current(account);
    return refused;
  }

  /** What was sent stays sent. */
  async remove(account: AccountId, id: number): Promise<Refusal | undefined> {
    const { shelf } = this.#parts;
    if (!(await shelf.of(account)).objects.has(id)) return refuse('notFound');
    await shelf.write(account, () => [{ id, value: null }]);
    return undefined;
  }

  /** It is sent: where that cannot be written down any more, it is as if it had been destroyed at once (RFC 8621 §7). */
  async #keep(account: AccountId, id: number, fresh: SubmissionRecord): Promise<SubmissionRecord> {
    try {
      const record = await this.#asOfNow(account, fresh);
      await this.#parts.shelf.write(account, (shelf) => [...this.#toForget(shelf, 1), { id, value: record }]);
      return record;
    } catch (error) {
      this.#parts.onTrouble(error);
      return fresh;
    }
  }

  async #asOfNow(account: AccountId, record: SubmissionRecord): Promise<SubmissionRecord> {
    const journey = await this.#parts.reader.show({ as: 'person', account }, record.journey);
    return { ...record, ...standing(record, journey) };
  }

  /** With everything that was heard since somebody last looked. */
  async #current(account: AccountId): Promise<Shelf<SubmissionRecord>> {
    const { shelf } = this.#parts;
    const before = await shelf.of(account);
    // Said before reading: what comes meanwhile takes it back.
    const isQuiet = this.#quiet.get(account) === true;
    this.#quiet.set(account, true);
    const open = isQuiet ? [] : [...before.objects].filter(([, { value }]) => !isSettled(value));
    const edits: Edit<SubmissionRecord>[] = this.#toForget(before, 0);
    for (const [id, { value }] of open) {
      const now = await this.#asOfNow(account, value);
      if (JSON.stringify(now) !== JSON.stringify(value)) edits.push({ id, value: now });
    }
    if (edits.length === 0) return before;
    // What was destroyed meanwhile stays so.
    return shelf.write(account, ({ objects }) => edits.filter(({ id }) => objects.has(id)));
  }

  #scheduledIn({ objects }: Shelf<SubmissionRecord>): number {
    const now = this.#parts.clock.now();
    let scheduled = 0;
    for (const { value } of objects.values()) if (value.sendAt > now && value.undoStatus === 'pending') scheduled++;
    return scheduled;
  }

  #toForget({ objects }: Shelf<SubmissionRecord>, coming: number): Edit<SubmissionRecord>[] {
    const oldest = this.#parts.clock.now() - KEPT_MS;
    const all = [...objects].map(([id, { value }]) => ({ id, value }));
    const old = all.filter(({ value }) => value.sendAt < oldest);
    // What has left or is on its way; what is still to leave stays.
    const left = all.filter(({ value }) => value.sendAt >= oldest && value.sendAt <= this.#parts.clock.now());
    const tooMany = Math.max(0, all.length - old.length + coming - SUBMISSIONS_LIMIT);
    return [...old, ...left.slice(0, tooMany)].map(({ id }) => ({ id, value: null }));
  }
}
