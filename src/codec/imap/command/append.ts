/**
 * APPEND (RFC 9051 §6.3.12) with several messages (RFC 3502) and headers in UTF-8 (RFC 6855 §4).
 * The decoder hands over the command in pieces, one before each message and one after the last.
 */
import type { Parsed } from '../../../lib/parsed.ts';
import { parse } from '../command-line.ts';
import { Cursor } from '../cursor.ts';
import { readDateTime } from '../date.ts';
import { readFlagList } from '../flag.ts';
import { readMailbox } from '../mailbox-name.ts';

/** `isWrapped` when the message stands in `UTF8 (…)`, whose parenthesis closes after it. */
export type AppendMessage = Readonly<{ flags: readonly string[]; receivedAtMs: number | undefined; isWrapped: boolean }>;
export type Append = Readonly<{ mailbox: string; message: AppendMessage }>;

/** What precedes the first message. */
export function readAppend(cursor: Cursor): Append {
  cursor.space();
  const mailbox = readMailbox(cursor);
  return { mailbox, message: readMessage(cursor) };
}

/** What stands between two messages. */
export function parseNextAppend(bytes: Buffer, wasWrapped: boolean): Parsed<AppendMessage> {
  return parse(new Cursor(bytes), (cursor) => {
    if (wasWrapped) cursor.expect(')');
    return readMessage(cursor);
  });
}

/** What stands after the last message. */
export function parseAppendEnd(bytes: Buffer, wasWrapped: boolean): Parsed<undefined> {
  return parse(new Cursor(bytes), (cursor) => {
    if (wasWrapped) cursor.expect(')');
    return undefined;
  });
}

function readMessage(cursor: Cursor): AppendMessage {
  cursor.space();
  let flags: readonly string[] = [];
  let receivedAtMs: number | undefined;
  if (cursor.sees('(')) {
    flags = readFlagList(cursor);
    cursor.space();
  }
  if (cursor.sees('"')) {
    receivedAtMs = readDateTime(cursor);
    cursor.space();
  }
  const isWrapped = cursor.acceptWord('UTF8');
  if (isWrapped) {
    cursor.space();
    cursor.expect('(');
  }
  return { flags, receivedAtMs, isWrapped };
}
