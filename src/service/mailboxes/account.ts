/** One opener's view of an account. There is nothing on it that could name another account's mail. */
import type { Change } from '../../core/change.ts';
import type { AccountId, BlobId, EmailId, IdMaker, MailboxId, Uid, UploadId } from '../../core/ids.ts';
import { ALL_FLAGS, type MailboxRole } from '../../core/mailbox.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Keyring } from '../../core/ports/keyring.ts';
import type { Store } from '../../core/ports/store.ts';
import { isRefusal, refuse, type Refusal } from '../../core/refusal.ts';
import type { Bodies } from './bodies.ts';
import type { Box } from './box.ts';
import { destroyEmails, updateEmails } from './email-writes.ts';
import { Filing } from './filing.ts';
import type { IdlePool } from './idle-pool.ts';
import { whyNotKeywords } from './keywords.ts';
import { MESSAGES_AT_ONCE, type MailLimits } from './limits.ts';
import type { LiveAccount } from './live-account.ts';
import type { MailIndex } from './mail-index.ts';
import type {
  AddedEmail,
  Criterion,
  EmailToAdd,
  EmailUpdate,
  MailAccount,
  MailboxChange,
  MailboxInfo,
  MailboxToCreate,
  Message,
  OpenMailbox,
  Outcome,
  Place,
  Staged,
  Staging,
  Upload,
} from './mailboxes.ts';
import { messageOf } from './message-of.ts';
import { OpenBox } from './open.ts';
import { sortedByPath } from './path.ts';
import { searchEmails } from './search.ts';
import { MessageStaging, type StagingYard } from './staging.ts';
import { TreeWrites } from './tree-writes.ts';
import { addUploadCommand, openUpload } from './uploads.ts';

/** What all accounts of a house share. */
export type House = Readonly<{
  store: Store;
  keyring: Keyring;
  clock: Clock;
  ids: IdMaker;
  limits: MailLimits;
  bodies: Bodies;
  idleBoxes: IdlePool;
}>;

export class AccountView implements MailAccount {
  readonly account: AccountId;
  readonly #live: LiveAccount;
  readonly #house: House;
  readonly #writes: TreeWrites;
  readonly #yard: StagingYard;
  readonly #filing: Filing;
  readonly #onClose: () => void;
  readonly #unwatch = new Set<() => void>();
  readonly #open = new Set<OpenBox>();
  #closed = false;

  constructor(live: LiveAccount, writes: TreeWrites, house: House, onClose: () => void) {
    this.account = live.account;
    this.#live = live;
    this.#house = house;
    this.#writes = writes;
    this.#onClose = onClose;
    this.#yard = {
      store: house.store,
      messageBytes: house.limits.messageBytes,
      waitingBytes: 0,
      newBlob: () => house.ids.next<BlobId>(),
      newBodyKey: () => house.keyring.bodyKey(),
    };
    this.#filing = new Filing(live, house.ids, this.#yard);
  }

  list(): readonly MailboxInfo[] {
    return this.#live.tree.boxes.map(({ info }) => info);
  }

  byPath(path: string): MailboxInfo | undefined {
    return this.#live.tree.byPath(path)?.info;
  }

  byId(mailbox: MailboxId): MailboxInfo | undefined {
    return this.#live.tree.byId(mailbox)?.info;
  }

  byRole(role: MailboxRole): MailboxInfo | undefined {
    return this.#live.tree.byRole(role)?.info;
  }

  async create(path: string, role: MailboxRole | null = null): Promise<MailboxInfo | Refusal> {
    const made = await this.#live.inTurn(() => this.#writes.create(path, role));
    return isRefusal(made) ? made : made.info;
  }

  rename(from: string, to: string): Promise<Refusal | undefined> {
    return this.#live.inTurn(() => this.#writes.rename(from, to));
  }

  remove(path: string): Promise<Refusal | undefined> {
    return this.#live.inTurn(() => this.#writes.remove(path));
  }

  async createMailbox(mailbox: MailboxToCreate): Promise<MailboxInfo | Refusal> {
    const made = await this.#live.inTurn(() => this.#writes.createIn(mailbox));
    return isRefusal(made) ? made : made.info;
  }

  updateMailbox(mailbox: MailboxId, change: MailboxChange): Promise<Refusal | undefined> {
    return this.#live.inTurn(() => this.#writes.update(mailbox, change));
  }

  setRole(mailbox: MailboxId, role: MailboxRole | null): Promise<Refusal | undefined> {
    return this.updateMailbox(mailbox, { role });
  }

  destroyMailbox(mailbox: MailboxId, removesEmails: boolean): Promise<Refusal | undefined> {
    return this.#live.inTurn(() => this.#writes.destroy(mailbox, removesEmails));
  }

  subscribe(path: string, on: boolean): Promise<Refusal | undefined> {
    return this.#live.inTurn(() => this.#writes.subscribe(path, on));
  }

  subscriptions(): readonly string[] {
    const present = this.#live.tree.boxes.filter(({ row }) => row.subscribed).map(({ path }) => path);
    return sortedByPath(new Set([...present, ...this.#live.subscriptions.paths]), (path) => path);
  }

  async select(mailbox: MailboxId): Promise<OpenMailbox | Refusal> {
    const box = this.#live.tree.byId(mailbox);
    if (box === undefined) return refuse('mailboxGone');
    this.#use(box);
    const refused = await this.#load(box);
    if (refused !== undefined) return refused;
    const opened = new OpenBox({ live: this.#live, box, house: this.#house, onClose: () => this.#forget(opened, box) });
    this.#open.add(opened);
    return opened;
  }

  stage(about: Readonly<{ flags: number; keywords: readonly string[]; receivedAt: number | null; size: number }>): Staging | Refusal {
    const { messageBytes } = this.#house.limits;
    if (about.size > messageBytes) return refuse('tooBig', { limit: String(messageBytes) });
    const refused = whyNotKeywords(about.keywords);
    if (refused !== undefined) return refused;
    const receivedAt = about.receivedAt ?? this.#house.clock.now();
    return new MessageStaging(this.#yard, { flags: about.flags & ALL_FLAGS, keywords: about.keywords, receivedAt });
  }

  appendAll(mailbox: MailboxId, staged: readonly Staged[]): Promise<Readonly<{ uidValidity: number; uids: readonly Uid[] }> | Refusal> {
    return this.#filing.appendAll(mailbox, staged);
  }

  addEmails(emails: readonly EmailToAdd[]): Promise<readonly AddedEmail[] | Refusal> {
    return this.#filing.addEmails(emails);
  }

  updateEmails(updates: readonly EmailUpdate[], ifModseq?: number): Promise<readonly Outcome[]> {
    return updateEmails(this.#live, updates, ifModseq);
  }

  destroyEmails(emails: readonly EmailId[], ifModseq?: number): Promise<readonly Outcome[]> {
    return destroyEmails(this.#live, emails, ifModseq);
  }

  async emails(emails: readonly EmailId[]): Promise<readonly Message[]> {
    if (emails.length > MESSAGES_AT_ONCE) throw new Error(`at most ${MESSAGES_AT_ONCE} messages at once`);
    if (emails.length === 0) return [];
    const rows = await this.#live.handle.read({ ask: 'emails', emails });
    const opener = { handle: this.#live.handle, key: this.#live.key, bodies: this.#house.bodies };
    return rows.flatMap((row) => messageOf(opener, row) ?? []);
  }

  searchEmails(emails: readonly EmailId[], criterion: Criterion, signal?: AbortSignal): Promise<readonly EmailId[]> {
    const ground = { live: this.#live, bodies: this.#house.bodies, now: this.#house.clock.now() };
    return searchEmails(ground, emails, { criterion, signal });
  }

  index(): Promise<MailIndex> {
    return this.#live.openIndex();
  }

  async keepUpload(staged: Staged, type: string): Promise<Readonly<{ upload: UploadId; size: number }> | Refusal> {
    const upload = this.#house.ids.next<UploadId>();
    const command = addUploadCommand(this.#live, upload, { staged: this.#filing.ours(staged).take(), type, at: this.#house.clock.now() });
    const applied = await this.#live.handle.apply([command]);
    return isRefusal(applied) ? applied : { upload, size: command.size };
  }

  upload(upload: UploadId): Promise<Upload | undefined> {
    return openUpload(this.#live, upload);
  }

  placesOf(email: EmailId): Promise<readonly Place[]> {
    return this.#live.handle.read({ ask: 'placesOf', email });
  }

  async quota(): Promise<Readonly<{ used: number; limit: number }>> {
    const { used, quota } = await this.#live.handle.read({ ask: 'account' });
    return { used, limit: quota };
  }

  async state(): Promise<Readonly<{ epoch: number; modseq: number }>> {
    const { epoch, modseq } = await this.#live.handle.read({ ask: 'account' });
    return { epoch, modseq };
  }

  fresh(): Promise<void> {
    return this.#live.tree.boxes.some(({ sizeStale }) => sizeStale) ? this.#live.refresh() : Promise.resolve();
  }

  watch(listener: (change: Change) => void): () => void {
    const stop = this.#live.watch(listener);
    this.#unwatch.add(stop);
    return () => {
      stop();
      this.#unwatch.delete(stop);
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const stop of this.#unwatch) stop();
    for (const opened of this.#open) opened.close();
    this.#onClose();
  }

  /** Reads the columns of a box that is in use already; it is let go of when that fails. */
  async #load(box: Box): Promise<Refusal | undefined> {
    try {
      await this.#live.columnsOf(box);
    } catch (error) {
      this.#release(box);
      if (box.gone) return refuse('mailboxGone');
      throw error;
    }
    if (!box.gone && !this.#closed) return undefined;
    this.#release(box);
    return refuse(box.gone ? 'mailboxGone' : 'closing');
  }

  #use(box: Box): void {
    box.users++;
    this.#house.idleBoxes.take(box);
  }

  #forget(opened: OpenBox, box: Box): void {
    this.#open.delete(opened);
    this.#release(box);
  }

  #release(box: Box): void {
    box.users--;
    if (box.users === 0 && box.columns !== undefined) {
      this.#house.idleBoxes.keep(box, box.columns.count, () => this.#live.shut(box));
    }
  }
}
