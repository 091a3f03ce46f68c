/** One subscription on the store, fanned out by account: a delivery to an account nobody has open costs one look-up. */
import type { Change } from '../../core/change.ts';
import type { OwnerId } from '../../core/ids.ts';
import type { Store } from '../../core/ports/store.ts';

type Receive = (changes: readonly Change[]) => void;

export class ChangeFan {
  readonly #receivers = new Map<OwnerId, Receive>();
  readonly #always: Receive;
  readonly #stop: () => void;

  /** `always` hears everything, before the accounts do. */
  constructor(store: Store, always: Receive) {
    this.#always = always;
    this.#stop = store.onChange((changes) => this.#spread(changes));
  }

  /** One receiver per account. The answer takes it off. */
  listen(account: OwnerId, receive: Receive): () => void {
    this.#receivers.set(account, receive);
    return () => {
      if (this.#receivers.get(account) === receive) this.#receivers.delete(account);
    };
  }

  close(): void {
    this.#receivers.clear();
    this.#stop();
  }

  /** A commit holds the writes of many accounts, those of one account lying together. */
  #spread(changes: readonly Change[]): void {
    this.#always(changes);
    if (this.#receivers.size === 0) return;
    for (let from = 0; from < changes.length; ) {
      const owner = ownerOf(changes[from]);
      let to = from + 1;
      while (to < changes.length && ownerOf(changes[to]) === owner) to++;
      const receive = owner === undefined ? undefined : this.#receivers.get(owner);
      receive?.(from === 0 && to === changes.length ? changes : changes.slice(from, to));
      from = to;
    }
  }
}

function ownerOf(change: Change | undefined): OwnerId | undefined {
  if (change === undefined) return undefined;
  return change.kind === 'journey' ? change.owner : change.account;
}
