/** STORE and UID STORE (RFC 9051 §6.4.6), conditional with UNCHANGEDSINCE (RFC 7162 §3.1.3). */
import { readStore, type Store } from '../../../codec/imap/command/store.ts';
import { formatNumbers } from '../../../codec/imap/number-set.ts';
import { isRefusal } from '../../../core/refusal.ts';
import { type Answer, ok } from '../answer.ts';
import { type Client, Pace } from '../client.ts';
import { flagsOf } from '../flag-words.ts';
import { noSuchNumber, phraseRefusal, readOnly } from '../phrases.ts';
import { row } from '../row.ts';
import { uidSet } from '../uid-set.ts';

export const store = row({
  name: 'STORE',
  when: 'selected',
  read: readStore,
  holdsNumbers: true,
  run: (client, asked) => run(client, asked, false),
});
export const uidStore = row({ name: 'UID STORE', when: 'selected', read: readStore, run: (client, asked) => run(client, asked, true) });

async function run(client: Client, asked: Store, byUid: boolean): Promise<Answer> {
  const view = client.selected;
  if (asked.unchangedSince !== undefined) client.enabled.condstore = true;
  if (view.isReadOnly) return readOnly();
  if (!byUid && view.overshoots(asked.set)) return noSuchNumber();
  const uids = view.uidsOf(asked.set, byUid);
  if (uids.length === 0) return ok('No such messages, nothing done');
  const change = { ...flagsOf(asked.flags), mode: asked.how, unchangedSince: asked.unchangedSince ?? null };
  const stored = await view.open.setFlags(uidSet(uids), change);
  if (isRefusal(stored)) return phraseRefusal(stored);
  view.keepQuiet(stored.changed);
  await tellResult(client, asked, { uids, modified: stored.modified, changed: stored.changed.map(({ uid }) => uid) });
  return finish(client, stored.modified, byUid);
}

/** RFC 7162 §3.1.3: what was held back is named, by number or by uid as the client asked. */
function finish({ selected }: Client, modified: readonly number[], byUid: boolean): Answer {
  if (modified.length === 0) return ok('Stored');
  const { columns } = selected.open;
  const names = byUid ? modified : modified.map((uid) => selected.numberOf(columns.rowOf(uid)));
  return ok('Some had changed meanwhile', `MODIFIED ${formatNumbers(names)}`);
}

type Result = Readonly<{ uids: Float64Array; modified: readonly number[]; changed: readonly number[] }>;

/**
 * Each message's new flags, unless the client wants silence; even then one that follows
 * mod-sequences must hear the new ones (RFC 7162 §3.1.3).
 */
async function tellResult(client: Client, { isSilent }: Store, { uids, modified, changed }: Result): Promise<void> {
  const view = client.selected;
  const { columns } = view.open;
  const { condstore } = client.enabled;
  if (isSilent && !condstore) return;
  const heldBack = new Set(modified);
  const pace = new Pace(client);
  for (const uid of isSilent ? changed : uids) {
    if (pace.isDue) await pace.rest();
    const at = columns.rowOf(uid);
    if (at < 0 || heldBack.has(uid)) continue;
    client.untagged(isSilent ? `${view.numberOf(at)} FETCH (UID ${uid} MODSEQ (${columns.modseq(at)}))` : view.flagLine(at, condstore));
  }
}
