/**
 * One session's sight of its open mailbox, and the only place where sequence numbers exist.
 * A client's numbering changes when it is told so and never before (RFC 9051 §7.5.1), while the
 * shared columns move on. What the client was told is the columns up to `#lastUid`, together
 * with `#gone`: messages expunged of which it has not heard. So a view costs a few numbers,
 * however large the mailbox.
 */
import { firstAtLeast, namesStar, type NumberSet, largestNamed, positions, type Ranges, resolve } from '../../codec/imap/number-set.ts';
import type { Change } from '../../core/change.ts';
import type { UidSet } from '../../core/command.ts';
import type { MailboxId } from '../../core/ids.ts';
import type { Columns, OpenMailbox } from '../../service/mailboxes/mailboxes.ts';
import { flagWords } from './flag-words.ts';
import { uidSet } from './uid-set.ts';

/** Changed messages remembered one by one; past this the whole column is looked through once. */
const CHANGED_LIMIT = 200;

/** How updates are told: with mod-sequences or without, to a writer of untagged lines. */
export type Telling = Readonly<{ modseqs: boolean; untagged(line: string): void }>;

export class View {
  readonly open: OpenMailbox;
  readonly isReadOnly: boolean;
  /** The result of SEARCH RETURN (SAVE), as UIDs (RFC 9051 §6.4.4.1). */
  saved: Float64Array<ArrayBufferLike> = new Float64Array(0);
  /** The mailbox was deleted under us. */
  isDeleted = false;

  /** Messages the client knows of, and the uid of the last of them. */
  #count: number;
  #lastUid: number;
  /** Expunged and not told, ascending. */
  #gone: number[] = [];
  /** Changed and not told, and the lowest mod-sequence among these changes. */
  #changed: number[] = [];
  #changedFrom = Number.POSITIVE_INFINITY;
  /** Mod-sequences this session caused itself and need not be told of, by uid. */
  readonly #quiet = new Map<number, number>();

  constructor(open: OpenMailbox, isReadOnly: boolean) {
    this.open = open;
    this.isReadOnly = isReadOnly;
    this.#count = open.columns.count;
    this.#lastUid = lastOf(open.columns);
  }

  get mailbox(): MailboxId {
    return this.open.mailbox;
  }

  get count(): number {
    return this.#count;
  }

  /** Whether there is anything to tell. */
  get hasNews(): boolean {
    return this.#gone.length > 0 || this.#changed.length > 0 || lastOf(this.open.columns) > this.#lastUid;
  }

  get hasUntoldExpunges(): boolean {
    return this.#gone.length > 0;
  }

  /** Notes a change of this mailbox; `tell…` says it when the client may hear it. */
  note(change: Change): void {
    switch (change.kind) {
      case 'flags':
        if (change.uid > this.#lastUid) return;
        this.#changedFrom = Math.min(this.#changedFrom, change.modseq);
        if (this.#changed.length <= CHANGED_LIMIT) this.#changed.push(change.uid);
        return;
      case 'expunged':
        this.#noteGone(change.uids);
        return;
      case 'mailbox':
        if (change.what === 'deleted') this.isDeleted = true;
    }
  }

  /**
   * Uids never heard of just vanish. News may also come late, of expunges the columns showed
   * already when the view was made: those were never counted, as the sum tells.
   */
  #noteGone(uids: readonly number[]): void {
    const known = uids.filter((uid) => uid <= this.#lastUid);
    if (known.length === 0 || known.length > this.#count - this.#toldHere - this.#gone.length) return;
    this.#gone = [...this.#gone, ...known].sort((a, b) => a - b);
  }

  /** How many rows of the columns the client knows of. */
  get #toldHere(): number {
    const { uids, count } = this.open.columns;
    return firstAtLeast(uids, this.#lastUid + 1, 0, count);
  }

  /** This session changed the flag itself and says so in its own way. */
  keepQuiet(changes: readonly Readonly<{ uid: number; modseq: number }>[]): void {
    for (const { uid, modseq } of changes) this.#quiet.set(uid, modseq);
  }

  /** Tells of changed flags and new messages, which is allowed at any time. */
  tellNews(telling: Telling): void {
    this.#tellFlags(telling);
    this.#tellCount(telling);
  }

  /** Tells of expunged messages: only where numbers may move (RFC 9051 §7.5.1). From the last, so that no number shifts another. */
  tellExpunges({ untagged }: Telling): void {
    const gone = this.#gone;
    if (gone.length === 0) return;
    const { uids, count } = this.open.columns;
    for (let index = gone.length - 1; index >= 0; index--) {
      untagged(`${firstAtLeast(uids, gone[index] ?? 0, 0, count) + index + 1} EXPUNGE`);
    }
    this.#count -= gone.length;
    this.#gone = [];
  }

  #tellCount({ untagged }: Telling): void {
    const { columns } = this.open;
    const last = lastOf(columns);
    if (last <= this.#lastUid) return;
    this.#count = columns.count + this.#gone.length;
    this.#lastUid = last;
    untagged(`${this.#count} EXISTS`);
  }

  #tellFlags(telling: Telling): void {
    if (this.#changed.length === 0) return;
    const { columns } = this.open;
    const from = this.#changedFrom;
    const rows =
      this.#changed.length <= CHANGED_LIMIT
        ? this.#changed.map((uid) => columns.rowOf(uid))
        : rowsChangedFrom(columns, from, this.#lastUid);
    this.#changed = [];
    this.#changedFrom = Number.POSITIVE_INFINITY;
    for (const row of new Set(rows)) if (row >= 0 && !this.#isQuiet(row)) telling.untagged(this.flagLine(row, telling.modseqs));
    this.#quiet.clear();
  }

  #isQuiet(row: number): boolean {
    const { columns } = this.open;
    return this.#quiet.size > 0 && this.#quiet.get(columns.uids[row] ?? 0) === columns.modseq(row);
  }

  /** The unsolicited FETCH of a message's flags; it names the UID (RFC 9051 §7.5.2). */
  flagLine(row: number, modseqs: boolean): string {
    const { columns } = this.open;
    const uid = columns.uids[row] ?? 0;
    const modseq = modseqs ? ` MODSEQ (${columns.modseq(row)})` : '';
    return `${this.numberOf(row)} FETCH (UID ${uid} FLAGS (${flagWords(columns.flags(row), columns.keywords(row))})${modseq})`;
  }

  /** The sequence number of a row of the columns, as of now. */
  numberOf(row: number): number {
    if (this.#gone.length === 0) return row + 1;
    return row + 1 + firstAtLeast(this.#gone, this.open.columns.uids[row] ?? 0, 0, this.#gone.length);
  }

  /** Whether the client knows of the message with this uid, by number. */
  knows(uid: number): boolean {
    return uid <= this.#lastUid;
  }

  /** Whether a set names numbers past the last message, which is BAD outside UID commands (RFC 9051 §9, seq-number). */
  overshoots(set: NumberSet): boolean {
    if (set.kind === 'saved') return false;
    return largestNamed(set.ranges) > this.#count || (this.#count === 0 && namesStar(set.ranges));
  }

  /** The uids a set names, ascending, expunged ones included; the array is the caller's own. */
  uidsOf(set: NumberSet, byUid: boolean): Float64Array {
    if (set.kind === 'saved') return this.saved.filter((uid) => this.open.columns.rowOf(uid) >= 0);
    const told = this.#toldUids();
    const star = byUid ? (told[told.length - 1] ?? 0) : told.length;
    const ranges = resolve(set.ranges, star);
    return gather(told, byUid ? positions(ranges, told) : numberSpans(ranges, told.length));
  }

  /**
   * The same as ranges of uids, in as many ranges as the set was written in: between two numbers
   * lie all uids between two uids. Uids the client does not know of may lie in them too.
   */
  rangesOf(set: NumberSet, byUid: boolean): UidSet {
    if (set.kind === 'saved') return this.#savedRanges();
    const told = this.#toldUids();
    const star = byUid ? (told[told.length - 1] ?? 0) : told.length;
    const ranges = resolve(set.ranges, star);
    return byUid ? pairs(ranges) : pairs(numberSpans(ranges, told.length).map((at, index) => told[index % 2 === 0 ? at : at - 1] ?? 0));
  }

  /** Made once for each result: a hostile search may name it hundreds of times. */
  #savedRanges(): UidSet {
    if (this.#rangesOfSaved?.of !== this.saved) this.#rangesOfSaved = { of: this.saved, ranges: uidSet(this.saved) };
    return this.#rangesOfSaved.ranges;
  }

  #rangesOfSaved: Readonly<{ of: Float64Array; ranges: UidSet }> | undefined;

  /** Every uid the client knows of, in its order. Only good until the next await. */
  #toldUids(): Float64Array {
    const known = this.#toldHere;
    const here = this.open.columns.uids.subarray(0, known);
    if (this.#gone.length === 0) return here;
    const all = new Float64Array(known + this.#gone.length);
    all.set(here);
    all.set(this.#gone, known);
    return all.sort();
  }

  /** False while the columns show expunges that `note` has not heard of: then numbers mean nothing. */
  get isCoherent(): boolean {
    return this.isDeleted || this.#toldHere + this.#gone.length === this.#count;
  }

  close(): void {
    this.open.close();
  }
}

function pairs(flat: Ranges): UidSet {
  const ranges: [number, number][] = [];
  for (let at = 0; at < flat.length; at += 2) ranges.push([flat[at] ?? 0, flat[at + 1] ?? 0]);
  return ranges;
}

const lastOf = ({ uids, count }: Columns): number => (count === 0 ? 0 : (uids[count - 1] ?? 0));

function rowsChangedFrom(columns: Columns, modseq: number, lastUid: number): number[] {
  const rows: number[] = [];
  for (let row = 0; row < columns.count && (columns.uids[row] ?? 0) <= lastUid; row++) if (columns.modseq(row) >= modseq) rows.push(row);
  return rows;
}

/** Ranges of sequence numbers as index spans, cut at the last message. */
function numberSpans(ranges: Ranges, count: number): number[] {
  const spans: number[] = [];
  for (let at = 0; at < ranges.length; at += 2) {
    const from = (ranges[at] ?? 0) - 1;
    const to = Math.min(ranges[at + 1] ?? 0, count);
    if (from >= 0 && from < to) spans.push(from, to);
  }
  return spans;
}

function gather(uids: Float64Array, spans: Ranges): Float64Array {
  let length = 0;
  for (let at = 0; at < spans.length; at += 2) length += (spans[at + 1] ?? 0) - (spans[at] ?? 0);
  const gathered = new Float64Array(length);
  let to = 0;
  for (let at = 0; at < spans.length; at += 2) {
    const span = uids.subarray(spans[at], spans[at + 1]);
    gathered.set(span, to);
    to += span.length;
  }
  return gathered;
}
