/**
 * Changes as they lie in the log and go from thread to thread: short lists in
 * JSON, without what their row says already (account, modseq).
 */
import type { Change } from '../../core/change.ts';
import type { AccountId, EmailId, MailboxId, Uid } from '../../core/ids.ts';
import { unreachable } from '../../lib/unreachable.ts';

export type LogItem =
  | readonly ['added', MailboxId, Uid, EmailId, number, readonly string[]]
  | readonly ['flags', MailboxId, Uid, number, readonly string[]]
  /** UIDs as inclusive ranges, one after the other: first, last, first, last. */
  | readonly ['expunged', MailboxId, readonly number[]]
  | readonly ['mailbox', MailboxId, 'created' | 'updated' | 'deleted']
  | readonly ['object', string, number];

/** One commit of one account. */
export type Logged = Readonly<{ account: AccountId; modseq: number; items: string }>;

/** Ascending UIDs as ranges. */
export function ranges(uids: readonly number[]): number[] {
  const list: number[] = [];
  for (const uid of uids) {
    if (list.at(-1) === uid - 1) list[list.length - 1] = uid;
    else list.push(uid, uid);
  }
  return list;
}

export function fromRanges(list: readonly number[]): Uid[] {
  const uids: Uid[] = [];
  for (let at = 0; at < list.length; at += 2) {
    for (let uid = list[at] ?? 0; uid <= (list[at + 1] ?? -1); uid++) uids.push(uid as Uid);
  }
  return uids;
}

export function unpack(logged: Logged): Change[] {
  return logItems(logged.items).map((item) => change(logged, item));
}

/** The items of one row: ours, written by JSON.stringify. */
export function logItems(items: string): LogItem[] {
  return JSON.parse(items) as LogItem[];
}

function change({ account, modseq }: Logged, item: LogItem): Change {
  switch (item[0]) {
    case 'added':
      return { kind: 'added', account, modseq, mailbox: item[1], uid: item[2], email: item[3], flags: item[4], keywords: item[5] };
    case 'flags':
      return { kind: 'flags', account, modseq, mailbox: item[1], uid: item[2], flags: item[3], keywords: item[4] };
    case 'expunged':
      return { kind: 'expunged', account, modseq, mailbox: item[1], uids: fromRanges(item[2]) };
    case 'mailbox':
      return { kind: 'mailbox', account, modseq, mailbox: item[1], what: item[2] };
    case 'object':
      return { kind: 'object', account, modseq, object: item[1], id: item[2] };
    default:
      return unreachable(item);
  }
}
