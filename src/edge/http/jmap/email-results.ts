/** What Email/query finds, in its order (RFC 8621 §4.4). */
import { parseDate } from '../../../codec/mime/date.ts';
import { decodedHeader } from '../../../codec/mime/encoded-word.ts';
import { baseSubject } from '../../../codec/mime/base-subject.ts';
import type { Address, MessageStructure } from '../../../codec/mime/structure.ts';
import { invalid } from '../../../codec/jmap/error.ts';
import { isText } from '../../../codec/jmap/json.ts';
import type { EmailId, MailboxId, ThreadId } from '../../../core/ids.ts';
import { MESSAGES_AT_ONCE, type MailAccount } from '../../../service/mailboxes/mailboxes.ts';
import { criterionOf, type EmailCondition, type Known, mailboxWithAll } from './email-filter.ts';
import { type Comparator, type Filter, folded } from './standard-query.ts';

/** All of an account's messages, as far as they are known without reading them. */
export interface Shelf extends Known {
  all(): readonly EmailId[];
  inMailbox(mailbox: MailboxId): readonly EmailId[];
  threadOf(email: EmailId): ThreadId;
}

export type EmailQueryAsk = Readonly<{ filter: Filter<EmailCondition> | null; sort: readonly Comparator[]; collapseThreads: boolean }>;

export async function emailResults(mail: MailAccount, shelf: Shelf, ask: EmailQueryAsk): Promise<readonly EmailId[]> {
  const found = await filtered(mail, shelf, ask.filter);
  const sorted = await ordered(mail, shelf, { emails: found, sort: ask.sort });
  return ask.collapseThreads ? firstOfEach(sorted, shelf) : sorted;
}

async function filtered(mail: MailAccount, shelf: Shelf, filter: Filter<EmailCondition> | null): Promise<readonly EmailId[]> {
  if (filter === null) return shelf.all();
  const mailbox = mailboxWithAll(filter);
  const candidates = mailbox === undefined ? shelf.all() : shelf.inMailbox(mailbox);
  const isAll = filter.operator === null && mailbox !== undefined && filter.condition.isOnlyMailbox;
  return isAll ? candidates : mail.searchEmails(candidates, criterionOf(filter, shelf));
}

/** RFC 8621 §4.4.3: of each conversation only what comes first. */
function firstOfEach(emails: readonly EmailId[], shelf: Shelf): readonly EmailId[] {
  const seen = new Set<ThreadId>();
  return emails.filter((email) => {
    const thread = shelf.threadOf(email);
    if (seen.has(thread)) return false;
    seen.add(thread);
    return true;
  });
}

type Key = number | string;
type Row = Readonly<{ email: EmailId; keys: readonly Key[] }>;

/** Without a sort, and between equals: by id, which is by age. */
async function ordered(
  mail: MailAccount,
  shelf: Shelf,
  { emails, sort }: Readonly<{ emails: readonly EmailId[]; sort: readonly Comparator[] }>,
): Promise<readonly EmailId[]> {
  const [first] = sort;
  if (first === undefined) return emails.toSorted((one, other) => one - other);
  if (sort.length === 1 && first.property === 'receivedAt') return byTime(emails, shelf, first.isAscending);
  const columns: (readonly Key[])[] = [];
  const read = sort.some(({ property }) => READ_KEYS.has(property)) ? await structuresOf(mail, emails) : undefined;
  for (const comparator of sort) columns.push(keysOf(comparator, { emails, shelf, read }));
  const rows = emails.map((email, row): Row => ({ email, keys: columns.map((keys) => keys[row] ?? '') }));
  const signs = sort.map(({ isAscending }) => (isAscending ? 1 : -1));
  rows.sort((one, other) => {
    for (let column = 0; column < signs.length; column++) {
      const [left, right] = [one.keys[column] ?? '', other.keys[column] ?? ''];
      if (left !== right) return (left < right ? -1 : 1) * (signs[column] ?? 1);
    }
    return one.email - other.email;
  });
  return rows.map(({ email }) => email);
}

const SECOND_MS = 1_000;
/** Rows that fit beside a time in seconds in one exact number: 2^53 / 2^33. */
const ROWS = 1_048_576;

/**
 * The list everybody opens first. Second and row in one number sort natively,
 * ten times as fast as by comparing; what lies within one second is put right
 * afterwards.
 */
function byTime(emails: readonly EmailId[], shelf: Shelf, isAscending: boolean): readonly EmailId[] {
  const sign = isAscending ? 1 : -1;
  const times = new Float64Array(emails.length);
  let least = Number.POSITIVE_INFINITY;
  // Plain loops: this is done anew whenever the folder on the screen changes, and callbacks were half of it.
  for (let row = 0; row < times.length; row++) {
    const time = shelf.receivedAt(emails[row] as EmailId) * sign;
    times[row] = time;
    if (time < least) least = time;
  }
  const compare = (one: number, other: number): number =>
    (times[one] ?? 0) - (times[other] ?? 0) || (emails[one] ?? 0) - (emails[other] ?? 0);
  if (emails.length > ROWS)
    return Array.from(emails.keys())
      .sort(compare)
      .map((row) => emails[row] as EmailId);
  const keys = new Float64Array(times.length);
  for (let row = 0; row < keys.length; row++) keys[row] = Math.floor(((times[row] ?? 0) - least) / SECOND_MS) * ROWS + row;
  keys.sort();
  const rows = new Uint32Array(keys.length);
  for (let at = 0; at < rows.length; at++) rows[at] = (keys[at] ?? 0) % ROWS;
  for (let from = 0; from < rows.length; ) {
    const second = Math.floor((keys[from] ?? 0) / ROWS);
    let to = from + 1;
    while (to < rows.length && Math.floor((keys[to] ?? 0) / ROWS) === second) to++;
    if (to > from + 1) rows.subarray(from, to).sort(compare);
    from = to;
  }
  const sorted: EmailId[] = [];
  for (const row of rows) sorted.push(emails[row] as EmailId);
  return sorted;
}

type Ground = Readonly<{ emails: readonly EmailId[]; shelf: Shelf; read: ReadonlyMap<EmailId, MessageStructure> | undefined }>;

/** What stands in the message itself. */
const READ_KEYS: ReadonlyMap<string, (structure: MessageStructure) => Key> = new Map([
  ['from', ({ envelope }: MessageStructure): Key => nameIn(envelope.from)],
  ['to', ({ envelope }: MessageStructure): Key => nameIn(envelope.to)],
  ['subject', ({ envelope }: MessageStructure): Key => folded(baseSubject(decodedHeader(envelope.subject ?? '')))],
  ['sentAt', ({ envelope }: MessageStructure): Key => parseDate(envelope.date ?? '') ?? 0],
]);

function keysOf(comparator: Comparator, { emails, shelf, read }: Ground): readonly Key[] {
  const { property, more } = comparator;
  const reading = READ_KEYS.get(property);
  if (reading !== undefined) {
    return emails.map((email) => {
      const structure = read?.get(email);
      return structure === undefined ? (property === 'sentAt' ? 0 : '') : reading(structure);
    });
  }
  if (property === 'receivedAt') return emails.map((email) => shelf.receivedAt(email));
  if (property === 'size') return emails.map((email) => shelf.size(email));
  const keyword = more['keyword'];
  if (!isText(keyword)) throw invalid(`sorting by "${property}" needs a "keyword"`);
  const wanted = keyword.toLowerCase();
  return emails.map((email) => Number(hasKeyword(property, shelf, { email, wanted })));
}

function hasKeyword(property: string, shelf: Shelf, { email, wanted }: Readonly<{ email: EmailId; wanted: string }>): boolean {
  if (property === 'hasKeyword') return shelf.has(email, wanted);
  const thread = shelf.thread(email);
  return property === 'allInThreadHaveKeyword'
    ? thread.every((one) => shelf.has(one, wanted))
    : thread.some((one) => shelf.has(one, wanted));
}

/** The name, else the address, of the first (RFC 8621 §4.4.2). */
function nameIn(addresses: readonly Address[] | null): string {
  const first = addresses?.find(({ host }) => host !== null);
  if (first === undefined) return '';
  const name = first.name === null ? '' : decodedHeader(first.name).trim();
  return folded(name === '' ? `${first.mailbox ?? ''}@${first.host ?? ''}` : name);
}

async function structuresOf(mail: MailAccount, emails: readonly EmailId[]): Promise<ReadonlyMap<EmailId, MessageStructure>> {
  const read = new Map<EmailId, MessageStructure>();
  for (let at = 0; at < emails.length; at += MESSAGES_AT_ONCE) {
    for (const { email, structure } of await mail.emails(emails.slice(at, at + MESSAGES_AT_ONCE))) read.set(email, structure);
  }
  return read;
}
