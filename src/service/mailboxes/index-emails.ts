/**
 * The messages of an account, every one once, as typed arrays; those of one
 * conversation are chained. Rows are used again after a message is gone.
 */
import type { EmailId, ThreadId } from '../../core/ids.ts';
import { widened } from './index-places.ts';
import { RowHash } from './row-hash.ts';

/** Rows of room at first; it doubles when full. */
const FIRST_ROOM = 64;
const NONE = -1;

export type EmailFacts = Readonly<{ thread: ThreadId; size: number; receivedAt: number }>;

export class IndexEmails {
  count = 0;
  /** Rows used so far lie below this; of those that are free `email` is 0. */
  used = 0;
  readonly #free: number[] = [];
  #emails = new Float64Array(FIRST_ROOM);
  #threads = new Float64Array(FIRST_ROOM);
  /** Octets: no message has 4 GiB. */
  #sizes = new Uint32Array(FIRST_ROOM);
  #receivedAt = new Float64Array(FIRST_ROOM);
  #nextInThread = new Int32Array(FIRST_ROOM);
  #previousInThread = new Int32Array(FIRST_ROOM);
  #firstPlace = new Int32Array(FIRST_ROOM);
  /** How many places show it. */
  #shown = new Int32Array(FIRST_ROOM);
  /** What its places say together (index-rows.ts), 0 when it must be found out again. */
  #marks = new Uint8Array(FIRST_ROOM);
  readonly #byEmail = new RowHash((row) => this.email(row));
  /** The first row of each conversation. */
  readonly #byThread = new RowHash((row) => this.thread(row));

  email(row: number): EmailId {
    return (this.#emails[row] ?? 0) as EmailId;
  }

  thread(row: number): ThreadId {
    return (this.#threads[row] ?? 0) as ThreadId;
  }

  size(row: number): number {
    return this.#sizes[row] ?? 0;
  }

  receivedAt(row: number): number {
    return this.#receivedAt[row] ?? 0;
  }

  firstPlace(row: number): number {
    return this.#firstPlace[row] ?? NONE;
  }

  shown(row: number): number {
    return this.#shown[row] ?? 0;
  }

  marks(row: number): number {
    return this.#marks[row] ?? 0;
  }

  /** The next of the same conversation, in no order, or −1. */
  nextInThread(row: number): number {
    return this.#nextInThread[row] ?? NONE;
  }

  /** Whether a conversation is counted from this row on: each has one such row. */
  isFirstInThread(row: number): boolean {
    return this.#previousInThread[row] === NONE;
  }

  /** −1 when it is not here. */
  rowOf(email: EmailId): number {
    return this.#byEmail.find(email);
  }

  firstOfThread(thread: ThreadId): number {
    return this.#byThread.find(thread);
  }

  setFirstPlace(row: number, place: number): void {
    this.#firstPlace[row] = place;
  }

  addShown(row: number, by: number): void {
    this.#shown[row] = this.shown(row) + by;
  }

  setMarks(row: number, marks: number): void {
    this.#marks[row] = marks;
  }

  /** One that is not here yet; it has no place. */
  add(email: EmailId, { thread, size, receivedAt }: EmailFacts): number {
    const row = this.#free.pop() ?? this.#newRow();
    this.#emails[row] = email;
    this.#threads[row] = thread;
    this.#sizes[row] = size;
    this.#receivedAt[row] = receivedAt;
    this.#firstPlace[row] = NONE;
    this.#shown[row] = 0;
    this.#marks[row] = 0;
    this.#byEmail.set(email, row);
    const next = this.#byThread.find(thread);
    this.#nextInThread[row] = next;
    this.#previousInThread[row] = NONE;
    if (next !== NONE) this.#previousInThread[next] = row;
    this.#byThread.set(thread, row);
    this.count++;
    return row;
  }

  remove(row: number): void {
    const [next, previous] = [this.nextInThread(row), this.#previousInThread[row] ?? NONE];
    if (next !== NONE) this.#previousInThread[next] = previous;
    if (previous !== NONE) this.#nextInThread[previous] = next;
    else if (next !== NONE) this.#byThread.set(this.thread(row), next);
    else this.#byThread.delete(this.thread(row));
    this.#byEmail.delete(this.email(row));
    this.#emails[row] = 0;
    this.#free.push(row);
    this.count--;
  }

  #newRow(): number {
    if (this.used === this.#emails.length) this.#grow(this.used * 2);
    return this.used++;
  }

  #grow(room: number): void {
    this.#emails = widened(this.#emails, new Float64Array(room));
    this.#threads = widened(this.#threads, new Float64Array(room));
    this.#sizes = widened(this.#sizes, new Uint32Array(room));
    this.#receivedAt = widened(this.#receivedAt, new Float64Array(room));
    this.#nextInThread = widened(this.#nextInThread, new Int32Array(room));
    this.#previousInThread = widened(this.#previousInThread, new Int32Array(room));
    this.#firstPlace = widened(this.#firstPlace, new Int32Array(room));
    this.#shown = widened(this.#shown, new Int32Array(room));
    this.#marks = widened(this.#marks, new Uint8Array(room));
  }
}
