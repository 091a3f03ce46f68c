/**
 * Bodies accepted a moment ago, sealed as they went to the store: the first try
 * mostly follows at once, and need not read back what was just written. Nothing
 * is lost when one is gone: then the store is asked.
 */
import type { BodySource } from '../../core/command.ts';
import type { QueueId } from '../../core/ids.ts';
import { octets } from '../../lib/octets.ts';

/** Octets kept at most; a few seconds of a busy server's small mail. */
const FRESH_OCTETS = 8_388_608;

export class FreshBodies {
  readonly #bodies = new Map<QueueId, readonly Uint8Array[]>();
  #octets = 0;

  keep(queue: QueueId, body: BodySource): void {
    if (body.kind !== 'inline' || this.#bodies.has(queue)) return;
    this.#bodies.set(queue, body.sealed);
    this.#octets += octets(body.sealed);
    // A Map gives back the oldest first.
    for (const oldest of this.#bodies.keys()) {
      if (this.#octets <= FRESH_OCTETS) break;
      this.forget(oldest);
    }
  }

  get(queue: QueueId): Uint8Array | undefined {
    const pieces = this.#bodies.get(queue);
    return pieces === undefined ? undefined : Buffer.concat(pieces);
  }

  forget(queue: QueueId): void {
    this.#octets -= octets(this.#bodies.get(queue) ?? []);
    this.#bodies.delete(queue);
  }

  /** Octets kept now. */
  get octets(): number {
    return this.#octets;
  }
}
