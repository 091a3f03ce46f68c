/**
 * What JMAP says of each mailbox (RFC 8621 §2): its messages and
 * conversations, and how many of them are unread. Counted when first asked;
 * afterwards only conversations in which something changed are counted again.
 */
import type { MailboxId, ThreadId } from '../../core/ids.ts';
import type { IndexRows } from './index-rows.ts';
import { ROWS_PER_LOOK, THREADS_RECOUNTED } from './limits.ts';
import type { MailboxCounts } from './mail-index.ts';

const NONE = -1;
const ZERO: MailboxCounts = { totalEmails: 0, unreadEmails: 0, totalThreads: 0, unreadThreads: 0 };
type Counts = { -readonly [Name in keyof MailboxCounts]: number };

export class ThreadCounts {
  readonly #rows: IndexRows;
  /** By the number of the mailbox; undefined while nobody has asked. */
  #counts: Counts[] | undefined;
  #trash = NONE;
  /** Taken off the counts, to be put on again. */
  readonly #touched = new Set<ThreadId>();
  /** Which mailboxes were met already, by number: the stamp of the conversation, and of the message, they were last met in. */
  readonly #ofThread: number[] = [];
  readonly #ofEmail: number[] = [];
  #stamp = 0;

  constructor(rows: IndexRows) {
    this.#rows = rows;
  }

  /** Something in it is about to change. */
  touch(thread: ThreadId): void {
    if (this.#counts === undefined || this.#touched.has(thread)) return;
    if (this.#touched.size >= THREADS_RECOUNTED) return this.forget();
    this.#count(this.#counts, this.#rows.emails.firstOfThread(thread), -1);
    this.#touched.add(thread);
  }

  /** Everything is counted anew when next asked. */
  forget(): void {
    this.#counts = undefined;
    this.#touched.clear();
  }

  of(mailbox: MailboxId, trash: MailboxId | undefined): MailboxCounts {
    const { places } = this.#rows;
    const trashNumber = trash === undefined ? NONE : places.numberOf(trash);
    if (trashNumber !== this.#trash) this.forget();
    this.#trash = trashNumber;
    const counts = this.#counts ?? this.#countAll();
    for (const thread of this.#touched) this.#count(counts, this.#rows.emails.firstOfThread(thread), 1);
    this.#touched.clear();
    const number = places.numberOf(mailbox);
    return number === NONE ? ZERO : { ...ZERO, ...counts[number] };
  }

  /** Counts everything with rests between, for whoever asks next. Nothing may change meanwhile. */
  async prepare(trash: MailboxId | undefined): Promise<void> {
    const { emails, places } = this.#rows;
    this.forget();
    this.#trash = trash === undefined ? NONE : places.numberOf(trash);
    const counts: Counts[] = [];
    for (let row = 0; row < emails.used; ) {
      const stop = Math.min(emails.used, row + ROWS_PER_LOOK);
      for (; row < stop; row++) this.#countFrom(counts, row);
      if (row < emails.used) await nextTurn();
    }
    this.#counts = counts;
  }

  #countAll(): Counts[] {
    const { emails } = this.#rows;
    const counts: Counts[] = [];
    this.#counts = counts;
    for (let row = 0; row < emails.used; row++) this.#countFrom(counts, row);
    return counts;
  }

  /** The conversation of which this row is the first. */
  #countFrom(counts: Counts[], row: number): void {
    const { emails } = this.#rows;
    if (emails.email(row) !== 0 && emails.isFirstInThread(row)) this.#count(counts, row, 1);
  }

  /**
   * Puts a conversation, by its first row, on the counts, or takes it off. RFC 8621 §2: what is
   * unread anywhere in it makes it unread in all its mailboxes, but for the
   * trash, which is a world of its own: what is only there does not count
   * elsewhere, and what is elsewhere does not count there.
   */
  #count(counts: Counts[], first: number, by: 1 | -1): void {
    const { emails } = this.#rows;
    const boxes: number[] = [];
    const ofThread = ++this.#stamp;
    let [isUnread, isUnreadInTrash] = [false, false];
    for (let row = first; row !== NONE; row = emails.nextInThread(row)) {
      if (emails.shown(row) === 0) continue;
      const unread = this.#rows.isUnread(row);
      const where = this.#countPlaces(counts, row, unread ? { all: by, unread: by } : { all: by, unread: 0 });
      for (const number of where) {
        if (this.#ofThread[number] !== ofThread) boxes.push(number);
        this.#ofThread[number] = ofThread;
      }
      if (!unread) continue;
      const inTrash = where.includes(this.#trash);
      if (inTrash) isUnreadInTrash = true;
      if (!inTrash || where.length > 1) isUnread = true;
    }
    for (const number of boxes) {
      const at = (counts[number] ??= { ...ZERO });
      at.totalThreads += by;
      if (number === this.#trash ? isUnreadInTrash : isUnread) at.unreadThreads += by;
    }
  }

  /** The mailboxes a message shows in, each once. */
  #countPlaces(counts: Counts[], row: number, by: Readonly<{ all: number; unread: number }>): readonly number[] {
    const { emails, places } = this.#rows;
    const where: number[] = [];
    const ofEmail = ++this.#stamp;
    for (let place = emails.firstPlace(row); place !== NONE; place = places.next(place)) {
      const number = places.boxOf(place);
      if (this.#ofEmail[number] === ofEmail || this.#rows.isHidden(place)) continue;
      this.#ofEmail[number] = ofEmail;
      where.push(number);
      const at = (counts[number] ??= { ...ZERO });
      at.totalEmails += by.all;
      at.unreadEmails += by.unread;
    }
    return where;
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
