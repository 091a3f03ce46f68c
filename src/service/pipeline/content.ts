/**
 * The content of a message as it arrives: counted, read for its structure and
 * sealed on the way to the store. Small messages wait in memory and are done in
 * one pass; large ones are written as they come, so that 50 MB of mail costs
 * no 50 MB of memory.
 */
import { MimeScanner, scan } from '../../codec/mime/scanner.ts';
import type { MessageStructure } from '../../codec/mime/structure.ts';
import type { BodySource } from '../../core/command.ts';
import type { BlobId, IdMaker } from '../../core/ids.ts';
import type { BodyWriter, Store } from '../../core/ports/store.ts';
import type { Keyring } from '../../core/ports/keyring.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { BodySealer, sealBody } from '../../lib/body-cipher.ts';
import { octets } from '../../lib/octets.ts';

/** Up to here a message waits in memory; at this size its header must be complete (it seldom passes 20 KiB). */
export const INLINE_LIMIT_BYTES = 262_144;

/** Octets of a large body that are written in one go. */
const PIECE_BYTES = 196_608;
/** What the desk has room for at first; it grows to what an inline message may need. */
const DESK_BYTES = 65_536;

export type Kept = Readonly<{ body: BodySource; bodyKey: Uint8Array; size: number; structure: MessageStructure }>;

export type ContentParts = Readonly<{
  store: Pick<Store, 'openBody'>;
  keyring: Keyring;
  ids: IdMaker;
  /** Octets from the peer. */
  sizeLimit: number;
  /** Our own fields in front. */
  prefix: Buffer;
  /** Changes the header (closing blank line included) or refuses it; null leaves it as it came. */
  edit: ((header: Buffer) => Buffer | Refusal) | null;
}>;

const HEADER_END = Buffer.from('\r\n\r\n');

export class ContentKeeper {
  readonly #parts: ContentParts;
  readonly #bodyKey: Uint8Array;
  readonly #blob: BlobId;
  #waiting: Uint8Array[] = [];
  #received = 0;
  #refusal: Refusal | undefined;
  #stream: Stream | undefined;

  constructor(parts: ContentParts) {
    this.#parts = parts;
    this.#bodyKey = parts.keyring.bodyKey();
    this.#blob = parts.ids.next<BlobId>();
  }

  write(bytes: Uint8Array): void | Promise<void> {
    this.#received += bytes.length;
    if (this.#refusal !== undefined) return undefined;
    if (this.#received > this.#parts.sizeLimit) return this.#refuse(refuse('tooBig', { limit: String(this.#parts.sizeLimit) }));
    if (this.#stream !== undefined) return this.#stream.write(bytes);
    this.#waiting.push(bytes);
    return this.#received > INLINE_LIMIT_BYTES ? this.#startStream() : undefined;
  }

  /** What was kept, sealed; large bodies are durable already. Or why not. A promise only for large ones. */
  finish(): Kept | Refusal | Promise<Kept> {
    if (this.#refusal !== undefined) return this.#refusal;
    if (this.#stream !== undefined) return this.#finishStream(this.#stream);
    const whole = this.#whole();
    if (isRefusal(whole)) return whole;
    this.#waiting = [];
    return {
      body: { kind: 'inline', blob: this.#blob, sealed: sealBody(this.#bodyKey, whole) },
      bodyKey: this.#bodyKey,
      size: whole.length,
      structure: scan(whole),
    };
  }

  async #finishStream(stream: Stream): Promise<Kept> {
    const { size, structure } = await stream.finish();
    return { body: { kind: 'stored', blob: this.#blob }, bodyKey: this.#bodyKey, size, structure };
  }

  /** Good until the next message is put together: sealed and read before anything is awaited. */
  #whole(): Buffer | Refusal {
    const { prefix, edit } = this.#parts;
    if (edit === null) return joined(prefix, this.#waiting);
    const plain = this.#edited(Buffer.concat(this.#waiting));
    return isRefusal(plain) ? plain : Buffer.concat([prefix, plain]);
  }

  abort(): void {
    this.#waiting = [];
    this.#refusal ??= refuse('trouble');
    this.#stream?.abort();
  }

  async #refuse(refusal: Refusal): Promise<void> {
    this.#refusal = refusal;
    this.#waiting = [];
    this.#stream?.abort();
    this.#stream = undefined;
  }

  /** The message with its header edited; `content` holds at least the whole header. */
  #edited(content: Buffer): Buffer | Refusal {
    const { edit } = this.#parts;
    if (edit === null) return content;
    const end = headerEnd(content);
    // A message without a body needs its blank line before anything can be added (RFC 5322 §3.5).
    const whole =
      end === undefined ? Buffer.concat([content, Buffer.from(content.length === 0 || endsLine(content) ? '\r\n' : '\r\n\r\n')]) : content;
    const at = end ?? whole.length;
    const header = edit(whole.subarray(0, at));
    return isRefusal(header) ? header : Buffer.concat([header, whole.subarray(at)]);
  }

  async #startStream(): Promise<void> {
    const head = Buffer.concat(this.#waiting);
    this.#waiting = [];
    if (headerEnd(head) === undefined) return this.#refuse(refuse('headerTooBig'));
    const edited = this.#edited(head);
    if (isRefusal(edited)) return this.#refuse(edited);
    const stream = new Stream(await this.#parts.store.openBody(this.#blob), this.#bodyKey);
    // SECURITY: a peer may leave while the body is opened; what nobody will finish would hold a file for good.
    if (this.#refusal !== undefined) return stream.abort();
    this.#stream = stream;
    await stream.write(this.#parts.prefix);
    return stream.write(edited);
  }
}

/**
 * Where small messages are put together. One place for all of them: a buffer for each was half
 * of what the garbage collector had to do for a message of 50 KiB.
 */
let desk = Buffer.allocUnsafeSlow(DESK_BYTES);

function joined(prefix: Buffer, pieces: readonly Uint8Array[]): Buffer {
  const size = prefix.length + octets(pieces);
  if (size > desk.length) desk = Buffer.allocUnsafeSlow(size * 2);
  prefix.copy(desk);
  let at = prefix.length;
  for (const piece of pieces) {
    desk.set(piece, at);
    at += piece.length;
  }
  return desk.subarray(0, size);
}

const endsLine = (content: Buffer): boolean =>
  content.length >= 2 && content[content.length - 2] === 0x0d && content[content.length - 1] === 0x0a;

/** The offset behind the blank line that ends the header; undefined when there is none yet. */
function headerEnd(content: Buffer): number | undefined {
  if (content[0] === 0x0d && content[1] === 0x0a) return 2;
  const at = content.indexOf(HEADER_END);
  return at < 0 ? undefined : at + HEADER_END.length;
}

/** A large body on its way to the store. While one piece is being written the next may come: the peer waits only when it is faster. */
class Stream {
  readonly #writer: BodyWriter;
  readonly #sealer: BodySealer;
  readonly #scanner = new MimeScanner();
  /** Sealed, not yet handed over. */
  #parts: Uint8Array[] = [];
  #bytes = 0;
  /** The last write under way, and with it all before. */
  #writing: Promise<void> = Promise.resolve();

  constructor(writer: BodyWriter, key: Uint8Array) {
    this.#writer = writer;
    this.#sealer = new BodySealer(key);
  }

  write(bytes: Uint8Array): Promise<void> | void {
    this.#scanner.push(bytes);
    this.#gather(this.#sealer.push(bytes));
    return this.#bytes < PIECE_BYTES ? undefined : this.#handOver();
  }

  #gather(sealed: readonly Uint8Array[]): void {
    for (const part of sealed) this.#parts.push(part);
    this.#bytes += octets(sealed);
  }

  /** Resolves when the piece before this one is written, so that two at most are in memory. */
  #handOver(): Promise<void> {
    const before = this.#writing;
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    this.#writing = before.then(() => this.#writer.write(parts));
    // Whoever hands over the next piece hears of it, or `finish` does.
    this.#writing.catch(() => undefined);
    return before;
  }

  async finish(): Promise<Readonly<{ size: number; structure: MessageStructure }>> {
    this.#gather(this.#sealer.end());
    void this.#handOver().catch(() => undefined);
    await this.#writing;
    await this.#writer.finish();
    return { size: this.#sealer.size, structure: this.#scanner.end() };
  }

  abort(): void {
    // Nobody waits for this; what it leaves behind is swept at the next start.
    this.#writer.abort().catch(() => undefined);
  }
}
