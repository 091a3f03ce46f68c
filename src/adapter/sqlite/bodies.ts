/** What the database needs of the packs (adapter/bodies); app/storage-thread.ts brings the two together. */
import type { BlobId } from '../../core/ids.ts';

export type Place = Readonly<{ pack: number; offset: number; length: number }>;
export type Body = Readonly<{ blob: BlobId; sealed: readonly Uint8Array[] }>;
export type Moving = readonly Readonly<Body & { from: Place }>[];

/** A body written as it arrives. */
export interface LargeBody {
  write(parts: readonly Uint8Array[]): Promise<void>;
  finish(): Promise<Place>;
  abort(): Promise<void>;
}

export interface BodyPacks {
  /** Writes and flushes all of them; when it throws, none was kept. */
  append(bodies: readonly Body[]): Place[];
  openLarge(blob: BlobId): Promise<LargeBody>;
  /** The pack that is written to; nobody may rewrite it. */
  readonly active: number | undefined;
  moveOut(pack: number, isWanted: (blob: BlobId, from: Place) => boolean): Iterable<Moving>;
  removePack(pack: number): void;
  close(): void;
}

export interface BodyReader {
  read(place: Place, from: number, to: number): Uint8Array<ArrayBuffer> | undefined;
  forget(pack: number): void;
  /** Packs with more garbage than they should have. */
  wasteful(live: ReadonlyMap<number, number>): number[];
  close(): void;
}
