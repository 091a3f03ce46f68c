/**
 * The keyring (R-5). The root key, which lies outside the data folder, wraps
 * the server's key and the organisations' keys; an organisation's key wraps
 * its accounts'. Wrapped keys lie in the directory store; unwrapped they are
 * in memory only. Destroying a wrapped key destroys what it sealed.
 */
import { createHash } from 'node:crypto';
import { Fault } from '../../core/fault.ts';
import type { OrganisationId, OwnerId } from '../../core/ids.ts';
import type { Dice } from '../../core/ports/dice.ts';
import type { KeyMaker, NewKey } from '../../core/ports/key-maker.ts';
import type { OwnerKey } from '../../core/ports/keyring.ts';
import type { DirectoryStore } from '../../core/ports/store.ts';
import { KEY_BYTES } from '../../lib/seal.ts';
import { LiveKey, subKey } from './owner-key.ts';
import { RandomPool } from './random-pool.ts';
import { MARK_BYTES, readWrapped, type WrappedKey, wrapContext, writeWrapped } from './wrapped-key.ts';

/** The server's own key is kept among the owners' under an id that no IdMaker gives. */
const SERVER = 0 as OwnerId;
const ROOT = 0;

/** Keys that may wrap others. */
type Parent = Readonly<{ key: LiveKey; mark: Uint8Array }>;

/** What the operator can put right is a sentence, not an exception. */
export type OpenedKeyring = Readonly<{ ok: true; keyring: ServerKeyring }> | Readonly<{ ok: false; why: string }>;

function markOf(secret: Uint8Array): Uint8Array {
  return createHash('sha256').update(subKey(secret, 'mark')).digest().subarray(0, MARK_BYTES);
}

/** Names a root key in a sentence without giving it away. */
export const fingerprint = (rootKey: Uint8Array): string => Buffer.from(markOf(rootKey)).toString('hex');

/**
 * Opens the ring of a data folder; a new folder gets its server key here.
 * @param rootKey 32 bytes
 */
export async function openKeyring(directory: DirectoryStore, rootKey: Uint8Array, dice: Dice): Promise<OpenedKeyring> {
  if (rootKey.length !== KEY_BYTES) return { ok: false, why: `The root key must be ${KEY_BYTES} bytes; this one has ${rootKey.length}.` };
  const rows = new Map<OwnerId, WrappedKey>();
  for (const { owner, wrapped } of await directory.keys()) {
    const read = readWrapped(wrapped);
    if (read === undefined) return { ok: false, why: `The key of owner ${owner} in the data folder is damaged; restore it from a backup.` };
    rows.set(owner, read);
  }
  const keyring = new ServerKeyring(rootKey, dice);
  if (rows.size > 0) {
    const why = keyring.load(rows);
    return why === undefined ? { ok: true, keyring } : { ok: false, why };
  }
  const made = keyring.make(SERVER, null);
  const refused = await directory.write([{ do: 'putKey', owner: SERVER, wrapped: made.wrapped }]);
  if (refused !== undefined) throw new Error(`the store refused the server's key: ${refused.refusal}`);
  keyring.adopt(made);
  return { ok: true, keyring };
}

export class ServerKeyring implements KeyMaker {
  readonly #pool: RandomPool;
  readonly #root: Parent;
  readonly #keys = new Map<OwnerId, LiveKey>();
  /** Marks of the organisations' keys. */
  readonly #marks = new Map<OwnerId, Uint8Array>();
  /** Of accounts nobody has asked for yet: ten thousand are not unwrapped before the first greeting. */
  readonly #sleeping = new Map<OwnerId, WrappedKey>();
  /** Made and not yet adopted; weak, so that a birth whose commit failed leaves nothing behind. */
  readonly #unborn = new WeakMap<NewKey, Readonly<{ key: LiveKey; mark: Uint8Array; under: number }>>();

  constructor(rootKey: Uint8Array, dice: Dice) {
    this.#pool = new RandomPool(dice);
    this.#root = { key: new LiveKey(rootKey, this.#pool), mark: markOf(rootKey) };
  }

  get server(): OwnerKey {
    const key = this.#keys.get(SERVER);
    if (key === undefined) throw new Error('the keyring was used before it was opened');
    return key;
  }

  of(owner: OwnerId): OwnerKey | undefined {
    return owner === SERVER ? undefined : (this.#keys.get(owner) ?? this.#wake(owner));
  }

  bodyKey(): Uint8Array {
    return this.#pool.takeSecret(KEY_BYTES);
  }

  make(owner: OwnerId, under: OrganisationId | null): NewKey {
    const parent = this.#parent(under ?? ROOT);
    if (parent === undefined) throw new Error(`no key of organisation ${under} to make a key under`);
    const secret = this.#pool.takeSecret(KEY_BYTES);
    const sealed = parent.key.wrap(secret, wrapContext(owner, under ?? ROOT));
    const key = new LiveKey(secret, this.#pool);
    const made: NewKey = { owner, key, wrapped: writeWrapped({ under: under ?? ROOT, mark: parent.mark, sealed }) };
    this.#unborn.set(made, { key, mark: markOf(secret), under: under ?? ROOT });
    secret.fill(0);
    return made;
  }

  adopt(made: NewKey): void {
    const unborn = this.#unborn.get(made);
    if (unborn === undefined) throw new Error('only a key just made can be adopted, once');
    this.#unborn.delete(made);
    this.#keys.set(made.owner, unborn.key);
    if (unborn.under === ROOT) this.#marks.set(made.owner, unborn.mark);
  }

  forget(owner: OwnerId): void {
    this.#keys.get(owner)?.destroy();
    this.#keys.delete(owner);
    this.#marks.delete(owner);
    this.#sleeping.delete(owner);
  }

  /** For openKeyring: a sentence when the root key does not fit. */
  load(rows: ReadonlyMap<OwnerId, WrappedKey>): string | undefined {
    if (!rows.has(SERVER)) return 'The data folder has keys but not the server’s own; it is damaged, restore it from a backup.';
    for (const [owner, row] of rows) {
      if (row.under !== ROOT) this.#sleeping.set(owner, row);
      else if (!this.#unwrap(owner, row, this.#root)) return this.#misfit(owner, row);
    }
    return undefined;
  }

  #misfit(owner: OwnerId, row: WrappedKey): string {
    if (Buffer.compare(row.mark, this.#root.mark) === 0) {
      return `The key of ${owner === SERVER ? 'the server' : `organisation ${owner}`} in the data folder is damaged; restore it from a backup.`;
    }
    const [theirs, mine] = [row.mark, this.#root.mark].map((mark) => Buffer.from(mark).toString('hex'));
    return (
      `This root key (${mine}) is not the one this data folder was sealed with (${theirs}). ` +
      'Put that root key back, or point root_key_file at it; without it nothing in the folder can be read.'
    );
  }

  #parent(under: number): Parent | undefined {
    if (under === ROOT) return this.#root;
    const [key, mark] = [this.#keys.get(under as OwnerId), this.#marks.get(under as OwnerId)];
    return key === undefined || mark === undefined ? undefined : { key, mark };
  }

  #wake(owner: OwnerId): LiveKey | undefined {
    const row = this.#sleeping.get(owner);
    const parent = row === undefined ? undefined : this.#parent(row.under);
    if (row === undefined || parent === undefined) return undefined;
    if (!this.#unwrap(owner, row, parent)) throw new Fault('unavailable', `the wrapped key of account ${owner} is damaged`);
    this.#sleeping.delete(owner);
    return this.#keys.get(owner);
  }

  #unwrap(owner: OwnerId, row: WrappedKey, parent: Parent): boolean {
    const secret = parent.key.unwrap(row.sealed, wrapContext(owner, row.under));
    if (secret === undefined) return false;
    this.#keys.set(owner, new LiveKey(secret, this.#pool));
    if (row.under === ROOT) this.#marks.set(owner, markOf(secret));
    secret.fill(0);
    return true;
  }
}
