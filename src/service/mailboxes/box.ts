/**
 * One mailbox of an open account: its place in the tree, its counts, and its
 * columns while somebody has it open. With columns the counts are theirs;
 * without, they are the store's row, moved on by what Changes tell.
 */
import type { Change } from '../../core/change.ts';
import type { MailboxId } from '../../core/ids.ts';
import { FLAG, type MailboxRow } from '../../core/mailbox.ts';
import type { EntryColumns } from '../../core/ports/store.ts';
import { MailboxColumns } from './columns.ts';
import type { MailboxInfo } from './mailboxes.ts';

export type EntryChange = Extract<Change, { kind: 'added' | 'flags' | 'expunged' }>;

/** What is left to do after a change was taken in. `rows`: the counts must be read; `gap`: changes were missed. */
export type TakenIn = 'done' | 'rows' | 'gap';

export class Box {
  readonly mailbox: MailboxId;
  /** As the store has it: everything of it but the counts is current. */
  row: MailboxRow;
  name: string;
  path = '';
  hasChildren = false;
  /** Deleted: whoever has it open sees it empty. */
  gone = false;
  /** Sessions that have it open. */
  users = 0;
  columns: MailboxColumns | undefined;
  /** Its size is not known exactly: Changes do not tell sizes. */
  sizeStale = false;
  #counts: Counts;
  /** Changes up to here are in the counts already. */
  #countedUpTo: number;
  /** And up to here in the size. */
  #sizedUpTo: number;
  /** While columns are being read: what came meanwhile. */
  #missed: EntryChange[] | undefined;
  #info: MailboxInfo | undefined;

  constructor(row: MailboxRow, name: string) {
    this.mailbox = row.mailbox;
    this.row = row;
    this.name = name;
    this.#counts = countsOf(row);
    this.#countedUpTo = row.highestModseq;
    this.#sizedUpTo = row.highestModseq;
  }

  get info(): MailboxInfo {
    this.#info ??= this.#makeInfo();
    return this.#info;
  }

  get uidNext(): number {
    return this.#counts.uidNext;
  }

  /** Where it stands has changed. */
  moved(path: string, hasChildren: boolean): void {
    if (path === this.path && hasChildren === this.hasChildren) return;
    this.path = path;
    this.hasChildren = hasChildren;
    this.#info = undefined;
  }

  /** The store's row as just read. An open mailbox takes only its size from it: the rest must not run ahead of the columns. */
  refresh(row: MailboxRow): void {
    this.row = row;
    this.#info = undefined;
    const isOlder = row.highestModseq < this.#counts.highestModseq;
    if (!isOlder) {
      this.#counts.size = row.size;
      this.#sizedUpTo = row.highestModseq;
      this.sizeStale = false;
    }
    if (isOlder || this.columns !== undefined) return;
    this.#counts = countsOf(row);
    this.#countedUpTo = row.highestModseq;
  }

  /** Columns are about to be read: from here on changes are kept for them. */
  expectColumns(): void {
    this.#missed = [];
  }

  /** The columns as read, moved on by what came meanwhile. */
  open(entries: EntryColumns): void {
    const columns = new MailboxColumns();
    columns.load(entries);
    this.columns = columns;
    const missed = this.#missed ?? [];
    this.#missed = undefined;
    this.#counts.highestModseq = highest(entries.modseqs, this.#counts.highestModseq);
    for (const change of missed) this.#intoColumns(columns, change);
    this.#countColumns(columns);
  }

  /** The read failed. */
  unexpectColumns(): void {
    this.#missed = undefined;
  }

  /** Replaces the columns after a gap. */
  reopen(entries: EntryColumns): void {
    if (this.columns === undefined) return;
    this.columns.load(entries);
    this.#counts.highestModseq = highest(entries.modseqs, this.#counts.highestModseq);
    this.#countColumns(this.columns);
  }

  /** Nobody needs the columns any more. What they showed is what the counts hold. */
  shut(): void {
    this.columns = undefined;
    this.#countedUpTo = this.#counts.highestModseq;
  }

  vanish(): void {
    this.gone = true;
    this.columns?.clear();
    if (this.columns !== undefined) this.#countColumns(this.columns);
  }

  /** `size` of an added message, where we know it. */
  takeIn(change: EntryChange, size?: number): TakenIn {
    this.#missed?.push(change);
    const { columns } = this;
    if (columns === undefined) return this.#intoCounts(change, size);
    // Uids are given out without holes (core/ports/store.ts): one that skips some tells that we missed them.
    if (change.kind === 'added' && change.uid > this.#counts.uidNext) return 'gap';
    if (change.kind === 'flags' && change.uid >= this.#counts.uidNext) return 'gap';
    const isNew = this.#intoColumns(columns, change);
    if (isNew) this.#countSize(change, size);
    this.#countColumns(columns);
    return 'done';
  }

  #intoColumns(columns: MailboxColumns, change: EntryChange): boolean {
    const counts = this.#counts;
    if (change.modseq > counts.highestModseq) counts.highestModseq = change.modseq;
    switch (change.kind) {
      case 'added':
        if (change.uid >= counts.uidNext) counts.uidNext = change.uid + 1;
        return columns.add(change);
      case 'flags':
        return columns.update(change);
      case 'expunged':
        return columns.remove(change.uids) > 0;
    }
  }

  #countSize(change: EntryChange, size: number | undefined): void {
    if (change.modseq <= this.#sizedUpTo) return;
    if (change.kind === 'added' && size !== undefined) this.#counts.size += size;
    else if (change.kind !== 'flags') this.sizeStale = true;
  }

  #countColumns(columns: MailboxColumns): void {
    const counts = this.#counts;
    counts.total = columns.count;
    counts.unseen = columns.unseen;
    counts.deleted = columns.deleted;
    if (columns.lastUid >= counts.uidNext) counts.uidNext = columns.lastUid + 1;
    this.#info = undefined;
  }

  /** Without columns only an added message can be counted; of a changed or removed one we do not know the old flags. */
  #intoCounts(change: EntryChange, size: number | undefined): TakenIn {
    if (change.modseq <= this.#countedUpTo) return 'done';
    if (change.kind !== 'added') return 'rows';
    const counts = this.#counts;
    counts.total++;
    if ((change.flags & FLAG.seen) === 0) counts.unseen++;
    if ((change.flags & FLAG.deleted) !== 0) counts.deleted++;
    counts.uidNext = Math.max(counts.uidNext, change.uid + 1);
    counts.highestModseq = Math.max(counts.highestModseq, change.modseq);
    this.#countSize(change, size);
    this.#info = undefined;
    return 'done';
  }

  #makeInfo(): MailboxInfo {
    const { mailbox, parent, role, subscribed, uidValidity } = this.row;
    return { mailbox, path: this.path, parent, role, subscribed, hasChildren: this.hasChildren, uidValidity, ...this.#counts };
  }
}

type Counts = { -readonly [Name in 'uidNext' | 'highestModseq' | 'total' | 'unseen' | 'deleted' | 'size']: MailboxRow[Name] };

const countsOf = ({ uidNext, highestModseq, total, unseen, deleted, size }: MailboxRow): Counts => ({
  uidNext,
  highestModseq,
  total,
  unseen,
  deleted,
  size,
});

/** What a snapshot certainly shows: every change up to its newest entry. */
function highest(modseqs: Float64Array, atLeast: number): number {
  let found = atLeast;
  for (const modseq of modseqs) if (modseq > found) found = modseq;
  return found;
}
