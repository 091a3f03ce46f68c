/**
 * Plain octets of message bodies: opened from the store where they are asked
 * for, small bodies whole, and kept a while, because a mail app asks for a
 * message section by section. SECURITY: what is kept is plain text in memory;
 * it is dropped with the account that read it.
 */
import { Buffer } from 'node:buffer';
import { Fault } from '../../core/fault.ts';
import type { AccountId, EmailId } from '../../core/ids.ts';
import type { AccountHandle } from '../../core/ports/store.ts';
import { openRange, sealedRange } from '../../lib/body-cipher.ts';
import { BODY_CACHE_BYTES, WHOLE_BODY_BYTES } from './limits.ts';

export type BodyAsk = Readonly<{ handle: AccountHandle; email: EmailId; key: Uint8Array; size: number }>;

/** It was expunged between being found and being read. */
export class MessageGone extends Fault {
  constructor() {
    super('unavailable', 'the message was removed while it was read');
    this.name = 'MessageGone';
  }
}

const NOTHING = Buffer.alloc(0);

export class Bodies {
  /** Least recently used first. Promises, so that two who ask at once open it once. */
  readonly #kept = new Map<string, Promise<Buffer>>();
  #bytes = 0;
  readonly #sizes = new Map<string, number>();

  /** Plain octets [from, to), as far as the body has them. Shared with others: not to be written to. */
  async read(ask: BodyAsk, from: number, to: number): Promise<Buffer> {
    const [start, end] = [Math.max(0, from), Math.min(to, ask.size)];
    if (start >= end) return NOTHING;
    if (ask.size > WHOLE_BODY_BYTES) return opened(ask, start, end);
    return (await this.#whole(ask)).subarray(start, end);
  }

  /**
   * For going through one message and then the next, as a search does: what is
   * kept is used, but nothing is added, or one search would push everything out.
   */
  reader(ask: BodyAsk): (from: number, to: number) => Promise<Buffer> {
    let whole = this.#kept.get(nameOf(ask));
    return async (from, to) => {
      const [start, end] = [Math.max(0, from), Math.min(to, ask.size)];
      if (start >= end) return NOTHING;
      if (ask.size > WHOLE_BODY_BYTES) return opened(ask, start, end);
      whole ??= opened(ask, 0, ask.size);
      return (await whole).subarray(start, end);
    };
  }

  /** Forgets what an account has read. */
  forget(account: AccountId): void {
    const prefix = `${account}/`;
    for (const name of this.#kept.keys()) if (name.startsWith(prefix)) this.#drop(name);
  }

  /** Plain octets kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  #whole(ask: BodyAsk): Promise<Buffer> {
    const name = nameOf(ask);
    const kept = this.#kept.get(name);
    if (kept !== undefined) {
      this.#kept.delete(name);
      this.#kept.set(name, kept);
      return kept;
    }
    const opening = opened(ask, 0, ask.size);
    this.#keep(name, opening, ask.size);
    opening.catch(() => this.#drop(name));
    return opening;
  }

  #keep(name: string, opening: Promise<Buffer>, size: number): void {
    this.#kept.set(name, opening);
    this.#sizes.set(name, size);
    this.#bytes += size;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= BODY_CACHE_BYTES) break;
      this.#drop(oldest);
    }
  }

  #drop(name: string): void {
    if (!this.#kept.delete(name)) return;
    this.#bytes -= this.#sizes.get(name) ?? 0;
    this.#sizes.delete(name);
  }
}

const nameOf = ({ handle, email }: BodyAsk): string => `${handle.account}/${email}`;

async function opened({ handle, email, key, size }: BodyAsk, from: number, to: number): Promise<Buffer> {
  const range = sealedRange(from, to, size);
  const sealed = await handle.readBody(email, range.from, range.to);
  if (sealed === undefined) throw new MessageGone();
  const plain = sealed.length === range.to - range.from ? openRange(key, sealed, { from, to, size }) : undefined;
  if (plain === undefined) throw new Fault('unavailable', `the body of message ${email} is damaged`);
  return plain;
}
