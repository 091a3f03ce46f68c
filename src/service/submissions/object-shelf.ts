/**
 * One kind of an account's small JSON objects, sealed with its key, with the
 * states that JMAP wants (RFC 8620 §5.1, §5.2). The state is the account's
 * modseq when an object of the kind last changed: mail that comes in does not
 * touch it. Each object knows the commits it was created and last changed by;
 * an object of id 0 remembers which ones are gone, so that no change log has
 * to be searched.
 */
import type { Command, ObjectKind } from '../../core/command.ts';
import { Fault } from '../../core/fault.ts';
import type { AccountId } from '../../core/ids.ts';
import type { Keyring, OwnerKey } from '../../core/ports/keyring.ts';
import type { Store } from '../../core/ports/store.ts';
import { isRefusal } from '../../core/refusal.ts';
import { LruMap } from '../../lib/lru-map.ts';
import { changesOf, type ShelfChanges } from './shelf-changes.ts';

export type ShelfState = Readonly<{ epoch: number; modseq: number }>;
/** `value` null removes. */
export type Edit<Value> = Readonly<{ id: number; value: Value | null }>;

export type Kept<Value> = Readonly<{ created: number; changed: number; value: Value }>;
/** Of an object that is gone. */
export type Gone = Readonly<{ id: number; created: number; at: number }>;

export type Shelf<Value> = Readonly<{
  state: ShelfState;
  /** By ascending id. */
  objects: ReadonlyMap<number, Kept<Value>>;
  /** Oldest first. */
  gone: readonly Gone[];
  /** States before this one cannot be told of: what went then is forgotten. */
  floor: number;
}>;

/** Accounts whose objects are kept in memory. */
const SHELVES_KEPT = 64;
/** Objects that went and are remembered; a client that was away for longer asks for everything. */
const GONE_KEPT = 500;
const HEAD = 0;
/** Tries against mail that comes in at the same moment: each is refused only when another commit was faster. */
const TRIES = 50;

type Head = Readonly<{ changed: number; gone: readonly (readonly [number, number, number])[]; floor: number }>;

export class ObjectShelf<Value extends object> {
  readonly #store: Pick<Store, 'account'>;
  readonly #keyring: Keyring;
  readonly #kind: ObjectKind;
  readonly #shelves = new LruMap<AccountId, Shelf<Value>>(SHELVES_KEPT);
  /** The last writing of each account that has one under way. */
  readonly #turns = new Map<AccountId, Promise<unknown>>();

  constructor({ store, keyring }: Readonly<{ store: Pick<Store, 'account'>; keyring: Keyring }>, kind: ObjectKind) {
    this.#store = store;
    this.#keyring = keyring;
    this.#kind = kind;
  }

  /** As of now. Throws a Fault for an account whose key is gone. */
  async of(account: AccountId): Promise<Shelf<Value>> {
    await this.#turns.get(account)?.catch(() => undefined);
    return this.#known(account);
  }

  /** What changed since a state, at most `max` ids; undefined when that is not known any more. */
  async changes(account: AccountId, since: ShelfState, max: number): Promise<ShelfChanges | undefined> {
    return changesOf(await this.of(account), since, max);
  }

  /**
   * Decides on the objects as they are and writes what it decided, one after
   * another for each account. What `decide` throws is thrown on, and nothing is
   * written.
   */
  write(account: AccountId, decide: (shelf: Shelf<Value>) => readonly Edit<Value>[]): Promise<Shelf<Value>> {
    const before = this.#turns.get(account) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => this.#write(account, decide));
    this.#turns.set(account, turn);
    const leave = (): void => {
      if (this.#turns.get(account) === turn) this.#turns.delete(account);
    };
    turn.then(leave, leave);
    return turn;
  }

  async #known(account: AccountId): Promise<Shelf<Value>> {
    const known = this.#shelves.get(account);
    if (known !== undefined) return known;
    const shelf = await this.#load(account);
    this.#shelves.set(account, shelf);
    return shelf;
  }

  async #write(account: AccountId, decide: (shelf: Shelf<Value>) => readonly Edit<Value>[]): Promise<Shelf<Value>> {
    const shelf = await this.#known(account);
    const edits = decide(shelf).filter(({ id, value }) => value !== null || shelf.objects.has(id));
    if (edits.length === 0) return shelf;
    try {
      const after = await this.#commit(account, shelf, edits);
      this.#shelves.set(account, after);
      return after;
    } catch (error) {
      // What was written may be known to the store alone.
      this.#shelves.delete(account);
      throw error;
    }
  }

  /** The commit's modseq stands in what it writes, so it must be known before: nothing else may be committed meanwhile. */
  async #commit(account: AccountId, shelf: Shelf<Value>, edits: readonly Edit<Value>[]): Promise<Shelf<Value>> {
    const handle = this.#store.account(account);
    for (let tries = 1; tries <= TRIES; tries++) {
      const { modseq } = await handle.read({ ask: 'account' });
      const after = edited(shelf, edits, modseq + 1);
      const applied = await handle.apply(this.#commands(account, after, edits), { ifModseq: modseq });
      if (!isRefusal(applied)) return after;
      if (applied.refusal !== 'notAllowed') throw new Fault('unavailable', `objects of an account were refused: ${applied.refusal}`);
    }
    throw new Fault('unavailable', 'too much is written to this account just now');
  }

  #commands(account: AccountId, after: Shelf<Value>, edits: readonly Edit<Value>[]): readonly Command[] {
    const key = this.#key(account);
    const head: Head = {
      changed: after.state.modseq,
      gone: after.gone.map(({ id, created, at }) => [id, created, at]),
      floor: after.floor,
    };
    const texts = edits.map(({ id }): readonly [number, string | null] => {
      const kept = after.objects.get(id);
      return [id, kept === undefined ? null : JSON.stringify(kept)];
    });
    return [[HEAD, JSON.stringify(head)] as const, ...texts].map(([id, text]) => ({
      do: 'putObject',
      object: this.#kind,
      id,
      value: text === null ? null : key.seal(text, this.#context(account, id)),
    }));
  }

  async #load(account: AccountId): Promise<Shelf<Value>> {
    const handle = this.#store.account(account);
    const key = this.#key(account);
    const [{ epoch }, rows] = await Promise.all([handle.read({ ask: 'account' }), handle.read({ ask: 'objects', object: this.#kind })]);
    let head: Head = { changed: 0, gone: [], floor: 0 };
    const objects = new Map<number, Kept<Value>>();
    for (const { id, value } of rows) {
      const text = key.open(value, this.#context(account, id))?.toString('utf8');
      if (text === undefined) continue;
      if (id === HEAD) head = JSON.parse(text) as Head;
      else objects.set(id, JSON.parse(text) as Kept<Value>);
    }
    const gone = head.gone.map(([id, created, at]) => ({ id, created, at }));
    return { state: { epoch, modseq: head.changed }, objects: sorted(objects), gone, floor: head.floor };
  }

  #key(account: AccountId): OwnerKey {
    const key = this.#keyring.of(account);
    if (key === undefined) throw new Fault('unavailable', `the key of account ${account} is gone`);
    return key;
  }

  #context(account: AccountId, id: number): string {
    return `${this.#kind}/${account}/${id}`;
  }
}

const sorted = <Value>(objects: ReadonlyMap<number, Value>): ReadonlyMap<number, Value> =>
  new Map([...objects].sort(([one], [other]) => one - other));

function edited<Value>(shelf: Shelf<Value>, edits: readonly Edit<Value>[], modseq: number): Shelf<Value> {
  const objects = new Map(shelf.objects);
  const gone = [...shelf.gone];
  for (const { id, value } of edits) {
    const known = objects.get(id);
    if (value !== null) objects.set(id, { created: known?.created ?? modseq, changed: modseq, value });
    else if (known !== undefined) {
      objects.delete(id);
      gone.push({ id, created: known.created, at: modseq });
    }
  }
  const forgotten = gone.splice(0, Math.max(0, gone.length - GONE_KEPT));
  const floor = Math.max(shelf.floor, forgotten.at(-1)?.at ?? 0);
  return { state: { ...shelf.state, modseq }, objects: sorted(objects), gone, floor };
}
