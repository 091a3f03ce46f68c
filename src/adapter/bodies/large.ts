/** Large bodies: each in a pack of its own, written as it arrives and named only when it is whole and durable. */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { BlobId } from '../../core/ids.ts';
import { type Packs, packPath, partPath, type Place, syncFolder } from './packs.ts';
import { HEADER_BYTES, MAX_BODY_BYTES, streamedHeader } from './record.ts';

export class LargeBody {
  readonly #packs: Packs;
  readonly #blob: BlobId;
  readonly #pack: number;
  readonly #file: FileHandle;
  #length = 0;
  #crc = 0;

  private constructor(packs: Packs, blob: BlobId, made: Readonly<{ pack: number; file: FileHandle }>) {
    this.#packs = packs;
    this.#blob = blob;
    this.#pack = made.pack;
    this.#file = made.file;
  }

  static async open(packs: Packs, blob: BlobId): Promise<LargeBody> {
    const pack = packs.nextNumber();
    return new LargeBody(packs, blob, { pack, file: await open(partPath(packs.dir, pack), 'wx', 0o600) });
  }

  async write(parts: readonly Uint8Array[]): Promise<void> {
    const bytes = Buffer.concat(parts);
    if (this.#length + bytes.length > MAX_BODY_BYTES) throw new Error('a body of more than 4 GiB');
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, HEADER_BYTES + this.#length + done);
      done += bytesWritten;
    }
    this.#crc = crc32(bytes, this.#crc);
    this.#length += bytes.length;
  }

  /** Where the body is, durably. */
  async finish(): Promise<Place> {
    await this.#file.write(streamedHeader(this.#blob, this.#length, this.#crc), 0, HEADER_BYTES, 0);
    await this.#file.datasync();
    await this.#file.close();
    await rename(partPath(this.#packs.dir, this.#pack), packPath(this.#packs.dir, this.#pack));
    syncFolder(this.#packs.dir);
    return { pack: this.#pack, offset: HEADER_BYTES, length: this.#length };
  }

  async abort(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(partPath(this.#packs.dir, this.#pack), { force: true });
  }
}
