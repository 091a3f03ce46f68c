/** What all of accounts shares: the directory in memory, and the one way to change it: commit first, then memory. */
import type { IdMaker } from '../../core/ids.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Dice } from '../../core/ports/dice.ts';
import type { KeyMaker } from '../../core/ports/key-maker.ts';
import type { DirectoryChange, DirectoryStore } from '../../core/ports/store.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { Gate } from '../../lib/gate.ts';
import type { Directory } from './directory.ts';
import type { LoginCache } from './login-cache.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { type DirectoryRecord, readRecord, writeRecord } from './records.ts';

export type House = Readonly<{
  directory: Directory;
  store: DirectoryStore;
  keys: KeyMaker;
  clock: Clock;
  dice: Dice;
  ids: IdMaker;
  hasher: PasswordHasher;
  gate: Gate;
  cache: LoginCache;
  minimumPassword: number;
  /** One writer at a time: what is read stays true until what follows from it is committed. */
  alone: <T>(work: () => Promise<T>) => Promise<T>;
}>;

/** Runs works one after the other; a failure of one is its own caller's. */
export function oneByOne(): House['alone'] {
  let last: Promise<unknown> = Promise.resolve();
  return async (work) => {
    const before = last;
    const mine = before.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** Accounts' keys need their organisation's row only by their wrapping, so rows may come in any order. */
export async function loadDirectory({ directory, store, keys }: Pick<House, 'directory' | 'store' | 'keys'>): Promise<void> {
  const records = (await store.load()).map((row) => readRecord(keys, row)).filter((record) => record !== undefined);
  for (const record of records.sort((a, b) => a.id - b.id)) directory.put(record);
}

/** Commits a record, together with what else must be, and then shows it. */
export async function keep(house: House, record: DirectoryRecord, also: readonly DirectoryChange[] = []): Promise<Refusal | undefined> {
  const refused = await house.store.write([{ do: 'put', row: writeRecord(house.keys, record) }, ...also]);
  if (refused === undefined) house.directory.put(record);
  return refused;
}

/** Longest name of a person, an organisation or an app password, in characters. */
const NAME_LIMIT = 200;

/** A name as people write it, trimmed and in one spelling, or why it is none. */
export function cleanName(text: string): string | Refusal {
  const name = text.normalize('NFC').trim();
  if (name === '' || name.length > NAME_LIMIT) return refuse('badValue', { what: 'name', why: name === '' ? 'empty' : 'tooLong' });
  // SECURITY: a line break in a name would be a header field of its own where the name is written into a message.
  return /\p{Cc}/u.test(name) ? refuse('badValue', { what: 'name', why: 'controlCharacter' }) : name;
}
