/**
 * An account somebody has open: its tree, its open mailboxes and the news
 * about them. One for all sessions; changes come in one queue and are shown
 * (columns, counts, tree) before anybody is told of them.
 */
import type { Change } from '../../core/change.ts';
import type { Command } from '../../core/command.ts';
import { Fault } from '../../core/fault.ts';
import type { AccountId, EmailId, MailboxId } from '../../core/ids.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { OwnerKey } from '../../core/ports/keyring.ts';
import type { AccountHandle, Applied, ApplyOptions } from '../../core/ports/store.ts';
import { isRefusal, type Refusal } from '../../core/refusal.ts';
import type { Box, EntryChange } from './box.ts';
import { columnChanges } from './column-changes.ts';
import type { MailboxColumns } from './columns.ts';
import type { EmailFacts } from './index-emails.ts';
import { IndexKeeper } from './index-keeper.ts';
import type { IndexRows } from './index-rows.ts';
import { CHANGE_WAIT_MS, CHANGES_AT_ONCE, SIZE_REFRESH_MS } from './limits.ts';
import type { MailIndex } from './mail-index.ts';
import { Shown } from './shown.ts';
import { SingleFlight } from './single-flight.ts';
import { Subscriptions } from './subscriptions.ts';
import { MailboxTree } from './tree.ts';

export type Watcher = (change: Change) => void;
/** What must be read before some changes can be told. */
type Needs = { rows: boolean; subscriptions: boolean; gaps: Set<Box> };
const nothing = (): Needs => ({ rows: false, subscriptions: false, gaps: new Set() });

export class LiveAccount {
  readonly account: AccountId;
  readonly handle: AccountHandle;
  readonly key: OwnerKey;
  readonly tree: MailboxTree;
  readonly subscriptions: Subscriptions;
  /** What is known of messages we are adding ourselves, until their Changes come by: those do not tell. */
  readonly factsToCome = new Map<EmailId, EmailFacts>();
  /** The account as JMAP sees it, from when somebody asks for it. */
  readonly index: IndexKeeper;
  readonly #clock: Clock;
  readonly #watchers = new Set<Watcher>();
  readonly #loads = new Map<Box, Promise<void>>();
  readonly #rows = new SingleFlight(() => this.#readRows());
  readonly #shown: Shown;
  #queue: Change[] = [];
  /** Something must be read before the queue goes on; true until the first load is done. */
  #busy = true;
  /** Readings that failed and are to be tried again. */
  #owed = nothing();
  #cancelTimer: (() => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(handle: AccountHandle, key: OwnerKey, clock: Clock) {
    this.account = handle.account;
    this.handle = handle;
    this.key = key;
    this.#clock = clock;
    this.#shown = new Shown(clock);
    this.tree = new MailboxTree(handle.account, key);
    this.subscriptions = new Subscriptions(handle, key);
    this.index = new IndexKeeper({
      handle,
      factsToCome: this.factsToCome,
      shownUpTo: () => this.#shown.upTo,
      byRole: (role) => this.tree.byRole(role)?.mailbox,
    });
  }

  /** To be called once, after `receive` was hooked up: what comes meanwhile waits. */
  async load(): Promise<void> {
    const { modseq } = await this.handle.read({ ask: 'account' });
    this.#shown.raise(modseq);
    await Promise.all([this.#rows.run(), this.subscriptions.load()]);
    this.#busy = false;
    this.#drain();
  }

  receive(changes: readonly Change[]): void {
    if (this.#stopped) return;
    this.index.receive(changes);
    for (const change of changes) this.#queue.push(change);
    this.#drain();
  }

  watch(watcher: Watcher): () => void {
    // The same function may be given twice, and then hears twice.
    const own: Watcher = (change) => watcher(change);
    this.#watchers.add(own);
    return () => void this.#watchers.delete(own);
  }

  /** Nobody has it open any more: nothing is heard, read or tried again. */
  stop(): void {
    this.#stopped = true;
    this.#queue = [];
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#watchers.clear();
    this.index.drop();
  }

  /** Writes, and resolves when the columns, counts, tree and index show it. */
  async write(batch: readonly Command[], options?: ApplyOptions): Promise<Applied | Refusal> {
    const applied = await this.handle.apply(batch, options);
    if (isRefusal(applied) || !applied.results.some(changedSomething)) return applied;
    if (!(await this.#shown.until(applied.modseq, CHANGE_WAIT_MS))) await this.#catchUp();
    await this.index.settled();
    return applied;
  }

  /** Changes of the tree one after another, so that nobody decides on a tree that is about to change. */
  inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Reads rows and sizes again; what it resolves to is as new as this call. */
  refresh(): Promise<void> {
    return this.#rows.run();
  }

  /** The index, read if nobody has asked yet; it and the tree show all that was told before. */
  async openIndex(): Promise<MailIndex> {
    const told = this.index.heard;
    const index = await this.index.ready();
    await this.#shown.until(told, CHANGE_WAIT_MS);
    return index;
  }

  /** What the index is made of, and the commit it shows; good until the next await. */
  async openRows(): Promise<Readonly<{ rows: IndexRows; upTo: number }>> {
    await this.openIndex();
    return this.index.rows();
  }

  /** The columns of a mailbox, read if nobody has it open. */
  async columnsOf(box: Box): Promise<MailboxColumns> {
    if (box.columns === undefined && !box.gone) {
      const loading = this.#loads.get(box) ?? this.#loadColumns(box);
      await loading;
    }
    if (box.columns === undefined) throw new Fault('unavailable', 'the mailbox went away while it was opened');
    return box.columns;
  }

  #loadColumns(box: Box): Promise<void> {
    box.expectColumns();
    const read = async (): Promise<void> => {
      try {
        box.open(await this.handle.read({ ask: 'entries', mailbox: box.mailbox }));
      } catch (error) {
        box.unexpectColumns();
        throw error;
      }
    };
    const loading = read().finally(() => this.#loads.delete(box));
    this.#loads.set(box, loading);
    return loading;
  }

  /** Drops columns nobody uses. */
  shut(box: Box): void {
    box.shut();
    // Part of a commit may still be in the queue; counting it on top of what was shown needs the store's word.
    if (this.#queue.length > 0) void this.#refreshOrLater();
  }

  async #readRows(): Promise<void> {
    const gone = this.tree.update(await this.handle.read({ ask: 'mailboxes' }));
    for (const box of gone) box.vanish();
  }

  #drain(): void {
    while (!this.#busy && this.#queue.length > 0) {
      const slice = this.#queue.length <= CHANGES_AT_ONCE ? this.#queue : this.#queue.slice(0, CHANGES_AT_ONCE);
      this.#queue = slice === this.#queue ? [] : this.#queue.slice(slice.length);
      const needs = nothing();
      const late = this.#takeInAll(slice, needs);
      if (late.length > 0) this.#goOnAfter(this.#readAndTell(needs, late), slice);
      else this.#raise(slice);
      if (!this.#busy && this.#queue.length > 0) this.#goOnAfter(nextTurn(), []);
    }
  }

  /**
   * Shows changes and tells of them; gives those that must wait. An email's end
   * is not told before the expunge that brought it, nor the emptying of a
   * mailbox before its end: that is how sessions there hear of it in one.
   */
  #takeInAll(slice: readonly Change[], needs: Needs): Change[] {
    const ending = slice.length === 1 ? NO_MAILBOXES : new Set(slice.flatMap(mailboxDeleted));
    const late: Change[] = [];
    for (const change of slice) {
      const mustWait = change.kind === 'destroyed' ? late.length > 0 : change.kind === 'expunged' && ending.has(change.mailbox);
      if (mustWait || !this.#takeIn(change, needs)) late.push(change);
    }
    return late;
  }

  /** The queue rests until the work is done. */
  #goOnAfter(work: Promise<void>, slice: readonly Change[]): void {
    this.#busy = true;
    void work.then(() => {
      this.#busy = false;
      this.#raise(slice);
      this.#drain();
    });
  }

  /** Shows a change and tells of it at once; false when something must be read first. */
  #takeIn(change: Change, needs: Needs): boolean {
    switch (change.kind) {
      case 'added':
      case 'flags':
      case 'expunged':
        return this.#takeEntry(change, needs);
      case 'mailbox':
        needs.rows = true;
        return false;
      case 'object':
        if (change.object !== 'subscription') this.#tell(change);
        else needs.subscriptions = true;
        return change.object !== 'subscription';
      case 'destroyed':
      case 'journey':
        this.#tell(change);
        return true;
    }
  }

  #takeEntry(change: EntryChange, needs: Needs): boolean {
    const box = this.tree.byId(change.mailbox);
    // A mailbox not known yet was made just before: its row, when read, counts this change too.
    if (box === undefined) return false;
    // What comes after a gap is found with what is missing.
    if (needs.gaps.has(box)) return false;
    const taken = box.takeIn(change, change.kind === 'added' ? this.factsToCome.get(change.email)?.size : undefined);
    if (taken === 'rows') needs.rows = true;
    if (taken === 'gap') needs.gaps.add(box);
    if (box.sizeStale) this.#refreshSoon();
    if (taken === 'done') this.#tell(change);
    return taken === 'done';
  }

  async #readAndTell(needs: Needs, late: readonly Change[]): Promise<void> {
    await this.#satisfy(needs);
    for (const change of late) {
      const box = 'mailbox' in change ? this.tree.byId(change.mailbox) : undefined;
      // Of a mailbox with a gap everything was told when the gap was closed.
      if (box === undefined || !needs.gaps.has(box) || change.kind === 'mailbox') this.#tell(change);
    }
  }

  /** Reads what is needed. Trouble is not the watchers': they are told, and the reading is tried again. */
  async #satisfy(needs: Needs): Promise<void> {
    try {
      for (const box of needs.gaps) await this.#reopen(box);
      if (needs.rows) await this.refresh();
      if (needs.subscriptions) await this.subscriptions.load();
    } catch (error) {
      if (!(error instanceof Fault)) queueMicrotask(() => rethrow(error));
      this.#owe(needs);
    }
  }

  #owe(needs: Needs): void {
    const owed = this.#owed;
    owed.rows ||= needs.rows;
    owed.subscriptions ||= needs.subscriptions;
    for (const box of needs.gaps) owed.gaps.add(box);
    this.#refreshSoon();
  }

  /** Reads the columns of an open mailbox anew and tells what had been missed. */
  async #reopen(box: Box): Promise<void> {
    if (box.columns === undefined || box.gone) return;
    const entries = await this.handle.read({ ask: 'entries', mailbox: box.mailbox });
    if (box.columns === undefined || box.gone) return;
    const where = { account: this.account, mailbox: box.mailbox, modseq: box.info.highestModseq };
    const missed = columnChanges(where, box.columns, entries);
    box.reopen(entries);
    for (const change of missed) this.#tell(change);
  }

  #tell(change: Change): void {
    for (const watcher of this.#watchers) hear(watcher, change);
  }

  /** A slice is told. Of the last commit in it a part may still be in the queue. */
  #raise(slice: readonly Change[]): void {
    const last = slice.findLast((change) => change.kind !== 'journey');
    if (last === undefined) return;
    const next = this.#queue.find((change) => change.kind !== 'journey');
    this.#shown.raise(next === undefined ? last.modseq : Math.min(last.modseq, next.modseq - 1));
  }

  /** Changes were lost on their way: read everything that is open again. */
  async #catchUp(): Promise<void> {
    this.index.drop();
    for (const box of this.tree.boxes) await this.#reopen(box);
    await Promise.all([this.refresh(), this.subscriptions.load()]);
  }

  #refreshSoon(): void {
    if (this.#stopped) return;
    this.#cancelTimer ??= this.#clock.after(SIZE_REFRESH_MS, () => {
      this.#cancelTimer = undefined;
      void this.#refreshOrLater();
    });
  }

  async #refreshOrLater(): Promise<void> {
    const owed = this.#owed;
    this.#owed = nothing();
    await this.#satisfy({ ...owed, rows: true });
  }
}

const NO_MAILBOXES: ReadonlySet<MailboxId> = new Set();
const mailboxDeleted = (change: Change): MailboxId[] => (change.kind === 'mailbox' && change.what === 'deleted' ? [change.mailbox] : []);

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A watcher that fails must not keep others from hearing; its bug is told where all bugs are. */
function hear(watcher: Watcher, change: Change): void {
  try {
    watcher(change);
  } catch (error) {
    queueMicrotask(() => rethrow(error));
  }
}

function rethrow(error: unknown): never {
  throw error;
}

/** Whether a Change must come of it. */
function changedSomething(result: Applied['results'][number]): boolean {
  switch (result.did) {
    case 'setFlags':
      return result.changed.length > 0;
    case 'copy':
    case 'move':
      return result.to.length > 0;
    case 'expunge':
      return result.uids.length > 0;
    case 'addEmail':
    case 'createMailbox':
    case 'updateMailbox':
    case 'deleteMailbox':
      return true;
    // Removing an object that is not there changes nothing; the others concern no mailbox.
    case 'putObject':
    case 'addUpload':
    case 'dropUpload':
    case 'enqueue':
    case 'step':
      return false;
  }
}
