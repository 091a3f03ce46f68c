/** Rewriting a pack: what is still wanted goes to the active pack, the rest goes with the file. */
import { closeSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import type { BlobId } from '../../core/ids.ts';
import { type Body, packNumbers, type Packs, packPath, type Place, syncFolder, walk } from './packs.ts';

/** A pack is rewritten when less than this part of it is still wanted. */
const LIVE_ENOUGH = 0.6;
/** Moved in one step, so that deliveries wait a millisecond or two and no more. */
const STEP_BYTES = 1_048_576;

/** One step's worth of bodies and where they lie now. */
export type Moving = readonly Readonly<Body & { from: Place }>[];

/** Packs that have more garbage than they should. `live` gives the wanted octets by pack. */
export function wasteful(dir: string, live: ReadonlyMap<number, number>): number[] {
  return packNumbers(dir).filter((pack) => (live.get(pack) ?? 0) < LIVE_ENOUGH * statSync(packPath(dir, pack)).size);
}

/**
 * Gives the wanted bodies of a pack step by step; the caller appends them, and
 * commits where they are now, before it asks for the next step.
 */
export function* moveOut(packs: Packs, pack: number, isWanted: (blob: BlobId, from: Place) => boolean): Generator<Moving> {
  const file = openSync(packPath(packs.dir, pack), 'r');
  try {
    let step: (Body & { from: Place })[] = [];
    let bytes = 0;
    for (const { header, offset } of walk(file)) {
      const from = { pack, offset, length: header.length };
      if (!isWanted(header.blob, from)) continue;
      const sealed = new Uint8Array(header.length);
      if (readSync(file, sealed, { length: header.length, position: offset }) !== header.length)
        throw new Error(`pack ${pack} cannot be read`);
      step.push({ blob: header.blob, sealed: [sealed], from });
      bytes += header.length;
      if (bytes < STEP_BYTES) continue;
      yield step;
      [step, bytes] = [[], 0];
    }
    if (step.length > 0) yield step;
  } finally {
    closeSync(file);
  }
}

export function removePack(packs: Packs, pack: number): void {
  rmSync(packPath(packs.dir, pack), { force: true });
  syncFolder(packs.dir);
}
