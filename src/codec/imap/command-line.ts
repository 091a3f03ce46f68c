/** The frame of every command (RFC 9051 §9): a tag, a name, then arguments the command's own reader understands. */
import { type Parsed, parsed, unparsed } from '../../lib/parsed.ts';
import { Cursor } from './cursor.ts';

export type CommandLine = Readonly<{ tag: string; name: string; cursor: Cursor }>;

/** Reads the arguments, beginning with the space before the first of them. */
export type ArgumentReader<T> = (cursor: Cursor) => T;

/** Tag and name; `UID FETCH` and its kin are one name. */
export function readCommandLine(bytes: Buffer, utf8: boolean): Parsed<CommandLine> {
  const cursor = new Cursor(bytes, utf8);
  const tag = cursor.tag();
  cursor.space();
  let name = cursor.word();
  if (name === 'UID') {
    cursor.space();
    name = `UID ${cursor.word()}`;
  }
  return result(cursor, { tag, name, cursor });
}

/** Reads all arguments to the end of the command, or says where the reading stopped. */
export function parse<T>(cursor: Cursor, read: ArgumentReader<T>): Parsed<T> {
  const value = read(cursor);
  cursor.end();
  return result(cursor, value);
}

/** The tag a broken command began with, to answer it by; undefined when not even that can be read. */
export function tagOf(bytes: Buffer): string | undefined {
  const cursor = new Cursor(bytes);
  const tag = cursor.tag();
  return cursor.fault === undefined && cursor.accept(' ') ? tag : undefined;
}

const result = <T>(cursor: Cursor, value: T): Parsed<T> =>
  cursor.fault === undefined ? parsed(value) : unparsed(cursor.fault.at, cursor.fault.why);
