/** A mailbox somebody has selected: reading its messages and writing to it. */
import type { Command, FlagsNow, UidSet } from '../../core/command.ts';
import type { EmailId, MailboxId, Uid } from '../../core/ids.ts';
import { ALL_FLAGS, FLAG } from '../../core/mailbox.ts';
import { isRefusal, refuse, type Refusal } from '../../core/refusal.ts';
import type { House } from './account.ts';
import type { Box } from './box.ts';
import { MailboxColumns } from './columns.ts';
import { allSpellings, sameKeyword, speltAs, whyNotKeywords, whyNotMoreKeywords } from './keywords.ts';
import { KEYWORDS_PER_MESSAGE, MESSAGES_AT_ONCE, WRITE_AT_ONCE } from './limits.ts';
import type { LiveAccount } from './live-account.ts';
import type { Copied, Criterion, FlagChange, MailboxInfo, Message, OpenMailbox } from './mailboxes.ts';
import { messageOf } from './message-of.ts';
import { search } from './search.ts';
import { pieces, rowRanges } from './uid-pieces.ts';

type Parts = Readonly<{ live: LiveAccount; box: Box; house: House; onClose: () => void }>;
type SetFlags = Extract<Command, { do: 'setFlags' }>;

/** For a session that goes on asking after its mailbox was closed. */
const NO_COLUMNS = new MailboxColumns();

export class OpenBox implements OpenMailbox {
  readonly mailbox: MailboxId;
  readonly #live: LiveAccount;
  readonly #box: Box;
  readonly #house: House;
  readonly #onClose: () => void;
  #closed = false;

  constructor({ live, box, house, onClose }: Parts) {
    this.mailbox = box.mailbox;
    this.#live = live;
    this.#box = box;
    this.#house = house;
    this.#onClose = onClose;
  }

  get info(): MailboxInfo {
    return this.#box.info;
  }

  get columns(): MailboxColumns {
    return this.#box.columns ?? NO_COLUMNS;
  }

  async messages(uids: readonly number[]): Promise<readonly (Message & Readonly<{ uid: Uid }>)[]> {
    if (uids.length > MESSAGES_AT_ONCE) throw new Error(`at most ${MESSAGES_AT_ONCE} messages at once`);
    const { columns } = this;
    const wanted: [Uid, EmailId][] = [];
    for (const uid of uids) {
      const row = columns.rowOf(uid);
      if (row >= 0) wanted.push([uid as Uid, columns.email(row)]);
    }
    if (wanted.length === 0) return [];
    const rows = await this.#live.handle.read({ ask: 'emails', emails: wanted.map(([, email]) => email) });
    const byId = new Map(rows.map((row) => [row.email, row]));
    const opener = { handle: this.#live.handle, key: this.#live.key, bodies: this.#house.bodies };
    return wanted.flatMap(([uid, email]) => {
      const row = byId.get(email);
      // Expunged meanwhile, or damaged.
      const message = row === undefined ? undefined : messageOf(opener, row);
      return message === undefined ? [] : [{ uid, ...message }];
    });
  }

  async setFlags(
    uids: UidSet,
    change: FlagChange,
  ): Promise<Readonly<{ changed: readonly FlagsNow[]; modified: readonly Uid[] }> | Refusal> {
    const command = this.#flagCommand(uids, change);
    if (isRefusal(command)) return command;
    const changed: FlagsNow[] = [];
    const modified: Uid[] = [];
    for (const piece of pieces(this.columns, uids, WRITE_AT_ONCE)) {
      const applied = await this.#live.write([{ ...command, uids: piece }]);
      if (isRefusal(applied)) return applied;
      for (const result of applied.results) {
        if (result.did !== 'setFlags') continue;
        for (const now of result.changed) changed.push(now);
        for (const uid of result.modified) modified.push(uid);
      }
    }
    return { changed, modified };
  }

  #flagCommand(uids: UidSet, { mode, flags, keywords, unchangedSince }: FlagChange): SetFlags | Refusal {
    if (this.#box.gone) return refuse('mailboxGone');
    const refused = mode === 'remove' ? undefined : this.#whyNotKeywords(uids, mode, keywords);
    if (refused !== undefined) return refused;
    const inUse = this.columns.keywordsInUse();
    const takesOff = mode === 'remove';
    const bits = flags & ALL_FLAGS;
    return {
      do: 'setFlags',
      mailbox: this.mailbox,
      uids,
      add: takesOff ? 0 : bits,
      addKeywords: takesOff ? [] : speltAs(inUse, keywords),
      remove: takesOff ? bits : 0,
      removeKeywords: takesOff ? allSpellings(inUse, keywords) : [],
      replace: mode === 'replace',
      unchangedSince,
    };
  }

  #whyNotKeywords(uids: UidSet, mode: FlagChange['mode'], keywords: readonly string[]): Refusal | undefined {
    const { columns } = this;
    const refused = whyNotKeywords(keywords) ?? whyNotMoreKeywords(columns.keywordsInUse(), speltAs(columns.keywordsInUse(), keywords));
    if (refused !== undefined || mode === 'replace' || keywords.length === 0) return refused;
    for (const [from, to] of rowRanges(columns, uids)) {
      for (let row = from; row < to; row++) {
        const here = columns.keywords(row);
        if (here.length + keywords.length <= KEYWORDS_PER_MESSAGE) continue;
        const fresh = keywords.filter((keyword) => !here.some((known) => sameKeyword(known, keyword))).length;
        if (here.length + fresh > KEYWORDS_PER_MESSAGE) return refuse('tooManyKeywords', { uid: String(columns.uids[row]) });
      }
    }
    return undefined;
  }

  /** RFC 9051 §6.4.7: all or nothing, so it is one command however many there are. */
  async copy(uids: UidSet, to: MailboxId): Promise<Copied | Refusal> {
    const target = this.#target(to);
    if (isRefusal(target)) return target;
    const whole = this.#here(uids);
    if (whole.length === 0) return { uidValidity: target.row.uidValidity, from: [], to: [] };
    return this.#transfer({ do: 'copy', from: this.mailbox, uids: whole, to }, target);
  }

  /** RFC 6851 §3.3: each message is moved whole, but not all need be moved together. */
  async move(uids: UidSet, to: MailboxId): Promise<Copied | Refusal> {
    const target = this.#target(to);
    if (isRefusal(target)) return target;
    const from: Uid[] = [];
    const into: Uid[] = [];
    for (const piece of pieces(this.columns, uids, WRITE_AT_ONCE)) {
      const moved = await this.#transfer({ do: 'move', from: this.mailbox, uids: piece, to }, target);
      if (isRefusal(moved) && from.length === 0) return moved;
      if (isRefusal(moved)) break;
      for (const uid of moved.from) from.push(uid);
      for (const uid of moved.to) into.push(uid);
    }
    return { uidValidity: target.row.uidValidity, from, to: into };
  }

  #target(to: MailboxId): Box | Refusal {
    return (this.#box.gone ? undefined : this.#live.tree.byId(to)) ?? refuse('mailboxGone');
  }

  async #transfer(command: Extract<Command, { do: 'copy' | 'move' }>, target: Box): Promise<Copied | Refusal> {
    const applied = await this.#live.write([command]);
    if (isRefusal(applied)) return applied;
    const [result] = applied.results;
    if (result?.did !== 'copy' && result?.did !== 'move') throw new Error('the store answered another question');
    await this.#exactSizes(target, this.#box);
    return { uidValidity: result.uidValidity, from: result.from, to: result.to };
  }

  async expunge(uids: UidSet, onlyDeleted: boolean): Promise<readonly Uid[]> {
    const gone: Uid[] = [];
    const isAsked = (row: number): boolean => !onlyDeleted || (this.columns.flags(row) & FLAG.deleted) !== 0;
    for (const piece of pieces(this.columns, uids, WRITE_AT_ONCE, isAsked)) {
      const applied = await this.#live.write([{ do: 'expunge', mailbox: this.mailbox, uids: piece, onlyDeleted }]);
      if (isRefusal(applied)) break;
      for (const result of applied.results) if (result.did === 'expunge') for (const uid of result.uids) gone.push(uid);
    }
    if (gone.length > 0) await this.#exactSizes(this.#box);
    return gone;
  }

  search(criterion: Criterion, signal?: AbortSignal): Promise<Float64Array> {
    const { live, columns } = { live: this.#live, columns: this.columns };
    return search({ live, columns, bodies: this.#house.bodies, now: this.#house.clock.now() }, criterion, signal);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
  }

  /** Our own writes leave sizes exact; deliveries by others do so within SIZE_REFRESH_MS. */
  async #exactSizes(...boxes: readonly Box[]): Promise<void> {
    if (boxes.some(({ sizeStale }) => sizeStale)) await this.#live.refresh();
  }

  /** The uids as ranges of what is here. */
  #here(uids: UidSet): UidSet {
    const [whole] = pieces(this.columns, uids, Number.POSITIVE_INFINITY);
    return whole ?? [];
  }
}
