/**
 * The places of an account's messages: every entry of every mailbox once, as
 * typed arrays. Those of one message are chained; those of one mailbox lie in
 * a list by ascending uid.
 */
import type { MailboxId } from '../../core/ids.ts';
import { NO_KEYWORDS } from './keywords.ts';

/** Rows of room at first; it doubles when full. */
const FIRST_ROOM = 64;
const NONE = -1;

/** One mailbox: its places by ascending uid. */
export class IndexBox {
  readonly mailbox: MailboxId;
  count = 0;
  /** The first `count` are valid. */
  places = new Int32Array(FIRST_ROOM);

  constructor(mailbox: MailboxId) {
    this.mailbox = mailbox;
  }
}

export class IndexPlaces {
  readonly #boxes = new Map<MailboxId, number>();
  readonly #byNumber: (IndexBox | undefined)[] = [];
  readonly #freeBoxes: number[] = [];
  #used = 0;
  readonly #free: number[] = [];
  #boxNumbers = new Uint16Array(FIRST_ROOM);
  #uids = new Uint32Array(FIRST_ROOM);
  #flags = new Uint8Array(FIRST_ROOM);
  #rows = new Int32Array(FIRST_ROOM);
  #next = new Int32Array(FIRST_ROOM);
  #previous = new Int32Array(FIRST_ROOM);
  /** Only of places that have any. */
  readonly #keywords = new Map<number, readonly string[]>();

  /** Numbers given to mailboxes lie below this. */
  get boxNumbers(): number {
    return this.#byNumber.length;
  }

  box(mailbox: MailboxId): IndexBox | undefined {
    const number = this.#boxes.get(mailbox);
    return number === undefined ? undefined : this.#byNumber[number];
  }

  /** −1 where nothing was ever in it. */
  numberOf(mailbox: MailboxId): number {
    return this.#boxes.get(mailbox) ?? NONE;
  }

  boxOf(place: number): number {
    return this.#boxNumbers[place] ?? 0;
  }

  mailboxOf(place: number): MailboxId {
    return (this.#byNumber[this.boxOf(place)]?.mailbox ?? 0) as MailboxId;
  }

  uid(place: number): number {
    return this.#uids[place] ?? 0;
  }

  flags(place: number): number {
    return this.#flags[place] ?? 0;
  }

  /** The row of its message. */
  row(place: number): number {
    return this.#rows[place] ?? 0;
  }

  /** The next place of the same message, or −1. */
  next(place: number): number {
    return this.#next[place] ?? NONE;
  }

  keywords(place: number): readonly string[] {
    return this.#keywords.get(place) ?? NO_KEYWORDS;
  }

  /** −1 when there is none. */
  find(mailbox: MailboxId, uid: number): number {
    const box = this.box(mailbox);
    if (box === undefined) return NONE;
    const position = this.#positionFrom(box, uid);
    const place = box.places[position] ?? NONE;
    return position < box.count && this.#uids[place] === uid ? place : NONE;
  }

  /** `first` is the first place of that message so far, or −1. Gives the new place, which goes before it. */
  add(at: Readonly<{ mailbox: MailboxId; uid: number; row: number; first: number }>): number {
    const box = this.#boxFor(at.mailbox);
    const place = this.#free.pop() ?? this.#newPlace();
    this.#boxNumbers[place] = this.#boxes.get(at.mailbox) ?? 0;
    this.#uids[place] = at.uid;
    this.#flags[place] = 0;
    this.#rows[place] = at.row;
    this.#next[place] = at.first;
    this.#previous[place] = NONE;
    if (at.first !== NONE) this.#previous[at.first] = place;
    this.#insert(box, place, at.uid);
    return place;
  }

  set(place: number, flags: number, keywords: readonly string[]): void {
    this.#flags[place] = flags;
    if (keywords.length > 0) this.#keywords.set(place, keywords);
    else if (this.#keywords.size > 0) this.#keywords.delete(place);
  }

  /** Takes those of the uids that are there off the list of their mailbox, in one pass; the caller frees each. */
  take(mailbox: MailboxId, uids: readonly number[]): number[] {
    const box = this.box(mailbox);
    if (box === undefined) return [];
    const positions: number[] = [];
    for (const uid of uids) {
      const position = this.#positionFrom(box, uid);
      if (position < box.count && this.#uids[box.places[position] ?? 0] === uid) positions.push(position);
    }
    positions.sort((one, other) => one - other);
    const unique = positions.filter((position, index) => position !== positions[index - 1]);
    const taken = unique.map((position) => box.places[position] ?? 0);
    unique.forEach((position, index) => box.places.copyWithin(position - index, position + 1, unique[index + 1] ?? box.count));
    box.count -= unique.length;
    return taken;
  }

  /** The same for all that a mailbox holds; the mailbox is forgotten. */
  takeAll(mailbox: MailboxId): number[] {
    const number = this.numberOf(mailbox);
    const box = this.#byNumber[number];
    if (box === undefined) return [];
    this.#boxes.delete(mailbox);
    this.#byNumber[number] = undefined;
    this.#freeBoxes.push(number);
    return Array.from(box.places.subarray(0, box.count));
  }

  /** Out of the chain of its message. Gives the place that comes first where it was first itself, else undefined. */
  free(place: number): number | undefined {
    const [next, previous] = [this.next(place), this.#previous[place] ?? NONE];
    if (next !== NONE) this.#previous[next] = previous;
    if (previous !== NONE) this.#next[previous] = next;
    this.#keywords.delete(place);
    this.#free.push(place);
    return previous === NONE ? next : undefined;
  }

  #boxFor(mailbox: MailboxId): IndexBox {
    const known = this.box(mailbox);
    if (known !== undefined) return known;
    const box = new IndexBox(mailbox);
    const number = this.#freeBoxes.pop() ?? this.#byNumber.length;
    this.#boxes.set(mailbox, number);
    this.#byNumber[number] = box;
    return box;
  }

  #insert(box: IndexBox, place: number, uid: number): void {
    if (box.count === box.places.length) box.places = widened(box.places, new Int32Array(box.count * 2));
    const position = this.#positionFrom(box, uid);
    // Uids only go up, so this moves nothing but when a place is told late.
    box.places.copyWithin(position + 1, position, box.count);
    box.places[position] = place;
    box.count++;
  }

  /** The first position whose uid is not below `uid`. */
  #positionFrom(box: IndexBox, uid: number): number {
    const { places, count } = box;
    if (count === 0 || (this.#uids[places[count - 1] ?? 0] ?? 0) < uid) return count;
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#uids[places[middle] ?? 0] ?? 0) < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #newPlace(): number {
    if (this.#used === this.#uids.length) this.#grow(this.#used * 2);
    return this.#used++;
  }

  #grow(room: number): void {
    this.#boxNumbers = widened(this.#boxNumbers, new Uint16Array(room));
    this.#uids = widened(this.#uids, new Uint32Array(room));
    this.#flags = widened(this.#flags, new Uint8Array(room));
    this.#rows = widened(this.#rows, new Int32Array(room));
    this.#next = widened(this.#next, new Int32Array(room));
    this.#previous = widened(this.#previous, new Int32Array(room));
  }
}

export function widened<Numbers extends Float64Array | Uint32Array | Uint16Array | Uint8Array | Int32Array>(
  from: Numbers,
  into: Numbers,
): Numbers {
  into.set(from);
  return into;
}
