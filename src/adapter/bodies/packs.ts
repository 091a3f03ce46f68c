/**
 * Bodies on disk: many to a file, appended and flushed together. One pack is
 * active; at its full size the next one begins. A body is durable before the
 * database names it, so no row ever points at a torn body.
 *
 * The active pack is written ahead with zeros in small steps: overwriting
 * blocks that exist makes fdatasync nearly twice as fast as appending, because
 * the file's length stays as it is. With that, flushing the bodies first is as
 * fast as flushing them beside the database's commit (0.6 ms for ten of 4 KiB,
 * both ways), and a good deal simpler.
 */
import { closeSync, fdatasyncSync, fstatSync, fsyncSync, mkdirSync, openSync, readdirSync, readSync, rmSync, writevSync } from 'node:fs';
import { join } from 'node:path';
import type { BlobId } from '../../core/ids.ts';
import { octets } from '../../lib/octets.ts';
import { HEADER_BYTES, readHeader, writeHeader } from './record.ts';

/** A pack of this size is closed and the next one begun: small enough to rewrite in a second. */
export const PACK_BYTES = 67_108_864;
/** Written ahead of the end; more only makes the group that writes it slower. */
const AHEAD_BYTES = 262_144;
const AHEAD = Buffer.alloc(AHEAD_BYTES);
/** Linux takes no more buffers in one writev (IOV_MAX). */
const MAX_VECTORS = 1024;

export type Place = Readonly<{ pack: number; offset: number; length: number }>;
export type Body = Readonly<{ blob: BlobId; sealed: readonly Uint8Array[] }>;

export const packPath = (dir: string, pack: number): string => join(dir, `${pack}.pack`);
/** A large body while it is being written. */
export const partPath = (dir: string, pack: number): string => join(dir, `${pack}.part`);

/** Makes names in the folder durable. */
export function syncFolder(dir: string): void {
  const folder = openSync(dir, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** The numbers of the packs in the folder, ascending. */
export function packNumbers(dir: string): number[] {
  const names = readdirSync(dir).flatMap((name) => /^(\d{1,15})\.pack$/.exec(name)?.[1] ?? []);
  return names.map(Number).sort((a, b) => a - b);
}

type Active = {
  pack: number;
  file: number /** Where the next body goes. */;
  end: number /** How far the file has been written. */;
  written: number;
};

export class Packs {
  readonly dir: string;
  readonly #packBytes: number;
  #active: Active | undefined;
  #next: number;

  /** Opens the folder, making it if need be, and removes large bodies that were never finished. */
  constructor(dir: string, packBytes = PACK_BYTES) {
    this.dir = dir;
    this.#packBytes = packBytes;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(dir)) if (name.endsWith('.part')) rmSync(join(dir, name));
    const last = packNumbers(dir).at(-1) ?? 0;
    this.#next = last + 1;
    if (last > 0) this.#continue(last);
  }

  /** The active pack; nobody may rewrite it. */
  get active(): number | undefined {
    return this.#active?.pack;
  }

  /** A number for a file of its own. */
  nextNumber(): number {
    return this.#next++;
  }

  /** Writes and flushes all of them; what it throws means that none was kept. */
  append(bodies: readonly Body[]): Place[] {
    const active = this.#room();
    const { vectors, places, bytes } = lay(bodies, active);
    const ahead = active.end + bytes > active.written && bytes < AHEAD_BYTES ? AHEAD_BYTES : 0;
    if (ahead > 0) vectors.push(AHEAD);
    writeAll(active.file, vectors, active.end);
    active.written = Math.max(active.written, active.end + bytes + ahead);
    try {
      fdatasyncSync(active.file);
    } catch (error) {
      // After a failed flush the kernel forgets which pages were dirty: nothing written here can be trusted.
      this.#leave();
      throw error;
    }
    active.end += bytes;
    return places;
  }

  close(): void {
    this.#leave();
  }

  #leave(): void {
    const active = this.#active;
    this.#active = undefined;
    if (active !== undefined) closeSync(active.file);
  }

  #room(): Active {
    if (this.#active !== undefined && this.#active.end >= this.#packBytes) this.#leave();
    if (this.#active !== undefined) return this.#active;
    const pack = this.nextNumber();
    const file = openSync(packPath(this.dir, pack), 'wx+', 0o600);
    this.#active = { pack, file, end: 0, written: 0 };
    syncFolder(this.dir);
    return this.#active;
  }

  /** Goes on in the last pack where its records end. What lies behind was never named by a row. */
  #continue(pack: number): void {
    const file = openSync(packPath(this.dir, pack), 'r+');
    const end = endOfRecords(file);
    if (end >= this.#packBytes) closeSync(file);
    else this.#active = { pack, file, end, written: fstatSync(file).size };
  }
}

function lay(bodies: readonly Body[], { pack, end }: Active): { vectors: Uint8Array[]; places: Place[]; bytes: number } {
  const headers = Buffer.allocUnsafe(bodies.length * HEADER_BYTES);
  const vectors: Uint8Array[] = [];
  const places: Place[] = [];
  let bytes = 0;
  bodies.forEach(({ blob, sealed }, row) => {
    const header = headers.subarray(row * HEADER_BYTES, (row + 1) * HEADER_BYTES);
    writeHeader(header, blob, sealed);
    vectors.push(header, ...sealed);
    const length = octets(sealed);
    places.push({ pack, offset: end + bytes + HEADER_BYTES, length });
    bytes += HEADER_BYTES + length;
  });
  return { vectors, places, bytes };
}

/** Writes every octet, however few of them the system takes at a time. */
function writeAll(file: number, vectors: readonly Uint8Array[], position: number): void {
  let at = position;
  for (let first = 0; first < vectors.length; first += MAX_VECTORS) {
    let waiting = vectors.slice(first, first + MAX_VECTORS);
    while (waiting.length > 0) {
      let done = writevSync(file, waiting, at);
      at += done;
      while (waiting[0] !== undefined && done >= waiting[0].length) {
        done -= waiting[0].length;
        waiting = waiting.slice(1);
      }
      if (waiting[0] !== undefined && done > 0) waiting[0] = waiting[0].subarray(done);
    }
  }
}

function endOfRecords(file: number): number {
  let end = 0;
  for (const { offset, header } of walk(file)) end = offset + header.length;
  return end;
}

export type Walked = Readonly<{ header: NonNullable<ReturnType<typeof readHeader>> /** Where the body begins. */; offset: number }>;

/** The records of a pack in the order they lie there; ends at the first place where none begins. */
export function* walk(file: number): Generator<Walked> {
  const size = fstatSync(file).size;
  const bytes = Buffer.alloc(HEADER_BYTES);
  for (let at = 0; at + HEADER_BYTES <= size; ) {
    readSync(file, bytes, 0, HEADER_BYTES, at);
    const header = readHeader(bytes);
    if (header === undefined || at + HEADER_BYTES + header.length > size) return;
    yield { header, offset: at + HEADER_BYTES };
    at += HEADER_BYTES + header.length;
  }
}
