/** Opens accounts: reads the directory and puts the parts together. */
import type { AccountId, IdMaker } from '../../core/ids.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Dice } from '../../core/ports/dice.ts';
import type { KeyMaker } from '../../core/ports/key-maker.ts';
import type { DirectoryStore } from '../../core/ports/store.ts';
import { Gate } from '../../lib/gate.ts';
import { Directory } from './directory.ts';
import { Habits } from './habits.ts';
import { Holds } from './holds.ts';
import { type House, loadDirectory, oneByOne } from './house.ts';
import { LiveAccounts } from './live-accounts.ts';
import { LoginCache } from './login-cache.ts';
import { argon2Hasher, type PasswordHasher } from './password-hasher.ts';
import { DEFAULT_MINIMUM } from './password-rules.ts';
import { type HabitRecord, writeRecord } from './records.ts';
import { PasswordSignIn } from './sign-in.ts';
import { Throttle } from './throttle.ts';

export type AccountsParts = Readonly<{
  store: DirectoryStore;
  keys: KeyMaker;
  clock: Clock;
  dice: Dice;
  /** The one maker of the process: ids of mailboxes come from it too. */
  ids: IdMaker;
  minimumPassword?: number;
  /** Passwords hashed at once. Each takes a thread of the pool and 19 MiB. */
  parallel?: number;
  hasher?: PasswordHasher;
  /** Hears what went wrong behind a sign-in and is tried again by itself. */
  onTrouble?: (error: unknown) => void;
}>;

const PARALLEL = 2;
/** Sign-ins waiting for argon2id; at 13 ms each the last has waited a few seconds. */
const LINE_LIMIT = 512;

export async function openAccounts(parts: AccountsParts): Promise<LiveAccounts> {
  const { store, keys, clock, dice, ids, hasher = argon2Hasher } = parts;
  const onTrouble = parts.onTrouble ?? (() => undefined);
  const holds = new Holds(onTrouble);
  const directory = new Directory((account) => holds.review(account));
  await loadDirectory({ directory, store, keys });
  const house: House = {
    directory,
    store,
    keys,
    clock,
    dice,
    ids,
    hasher,
    gate: new Gate(parts.parallel ?? PARALLEL, LINE_LIMIT),
    cache: new LoginCache(clock, dice),
    minimumPassword: parts.minimumPassword ?? DEFAULT_MINIMUM,
    alone: oneByOne(),
  };
  const write = (habits: readonly HabitRecord[]): Promise<void> => house.alone(() => writeHabits(house, habits));
  const habits = new Habits({ directory, keys, clock, write, onTrouble });
  const { gate, cache } = house;
  const signIn = new PasswordSignIn({ directory, keys, hasher, gate, cache, throttle: new Throttle(clock), habits, holds });
  return new LiveAccounts(house, { habits, holds, signIn });
}

async function writeHabits(house: House, habits: readonly HabitRecord[]): Promise<void> {
  // Between the sign-in and now the person may have been removed, and the key with them.
  const isThere = (account: AccountId): boolean => house.directory.people.has(account);
  const rows = habits.filter(({ id }) => isThere(id)).map((habit) => writeRecord(house.keys, habit));
  const refused = await house.store.write(rows.map((row) => ({ do: 'put', row })));
  if (refused !== undefined) throw new Error(`the store refused habits: ${refused.refusal}`);
}
