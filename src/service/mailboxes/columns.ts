/**
 * An open mailbox in memory: one typed array per property, by ascending uid.
 * All sessions on the mailbox share one, and Changes keep it current: adding
 * is a push, a flag is one store, removing many is one pass.
 */
import type { EmailId } from '../../core/ids.ts';
import { FLAG } from '../../core/mailbox.ts';
import type { EntryColumns } from '../../core/ports/store.ts';
import { NO_KEYWORDS } from './keywords.ts';
import type { Columns } from './mailboxes.ts';

/** Rows of room in a new mailbox; it doubles when full. */
const FIRST_ROOM = 64;

export type Entry = Readonly<{ uid: number; email: EmailId; flags: number; keywords: readonly string[]; modseq: number }>;

export class MailboxColumns implements Columns {
  count = 0;
  uids: Float64Array = new Float64Array(FIRST_ROOM);
  unseen = 0;
  deleted = 0;
  #flags: Uint8Array = new Uint8Array(FIRST_ROOM);
  #modseqs: Float64Array = new Float64Array(FIRST_ROOM);
  #emails: Float64Array = new Float64Array(FIRST_ROOM);
  /** By uid, since rows move; only of messages that have any. */
  #keywords = new Map<number, readonly string[]>();
  /** How many messages have it. */
  #inUse = new Map<string, number>();
  #inUseList: readonly string[] | undefined;

  flags(row: number): number {
    return this.#flags[row] ?? 0;
  }

  modseq(row: number): number {
    return this.#modseqs[row] ?? 0;
  }

  email(row: number): EmailId {
    return (this.#emails[row] ?? 0) as EmailId;
  }

  keywords(row: number): readonly string[] {
    return this.#keywords.size === 0 ? NO_KEYWORDS : (this.#keywords.get(this.uids[row] ?? 0) ?? NO_KEYWORDS);
  }

  keywordsInUse(): readonly string[] {
    this.#inUseList ??= [...this.#inUse.keys()];
    return this.#inUseList;
  }

  get lastUid(): number {
    return this.count === 0 ? 0 : (this.uids[this.count - 1] ?? 0);
  }

  rowOf(uid: number): number {
    const row = this.firstRowFrom(uid);
    return row < this.count && this.uids[row] === uid ? row : -1;
  }

  /** The first row whose uid is not below `uid`; `count` when there is none. */
  firstRowFrom(uid: number): number {
    const { uids, count } = this;
    if (uid > this.lastUid) return count;
    // Where nothing was ever expunged, the uid says the row.
    const guess = uid - (uids[0] ?? 0);
    if (guess >= 0 && guess < count && uids[guess] === uid) return guess;
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((uids[middle] ?? 0) < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Replaces everything by what the store says. */
  load(entries: EntryColumns): void {
    this.count = entries.uids.length;
    const room = Math.max(FIRST_ROOM, this.count + (this.count >> 3));
    this.uids = widened(entries.uids, new Float64Array(room));
    this.#flags = widened(entries.flags, new Uint8Array(room));
    this.#modseqs = widened(entries.modseqs, new Float64Array(room));
    this.#emails = widened(entries.emails, new Float64Array(room));
    this.#keywords = new Map();
    this.#inUse = new Map();
    this.#inUseList = undefined;
    for (const [row, keywords] of entries.keywords) this.#putKeywords(entries.uids[row] ?? 0, keywords);
    this.unseen = 0;
    this.deleted = 0;
    for (const flags of entries.flags) this.#countFlags(flags, 1);
  }

  /** False when there is nothing new in it: already here, or here and gone again. */
  add(entry: Entry): boolean {
    if (entry.uid <= this.lastUid) return this.update(entry);
    if (this.count === this.uids.length) this.#grow();
    const row = this.count++;
    this.uids[row] = entry.uid;
    this.#flags[row] = entry.flags;
    this.#modseqs[row] = entry.modseq;
    this.#emails[row] = entry.email;
    this.#countFlags(entry.flags, 1);
    if (entry.keywords.length > 0) this.#putKeywords(entry.uid, entry.keywords);
    return true;
  }

  /** False when there is no such message, or what is here is newer. */
  update(now: Omit<Entry, 'email'>): boolean {
    const row = this.rowOf(now.uid);
    if (row < 0 || this.modseq(row) >= now.modseq) return false;
    this.#countFlags(this.flags(row), -1);
    this.#countFlags(now.flags, 1);
    this.#flags[row] = now.flags;
    this.#modseqs[row] = now.modseq;
    if (now.keywords.length > 0 || this.#keywords.has(now.uid)) this.#putKeywords(now.uid, now.keywords);
    return true;
  }

  /** Those of the uids that were here. One pass over the rows, however many. */
  remove(uids: readonly number[]): number {
    const rows = this.#rowsOf(uids);
    for (const row of rows) {
      this.#countFlags(this.flags(row), -1);
      if (this.#keywords.size > 0) this.#putKeywords(this.uids[row] ?? 0, NO_KEYWORDS);
    }
    rows.forEach((row, index) => this.#close(row - index, row + 1, rows[index + 1] ?? this.count));
    this.count -= rows.length;
    return rows.length;
  }

  clear(): void {
    this.load({
      uids: new Float64Array(0),
      flags: new Uint8Array(0),
      modseqs: new Float64Array(0),
      emails: new Float64Array(0),
      keywords: new Map(),
    });
  }

  #rowsOf(uids: readonly number[]): number[] {
    const rows: number[] = [];
    for (const uid of uids) {
      const row = this.rowOf(uid);
      if (row >= 0) rows.push(row);
    }
    rows.sort((one, other) => one - other);
    return rows.filter((row, index) => row !== rows[index - 1]);
  }

  /** Moves the rows [from, to) down to `target`. */
  #close(target: number, from: number, to: number): void {
    this.uids.copyWithin(target, from, to);
    this.#flags.copyWithin(target, from, to);
    this.#modseqs.copyWithin(target, from, to);
    this.#emails.copyWithin(target, from, to);
  }

  #grow(): void {
    const room = this.uids.length * 2;
    this.uids = widened(this.uids, new Float64Array(room));
    this.#flags = widened(this.#flags, new Uint8Array(room));
    this.#modseqs = widened(this.#modseqs, new Float64Array(room));
    this.#emails = widened(this.#emails, new Float64Array(room));
  }

  #countFlags(flags: number, by: 1 | -1): void {
    if ((flags & FLAG.seen) === 0) this.unseen += by;
    if ((flags & FLAG.deleted) !== 0) this.deleted += by;
  }

  #putKeywords(uid: number, keywords: readonly string[]): void {
    for (const keyword of this.#keywords.get(uid) ?? NO_KEYWORDS) this.#countKeyword(keyword, -1);
    for (const keyword of keywords) this.#countKeyword(keyword, 1);
    if (keywords.length === 0) this.#keywords.delete(uid);
    else this.#keywords.set(uid, keywords);
  }

  #countKeyword(keyword: string, by: number): void {
    const now = (this.#inUse.get(keyword) ?? 0) + by;
    if (now > 0) this.#inUse.set(keyword, now);
    else this.#inUse.delete(keyword);
    if (now === 0 || now === by) this.#inUseList = undefined;
  }
}

function widened<Numbers extends Float64Array | Uint8Array>(from: Numbers, into: Numbers): Numbers {
  into.set(from);
  return into;
}
