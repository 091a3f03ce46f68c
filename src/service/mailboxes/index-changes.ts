/**
 * What changed since a state, for JMAP: the change log of the account read
 * from there on, and held against what the index shows now (RFC 8620 §5.2).
 */
import type { Change } from '../../core/change.ts';
import type { EmailId, MailboxId, ThreadId, Uid } from '../../core/ids.ts';
import type { AccountHandle } from '../../core/ports/store.ts';
import type { IndexRows } from './index-rows.ts';
import { CHANGES_LOOKED_AT, CHANGES_PER_READ } from './limits.ts';
import type { ChangedIds, ChangedMailboxes, IndexState } from './mail-index.ts';

type LogChange = Exclude<Change, { kind: 'journey' | 'object' }>;
type Fate = 'created' | 'updated' | 'destroyed';
/** What became of an id, or undefined for one that came and went; and which ids a change concerns. */
type Telling<Id> = Readonly<{ touched(change: LogChange): readonly Id[]; fateOf(id: Id): Fate | undefined }>;

export type IndexChangesParts = Readonly<{
  handle: AccountHandle;
  rows: IndexRows;
  state(): IndexState;
  /** What the rows show: the state or newer. */
  rowsUpTo(): number;
}>;

export class IndexChanges {
  readonly #parts: IndexChangesParts;

  constructor(parts: IndexChangesParts) {
    this.#parts = parts;
  }

  async emailChanges(since: IndexState, max: number): Promise<ChangedIds<EmailId> | undefined> {
    const stretch = await this.#read(since);
    return stretch?.collapse(stretch.emails(), max);
  }

  async threadChanges(since: IndexState, max: number): Promise<ChangedIds<ThreadId> | undefined> {
    const stretch = await this.#read(since);
    return stretch?.collapse(stretch.threads(), max);
  }

  async mailboxChanges(since: IndexState, max: number): Promise<ChangedMailboxes | undefined> {
    const stretch = await this.#read(since);
    const changed = stretch?.collapse(stretch.mailboxes(), max);
    if (stretch === undefined || changed === undefined) return undefined;
    return { ...changed, onlyCounts: !changed.updated.some((mailbox) => stretch.isAltered(mailbox)) };
  }

  /** The log from there up to what the rows show; undefined when it cannot be told. */
  async #read(since: IndexState): Promise<Stretch | undefined> {
    const { handle, rows, state, rowsUpTo } = this.#parts;
    const { epoch } = since;
    const changes: LogChange[] = [];
    let at = since.modseq;
    do {
      const { items, to, complete } = await handle.changes({ epoch, modseq: at }, CHANGES_PER_READ);
      if (!complete || changes.length + items.length > CHANGES_LOOKED_AT) return undefined;
      for (const item of items) {
        const change = ofMail(item);
        if (change !== undefined) changes.push(change);
      }
      if (to <= at) break;
      at = to;
    } while (at < rowsUpTo());
    // A state told a moment ago may be newer than what is shown to everybody.
    const until = { epoch, modseq: Math.max(since.modseq, Math.min(at, state().modseq)) };
    return new Stretch({ rows, since, until, changes });
  }
}

/** The order somebody gave a mailbox is kept beside it, and is a change of it (RFC 8621 §2, sortOrder). */
function ofMail(change: Change): LogChange | undefined {
  if (change.kind === 'journey') return undefined;
  if (change.kind !== 'object') return change;
  if (change.object !== 'mailboxOrder') return undefined;
  const { account, modseq, id } = change;
  return { kind: 'mailbox', account, modseq, mailbox: id as MailboxId, what: 'updated' };
}

const placeKey = (mailbox: MailboxId, uid: Uid): string => `${mailbox}/${uid}`;

/** A stretch of the log with what must be known to tell it. Good until the next await. */
class Stretch {
  readonly #rows: IndexRows;
  readonly #since: IndexState;
  readonly #until: IndexState;
  readonly #changes: readonly LogChange[];
  /** Emails that are new in it. */
  readonly #born = new Set<EmailId>();
  /** Conversations of emails that are gone. */
  readonly #threads = new Map<EmailId, ThreadId>();
  /** Who stood where, of places that are gone or new. */
  readonly #places = new Map<string, EmailId>();
  readonly #created = new Set<MailboxId>();
  readonly #altered = new Set<MailboxId>();
  readonly #deleted = new Set<MailboxId>();

  constructor(parts: Readonly<{ rows: IndexRows; since: IndexState; until: IndexState; changes: readonly LogChange[] }>) {
    this.#rows = parts.rows;
    this.#since = parts.since;
    this.#until = parts.until;
    this.#changes = parts.changes;
    for (const change of parts.changes) this.#learn(change);
  }

  /** Whether more than its counts has changed. */
  isAltered(mailbox: MailboxId): boolean {
    return this.#altered.has(mailbox);
  }

  emails(): Telling<EmailId> {
    return { touched: (change) => this.#emailsOf(change), fateOf: (email) => this.#fateOfEmail(email) };
  }

  /** A conversation changes when it gains or loses a message; where its messages are is not part of it. */
  threads(): Telling<ThreadId> {
    const lost = new Set<ThreadId>();
    for (const change of this.#changes) {
      for (const email of this.#emailsOf(change)) if (this.#fateOfEmail(email) === 'destroyed') lost.add(this.#threadOf(email));
    }
    const touched = (change: LogChange): ThreadId[] => {
      const emails = this.#emailsOf(change).filter((email) => this.#fateOfEmail(email) !== 'updated');
      return emails.map((email) => this.#threadOf(email)).filter((thread) => thread !== 0);
    };
    return { touched, fateOf: (thread) => this.#fateOfThread(thread, lost.has(thread)) };
  }

  /** RFC 8621 §2: what is unread in a conversation counts in all its mailboxes. */
  mailboxes(): Telling<MailboxId> {
    const known = new Map<ThreadId, readonly MailboxId[]>();
    const touched = (change: LogChange): MailboxId[] => {
      if (change.kind === 'destroyed') return [];
      const found = new Set([change.mailbox]);
      for (const email of this.#emailsOf(change)) {
        const thread = this.#threadOf(email);
        const around = known.get(thread) ?? this.#mailboxesOf(thread);
        known.set(thread, around);
        for (const mailbox of around) found.add(mailbox);
      }
      return [...found];
    };
    return { touched, fateOf: (mailbox) => this.#fateOfMailbox(mailbox) };
  }

  /** Whole commits only: within one there is no state that could be gone on from. */
  collapse<Id>(telling: Telling<Id>, max: number): ChangedIds<Id> | undefined {
    const ids: Record<Fate, Id[]> = { created: [], updated: [], destroyed: [] };
    const told = new Set<Id>();
    for (const commit of commitsOf(this.#changes, this.#until.modseq)) {
      const fresh = new Map<Id, Fate>();
      for (const change of commit) {
        for (const id of telling.touched(change)) {
          const fate = told.has(id) || fresh.has(id) ? undefined : telling.fateOf(id);
          if (fate !== undefined) fresh.set(id, fate);
        }
      }
      if (told.size + fresh.size > max) {
        const modseq = (commit[0]?.modseq ?? 1) - 1;
        return told.size === 0 ? undefined : { ...ids, newState: { epoch: this.#until.epoch, modseq }, hasMoreChanges: true };
      }
      for (const [id, fate] of fresh) {
        told.add(id);
        ids[fate].push(id);
      }
    }
    return { ...ids, newState: this.#until, hasMoreChanges: false };
  }

  #learn(change: LogChange): void {
    switch (change.kind) {
      case 'added':
        if (change.isNew) this.#born.add(change.email);
        this.#places.set(placeKey(change.mailbox, change.uid), change.email);
        return;
      case 'expunged':
        change.uids.forEach((uid, index) => this.#places.set(placeKey(change.mailbox, uid), change.emails[index] ?? (0 as EmailId)));
        return;
      case 'destroyed':
        change.emails.forEach((email, index) => this.#threads.set(email, change.threads[index] ?? (0 as ThreadId)));
        return;
      case 'mailbox':
        if (change.what === 'created') this.#created.add(change.mailbox);
        else if (change.what === 'deleted') this.#deleted.add(change.mailbox);
        else this.#altered.add(change.mailbox);
        return;
      case 'flags':
        return;
    }
  }

  #emailsOf(change: LogChange): readonly EmailId[] {
    switch (change.kind) {
      case 'added':
        return [change.email];
      case 'expunged':
      case 'destroyed':
        return change.emails;
      case 'flags': {
        const email = this.#emailAt(change.mailbox, change.uid);
        return email === undefined ? [] : [email];
      }
      case 'mailbox':
        return [];
    }
  }

  #emailAt(mailbox: MailboxId, uid: Uid): EmailId | undefined {
    const place = this.#rows.places.find(mailbox, uid);
    return place < 0 ? this.#places.get(placeKey(mailbox, uid)) : this.#rows.emails.email(this.#rows.places.row(place));
  }

  #threadOf(email: EmailId): ThreadId {
    const row = this.#rows.emails.rowOf(email);
    return row < 0 ? (this.#threads.get(email) ?? (0 as ThreadId)) : this.#rows.emails.thread(row);
  }

  #fateOfEmail(email: EmailId): Fate | undefined {
    const row = this.#rows.emails.rowOf(email);
    const isFresh = this.#isFresh(email);
    if (row >= 0 && this.#rows.isShown(row)) return isFresh ? 'created' : 'updated';
    return this.#born.has(email) ? undefined : 'destroyed';
  }

  /** It was not there, or not to be seen, at the beginning. */
  #isFresh(email: EmailId): boolean {
    return this.#born.has(email) || (this.#rows.returned.get(email) ?? 0) > this.#since.modseq;
  }

  #fateOfThread(thread: ThreadId, hasLost: boolean): Fate | undefined {
    const { emails } = this.#rows;
    let [isThere, wasThere] = [false, hasLost];
    for (let row = emails.firstOfThread(thread); row >= 0; row = emails.nextInThread(row)) {
      if (!this.#rows.isShown(row)) continue;
      isThere = true;
      if (!this.#isFresh(emails.email(row))) wasThere = true;
    }
    if (isThere) return wasThere ? 'updated' : 'created';
    return wasThere ? 'destroyed' : undefined;
  }

  #mailboxesOf(thread: ThreadId): readonly MailboxId[] {
    const { emails } = this.#rows;
    const found = new Set<MailboxId>();
    for (let row = emails.firstOfThread(thread); row >= 0; row = emails.nextInThread(row)) {
      for (const mailbox of this.#rows.mailboxes(row)) found.add(mailbox);
    }
    return [...found];
  }

  #fateOfMailbox(mailbox: MailboxId): Fate | undefined {
    if (this.#deleted.has(mailbox)) return this.#created.has(mailbox) ? undefined : 'destroyed';
    return this.#created.has(mailbox) ? 'created' : 'updated';
  }
}

/** Changes up to a modseq, those of one commit together. */
function* commitsOf(changes: readonly LogChange[], until: number): Generator<readonly LogChange[]> {
  for (let from = 0; from < changes.length; ) {
    const modseq = changes[from]?.modseq ?? 0;
    if (modseq > until) return;
    let to = from + 1;
    while (to < changes.length && changes[to]?.modseq === modseq) to++;
    yield changes.slice(from, to);
    from = to;
  }
}
