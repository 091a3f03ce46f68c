/** One account's batch against the tables: what each command does. Everything is taken back when one of them is refused. */
import type { Change } from '../../core/change.ts';
import type { BodySource, Command, CommandResult, FlagsNow, Placed, Placement, QueuedMessage, UidSet } from '../../core/command.ts';
import { type FlagState, flagsAfter } from '../../core/flag-change.ts';
import type { AccountId, BlobId, EmailId, MailboxId, OwnerId, Uid } from '../../core/ids.ts';
import { FLAG } from '../../core/mailbox.ts';
import { UPLOAD_LEAST_BYTES, UPLOADS_BYTES } from '../../core/ports/store.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Account, Email, Entry, Mailbox, State, Upload } from './state.ts';

type Of<Do extends Command['do']> = Extract<Command, { do: Do }>;

/** RFC 9051 §2.3.1.1. */
const LAST_UID = 4_294_967_295;

export function addBlob(state: State, body: BodySource, now: number): Refusal | undefined {
  const known = state.blobs.get(body.blob);
  if (known !== undefined) state.blobs.set(body.blob, { ...known, refs: known.refs + 1 });
  else if (body.kind === 'inline') state.blobs.set(body.blob, { sealed: Buffer.concat(body.sealed), refs: 1, since: now });
  else return refuse('notFound', { what: 'body' });
  return undefined;
}

export function dropBlob(state: State, blob: BlobId): void {
  const row = state.blobs.get(blob);
  if (row === undefined) return;
  if (row.refs <= 1) state.blobs.delete(blob);
  else state.blobs.set(blob, { ...row, refs: row.refs - 1 });
}

export function dropUpload(state: State, { upload, blob }: Upload): void {
  state.uploads.delete(upload);
  dropBlob(state, blob);
}

/** Adds a message to the queue; one that is there already is left as it is. */
export function enqueue(state: State, message: QueuedMessage, now: number): Refusal | undefined {
  if (state.messages.has(message.queue)) return undefined;
  if (message.recipients.length === 0) return refuse('badValue', { why: 'no recipients' });
  const refused = addBlob(state, message.body, now);
  if (refused !== undefined) return refused;
  state.messages.set(message.queue, { ...message, body: { kind: 'stored', blob: message.body.blob } });
  for (const recipient of message.recipients) {
    const { queue, owner } = message;
    state.items.set(recipient.item, { ...recipient, queue, owner, attempt: 0, fence: 0, readyAt: recipient.dueAt, worker: null });
  }
  return undefined;
}

export class AccountCommit {
  readonly changes: Change[] = [];
  readonly #state: State;
  readonly #account: AccountId;
  readonly #now: number;
  #modseq = 0;

  constructor(state: State, account: AccountId, now: number) {
    this.#state = state;
    this.#account = account;
    this.#now = now;
  }

  get #row(): Account {
    const row = this.#state.accounts.get(this.#account);
    if (row === undefined) throw new Error('the account went away in its own commit');
    return row;
  }

  /** The modseq of this commit, taken when the first thing changes. */
  #nextModseq(): number {
    if (this.#modseq === 0) {
      this.#modseq = this.#row.modseq + 1;
      this.#state.accounts.set(this.#account, { ...this.#row, modseq: this.#modseq });
    }
    return this.#modseq;
  }

  run(batch: readonly Command[]): CommandResult[] | Refusal {
    const results: CommandResult[] = [];
    for (const command of batch) {
      const result = this.#obey(command);
      if (isRefusal(result)) return result;
      results.push(result);
    }
    if (this.changes.length > 0) {
      this.#state.log.set(`${this.#account}/${this.#modseq}`, { changes: [...this.changes], at: this.#now });
    }
    return results;
  }

  #obey(command: Command): CommandResult | Refusal {
    switch (command.do) {
      case 'addEmail':
        return this.#addEmail(command);
      case 'setFlags':
        return this.#setFlags(command);
      case 'copy':
      case 'move':
        return this.#copy(command);
      case 'expunge':
        return this.#expunge(command);
      case 'createMailbox':
        return this.#createMailbox(command);
      case 'updateMailbox':
        return this.#updateMailbox(command);
      case 'deleteMailbox':
        return this.#deleteMailbox(command);
      case 'putObject':
        return this.#putObject(command);
      case 'addUpload':
        return this.#addUpload(command);
      case 'dropUpload':
        return this.#dropUpload(command);
      case 'enqueue':
        return this.#enqueue(command);
      case 'step':
        return this.#step(command);
      default:
        return unreachable(command);
    }
  }

  #addEmail(command: Of<'addEmail'>): CommandResult | Refusal {
    const { email, thread, size, receivedAt, into } = command;
    const account = this.#row;
    if (into.length === 0) return refuse('badValue', { why: 'an email must be somewhere' });
    if (into.some(({ mailbox }) => this.#state.mailbox(this.#account, mailbox) === undefined)) return refuse('mailboxGone');
    if (account.quota > 0 && account.used + size > account.quota) return refuse('overQuota');
    if (this.#state.emails.has(email)) throw new Error(`email ${email} was added twice`);
    const refused = addBlob(this.#state, command.body, this.#now);
    if (refused !== undefined) return refused;
    this.#state.accounts.set(this.#account, { ...account, used: account.used + size });
    const meta = Uint8Array.from(command.meta);
    this.#state.emails.set(email, { account: this.#account, email, thread, size, receivedAt, meta, blob: command.body.blob, places: 0 });
    return { did: 'addEmail', placed: into.map((placement) => this.#place(email, true, placement)) };
  }

  #place(email: EmailId, isNew: boolean, { mailbox, flags, keywords }: Placement): Placed {
    const row = this.#mailboxRow(mailbox);
    const uid = row.uidNext as Uid;
    const modseq = this.#nextModseq();
    this.#state.mailboxes.set(mailbox, { ...row, uidNext: uid + 1, highestModseq: modseq });
    const entry = { uid, email, flags, keywords: [...new Set(keywords)], modseq };
    this.#state.entriesOf(mailbox).set(uid, entry);
    this.#count(mailbox, entry, 1);
    this.#countPlace(email, 1);
    this.changes.push({ kind: 'added', account: this.#account, modseq, mailbox, uid, email, isNew, flags, keywords: entry.keywords });
    return { mailbox, uid, uidValidity: row.uidValidity };
  }

  #mailboxRow(mailbox: MailboxId): Mailbox {
    const row = this.#state.mailbox(this.#account, mailbox);
    if (row === undefined) throw new Error('the mailbox went away in its own commit');
    return row;
  }

  /** Adds (or with -1 takes off) an entry in its mailbox's totals. */
  #count(mailbox: MailboxId, entry: FlagState & Readonly<{ email: EmailId }>, by: 1 | -1): void {
    const row = this.#mailboxRow(mailbox);
    const size = this.#state.emails.get(entry.email)?.size ?? 0;
    this.#state.mailboxes.set(mailbox, {
      ...row,
      total: row.total + by,
      unseen: row.unseen + ((entry.flags & FLAG.seen) === 0 ? by : 0),
      deleted: row.deleted + ((entry.flags & FLAG.deleted) === 0 ? 0 : by),
      size: row.size + by * size,
    });
  }

  /** An email whose last place is taken away is destroyed; it is given back. */
  #countPlace(email: EmailId, by: 1 | -1): Email | undefined {
    const row = this.#state.emails.get(email);
    if (row === undefined) throw new Error('an entry without an email');
    if (row.places + by > 0) {
      this.#state.emails.set(email, { ...row, places: row.places + by });
      return undefined;
    }
    this.#state.emails.delete(email);
    dropBlob(this.#state, row.blob);
    this.#state.accounts.set(this.#account, { ...this.#row, used: this.#row.used - row.size });
    return row;
  }

  #entries(mailbox: MailboxId, uids: UidSet): Entry[] {
    return this.#state
      .entriesOf(mailbox)
      .values()
      .filter(({ uid }) => uids.some(([from, to]) => uid >= from && uid <= to))
      .sort((a, b) => a.uid - b.uid);
  }

  #setFlags(command: Of<'setFlags'>): CommandResult | Refusal {
    const { mailbox, unchangedSince } = command;
    if (this.#state.mailbox(this.#account, mailbox) === undefined) return refuse('mailboxGone');
    const changed: FlagsNow[] = [];
    const modified: Uid[] = [];
    for (const entry of this.#entries(mailbox, command.uids)) {
      if (unchangedSince !== null && entry.modseq > unchangedSince) {
        modified.push(entry.uid);
        continue;
      }
      const after = flagsAfter(entry, command);
      if (after !== entry) changed.push(this.#reflag(mailbox, entry, after));
    }
    return { did: 'setFlags', changed, modified };
  }

  #reflag(mailbox: MailboxId, entry: Entry, { flags, keywords }: FlagState): FlagsNow {
    const modseq = this.#nextModseq();
    const after = { ...entry, flags, keywords, modseq };
    this.#count(mailbox, entry, -1);
    this.#count(mailbox, after, 1);
    this.#state.entriesOf(mailbox).set(entry.uid, after);
    this.#state.mailboxes.set(mailbox, { ...this.#mailboxRow(mailbox), highestModseq: modseq });
    this.changes.push({ kind: 'flags', account: this.#account, modseq, mailbox, uid: entry.uid, flags, keywords });
    return { uid: entry.uid, flags, keywords, modseq };
  }

  #copy(command: Of<'copy' | 'move'>): CommandResult | Refusal {
    const target = this.#state.mailbox(this.#account, command.to);
    if (this.#state.mailbox(this.#account, command.from) === undefined || target === undefined) return refuse('mailboxGone');
    const entries = this.#entries(command.from, command.uids);
    const to = entries.map(({ email, flags, keywords }) => this.#place(email, false, { mailbox: command.to, flags, keywords }).uid);
    if (command.do === 'move') this.#remove(command.from, entries);
    return { did: command.do, uidValidity: target.uidValidity, from: entries.map(({ uid }) => uid), to };
  }

  #expunge({ mailbox, uids, onlyDeleted }: Of<'expunge'>): CommandResult | Refusal {
    if (this.#state.mailbox(this.#account, mailbox) === undefined) return refuse('mailboxGone');
    const gone = this.#entries(mailbox, uids).filter(({ flags }) => !onlyDeleted || (flags & FLAG.deleted) !== 0);
    this.#remove(mailbox, gone);
    return { did: 'expunge', uids: gone.map(({ uid }) => uid) };
  }

  #remove(mailbox: MailboxId, entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    const [account, modseq] = [this.#account, this.#nextModseq()];
    const destroyed: Email[] = [];
    for (const entry of entries) {
      this.#count(mailbox, entry, -1);
      this.#state.entriesOf(mailbox).delete(entry.uid);
      const gone = this.#countPlace(entry.email, -1);
      if (gone !== undefined) destroyed.push(gone);
    }
    this.#state.mailboxes.set(mailbox, { ...this.#mailboxRow(mailbox), highestModseq: modseq });
    const [uids, emails] = [entries.map(({ uid }) => uid), entries.map(({ email }) => email)];
    this.changes.push({ kind: 'expunged', account, modseq, mailbox, uids, emails });
    if (destroyed.length === 0) return;
    const threads = destroyed.map(({ thread }) => thread);
    this.changes.push({ kind: 'destroyed', account, modseq, emails: destroyed.map(({ email }) => email), threads });
  }

  #nameTaken(mailbox: MailboxId, parent: MailboxId | null, nameKey: Uint8Array): boolean {
    const others = this.#state.mailboxesOf(this.#account).filter((row) => row.mailbox !== mailbox && row.parent === parent);
    return others.some((row) => Buffer.compare(row.nameKey, nameKey) === 0);
  }

  #mailboxChanged(mailbox: MailboxId, what: 'created' | 'updated' | 'deleted'): void {
    this.changes.push({ kind: 'mailbox', account: this.#account, modseq: this.#nextModseq(), mailbox, what });
  }

  #createMailbox(row: Of<'createMailbox'>): CommandResult | Refusal {
    if (row.parent !== null && this.#state.mailbox(this.#account, row.parent) === undefined) return refuse('mailboxGone');
    if (this.#state.mailboxes.has(row.mailbox) || this.#nameTaken(row.mailbox, row.parent, row.nameKey)) return refuse('mailboxExists');
    const counters = { uidNext: 1, highestModseq: this.#nextModseq(), total: 0, unseen: 0, deleted: 0, size: 0 };
    const { mailbox, parent, role, subscribed, uidValidity } = row;
    const sealed = { nameKey: Uint8Array.from(row.nameKey), name: Uint8Array.from(row.name) };
    this.#state.mailboxes.set(mailbox, { mailbox, parent, role, subscribed, uidValidity, ...sealed, ...counters, account: this.#account });
    this.#mailboxChanged(row.mailbox, 'created');
    return { did: 'createMailbox' };
  }

  #updateMailbox({ mailbox, place, role, subscribed }: Of<'updateMailbox'>): CommandResult | Refusal {
    const row = this.#state.mailbox(this.#account, mailbox);
    if (row === undefined) return refuse('mailboxGone');
    const refused = place === undefined ? undefined : this.#whyNotThere(mailbox, place);
    if (refused !== undefined) return refused;
    this.#state.mailboxes.set(mailbox, {
      ...row,
      ...(place === undefined ? {} : { parent: place.parent, nameKey: Uint8Array.from(place.nameKey), name: Uint8Array.from(place.name) }),
      role: role === undefined ? row.role : role,
      subscribed: subscribed ?? row.subscribed,
    });
    this.#mailboxChanged(mailbox, 'updated');
    return { did: 'updateMailbox' };
  }

  #whyNotThere(mailbox: MailboxId, place: Readonly<{ parent: MailboxId | null; nameKey: Uint8Array }>): Refusal | undefined {
    for (let above = place.parent; above !== null; ) {
      const row = this.#state.mailbox(this.#account, above);
      if (row === undefined) return refuse('mailboxGone');
      if (above === mailbox) return refuse('notAllowed', { why: 'a mailbox cannot be inside itself' });
      above = row.parent;
    }
    return this.#nameTaken(mailbox, place.parent, place.nameKey) ? refuse('mailboxExists') : undefined;
  }

  #deleteMailbox({ mailbox }: Of<'deleteMailbox'>): CommandResult | Refusal {
    if (this.#state.mailbox(this.#account, mailbox) === undefined) return refuse('mailboxGone');
    if (this.#state.mailboxesOf(this.#account).some((row) => row.parent === mailbox)) return refuse('mailboxHasChildren');
    this.#remove(mailbox, this.#entries(mailbox, [[1, LAST_UID]]));
    this.#state.mailboxes.delete(mailbox);
    this.#mailboxChanged(mailbox, 'deleted');
    return { did: 'deleteMailbox' };
  }

  #putObject({ object, id, value }: Of<'putObject'>): CommandResult {
    const key = `${this.#account}/${object}/${id}`;
    if (value === null && !this.#state.objects.has(key)) return { did: 'putObject' };
    if (value === null) this.#state.objects.delete(key);
    else this.#state.objects.set(key, { account: this.#account, object, id, value: Uint8Array.from(value) });
    this.changes.push({ kind: 'object', account: this.#account, modseq: this.#nextModseq(), object, id });
    return { did: 'putObject' };
  }

  #addUpload({ upload, body, size, at, meta }: Of<'addUpload'>): CommandResult | Refusal {
    const sizes = [size, ...this.#state.uploadsOf(this.#account).map((row) => row.size)];
    if (sizes.reduce((sum, each) => sum + Math.max(each, UPLOAD_LEAST_BYTES), 0) > UPLOADS_BYTES) return refuse('overQuota');
    if (this.#state.uploads.has(upload)) throw new Error(`upload ${upload} was added twice`);
    const refused = addBlob(this.#state, body, this.#now);
    if (refused !== undefined) return refused;
    this.#state.uploads.set(upload, { account: this.#account, upload, size, at, meta: Uint8Array.from(meta), blob: body.blob });
    return { did: 'addUpload' };
  }

  #dropUpload({ upload }: Of<'dropUpload'>): CommandResult {
    const row = this.#state.uploads.get(upload);
    if (row?.account === this.#account) dropUpload(this.#state, row);
    return { did: 'dropUpload' };
  }

  /** SECURITY: a batch of one account must not write the story, or send in the name, of another. */
  #isOurs(owner: OwnerId): boolean {
    return owner === this.#account || owner === this.#row.organisation;
  }

  #enqueue({ message }: Of<'enqueue'>): CommandResult | Refusal {
    if (!this.#isOurs(message.owner)) return refuse('notAllowed', { why: 'not the owner' });
    return enqueue(this.#state, message, this.#now) ?? { did: 'enqueue' };
  }

  #step({ row }: Of<'step'>): CommandResult | Refusal {
    if (!this.#isOurs(row.owner)) return refuse('notAllowed', { why: 'not the owner' });
    this.#state.addSteps([row]);
    return { did: 'step' };
  }
}
