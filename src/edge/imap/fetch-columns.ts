/**
 * FETCH of what is in memory: flags, UIDs, mod-sequences. The way every mail app catches up, so
 * it must be quick for a hundred thousand messages, and yet give others their turn.
 */
import type { FetchItem } from '../../codec/imap/command/fetch.ts';
import { type Client, Pace } from './client.ts';
import { flagWords } from './flag-words.ts';
import type { View } from './view.ts';

/** Messages told between two looks at the clock. */
const STRIDE = 512;

export async function fetchColumns(client: Client, items: readonly FetchItem[], uids: Float64Array): Promise<undefined> {
  const view = client.selected;
  const pace = new Pace(client);
  for (let from = 0; from < uids.length; from += STRIDE) {
    if (pace.isDue) await pace.rest();
    if (client.view !== view || client.wire.signal.aborted) return;
    client.wire.write(linesOf(view, items, uids.subarray(from, from + STRIDE)));
  }
}

function linesOf(view: View, items: readonly FetchItem[], uids: Float64Array): string {
  const { columns } = view.open;
  let lines = '';
  for (const uid of uids) {
    const row = columns.rowOf(uid);
    if (row >= 0) lines += `* ${view.numberOf(row)} FETCH (${columnItems(view, items, row)})\r\n`;
  }
  return lines;
}

/** The answers to items of this kind, for one row. */
export function columnItems(view: View, items: readonly FetchItem[], row: number): string {
  const { columns } = view.open;
  let text = '';
  for (const { get } of items) {
    if (text !== '') text += ' ';
    if (get === 'uid') text += `UID ${columns.uids[row]}`;
    else if (get === 'flags') text += `FLAGS (${flagWords(columns.flags(row), columns.keywords(row))})`;
    else if (get === 'modseq') text += `MODSEQ (${columns.modseq(row)})`;
  }
  return text;
}
