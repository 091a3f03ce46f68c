/** Email filters (RFC 8621 §4.4.1): read from what the client sends, turned into what the mail service searches by. */
import { invalid, MethodError } from '../../../codec/jmap/error.ts';
import { numberOf } from '../../../codec/jmap/ids.ts';
import { isText, isTextList, isUnsignedInt, isUtcDate, type JsonObject, member } from '../../../codec/jmap/json.ts';
import { searchTokens } from '../../../codec/jmap/search-text.ts';
import type { EmailId, MailboxId } from '../../../core/ids.ts';
import type { Criterion } from '../../../service/mailboxes/mailboxes.ts';
import type { Filter } from './standard-query.ts';

/** What a filter needs to know of a message without reading it. */
export interface Known {
  isIn(email: EmailId, mailbox: MailboxId): boolean;
  isOutside(email: EmailId, mailboxes: ReadonlySet<MailboxId>): boolean;
  receivedAt(email: EmailId): number;
  size(email: EmailId): number;
  has(email: EmailId, keyword: string): boolean;
  /** The conversation it is in, itself included. */
  thread(email: EmailId): readonly EmailId[];
}

export type EmailCondition = Readonly<{
  /** As the client wrote it. */
  given: JsonObject;
  criteria(known: Known): readonly Criterion[];
  inMailbox: MailboxId | undefined;
  /** Whether being in that mailbox is all it asks. */
  isOnlyMailbox: boolean;
}>;

type Reader = (value: unknown, name: string) => (known: Known) => Criterion;

const holds =
  (test: (known: Known, email: EmailId) => boolean) =>
  (known: Known): Criterion => ({ by: 'holds', holds: (email) => test(known, email) });

/** A mailbox nobody has: no message is in it. SECURITY: another account's is just that. */
const NOWHERE = 0 as MailboxId;

const READERS: Readonly<Record<string, Reader>> = {
  inMailbox: (value, name) => {
    const mailbox = mailboxOf(fitting(value, name, isText));
    return holds((known, email) => known.isIn(email, mailbox));
  },
  inMailboxOtherThan: (value, name) => {
    const mailboxes = new Set(fitting(value, name, isTextList).map(mailboxOf));
    return holds((known, email) => known.isOutside(email, mailboxes));
  },
  before: (value, name) => {
    const moment = momentOf(value, name);
    return holds((known, email) => known.receivedAt(email) < moment);
  },
  after: (value, name) => {
    const moment = momentOf(value, name);
    return holds((known, email) => known.receivedAt(email) >= moment);
  },
  minSize: (value, name) => {
    const size = fitting(value, name, isUnsignedInt);
    return holds((known, email) => known.size(email) >= size);
  },
  maxSize: (value, name) => {
    const size = fitting(value, name, isUnsignedInt);
    return holds((known, email) => known.size(email) < size);
  },
  hasKeyword: (value, name) => {
    const keyword = fitting(value, name, isText).toLowerCase();
    return holds((known, email) => known.has(email, keyword));
  },
  notKeyword: (value, name) => {
    const keyword = fitting(value, name, isText).toLowerCase();
    return holds((known, email) => !known.has(email, keyword));
  },
  allInThreadHaveKeyword: (value, name) => {
    const keyword = fitting(value, name, isText).toLowerCase();
    return holds((known, email) => known.thread(email).every((one) => known.has(one, keyword)));
  },
  someInThreadHaveKeyword: (value, name) => {
    const keyword = fitting(value, name, isText).toLowerCase();
    return holds((known, email) => known.thread(email).some((one) => known.has(one, keyword)));
  },
  noneInThreadHaveKeyword: (value, name) => {
    const keyword = fitting(value, name, isText).toLowerCase();
    return holds((known, email) => !known.thread(email).some((one) => known.has(one, keyword)));
  },
  text: (value, name) => words(fitting(value, name, isText), anywhere),
  body: (value, name) => words(fitting(value, name, isText), (text) => ({ by: 'body', text })),
  from: (value, name) => words(fitting(value, name, isText), (text) => ({ by: 'header', field: 'from', text })),
  to: (value, name) => words(fitting(value, name, isText), (text) => ({ by: 'header', field: 'to', text })),
  cc: (value, name) => words(fitting(value, name, isText), (text) => ({ by: 'header', field: 'cc', text })),
  bcc: (value, name) => words(fitting(value, name, isText), (text) => ({ by: 'header', field: 'bcc', text })),
  subject: (value, name) => words(fitting(value, name, isText), (text) => ({ by: 'header', field: 'subject', text })),
  header: (value, name) => {
    const [field = '', text = ''] = fitting(value, name, isTextList);
    if (!/^[!-9;-~]{1,76}$/.test(field) || (value as readonly string[]).length > 2)
      throw invalid('"header" is a name of a field, and perhaps a text');
    return () => ({ by: 'header', field, text });
  },
};

function fitting<Value>(value: unknown, name: string, fits: (value: unknown) => value is Value): Value {
  if (!fits(value)) throw invalid(`"${name}" in the filter is of the wrong type`);
  return value;
}

const mailboxOf = (id: string): MailboxId => numberOf<MailboxId>('mailbox', id) ?? NOWHERE;

function momentOf(value: unknown, name: string): number {
  if (!isUtcDate(value)) throw invalid(`"${name}" in the filter is no UTC date`);
  return Date.parse(value);
}

/** The fields people read, then the text. */
const anywhere = (text: string): Criterion => ({
  by: 'or',
  of: [...['from', 'to', 'cc', 'bcc', 'subject'].map((field): Criterion => ({ by: 'header', field, text })), { by: 'body', text }],
});

const words =
  (text: string, criterion: (token: string) => Criterion): ((known: Known) => Criterion) =>
  () => ({ by: 'and', of: searchTokens(text).map(criterion) });

/** @param hasAttachment how the Email object would tell (RFC 8621 §4.1.4) */
export function emailCondition(value: JsonObject, hasAttachment: Extract<Criterion, { by: 'structure' }>['holds']): EmailCondition {
  const made: ((known: Known) => Criterion)[] = [];
  for (const name of Object.keys(value)) {
    if (name === 'hasAttachment') {
      const wanted = fitting(value[name], name, (one): one is boolean => typeof one === 'boolean');
      made.push(() => ({ by: 'structure', holds: (structure) => hasAttachment(structure) === wanted }));
      continue;
    }
    const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    if (reader === undefined) throw new MethodError('unsupportedFilter', `there is no filter "${name.slice(0, 100)}"`);
    made.push(reader(value[name], name));
  }
  const inMailbox = member(value, 'inMailbox');
  return {
    given: value,
    criteria: (known) => made.map((make) => make(known)),
    inMailbox: isText(inMailbox) ? mailboxOf(inMailbox) : undefined,
    isOnlyMailbox: isText(inMailbox) && made.length === 1,
  };
}

export function criterionOf(filter: Filter<EmailCondition> | null, known: Known): Criterion {
  if (filter === null) return { by: 'all' };
  if (filter.operator === null) return { by: 'and', of: filter.condition.criteria(known) };
  const of = filter.of.map((one) => criterionOf(one, known));
  if (filter.operator === 'AND') return { by: 'and', of };
  return filter.operator === 'OR' ? { by: 'or', of } : { by: 'not', of: { by: 'or', of } };
}

/** A mailbox that every match is in, so that nothing else need be looked at. */
export function mailboxWithAll(filter: Filter<EmailCondition> | null): MailboxId | undefined {
  if (filter === null) return undefined;
  if (filter.operator === null) return filter.condition.inMailbox;
  if (filter.operator !== 'AND') return undefined;
  for (const one of filter.of) {
    const mailbox = mailboxWithAll(one);
    if (mailbox !== undefined) return mailbox;
  }
  return undefined;
}
