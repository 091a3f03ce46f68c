/** Flags on the wire (RFC 9051 §2.3.2): five system flags with a backslash, keywords without. */
import { asciiLower } from './ascii.ts';
import type { Cursor } from './cursor.ts';

export const SYSTEM_FLAGS: readonly string[] = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'];

const CANONICAL: ReadonlyMap<string, string> = new Map([...SYSTEM_FLAGS, '\\Recent'].map((flag) => [asciiLower(flag), flag]));

/** Characters of one keyword: longer ones are no names. */
const KEYWORD_LIMIT = 100;
/** Flags named in one command. */
const FLAG_LIMIT = 200;

/** One flag; system flags come back in their one spelling, keywords as written. */
export function readFlag(cursor: Cursor): string {
  const isSystem = cursor.accept('\\');
  const name = cursor.atom();
  if (name.length > KEYWORD_LIMIT) cursor.fail('That keyword is too long');
  if (!isSystem) return name;
  const flag = CANONICAL.get(asciiLower(`\\${name}`));
  if (flag === undefined) cursor.fail('There is no such system flag');
  return flag ?? '';
}

/** `(` flags `)`, each once. */
export function readFlagList(cursor: Cursor): string[] {
  return once(
    cursor,
    cursor.list(() => readFlag(cursor), 0),
  );
}

/** STORE also takes flags without parentheses. */
export function readFlags(cursor: Cursor): string[] {
  if (cursor.sees('(')) return readFlagList(cursor);
  const flags: string[] = [];
  do flags.push(readFlag(cursor));
  while (cursor.accept(' '));
  return once(cursor, flags);
}

function once(cursor: Cursor, flags: readonly string[]): string[] {
  if (flags.length > FLAG_LIMIT) cursor.fail('Too many flags');
  const seen = new Map(flags.map((flag) => [asciiLower(flag), flag]));
  return [...seen.values()];
}
