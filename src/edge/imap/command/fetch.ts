/** FETCH and UID FETCH (RFC 9051 §6.4.5), with CHANGEDSINCE (RFC 7162 §3.1.4). */
import { type Fetch, type FetchItem, readFetch } from '../../../codec/imap/command/fetch.ts';
import { type Answer, ok } from '../answer.ts';
import type { Client } from '../client.ts';
import { fetchColumns } from '../fetch-columns.ts';
import { fetchMessages } from '../fetch-messages.ts';
import { noSuchNumber } from '../phrases.ts';
import { row } from '../row.ts';

export const fetch = row({
  name: 'FETCH',
  when: 'selected',
  read: readFetch,
  capabilities: ['BINARY'],
  holdsNumbers: true,
  run: (client, asked) => run(client, asked, false),
});
export const uidFetch = row({ name: 'UID FETCH', when: 'selected', read: readFetch, run: (client, asked) => run(client, asked, true) });

async function run(client: Client, asked: Fetch, byUid: boolean): Promise<Answer> {
  const view = client.selected;
  const items = completed(asked, byUid);
  if (items.some(({ get }) => get === 'modseq')) client.enabled.condstore = true;
  if (!byUid && view.overshoots(asked.set)) return noSuchNumber();
  const uids = changedSince(client, view.uidsOf(asked.set, byUid), asked.changedSince);
  const failure = items.every(isColumn) ? await fetchColumns(client, items, uids) : await fetchMessages(client, items, uids);
  if (failure !== undefined) return failure;
  return view.hasUntoldExpunges ? ok('Some messages were expunged meanwhile', 'EXPUNGEISSUED') : ok('Fetched');
}

/** UID commands always tell UIDs (RFC 9051 §6.4.9), CHANGEDSINCE always mod-sequences (RFC 7162 §3.1.4.1). */
function completed({ items, changedSince }: Fetch, byUid: boolean): readonly FetchItem[] {
  const all = [...items];
  if (byUid && !items.some(({ get }) => get === 'uid')) all.unshift({ get: 'uid' });
  if (changedSince !== undefined && !items.some(({ get }) => get === 'modseq')) all.push({ get: 'modseq' });
  return all;
}

function changedSince({ selected }: Client, uids: Float64Array, since: number | undefined): Float64Array {
  if (since === undefined) return uids;
  const { columns } = selected.open;
  return uids.filter((uid) => columns.modseq(columns.rowOf(uid)) > since);
}

/** What the columns in memory answer, without reading the message. */
const isColumn = ({ get }: FetchItem): boolean => get === 'flags' || get === 'uid' || get === 'modseq';
