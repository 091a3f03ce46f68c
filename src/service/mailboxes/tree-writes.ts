/**
 * Making, renaming, removing and subscribing mailboxes: by path, as IMAP does
 * (RFC 9051 §6.3.4–6.3.8), and by id and parent, as JMAP does (RFC 8621 §2.5).
 * One at a time per account (LiveAccount.inTurn).
 */
import type { Command } from '../../core/command.ts';
import type { IdMaker, MailboxId } from '../../core/ids.ts';
import { INBOX, nameKey, sealName } from '../../core/mailbox-name.ts';
import type { MailboxRole } from '../../core/mailbox.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { isRefusal, refuse, type Refusal } from '../../core/refusal.ts';
import type { Box } from './box.ts';
import { writeDecided } from './decided.ts';
import type { IndexRows } from './index-rows.ts';
import { PATH_DEPTH } from './limits.ts';
import type { LiveAccount } from './live-account.ts';
import type { MailboxChange, MailboxToCreate } from './mailboxes.ts';
import { levelsOf, normalPath, SEPARATOR } from './path.ts';

type CreateMailbox = Extract<Command, { do: 'createMailbox' }>;
/** Where a mailbox goes, and the mailboxes that must be made above it. */
type Site = Readonly<{ parent: MailboxId | null; name: string; path: string; above: readonly CreateMailbox[] }>;

/** RFC 9051 §2.3.1.1: the highest uid there can be. */
const LAST_UID = 4_294_967_295;
/** UIDVALIDITY is a nz-number of 32 bits, counted in seconds. */
const SECOND_MS = 1_000;

export class TreeWrites {
  readonly #live: LiveAccount;
  readonly #ids: IdMaker;
  readonly #clock: Clock;
  readonly #limit: number;
  #lastUidValidity = 0;

  constructor(live: LiveAccount, { ids, clock, mailboxes }: Readonly<{ ids: IdMaker; clock: Clock; mailboxes: number }>) {
    this.#live = live;
    this.#ids = ids;
    this.#clock = clock;
    this.#limit = mailboxes;
  }

  async create(path: string, role: MailboxRole | null): Promise<Box | Refusal> {
    const site = this.#whyNotRole(role) ?? this.#siteOf(path);
    if (isRefusal(site)) return site;
    return this.#createAt(site, this.#make(site.parent, site.name, { path: site.path, role }));
  }

  /** The same, one level below a mailbox or at the top. */
  async createIn({ name, parent, role, subscribed }: MailboxToCreate): Promise<Box | Refusal> {
    const site = this.#whyNotRole(role) ?? this.#siteIn(parent, name);
    if (isRefusal(site)) return site;
    if (this.#live.tree.boxes.length >= this.#limit) return refuse('tooManyMailboxes', { limit: String(this.#limit) });
    return this.#createAt(site, { ...this.#make(site.parent, site.name, { path: site.path, role }), subscribed });
  }

  async #createAt({ above, path }: Site, made: CreateMailbox): Promise<Box | Refusal> {
    const refused = await this.#write([...above, made, ...this.#forget([path])]);
    return refused ?? this.#live.tree.byId(made.mailbox) ?? refuse('mailboxGone');
  }

  async rename(from: string, to: string): Promise<Refusal | undefined> {
    const box = this.#live.tree.byPath(from);
    if (box === undefined) return refuse('mailboxGone');
    const site = this.#siteOf(to);
    if (isRefusal(site)) return site;
    if (isInbox(box)) return this.#emptyInbox(box, site);
    const refused = this.#whyNotThere(box, site);
    return refused ?? this.#write([...site.above, this.#placed(box, site), ...this.#settleNames(box, site.path)]);
  }

  /** Any of its name, parent, role and subscription, in one commit. */
  async update(mailbox: MailboxId, change: MailboxChange): Promise<Refusal | undefined> {
    const box = this.#live.tree.byId(mailbox);
    if (box === undefined) return refuse('mailboxGone');
    const site = this.#newSite(box, change);
    if (isRefusal(site)) return site;
    const role = change.role === box.row.role ? undefined : change.role;
    const refused = role === undefined ? undefined : isInbox(box) ? refuse('mailboxFixed') : this.#whyNotRole(role);
    if (refused !== undefined) return refused;
    const settled = site === undefined ? [] : [this.#placed(box, site), ...this.#settleNames(box, site.path)];
    const subscribed = change.subscribed === box.row.subscribed && settled.length < 2 ? undefined : change.subscribed;
    const own: Command = {
      do: 'updateMailbox',
      mailbox,
      ...(role === undefined ? {} : { role }),
      ...(subscribed === undefined ? {} : { subscribed }),
    };
    const batch = role === undefined && subscribed === undefined ? settled : [...settled, own];
    return batch.length === 0 ? undefined : this.#write(batch);
  }

  /** Where it goes; undefined when it stays. */
  #newSite(box: Box, { name = box.name, parent = box.row.parent }: MailboxChange): Site | Refusal | undefined {
    if (name.normalize('NFC') === box.name.normalize('NFC') && parent === box.row.parent) return undefined;
    if (isInbox(box)) return refuse('mailboxFixed');
    const site = this.#siteIn(parent, name);
    return isRefusal(site) ? site : (this.#whyNotThere(box, site) ?? site);
  }

  #whyNotThere(box: Box, site: Site): Refusal | undefined {
    if (isInside(site.path, box.path)) return refuse('badMailboxName', { why: 'inside itself' });
    const deepest = this.#below(box).reduce((depth, { path }) => Math.max(depth, levels(path)), levels(box.path));
    return deepest - levels(box.path) + levels(site.path) > PATH_DEPTH ? refuse('badMailboxName', { why: 'too deep' }) : undefined;
  }

  async remove(path: string): Promise<Refusal | undefined> {
    const batch = this.#removal(this.#live.tree.byPath(path));
    return isRefusal(batch) ? batch : this.#write(batch);
  }

  /** Without `removesEmails` only when JMAP shows nothing in it, and nothing comes into it meanwhile. */
  async destroy(mailbox: MailboxId, removesEmails: boolean): Promise<Refusal | undefined> {
    const { tree, subscriptions } = this.#live;
    const decide = (rows: IndexRows): Readonly<{ batch: readonly Command[] }> | Refusal => {
      const batch = this.#removal(tree.byId(mailbox));
      if (!isRefusal(batch) && !removesEmails && !rows.isEmpty(mailbox)) return refuse('mailboxHasEmail');
      return isRefusal(batch) ? batch : { batch };
    };
    const decided = await writeDecided(this.#live, decide);
    if (isRefusal(decided)) return decided;
    await subscriptions.load();
    return undefined;
  }

  #removal(box: Box | undefined): readonly Command[] | Refusal {
    if (box === undefined) return refuse('mailboxGone');
    if (isInbox(box)) return refuse('mailboxFixed');
    // RFC 9051 §6.3.5: a server that cannot keep the name of a removed mailbox above others refuses with HASCHILDREN.
    if (box.hasChildren) return refuse('mailboxHasChildren');
    const { subscriptions } = this.#live;
    // RFC 9051 §6.3.7: a subscribed name stays subscribed when its mailbox goes, as far as there is room.
    const kept = box.row.subscribed && !subscriptions.isFull ? [subscriptions.put(normalPath(box.path))] : [];
    return [{ do: 'deleteMailbox', mailbox: box.mailbox }, ...kept];
  }

  async subscribe(path: string, on: boolean): Promise<Refusal | undefined> {
    const { tree, subscriptions } = this.#live;
    const box = tree.byPath(path);
    const name = levelsOf(path)?.join(SEPARATOR);
    if (box !== undefined) {
      if (box.row.subscribed === on) return undefined;
      return this.#write([{ do: 'updateMailbox', mailbox: box.mailbox, subscribed: on }]);
    }
    if (name === undefined) return on ? refuse('badMailboxName') : undefined;
    if (subscriptions.paths.has(name) === on) return undefined;
    if (on && subscriptions.isFull) return refuse('tooManyMailboxes');
    return this.#write([on ? subscriptions.put(name) : subscriptions.remove(name)]);
  }

  async #write(batch: readonly Command[]): Promise<Refusal | undefined> {
    const applied = await this.#live.write(batch);
    if (isRefusal(applied)) return applied;
    if (batch.some((command) => command.do === 'putObject')) await this.#live.subscriptions.load();
    return undefined;
  }

  /** RFC 9051 §6.3.6: renaming INBOX moves what is in it; INBOX and the mailboxes below it stay. */
  #emptyInbox(inbox: Box, site: Site): Promise<Refusal | undefined> {
    const made = this.#make(site.parent, site.name, { path: site.path, role: null });
    const move: Command = { do: 'move', from: inbox.mailbox, uids: [[1, LAST_UID]], to: made.mailbox };
    return this.#write([...site.above, made, move, ...this.#forget([site.path])]);
  }

  /** A free place for a mailbox, or why there is none. */
  #siteOf(path: string): Site | Refusal {
    const names = levelsOf(path);
    if (names === undefined) return refuse('badMailboxName');
    const { tree } = this.#live;
    if (tree.byPath(names.join(SEPARATOR)) !== undefined) return refuse('mailboxExists');
    const above: CreateMailbox[] = [];
    let parent: MailboxId | null = null;
    for (let depth = 1; depth < names.length; depth++) {
      const there: string = names.slice(0, depth).join(SEPARATOR);
      const known = tree.byPath(there)?.mailbox;
      if (known === undefined) above.push(this.#make(parent, names[depth - 1] ?? '', { path: there, role: null }));
      parent = known ?? above.at(-1)?.mailbox ?? null;
    }
    if (tree.boxes.length + above.length >= this.#limit) return refuse('tooManyMailboxes', { limit: String(this.#limit) });
    return { parent, name: names.at(-1) ?? '', path: names.join(SEPARATOR), above };
  }

  /** A free place for one level. A name with the separator in it would be two levels in IMAP: RFC 8621 §2 lets us refuse it. */
  #siteIn(parent: MailboxId | null, name: string): Site | Refusal {
    const { tree } = this.#live;
    const above = parent === null ? undefined : tree.byId(parent);
    if (parent !== null && above === undefined) return refuse('mailboxGone', { mailbox: String(parent) });
    if (name.includes(SEPARATOR)) return refuse('badMailboxName', { why: `a name cannot hold ${SEPARATOR}` });
    const levels = levelsOf(above === undefined ? name : `${above.path}${SEPARATOR}${name}`);
    if (levels === undefined) return refuse('badMailboxName');
    const path = levels.join(SEPARATOR);
    if (tree.byPath(path) !== undefined) return refuse('mailboxExists');
    return { parent, name: levels.at(-1) ?? '', path, above: [] };
  }

  /** There is one Inbox, and one mailbox of each other role (RFC 8621 §2). */
  #whyNotRole(role: MailboxRole | null): Refusal | undefined {
    if (role === null || (role !== 'inbox' && this.#live.tree.byRole(role) === undefined)) return undefined;
    return refuse('mailboxUseTaken', { role });
  }

  #make(parent: MailboxId | null, name: string, { path, role }: Readonly<{ path: string; role: MailboxRole | null }>): CreateMailbox {
    const { key, account, subscriptions } = this.#live;
    const mailbox = this.#ids.next<MailboxId>();
    return {
      do: 'createMailbox',
      mailbox,
      parent,
      nameKey: nameKey(key, account, parent, name),
      name: sealName(key, account, mailbox, name),
      role,
      subscribed: subscriptions.paths.has(path),
      uidValidity: this.#newUidValidity(),
    };
  }

  #placed(box: Box, { parent, name }: Site): Command {
    const { key, account } = this.#live;
    const place = { parent, nameKey: nameKey(key, account, parent, name), name: sealName(key, account, box.mailbox, name) };
    return { do: 'updateMailbox', mailbox: box.mailbox, place };
  }

  /** Names that now have a mailbox are remembered by its row instead: those of the renamed mailbox and of all below it. */
  #settleNames(box: Box, path: string): Command[] {
    const { subscriptions } = this.#live;
    const commands: Command[] = [];
    for (const moved of [box, ...this.#below(box)]) {
      const name = normalPath(path + moved.path.slice(box.path.length));
      if (!subscriptions.paths.has(name)) continue;
      commands.push({ do: 'updateMailbox', mailbox: moved.mailbox, subscribed: true }, subscriptions.remove(name));
    }
    return commands;
  }

  #forget(paths: readonly string[]): Command[] {
    const { subscriptions } = this.#live;
    return paths.filter((path) => subscriptions.paths.has(path)).map((path) => subscriptions.remove(path));
  }

  #below(box: Box): readonly Box[] {
    return this.#live.tree.boxes.filter(({ path }) => path !== box.path && isInside(path, box.path));
  }

  /** Greater than any this account has used: a name that comes back must not look like the old one (RFC 9051 §2.3.1.1). */
  #newUidValidity(): number {
    const used = this.#live.tree.boxes.reduce((most, { row }) => Math.max(most, row.uidValidity), this.#lastUidValidity);
    this.#lastUidValidity = Math.max(used + 1, Math.floor(this.#clock.now() / SECOND_MS));
    return this.#lastUidValidity;
  }
}

const isInbox = (box: Box): boolean => box.row.role === 'inbox' || box.path === INBOX;
const isInside = (path: string, above: string): boolean => path === above || path.startsWith(above + SEPARATOR);
const levels = (path: string): number => path.split(SEPARATOR).length;
