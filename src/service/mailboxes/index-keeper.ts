/**
 * Builds the index of an account when somebody asks for it, and keeps it
 * current: every Change is taken in as it comes, in the order of the commits.
 * Only what an added message is (its conversation, size and date) must
 * sometimes be read first; the Changes behind it wait.
 */
import type { Change } from '../../core/change.ts';
import { Fault } from '../../core/fault.ts';
import type { EmailId, MailboxId } from '../../core/ids.ts';
import type { MailboxRole } from '../../core/mailbox.ts';
import type { AccountHandle } from '../../core/ports/store.ts';
import { IndexChanges } from './index-changes.ts';
import type { EmailFacts } from './index-emails.ts';
import { loadIndex, readFacts } from './index-loader.ts';
import { IndexRows } from './index-rows.ts';
import { CHANGES_AT_ONCE, INDEX_ROW_WEIGHT } from './limits.ts';
import { type IndexState, LiveIndex, type MailIndex } from './mail-index.ts';

export type KeeperParts = Readonly<{
  handle: AccountHandle;
  /** Facts of messages we are adding ourselves. */
  factsToCome: ReadonlyMap<EmailId, EmailFacts>;
  /** Up to which commit the tree and the columns are shown. */
  shownUpTo(): number;
  byRole(role: MailboxRole): MailboxId | undefined;
}>;

type AccountChange = Exclude<Change, { kind: 'journey' }>;

export class IndexKeeper {
  readonly #parts: KeeperParts;
  #indexing: Indexing | undefined;
  #heard = 0;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** What it takes in memory, as rows of IDLE_ROWS; 0 without an index. */
  get weight(): number {
    return (this.#indexing?.rows.emails.used ?? 0) * INDEX_ROW_WEIGHT;
  }

  /** The last commit of which Changes were received. */
  get heard(): number {
    return this.#heard;
  }

  receive(changes: readonly Change[]): void {
    const last = changes.findLast((change) => change.kind !== 'journey');
    if (last !== undefined) this.#heard = last.modseq;
    this.#indexing?.receive(changes);
  }

  /** The index, showing everything that was received before. */
  async ready(): Promise<MailIndex> {
    return (await this.#ready()).index;
  }

  /** The same for those who decide what to write: the commit that the rows show, until the next await. */
  async rows(): Promise<Readonly<{ rows: IndexRows; upTo: number }>> {
    const { rows, modseq } = await this.#ready();
    return { rows, upTo: modseq };
  }

  async #ready(): Promise<Indexing> {
    const known = this.#indexing;
    if (known !== undefined && (await known.settles())) return known;
    if (this.#indexing === known) this.#indexing = undefined;
    this.#indexing ??= new Indexing(this.#parts);
    const fresh = this.#indexing;
    await fresh.settled();
    return fresh;
  }

  /** Resolves when the index, if there is one, shows what was received before, or cannot. While it is built nobody holds it, and nobody waits. */
  async settled(): Promise<void> {
    if (this.#indexing?.isLoading === false) await this.#indexing.settles();
  }

  /** Nobody needs it any more, or Changes were lost: the next one to ask builds another. */
  drop(): void {
    this.#indexing?.stop();
    this.#indexing = undefined;
  }
}

/** One index, from being built until something goes wrong with it. */
class Indexing {
  readonly rows = new IndexRows();
  readonly index: MailIndex;
  readonly #parts: KeeperParts;
  #epoch = 0;
  /** What the rows show. */
  #modseq = 0;
  /** The last commit that was heard of. */
  #heard = 0;
  /** The last commit taken in, in part at least. */
  #taken = 0;
  #queue: AccountChange[] = [];
  #isLoading = true;
  /** Something is being read, or others get their turn: the queue rests. */
  #busy = true;
  #isOver = false;
  #trouble: Error | undefined;
  #working: Promise<void>;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    const { handle } = parts;
    const state = (): IndexState => ({ epoch: this.#epoch, modseq: Math.min(this.#modseq, parts.shownUpTo()) });
    const changes = new IndexChanges({ handle, rows: this.rows, state, rowsUpTo: () => this.#modseq });
    this.index = new LiveIndex({ rows: this.rows, state, byRole: (role) => parts.byRole(role), changes });
    this.#working = this.#after(this.#load());
  }

  get modseq(): number {
    return this.#modseq;
  }

  get isLoading(): boolean {
    return this.#isLoading;
  }

  receive(changes: readonly Change[]): void {
    if (this.#isOver) return;
    for (const change of changes) {
      if (change.kind === 'journey') continue;
      this.#queue.push(change);
      this.#heard = change.modseq;
    }
    if (!this.#busy) this.#orGiveUp(() => this.#drain());
  }

  /** Waits for what came before, not for what comes meanwhile. Throws when it could not be read. */
  async settled(): Promise<void> {
    const wanted = this.#heard;
    while (!this.#isOver && this.#busy && (this.#isLoading || this.#modseq < wanted)) await this.#working;
    if (this.#trouble !== undefined) throw this.#trouble;
  }

  /** The same; false when it could not be read. */
  settles(): Promise<boolean> {
    return this.settled().then(
      () => true,
      () => false,
    );
  }

  /** It hears and reads nothing any more; what it shows stays. */
  stop(): void {
    this.#isOver = true;
    this.#queue = [];
  }

  async #load(): Promise<void> {
    const { epoch, modseq } = await loadIndex(this.#parts.handle, this.rows);
    await this.rows.counts.prepare(this.#parts.byRole('trash'));
    this.#epoch = epoch;
    this.#modseq = modseq;
    this.#taken = modseq;
    this.#isLoading = false;
    // Of these everything that was read knows already.
    this.#queue = this.#queue.filter((change) => change.modseq > modseq);
  }

  #drain(): void {
    while (!this.#busy && this.#queue.length > 0) {
      const slice = this.#queue.splice(0, CHANGES_AT_ONCE);
      const unknown = this.#unknownIn(slice);
      if (unknown.length === 0) this.#takeAll(slice);
      else this.#working = this.#after(readFacts(this.#parts.handle, unknown, this.rows).then(() => this.#takeAll(slice)));
      if (!this.#busy && this.#queue.length > 0) this.#working = this.#after(nextTurn());
    }
  }

  /** The queue rests until the work is done. Never rejects. */
  async #after(work: Promise<void>): Promise<void> {
    this.#busy = true;
    try {
      await work;
    } catch (error) {
      this.#giveUp(error);
    }
    this.#busy = false;
    this.#orGiveUp(() => this.#drain());
  }

  #orGiveUp(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** Nothing it shows may be believed any more. A bug is told where all bugs are. */
  #giveUp(error: unknown): void {
    this.#trouble = error instanceof Error ? error : new Error('the index failed', { cause: error });
    this.stop();
    if (error instanceof Fault) return;
    queueMicrotask(() => {
      throw error;
    });
  }

  /** Added messages that nothing is known of yet. */
  #unknownIn(slice: readonly AccountChange[]): EmailId[] {
    const unknown: EmailId[] = [];
    for (const change of slice) {
      if (change.kind !== 'added' || this.rows.emails.rowOf(change.email) >= 0) continue;
      const facts = this.#parts.factsToCome.get(change.email);
      if (facts === undefined) unknown.push(change.email);
      else this.rows.addEmail(change.email, facts);
    }
    return unknown;
  }

  #takeAll(slice: readonly AccountChange[]): void {
    for (const change of slice) {
      // Every commit that changes something counts one on: a hole tells that we missed one.
      if (change.modseq > this.#taken + 1) throw new Fault('unavailable', 'changes of the account were lost');
      this.#taken = change.modseq;
      this.#takeIn(change);
    }
    const next = this.#queue[0];
    this.#modseq = next === undefined ? this.#taken : Math.min(this.#taken, next.modseq - 1);
  }

  #takeIn(change: AccountChange): void {
    switch (change.kind) {
      case 'added': {
        const row = this.rows.emails.rowOf(change.email);
        // Expunged again already: that is told further on.
        if (row >= 0) this.rows.put({ mailbox: change.mailbox, uid: change.uid, row }, change);
        return;
      }
      case 'flags':
        return this.rows.flagged(change, change);
      case 'expunged':
        return this.rows.remove(change.mailbox, change.uids);
      case 'mailbox':
        if (change.what === 'deleted') this.rows.removeMailbox(change.mailbox);
        return;
      default:
        return;
    }
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
