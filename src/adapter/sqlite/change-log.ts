/**
 * Changes as they lie in the log and go from thread to thread: short lists in
 * JSON, without what their row says already (account, modseq).
 */
import type { Change } from '../../core/change.ts';
import type { AccountId, EmailId, MailboxId, ThreadId, Uid } from '../../core/ids.ts';
import { unreachable } from '../../lib/unreachable.ts';

export type LogItem =
  /** `copied`: an email that was there before. */
  | readonly ['added' | 'copied', MailboxId, Uid, EmailId, number, readonly string[]]
  | readonly ['flags', MailboxId, Uid, number, readonly string[]]
  /** UIDs as inclusive ranges, one after the other: first, last, first, last. Emails as differences, each to the one before. */
  | readonly ['expunged', MailboxId, readonly number[], readonly number[]]
  /** Which emails of the `expunged` before it, as ranges of rows, and what each is more than its thread: nearly always nothing. */
  | readonly ['destroyed', readonly number[], readonly number[]]
  | readonly ['mailbox', MailboxId, 'created' | 'updated' | 'deleted']
  | readonly ['object', string, number];

/** One commit of one account. */
export type Logged = Readonly<{ account: AccountId; modseq: number; items: string }>;

/** An entry that was removed; with a `thread` when its email went too. */
type Gone = Readonly<{ uid: Uid; email: EmailId; thread: ThreadId | undefined }>;

/** Entries removed from a mailbox, by ascending uid. */
export function expungedItems(mailbox: MailboxId, gone: readonly Gone[]): LogItem[] {
  const rows: number[] = [];
  const threads: number[] = [];
  gone.forEach(({ email, thread }, row) => {
    if (thread === undefined) return;
    rows.push(row);
    threads.push(email - thread);
  });
  const expunged: LogItem = ['expunged', mailbox, ranges(gone.map(({ uid }) => uid)), differences(gone.map(({ email }) => email))];
  return rows.length === 0 ? [expunged] : [expunged, ['destroyed', ranges(rows), threads]];
}

/** Ascending numbers as ranges. */
export function ranges(numbers: readonly number[]): number[] {
  const list: number[] = [];
  for (const number of numbers) {
    if (list.at(-1) === number - 1) list[list.length - 1] = number;
    else list.push(number, number);
  }
  return list;
}

export function fromRanges<Value extends number>(list: readonly number[]): Value[] {
  const numbers: Value[] = [];
  for (let at = 0; at < list.length; at += 2) {
    for (let number = list[at] ?? 0; number <= (list[at + 1] ?? -1); number++) numbers.push(number as Value);
  }
  return numbers;
}

const differences = (numbers: readonly number[]): number[] => numbers.map((number, row) => number - (numbers[row - 1] ?? 0));

function fromDifferences<Value extends number>(list: readonly number[]): Value[] {
  let number = 0;
  return list.map((difference) => (number += difference) as Value);
}

export function unpack(logged: Logged): Change[] {
  const changes: Change[] = [];
  for (const item of logItems(logged.items)) changes.push(change(logged, item, changes.at(-1)));
  return changes;
}

/** The items of one row: ours, written by JSON.stringify. */
export function logItems(items: string): LogItem[] {
  return JSON.parse(items) as LogItem[];
}

function change({ account, modseq }: Logged, item: LogItem, before: Change | undefined): Change {
  switch (item[0]) {
    case 'added':
    case 'copied': {
      const [kind, mailbox, uid, email, flags, keywords] = item;
      return { kind: 'added', account, modseq, mailbox, uid, email, isNew: kind === 'added', flags, keywords };
    }
    case 'flags':
      return { kind: 'flags', account, modseq, mailbox: item[1], uid: item[2], flags: item[3], keywords: item[4] };
    case 'expunged':
      return { kind: 'expunged', account, modseq, mailbox: item[1], uids: fromRanges(item[2]), emails: fromDifferences(item[3]) };
    case 'destroyed':
      return { kind: 'destroyed', account, modseq, ...destroyed(item, before) };
    case 'mailbox':
      return { kind: 'mailbox', account, modseq, mailbox: item[1], what: item[2] };
    case 'object':
      return { kind: 'object', account, modseq, object: item[1], id: item[2] };
    default:
      return unreachable(item);
  }
}

function destroyed([, rows, above]: Extract<LogItem, readonly ['destroyed', ...unknown[]]>, before: Change | undefined) {
  if (before?.kind !== 'expunged') throw new Error('emails are destroyed by an expunge');
  const emails = fromRanges<number>(rows).map((row) => before.emails[row] as EmailId);
  return { emails, threads: emails.map((email, row) => (email - (above[row] ?? 0)) as ThreadId) };
}
