/** An account as JMAP sees it: every message once, wherever it stands (RFC 8621). */
import type { EmailId, MailboxId, ThreadId } from '../../core/ids.ts';
import { FLAG, type MailboxRole } from '../../core/mailbox.ts';
import type { IndexRows } from './index-rows.ts';

const NONE = -1;

/** Where an account's changes stand; in another epoch (a restored backup) it means nothing. */
export type IndexState = Readonly<{ epoch: number; modseq: number }>;

export type IndexedEmail = Readonly<{
  email: EmailId;
  thread: ThreadId;
  /** Octets. */
  size: number;
  /** ms */
  receivedAt: number;
  /** Each once; at least one. */
  mailboxes: readonly MailboxId[];
  /** As JMAP spells them: lower case, system flags among them as `$seen`, `$flagged`, `$answered`, `$draft`. */
  keywords: readonly string[];
}>;

/** RFC 8621 §2; not what IMAP counts: a message in a mailbox twice is one, and \Deleted hides. */
export type MailboxCounts = Readonly<{ totalEmails: number; unreadEmails: number; totalThreads: number; unreadThreads: number }>;

/** Ids of what changed between two states (RFC 8620 §5.2): none is in two lists. */
export type ChangedIds<Id> = Readonly<{
  created: readonly Id[];
  updated: readonly Id[];
  destroyed: readonly Id[];
  newState: IndexState;
  hasMoreChanges: boolean;
}>;
/** `onlyCounts`: of the updated mailboxes nothing but MailboxCounts can have changed (RFC 8621 §2.2). */
export type ChangedMailboxes = ChangedIds<MailboxId> & Readonly<{ onlyCounts: boolean }>;

/**
 * Kept current by Changes; MailAccount.index() gives it when it shows
 * everything that was told before. Messages flagged \Deleted in all their
 * mailboxes are not there.
 */
export interface MailIndex {
  /** What it shows is this or newer. */
  readonly state: IndexState;
  /** Messages there are. */
  readonly count: number;
  get(email: EmailId): IndexedEmail | undefined;
  /** In no order. */
  all(): readonly EmailId[];
  /** Each once, as they came into it. */
  inMailbox(mailbox: MailboxId): readonly EmailId[];
  isIn(email: EmailId, mailbox: MailboxId): boolean;
  /** In a mailbox that is not among these (RFC 8621 §4.4.1, inMailboxOtherThan). */
  isOutside(email: EmailId, mailboxes: ReadonlySet<MailboxId>): boolean;
  /** Whether it has a keyword, given in lower case. */
  has(email: EmailId, keyword: string): boolean;
  /** 0 for a message that is not there; so are the next two. */
  receivedAt(email: EmailId): number;
  size(email: EmailId): number;
  threadOf(email: EmailId): ThreadId;
  /** The conversation a message is in, itself included, oldest first (RFC 8621 §3). */
  thread(email: EmailId): readonly EmailId[];
  /** The same by its own id; empty when there is no such conversation. */
  emailsOf(thread: ThreadId): readonly EmailId[];
  counts(mailbox: MailboxId): MailboxCounts;
  /**
   * What changed since a state, at most `max` ids; `newState` can be gone on
   * from. Undefined (cannotCalculateChanges): the log does not reach back that
   * far, the state is of another epoch or was never given, too much has
   * happened, or a single commit changed more than `max`.
   */
  emailChanges(since: IndexState, max: number): Promise<ChangedIds<EmailId> | undefined>;
  threadChanges(since: IndexState, max: number): Promise<ChangedIds<ThreadId> | undefined>;
  mailboxChanges(since: IndexState, max: number): Promise<ChangedMailboxes | undefined>;
}

/** What the index needs of the account it belongs to. */
export type IndexGround = Readonly<{
  rows: IndexRows;
  state(): IndexState;
  byRole(role: MailboxRole): MailboxId | undefined;
  changes: Pick<MailIndex, 'emailChanges' | 'threadChanges' | 'mailboxChanges'>;
}>;

export class LiveIndex implements MailIndex {
  readonly #ground: IndexGround;
  readonly #rows: IndexRows;

  constructor(ground: IndexGround) {
    this.#ground = ground;
    this.#rows = ground.rows;
  }

  get state(): IndexState {
    return this.#ground.state();
  }

  get count(): number {
    return this.#rows.count;
  }

  get(email: EmailId): IndexedEmail | undefined {
    const row = this.#shownRow(email);
    if (row === NONE) return undefined;
    const { emails } = this.#rows;
    return {
      email,
      thread: emails.thread(row),
      size: emails.size(row),
      receivedAt: emails.receivedAt(row),
      mailboxes: this.#rows.mailboxes(row),
      keywords: this.#rows.keywords(row),
    };
  }

  all(): readonly EmailId[] {
    const { emails } = this.#rows;
    const found: EmailId[] = [];
    for (let row = 0; row < emails.used; row++) if (this.#rows.isShown(row)) found.push(emails.email(row));
    return found;
  }

  inMailbox(mailbox: MailboxId): readonly EmailId[] {
    const { emails, places } = this.#rows;
    const box = places.box(mailbox);
    if (box === undefined) return [];
    const found: EmailId[] = [];
    const isFound = new Uint8Array(emails.used);
    for (let at = 0; at < box.count; at++) {
      const place = box.places[at] ?? NONE;
      const row = places.row(place);
      if ((places.flags(place) & FLAG.deleted) !== 0 || isFound[row] === 1) continue;
      isFound[row] = 1;
      found.push(emails.email(row));
    }
    return found;
  }

  isIn(email: EmailId, mailbox: MailboxId): boolean {
    const row = this.#shownRow(email);
    return row !== NONE && this.#rows.has(row, mailbox);
  }

  isOutside(email: EmailId, mailboxes: ReadonlySet<MailboxId>): boolean {
    const row = this.#shownRow(email);
    return row !== NONE && this.#rows.mailboxes(row).some((mailbox) => !mailboxes.has(mailbox));
  }

  has(email: EmailId, keyword: string): boolean {
    const row = this.#shownRow(email);
    return row !== NONE && this.#rows.hasKeyword(row, keyword);
  }

  receivedAt(email: EmailId): number {
    const row = this.#shownRow(email);
    return row === NONE ? 0 : this.#rows.emails.receivedAt(row);
  }

  size(email: EmailId): number {
    const row = this.#shownRow(email);
    return row === NONE ? 0 : this.#rows.emails.size(row);
  }

  threadOf(email: EmailId): ThreadId {
    const row = this.#shownRow(email);
    return row === NONE ? (0 as ThreadId) : this.#rows.emails.thread(row);
  }

  thread(email: EmailId): readonly EmailId[] {
    const row = this.#shownRow(email);
    return row === NONE ? [] : this.emailsOf(this.#rows.emails.thread(row));
  }

  emailsOf(thread: ThreadId): readonly EmailId[] {
    const { emails } = this.#rows;
    const found: number[] = [];
    for (let row = emails.firstOfThread(thread); row !== NONE; row = emails.nextInThread(row)) {
      if (this.#rows.isShown(row)) found.push(row);
    }
    found.sort((one, other) => emails.receivedAt(one) - emails.receivedAt(other) || emails.email(one) - emails.email(other));
    return found.map((row) => emails.email(row));
  }

  counts(mailbox: MailboxId): MailboxCounts {
    return this.#rows.counts.of(mailbox, this.#ground.byRole('trash'));
  }

  emailChanges(since: IndexState, max: number): Promise<ChangedIds<EmailId> | undefined> {
    return this.#ground.changes.emailChanges(since, max);
  }

  threadChanges(since: IndexState, max: number): Promise<ChangedIds<ThreadId> | undefined> {
    return this.#ground.changes.threadChanges(since, max);
  }

  mailboxChanges(since: IndexState, max: number): Promise<ChangedMailboxes | undefined> {
    return this.#ground.changes.mailboxChanges(since, max);
  }

  /** −1 for what is not there, or hidden. */
  #shownRow(email: EmailId): number {
    const row = this.#rows.emails.rowOf(email);
    return row !== NONE && this.#rows.isShown(row) ? row : NONE;
  }
}
