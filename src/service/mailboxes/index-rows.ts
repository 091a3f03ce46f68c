/**
 * Messages and their places joined: what Changes tell is done to both, and
 * what the places of a message say together is worked out when asked.
 *
 * RFC 8621 §4.1.1: a place flagged \Deleted is not visible, and a message
 * without visible places is not there at all. The RFC does not say what a
 * message has whose places differ: here it is read when it was read in all of
 * them, so that nothing unread is hidden, and has every other keyword that it
 * has in any of them, so that no mark is lost.
 */
import type { EmailId, MailboxId } from '../../core/ids.ts';
import { FLAG } from '../../core/mailbox.ts';
import { type EmailFacts, IndexEmails } from './index-emails.ts';
import { IndexPlaces } from './index-places.ts';
import { isShownWord, SYSTEM_KEYWORDS } from './jmap-keywords.ts';
import { INDEX_RETURNS } from './limits.ts';
import type { Place } from './mailboxes.ts';
import { ThreadCounts } from './thread-counts.ts';

const NONE = -1;
/** Beside the flags in the marks of a message: it has words too; and: these marks are worked out. */
const HAS_WORDS = 32;
const KNOWN = 128;

type FlagsNow = Readonly<{ flags: number; keywords: readonly string[] }>;

export class IndexRows {
  readonly emails = new IndexEmails();
  readonly places = new IndexPlaces();
  /** Messages that show. */
  count = 0;
  /** Hidden messages that were shown again, and in which commit: the log does not tell what was there before. */
  readonly returned = new Map<EmailId, number>();
  /** Told of every conversation right before something in it changes. */
  readonly counts = new ThreadCounts(this);

  isShown(row: number): boolean {
    return this.emails.email(row) !== 0 && this.emails.shown(row) > 0;
  }

  /** Flags of FLAG without \Deleted. */
  flags(row: number): number {
    return this.#marks(row) & ~(HAS_WORDS | KNOWN);
  }

  isUnread(row: number): boolean {
    return (this.#marks(row) & (FLAG.seen | FLAG.draft)) === 0;
  }

  hasKeyword(row: number, keyword: string): boolean {
    const flag = SYSTEM_KEYWORDS.get(keyword);
    if (flag !== undefined) return (this.#marks(row) & flag) !== 0;
    return (this.#marks(row) & HAS_WORDS) !== 0 && this.keywords(row).includes(keyword);
  }

  /** In JMAP's spelling. */
  keywords(row: number): readonly string[] {
    const marks = this.#marks(row);
    const keywords: string[] = [];
    for (const [keyword, flag] of SYSTEM_KEYWORDS) if ((marks & flag) !== 0) keywords.push(keyword);
    if ((marks & HAS_WORDS) === 0) return keywords;
    const words = new Set<string>();
    for (let place = this.emails.firstPlace(row); place !== NONE; place = this.places.next(place)) {
      if (!this.isHidden(place)) for (const word of this.places.keywords(place)) words.add(word.toLowerCase());
    }
    for (const word of words) if (isShownWord(word)) keywords.push(word);
    return keywords;
  }

  isHidden(place: number): boolean {
    return (this.places.flags(place) & FLAG.deleted) !== 0;
  }

  /** Every mailbox once; with `hidden`, those too where it is flagged \Deleted. */
  mailboxes(row: number, hidden = false): MailboxId[] {
    const found = new Set<MailboxId>();
    for (let place = this.emails.firstPlace(row); place !== NONE; place = this.places.next(place)) {
      if (hidden || !this.isHidden(place)) found.add(this.places.mailboxOf(place));
    }
    return [...found];
  }

  /** Whether nothing shows in it. */
  isEmpty(mailbox: MailboxId): boolean {
    const box = this.places.box(mailbox);
    for (let at = 0; at < (box?.count ?? 0); at++) if (!this.isHidden(box?.places[at] ?? NONE)) return false;
    return true;
  }

  has(row: number, mailbox: MailboxId): boolean {
    const number = this.places.numberOf(mailbox);
    for (let place = this.emails.firstPlace(row); place !== NONE; place = this.places.next(place)) {
      if (this.places.boxOf(place) === number && !this.isHidden(place)) return true;
    }
    return false;
  }

  /** All places, the hidden ones too. */
  placesOf(row: number): Place[] {
    const { places } = this;
    const found: Place[] = [];
    for (let place = this.emails.firstPlace(row); place !== NONE; place = places.next(place)) {
      const uid = places.uid(place) as Place['uid'];
      found.push({ mailbox: places.mailboxOf(place), uid, flags: places.flags(place), keywords: places.keywords(place) });
    }
    return found;
  }

  addEmail(email: EmailId, facts: EmailFacts): void {
    if (this.emails.rowOf(email) === NONE) this.emails.add(email, facts);
  }

  /** A message whose row is here is at that place now; it may have been before. */
  put(at: Readonly<{ mailbox: MailboxId; uid: number; row: number }>, now: FlagsNow): void {
    const known = this.places.find(at.mailbox, at.uid);
    if (known !== NONE) return this.#reflag(known, now);
    this.counts.touch(this.emails.thread(at.row));
    const place = this.places.add({ ...at, first: this.emails.firstPlace(at.row) });
    this.emails.setFirstPlace(at.row, place);
    this.emails.setMarks(at.row, 0);
    this.places.set(place, now.flags, now.keywords);
    if (!this.isHidden(place)) this.#show(at.row, 1);
  }

  flagged(at: Readonly<{ mailbox: MailboxId; uid: number; modseq: number }>, now: FlagsNow): void {
    const place = this.places.find(at.mailbox, at.uid);
    if (place === NONE) return;
    const row = this.places.row(place);
    const before = this.emails.shown(row);
    this.#reflag(place, now);
    if (before === 0 && this.emails.shown(row) > 0) this.#remember(this.emails.email(row), at.modseq);
  }

  remove(mailbox: MailboxId, uids: readonly number[]): void {
    for (const place of this.places.take(mailbox, uids)) this.#drop(place);
  }

  removeMailbox(mailbox: MailboxId): void {
    const taken = this.places.takeAll(mailbox);
    for (const place of taken) this.#drop(place);
  }

  #reflag(place: number, { flags, keywords }: FlagsNow): void {
    const row = this.places.row(place);
    this.counts.touch(this.emails.thread(row));
    const wasHidden = this.isHidden(place);
    this.places.set(place, flags, keywords);
    this.emails.setMarks(row, 0);
    if (wasHidden !== this.isHidden(place)) this.#show(row, wasHidden ? 1 : -1);
  }

  #drop(place: number): void {
    const row = this.places.row(place);
    this.counts.touch(this.emails.thread(row));
    if (!this.isHidden(place)) this.#show(row, -1);
    const first = this.places.free(place);
    if (first !== undefined) this.emails.setFirstPlace(row, first);
    this.emails.setMarks(row, 0);
    if (first === NONE) this.emails.remove(row);
  }

  #show(row: number, by: 1 | -1): void {
    this.emails.addShown(row, by);
    if (this.emails.shown(row) === (by === 1 ? 1 : 0)) this.count += by;
  }

  #remember(email: EmailId, modseq: number): void {
    this.returned.delete(email);
    this.returned.set(email, modseq);
    for (const oldest of this.returned.keys()) {
      if (this.returned.size <= INDEX_RETURNS) break;
      this.returned.delete(oldest);
    }
  }

  #marks(row: number): number {
    const known = this.emails.marks(row);
    if (known !== 0) return known;
    let marks = KNOWN;
    let seen = FLAG.seen as number;
    for (let place = this.emails.firstPlace(row); place !== NONE; place = this.places.next(place)) {
      if (this.isHidden(place)) continue;
      marks |= this.places.flags(place) & ~FLAG.seen;
      seen &= this.places.flags(place);
      if (this.places.keywords(place).length > 0) marks |= HAS_WORDS;
    }
    marks |= seen;
    this.emails.setMarks(row, marks);
    return marks;
  }
}
