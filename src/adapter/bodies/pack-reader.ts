/** Reads bodies out of packs, keeping a few files open. */
import { closeSync, openSync, readSync } from 'node:fs';
import { packPath, type Place } from './packs.ts';

/** Packs kept open; the one not read for longest is closed first. */
const MAX_OPEN = 64;

export class PackReader {
  readonly #dir: string;
  readonly #open = new Map<number, number>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Octets [from, to) of the body there; undefined when its pack is no longer there. */
  read({ pack, offset, length }: Place, from: number, to: number): Uint8Array<ArrayBuffer> | undefined {
    const start = Math.min(Math.max(0, from), length);
    const bytes = new Uint8Array(Math.max(0, Math.min(to, length) - start));
    const file = this.#file(pack);
    if (file === undefined) return undefined;
    for (let done = 0; done < bytes.length; ) {
      const got = readSync(file, bytes, done, bytes.length - done, offset + start + done);
      if (got === 0) throw new Error(`pack ${pack} is shorter than its rows say`);
      done += got;
    }
    return bytes;
  }

  /** The pack was removed: its file must not be held open. */
  forget(pack: number): void {
    const file = this.#open.get(pack);
    this.#open.delete(pack);
    if (file !== undefined) closeSync(file);
  }

  close(): void {
    for (const pack of this.#open.keys()) this.forget(pack);
  }

  #file(pack: number): number | undefined {
    const known = this.#open.get(pack);
    this.#open.delete(pack);
    const file = known ?? openIfThere(packPath(this.#dir, pack));
    if (file === undefined) return undefined;
    this.#open.set(pack, file);
    if (this.#open.size > MAX_OPEN) this.forget(this.#open.keys().next().value ?? pack);
    return file;
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
