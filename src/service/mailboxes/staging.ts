/**
 * One message being appended: read by the MIME scanner and sealed as it comes
 * in. A small one waits in memory and goes into the commit itself; a larger
 * one is written to the body store while it arrives, at the store's pace.
 */
import { MimeScanner } from '../../codec/mime/scanner.ts';
import type { MessageStructure } from '../../codec/mime/structure.ts';
import type { BodySource } from '../../core/command.ts';
import type { BlobId } from '../../core/ids.ts';
import type { BodyWriter, Store } from '../../core/ports/store.ts';
import { refuse, type Refusal } from '../../core/refusal.ts';
import { BodySealer } from '../../lib/body-cipher.ts';
import { octets } from '../../lib/octets.ts';
import { INLINE_BYTES, STAGED_BYTES, WRITE_AHEAD_BYTES } from './limits.ts';
import type { Staged, Staging } from './mailboxes.ts';

export type StagedAbout = Readonly<{ flags: number; keywords: readonly string[]; receivedAt: number }>;
export type StagedEmail = StagedAbout & Readonly<{ body: BodySource; bodyKey: Uint8Array; size: number; structure: MessageStructure }>;

/** What all stagings of one account handle share. */
export type StagingYard = {
  readonly store: Pick<Store, 'openBody'>;
  readonly messageBytes: number;
  /** Octets of small messages that wait in memory. */
  waitingBytes: number;
  newBlob(): BlobId;
  newBodyKey(): Uint8Array;
};

/** What `finish` gave out, and nobody else can make. SECURITY: a yard takes back only its own. */
export class StagedMessage implements Staged {
  readonly staged = 'message';
  readonly #yard: StagingYard;
  #email: StagedEmail | undefined;

  constructor(yard: StagingYard, email: StagedEmail) {
    this.#yard = yard;
    this.#email = email;
    yard.waitingBytes += waitingBytes(email);
  }

  isOf(yard: StagingYard): boolean {
    return this.#yard === yard && this.#email !== undefined;
  }

  /** Once; afterwards it is spent. */
  take(): StagedEmail {
    const email = this.#email;
    if (email === undefined) throw new Error('a staged message was used twice');
    this.drop();
    return email;
  }

  drop(): void {
    if (this.#email === undefined) return;
    this.#yard.waitingBytes -= waitingBytes(this.#email);
    this.#email = undefined;
  }
}

const waitingBytes = ({ body }: StagedEmail): number => (body.kind === 'inline' ? octets(body.sealed) : 0);

export class MessageStaging implements Staging {
  readonly #yard: StagingYard;
  readonly #about: StagedAbout;
  readonly #bodyKey: Uint8Array;
  readonly #sealer: BodySealer;
  readonly #scanner = new MimeScanner();
  readonly #blob: BlobId;
  #state: 'open' | 'tooBig' | 'over' = 'open';
  /** Sealed chunks not yet handed to the store, and their octets. */
  #chunks: Uint8Array[] = [];
  #chunkBytes = 0;
  /** Kept when a write that waits for the one under way has taken the chunks. */
  #taken: Promise<void> | undefined;
  #writer: Promise<BodyWriter> | undefined;
  /** The last write under way. */
  #writing: Promise<void> = Promise.resolve();
  #result: StagedMessage | undefined;

  constructor(yard: StagingYard, about: StagedAbout) {
    this.#yard = yard;
    this.#about = about;
    this.#bodyKey = yard.newBodyKey();
    this.#sealer = new BodySealer(this.#bodyKey);
    this.#blob = yard.newBlob();
  }

  /** The bytes are ours from now on: they are kept until a chunk is full. */
  write(bytes: Uint8Array): void | Promise<void> {
    if (this.#state === 'over') throw new Error('write() after the message was finished');
    if (this.#state === 'tooBig') return undefined;
    if (this.#sealer.size + bytes.length > this.#yard.messageBytes) return this.#giveUp();
    this.#scanner.push(bytes);
    const sealed = this.#sealer.push(bytes);
    this.#collect(sealed);
    if (this.#writer === undefined && this.#sealer.size <= INLINE_BYTES) return undefined;
    if (this.#chunks.length === 0) return undefined;
    const taken = this.#writeOut();
    return this.#chunkBytes > WRITE_AHEAD_BYTES ? taken : undefined;
  }

  async finish(): Promise<Staged | Refusal> {
    if (this.#state === 'over') throw new Error('finish() after the message was finished');
    const tooBig = this.#state === 'tooBig';
    this.#state = 'over';
    if (tooBig) {
      await this.#writing;
      return refuse('tooBig', { limit: String(this.#yard.messageBytes) });
    }
    const { size } = this.#sealer;
    this.#collect(this.#sealer.end());
    const body = await this.#settle();
    const structure = this.#scanner.end();
    this.#result = new StagedMessage(this.#yard, { ...this.#about, body, bodyKey: this.#bodyKey, size, structure });
    return this.#result;
  }

  /** Also after `finish`, for a message that will not be appended after all. */
  async abort(): Promise<void> {
    this.#state = 'over';
    this.#chunks = [];
    this.#result?.drop();
    await this.#dropWriter();
  }

  async #settle(): Promise<BodySource> {
    const isLight = this.#yard.waitingBytes + this.#sealer.size <= STAGED_BYTES;
    if (this.#writer === undefined && isLight) return { kind: 'inline', blob: this.#blob, sealed: this.#chunks };
    try {
      void this.#writeOut();
      await this.#writing;
      await (await this.#open()).finish();
    } catch (error) {
      await this.#dropWriter();
      throw error;
    }
    this.#writer = undefined;
    return { kind: 'stored', blob: this.#blob };
  }

  #collect(sealed: readonly Uint8Array[]): void {
    for (const part of sealed) {
      this.#chunks.push(part);
      this.#chunkBytes += part.length;
    }
  }

  /**
   * Hands over what is sealed, after the write under way; what is sealed until then goes with it, so that
   * a busy store costs few journeys and the peer keeps sending meanwhile. Kept when it has been taken.
   */
  #writeOut(): Promise<void> {
    if (this.#taken !== undefined) return this.#taken;
    const before = this.#writing;
    const opening = this.#open();
    const taken = opening.then(() => before);
    this.#taken = taken;
    this.#writing = taken.then(async () => {
      this.#taken = undefined;
      const chunks = this.#chunks;
      this.#chunks = [];
      this.#chunkBytes = 0;
      if (chunks.length > 0) await (await opening).write(chunks);
    });
    // Whoever does not wait for it learns of trouble in finish().
    this.#writing.catch(() => undefined);
    return taken;
  }

  #open(): Promise<BodyWriter> {
    this.#writer ??= this.#yard.store.openBody(this.#blob);
    return this.#writer;
  }

  /** Too large: nothing of it is kept, and the rest is swallowed. */
  #giveUp(): Promise<void> {
    this.#state = 'tooBig';
    this.#chunks = [];
    this.#writing = this.#dropWriter();
    return this.#writing;
  }

  async #dropWriter(): Promise<void> {
    const opening = this.#writer;
    this.#writer = undefined;
    if (opening === undefined) return;
    const writer = await this.#writing.then(
      () => opening,
      () => opening.catch(() => undefined),
    );
    await writer?.abort();
  }
}
