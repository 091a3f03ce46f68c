/**
 * Throwing out most sealed rows without opening them. SECURITY: a glance
 * (lib/glance.ts) only decides what is not looked at; what comes through the
 * sieve is opened and judged on what its viewer may see.
 */
import { isAscii } from 'node:buffer';
import type { OwnerKey } from '../../core/ports/keyring.ts';
import type { Group } from './pages.ts';
import { readPage } from './record.ts';
import { type Finder, folded } from './search.ts';

/** Sealed octets looked at in one go: a few hundred rows, about a millisecond. One journey may have more. */
const LOT_BYTES = 262_144;

/** Journeys in lots that are small enough to be looked at before others get a turn. */
export function lotsOf(groups: readonly Group[]): readonly (readonly Group[])[] {
  const lots: Group[][] = [];
  let room = 0;
  for (const group of groups) {
    const size = group.rows.reduce((sum, { sealed }) => sum + sealed.length, 0);
    const lot = lots.at(-1);
    if (lot === undefined || size > room) lots.push([group]);
    else lot.push(group);
    room = (lot === undefined || size > room ? LOT_BYTES : room) - size;
  }
  return lots;
}

/** The journeys of a lot that may fit. */
export function sift(key: OwnerKey, lot: readonly Group[], finder: Finder): readonly Group[] {
  const glances = key.glance(lot.flatMap(({ rows }) => rows.map(({ sealed }) => sealed)));
  if (glances === undefined) return [];
  const { plain, starts, ends } = glances;
  // All of them first: a rare word is in no row of most lots.
  if (!finder.mayFit(lot.map(({ journey }) => journey).join('\n'), textOf(plain))) return [];
  let row = 0;
  return lot.filter(({ journey, rows }) => {
    const first = row;
    row += rows.length;
    if (!finder.mayFit(journey, textOf(plain.subarray(starts[first], ends[row - 1])))) return false;
    const texts = rows.map((_, index) => plain.toString('utf8', starts[first + index], ends[first + index]));
    return mayFitSteps(finder, journey, texts);
  });
}

function mayFitSteps(finder: Finder, journey: string, texts: readonly string[]): boolean {
  try {
    return finder.mayFitSteps(
      journey,
      texts.flatMap((text) => readPage(text).steps),
    );
  } catch {
    // Rows that were altered have any form: opening them shows what is left.
    return true;
  }
}

/** What is not UTF-8 was not written by us, and will not open either. */
const textOf = (plain: Buffer): string => folded(isAscii(plain) ? plain.toString('latin1') : plain.toString('utf8'));
