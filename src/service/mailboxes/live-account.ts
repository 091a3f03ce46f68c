/**
 * An account somebody has open: its tree, its open mailboxes and the news
 * about them. One for all sessions; changes come in one queue and are shown
 * (columns, counts, tree) before anybody is told of them.
 */
import type { Change } from '../../core/change.ts';
import type { Command } from '../../core/command.ts';
import { Fault } from '../../core/fault.ts';
import type { AccountId, EmailId } from '../../core/ids.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { OwnerKey } from '../../core/ports/keyring.ts';
import type { AccountHandle, Applied } from '../../core/ports/store.ts';
import { isRefusal, type Refusal } from '../../core/refusal.ts';
import type { Box } from './box.ts';
import { columnChanges } from './column-changes.ts';
import type { MailboxColumns } from './columns.ts';
import { CHANGE_WAIT_MS, CHANGES_AT_ONCE, SIZE_REFRESH_MS } from './limits.ts';
import { SingleFlight } from './single-flight.ts';
import { Subscriptions } from './subscriptions.ts';
import { MailboxTree } from './tree.ts';

export type Watcher = (change: Change) => void;
type Waiting = Readonly<{ modseq: number; resolve: () => void }>;
/** What a slice of changes asks to be read before it can be told. */
type Needs = { rows: boolean; subscriptions: boolean; gaps: Set<Box> };

export class LiveAccount {
  readonly account: AccountId;
  readonly handle: AccountHandle;
  readonly key: OwnerKey;
  readonly tree: MailboxTree;
  readonly subscriptions: Subscriptions;
  /** Sizes of messages we are adding ourselves, until their Changes come by: those do not tell. */
  readonly sizesToCome = new Map<EmailId, number>();
  readonly #clock: Clock;
  readonly #watchers = new Set<Watcher>();
  readonly #loads = new Map<Box, Promise<void>>();
  readonly #rows = new SingleFlight(() => this.#readRows());
  #queue: Change[] = [];
  /** Something must be read before the queue goes on; true until the first load is done. */
  #busy = true;
  #shownUpTo = 0;
  #waiting: Waiting[] = [];
  #cancelTimer: (() => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(handle: AccountHandle, key: OwnerKey, clock: Clock) {
    this.account = handle.account;
    this.handle = handle;
    this.key = key;
    this.#clock = clock;
    this.tree = new MailboxTree(handle.account, key);
    this.subscriptions = new Subscriptions(handle, key);
  }

  /** To be called once, after `receive` was hooked up: what comes meanwhile waits. */
  async load(): Promise<void> {
    const { modseq } = await this.handle.read({ ask: 'account' });
    this.#shownUpTo = modseq;
    await Promise.all([this.#rows.run(), this.subscriptions.load()]);
    this.#busy = false;
    this.#drain();
  }

  receive(changes: readonly Change[]): void {
    for (const change of changes) this.#queue.push(change);
    this.#drain();
  }

  watch(watcher: Watcher): () => void {
    // The same function may be given twice, and then hears twice.
    const own: Watcher = (change) => watcher(change);
    this.#watchers.add(own);
    return () => void this.#watchers.delete(own);
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#watchers.clear();
  }

  /** Writes, and resolves when the columns, counts and tree show it. */
  async write(batch: readonly Command[]): Promise<Applied | Refusal> {
    const applied = await this.handle.apply(batch);
    if (!isRefusal(applied) && applied.results.some(changedSomething)) await this.#shown(applied.modseq);
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
      } finally {
        this.#loads.delete(box);
      }
    };
    const loading = read();
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
      const needs: Needs = { rows: false, subscriptions: false, gaps: new Set() };
      for (const change of slice) this.#takeIn(change, needs);
      if (needs.rows || needs.subscriptions || needs.gaps.size > 0) this.#goOnAfter(this.#satisfy(needs), slice);
      else this.#tell(slice);
      if (!this.#busy && this.#queue.length > 0) this.#goOnAfter(nextTurn(), []);
    }
  }

  /** The queue rests until the work is done; then the slice is told. */
  #goOnAfter(work: Promise<readonly Change[]>, slice: readonly Change[]): void {
    this.#busy = true;
    void work.then((found) => {
      this.#busy = false;
      this.#tell(found.length === 0 ? slice : [...found, ...slice]);
      this.#drain();
    });
  }

  #takeIn(change: Change, needs: Needs): void {
    switch (change.kind) {
      case 'added':
      case 'flags':
      case 'expunged': {
        const box = this.tree.byId(change.mailbox);
        // A mailbox we do not know yet was made in the same commit: it is counted whole when it is read.
        if (box === undefined) return;
        const taken = box.takeIn(change, change.kind === 'added' ? this.sizesToCome.get(change.email) : undefined);
        if (taken === 'rows') needs.rows = true;
        if (taken === 'gap') needs.gaps.add(box);
        if (box.sizeStale) this.#refreshSoon();
        return;
      }
      case 'mailbox':
        needs.rows = true;
        return;
      case 'object':
        if (change.object === 'subscription') needs.subscriptions = true;
        return;
      case 'journey':
        return;
    }
  }

  /** Reads what is needed; changes that were missed, found by comparing. Trouble is not the watchers': they are told, and the reading is tried again. */
  async #satisfy(needs: Needs): Promise<readonly Change[]> {
    try {
      const found = needs.gaps.size > 0 ? await this.#reopen([...needs.gaps]) : [];
      if (needs.rows) await this.refresh();
      if (needs.subscriptions) await this.subscriptions.load();
      return found;
    } catch (error) {
      if (!(error instanceof Fault)) queueMicrotask(() => rethrow(error));
      this.#refreshSoon();
      return [];
    }
  }

  async #reopen(boxes: readonly Box[]): Promise<readonly Change[]> {
    const found: Change[] = [];
    for (const box of boxes) {
      const entries = await this.handle.read({ ask: 'entries', mailbox: box.mailbox });
      if (box.columns === undefined) continue;
      const { account } = this;
      found.push(...columnChanges({ account, mailbox: box.mailbox, modseq: box.info.highestModseq }, box.columns, entries));
      box.reopen(entries);
    }
    return found;
  }

  #tell(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === 'added') this.sizesToCome.delete(change.email);
      if (change.kind !== 'journey' && change.modseq > this.#shownUpTo) this.#shownUpTo = change.modseq;
      for (const watcher of this.#watchers) hear(watcher, change);
    }
    if (this.#waiting.length > 0) this.#wake();
  }

  /** A commit may be split over slices: its writers wake when none of it is left. */
  #wake(): void {
    const next = this.#queue.find((change) => change.kind !== 'journey');
    const whole = next === undefined ? this.#shownUpTo : Math.min(this.#shownUpTo, next.modseq - 1);
    const awake = this.#waiting.filter(({ modseq }) => modseq <= whole);
    if (awake.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => !awake.includes(waiting));
    for (const { resolve } of awake) resolve();
  }

  /** Resolves when everything up to a commit is shown. */
  async #shown(modseq: number): Promise<void> {
    if (modseq <= this.#shownUpTo && !this.#busy && this.#queue.length === 0) return;
    let stop = (): void => {};
    const isShown = await new Promise<boolean>((resolve) => {
      this.#waiting.push({ modseq, resolve: () => resolve(true) });
      stop = this.#clock.after(CHANGE_WAIT_MS, () => resolve(false));
      this.#wake();
    });
    stop();
    if (!isShown) await this.#catchUp();
  }

  /** Changes were lost on their way: read everything that is open again. */
  async #catchUp(): Promise<void> {
    const open = this.tree.boxes.filter(({ columns }) => columns !== undefined);
    const found = await this.#reopen(open);
    await Promise.all([this.refresh(), this.subscriptions.load()]);
    this.#tell(found);
  }

  #refreshSoon(): void {
    this.#cancelTimer ??= this.#clock.after(SIZE_REFRESH_MS, () => {
      this.#cancelTimer = undefined;
      void this.#refreshOrLater();
    });
  }

  async #refreshOrLater(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#refreshSoon();
    }
  }
}

const nextTurn = (): Promise<readonly Change[]> => new Promise((resolve) => setImmediate(resolve, []));

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
    case 'enqueue':
    case 'step':
      return false;
  }
}
