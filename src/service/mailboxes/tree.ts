/** The mailboxes of an account as a tree: names opened, paths built, everything findable by id, path and role. */
import type { AccountId, MailboxId } from '../../core/ids.ts';
import type { MailboxRole, MailboxRow } from '../../core/mailbox.ts';
import { INBOX, openName } from '../../core/mailbox-name.ts';
import type { OwnerKey } from '../../core/ports/keyring.ts';
import { Box } from './box.ts';
import { PATH_DEPTH } from './limits.ts';
import { normalPath, SEPARATOR, sortedByPath } from './path.ts';

export class MailboxTree {
  readonly #account: AccountId;
  readonly #key: OwnerKey;
  readonly #byId = new Map<MailboxId, Box>();
  #byPath = new Map<string, Box>();
  #sorted: readonly Box[] = [];

  constructor(account: AccountId, key: OwnerKey) {
    this.#account = account;
    this.#key = key;
  }

  /** By path, INBOX first. */
  get boxes(): readonly Box[] {
    return this.#sorted;
  }

  byId(mailbox: MailboxId): Box | undefined {
    return this.#byId.get(mailbox);
  }

  byPath(path: string): Box | undefined {
    return this.#byPath.get(normalPath(path));
  }

  byRole(role: MailboxRole): Box | undefined {
    return this.#sorted.find(({ row }) => row.role === role);
  }

  childrenOf(mailbox: MailboxId): readonly Box[] {
    return this.#sorted.filter(({ row }) => row.parent === mailbox);
  }

  /** Takes in all rows as just read; the boxes that are no longer among them. */
  update(rows: readonly MailboxRow[]): readonly Box[] {
    let changed = rows.length !== this.#byId.size;
    for (const row of rows) if (this.#put(row)) changed = true;
    if (!changed) return [];
    const here = new Set(rows.map(({ mailbox }) => mailbox));
    const gone = [...this.#byId.values()].filter(({ mailbox }) => !here.has(mailbox));
    for (const { mailbox } of gone) this.#byId.delete(mailbox);
    this.#build();
    return gone;
  }

  /** True when the tree looks different for it. */
  #put(row: MailboxRow): boolean {
    const box = this.#byId.get(row.mailbox);
    if (box === undefined) {
      this.#byId.set(row.mailbox, new Box(row, this.#nameOf(row)));
      return true;
    }
    const before = box.row;
    const renamed = Buffer.compare(before.name, row.name) !== 0;
    if (renamed) box.name = this.#nameOf(row);
    box.refresh(row);
    return renamed || before.parent !== row.parent || before.role !== row.role;
  }

  /** INBOX is spelt so whatever its row says. A name that does not open must not hide the mail in the mailbox. */
  #nameOf(row: MailboxRow): string {
    if (row.role === 'inbox' && row.parent === null) return INBOX;
    const name = openName(this.#key, this.#account, row.mailbox, row.name);
    return name === undefined || name === '' ? `Unreadable ${row.mailbox}` : name;
  }

  #build(): void {
    const parents = new Set([...this.#byId.values()].map(({ row }) => row.parent));
    for (const box of this.#byId.values()) box.moved(this.#pathOf(box), parents.has(box.mailbox));
    this.#sorted = sortedByPath(this.#byId.values(), ({ path }) => path);
    this.#byPath = new Map();
    for (const box of this.#sorted) {
      const path = normalPath(box.path);
      if (!this.#byPath.has(path)) this.#byPath.set(path, box);
    }
  }

  /** SECURITY: parents are not sealed; the bound keeps a row that was tampered with from sending us in circles. */
  #pathOf(box: Box): string {
    const names = [box.name];
    let { parent } = box.row;
    while (parent !== null && names.length < PATH_DEPTH) {
      const above = this.#byId.get(parent);
      if (above === undefined) break;
      names.push(above.name);
      parent = above.row.parent;
    }
    return names.reverse().join(SEPARATOR);
  }
}
