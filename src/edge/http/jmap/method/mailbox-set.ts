/** Mailbox/set (RFC 8621 §2.5). */
import { badProperties, SetFault, setFault } from '../../../../codec/jmap/error.ts';
import { idOf, numberOf } from '../../../../codec/jmap/ids.ts';
import { isBoolean, isText, type JsonObject, sameJson } from '../../../../codec/jmap/json.ts';
import { patched } from '../../../../codec/jmap/patch.ts';
import type { MailboxId } from '../../../../core/ids.ts';
import type { MailboxRole } from '../../../../core/mailbox.ts';
import { isRefusal, type Refusal } from '../../../../core/refusal.ts';
import type { MailAccount, MailboxChange, MailboxInfo } from '../../../../service/mailboxes/mailboxes.ts';
import { optional } from '../arguments.ts';
import type { Call } from '../call.ts';
import { mailboxObject } from '../mailbox-object.ts';
import { isSortOrder, ordersOf } from '../mailbox-orders.ts';
import type { Method } from '../method.ts';
import { orSetFault } from '../phrases.ts';
import { stateText } from '../standard-changes.ts';
import { runSet, setAsk } from '../standard-set.ts';

/** What a client may say; the rest is the server's. */
const CHANGEABLE: ReadonlySet<string> = new Set(['name', 'parentId', 'role', 'sortOrder', 'isSubscribed']);
/** Roles a mailbox can be given; the Inbox is there from the start. */
const ROLES: ReadonlySet<string> = new Set<MailboxRole>(['drafts', 'sent', 'junk', 'trash', 'archive', 'all', 'flagged', 'important']);
const SEPARATOR = '/';

export const mailboxSet: Method = {
  name: 'Mailbox/set',
  capability: 'urn:ietf:params:jmap:mail',
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = setAsk(args, ['onDestroyRemoveEmails']);
    const removesEmails = optional(args, 'onDestroyRemoveEmails', isBoolean, false);
    const desk = new Desk(mail, call);
    return runSet(args, ask, {
      call,
      setter: {
        state: async () => stateText((await mail.index()).state),
        create: (object) => desk.create(object),
        update: (id, patch) => desk.update(id, patch),
        destroy: (id) => desk.destroy(id, removesEmails),
      },
    });
  },
};

/** What a client wants a mailbox to be. */
type Wish = Readonly<{
  name: string;
  parent: MailboxInfo | null;
  role: MailboxRole | null;
  sortOrder: number | null;
  isSubscribed: boolean;
}>;

class Desk {
  readonly #mail: MailAccount;
  readonly #call: Call;

  constructor(mail: MailAccount, call: Call) {
    this.#mail = mail;
    this.#call = call;
  }

  async create(object: JsonObject): Promise<JsonObject> {
    const strangers = Object.keys(object).filter((name) => !CHANGEABLE.has(name));
    if (strangers.length > 0) throw badProperties(...strangers);
    const wish = this.#wish({ isSubscribed: true, parentId: null, role: null, ...object });
    this.#mustBeFree(wish);
    const { name, parent, role, isSubscribed } = wish;
    const made = orPropertyFault(await this.#mail.createMailbox({ name, parent: parent?.mailbox ?? null, role, subscribed: isSubscribed }));
    if (wish.sortOrder !== null) await this.#order(made.mailbox, wish.sortOrder);
    const whole = await this.#object(made.mailbox);
    return Object.fromEntries(Object.entries(whole).filter(([name, value]) => !sameJson(object[name], value)));
  }

  async update(id: string, patch: JsonObject): Promise<null> {
    const info = this.#find(id);
    const before = await this.#object(info.mailbox);
    const after = patched(before, patch);
    const fixed = Object.keys(after).filter((name) => !CHANGEABLE.has(name) && !sameJson(after[name], before[name]));
    if (fixed.length > 0) throw badProperties(...fixed);
    const changes = (name: string): boolean => !sameJson(after[name], before[name]);
    const wish = this.#wish(after);
    if (changes('name') || changes('parentId')) this.#mustBeFree(wish, info.mailbox);
    const change: MailboxChange = {
      ...(changes('name') ? { name: wish.name } : {}),
      ...(changes('parentId') ? { parent: wish.parent?.mailbox ?? null } : {}),
      ...(changes('role') ? { role: wish.role } : {}),
      ...(changes('isSubscribed') ? { subscribed: wish.isSubscribed } : {}),
    };
    if (Object.keys(change).length > 0) orPropertyFault(await this.#mail.updateMailbox(info.mailbox, change), Object.keys(change));
    if (changes('sortOrder') && wish.sortOrder !== null) await this.#order(info.mailbox, wish.sortOrder);
    return null;
  }

  async destroy(id: string, removesEmails: boolean): Promise<void> {
    const info = this.#find(id);
    orSetFault(await this.#mail.destroyMailbox(info.mailbox, removesEmails));
    await this.#call.host.orders.put(this.#mail.account, info.mailbox, null);
  }

  /** RFC 8620 §5.4: who has the place is named. */
  #mustBeFree(wish: Wish, unless?: MailboxId): void {
    const there = this.#mail.byPath(pathOf(wish));
    if (there !== undefined && there.mailbox !== unless)
      throw new SetFault({ type: 'alreadyExists', existingId: idOf('mailbox', there.mailbox), properties: ['name'] });
  }

  #find(id: string): MailboxInfo {
    const mailbox = numberOf<MailboxId>('mailbox', id);
    const info = mailbox === undefined ? undefined : this.#mail.byId(mailbox);
    if (info === undefined) throw setFault('notFound');
    return info;
  }

  async #object(mailbox: MailboxId): Promise<JsonObject> {
    const info = this.#mail.byId(mailbox);
    if (info === undefined) throw setFault('notFound');
    const [index, orders] = await Promise.all([this.#mail.index(), ordersOf(this.#call.host, this.#mail.account)]);
    return mailboxObject(info, index.counts(mailbox), orders);
  }

  async #order(mailbox: MailboxId, order: number): Promise<void> {
    orSetFault(await this.#call.host.orders.put(this.#mail.account, mailbox, String(order)));
  }

  #wish(object: JsonObject): Wish {
    const { name, parentId, role, sortOrder, isSubscribed } = object;
    const bad: string[] = [];
    // The separator of IMAP's paths: a name that held it would be another mailbox there.
    if (!isText(name) || name.trim() === '' || name.includes(SEPARATOR)) bad.push('name');
    const parent = parentId === null ? null : isText(parentId) ? this.#parent(parentId) : undefined;
    if (parent === undefined) bad.push('parentId');
    if (role !== null && (!isText(role) || !(ROLES.has(role) || role === 'inbox'))) bad.push('role');
    if (sortOrder !== undefined && sortOrder !== null && !isSortOrder(sortOrder)) bad.push('sortOrder');
    if (!isBoolean(isSubscribed)) bad.push('isSubscribed');
    if (bad.length > 0) throw badProperties(...bad);
    return {
      name: String(name),
      parent: parent ?? null,
      role: role as MailboxRole | null,
      sortOrder: isSortOrder(sortOrder) ? sortOrder : null,
      isSubscribed: isSubscribed === true,
    };
  }

  #parent(id: string): MailboxInfo | undefined {
    const mailbox = numberOf<MailboxId>('mailbox', this.#call.idMeant(id) ?? '');
    return mailbox === undefined ? undefined : this.#mail.byId(mailbox);
  }
}

const pathOf = ({ name, parent }: Wish): string => (parent === null ? name : `${parent.path}${SEPARATOR}${name}`);

/** What it says, or its no as a fault of the property it is about. */
function orPropertyFault<Value>(answer: Value, changed: readonly string[] = []): Exclude<Value, Refusal> {
  if (!isRefusal(answer)) return answer as Exclude<Value, Refusal>;
  const { refusal, facts } = answer;
  if (refusal === 'mailboxUseTaken') throw badProperties('role');
  if (refusal === 'mailboxFixed') throw badProperties(...changed.map((name) => (name === 'parent' ? 'parentId' : name)));
  if (refusal === 'badMailboxName') throw badProperties(facts['why'] === 'inside itself' ? 'parentId' : 'name');
  return orSetFault(answer);
}
