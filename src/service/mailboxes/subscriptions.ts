/**
 * Subscribed names that have no mailbox: RFC 9051 §6.3.7 lets people subscribe
 * to what is not there, and forbids to forget it. (Of mailboxes that are there
 * their row says whether they are subscribed.) Kept sealed, one object each.
 */
import type { Command } from '../../core/command.ts';
import type { OwnerKey } from '../../core/ports/keyring.ts';
import type { AccountHandle } from '../../core/ports/store.ts';
import { hashId } from './hash-id.ts';
import { ABSENT_SUBSCRIPTIONS } from './limits.ts';

type PutObject = Extract<Command, { do: 'putObject' }>;

export class Subscriptions {
  readonly #handle: AccountHandle;
  readonly #key: OwnerKey;
  #paths: ReadonlySet<string> = new Set();

  constructor(handle: AccountHandle, key: OwnerKey) {
    this.#handle = handle;
    this.#key = key;
  }

  get paths(): ReadonlySet<string> {
    return this.#paths;
  }

  get isFull(): boolean {
    return this.#paths.size >= ABSENT_SUBSCRIPTIONS;
  }

  async load(): Promise<void> {
    const rows = await this.#handle.read({ ask: 'objects', object: 'subscription' });
    const paths = rows.map(({ id, value }) => this.#key.open(value, this.#context(id))?.toString('utf8'));
    this.#paths = new Set(paths.filter((path) => path !== undefined));
  }

  /** The command that remembers a path. */
  put(path: string): PutObject {
    const id = this.#idOf(path);
    return { do: 'putObject', object: 'subscription', id, value: this.#key.seal(path, this.#context(id)) };
  }

  remove(path: string): PutObject {
    return { do: 'putObject', object: 'subscription', id: this.#idOf(path), value: null };
  }

  /** One name, one object: subscribing twice is subscribing once. */
  #idOf(path: string): number {
    return hashId(this.#key, path, `subscription/${this.#handle.account}`);
  }

  #context(id: number): string {
    return `subscription/${this.#handle.account}/${id}`;
  }
}
