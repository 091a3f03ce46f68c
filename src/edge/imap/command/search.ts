/** SEARCH and UID SEARCH (RFC 9051 §6.4.4), answered by SEARCH or ESEARCH as the client expects (RFC 4731, RFC 5182, RFC 7162 §3.1.5). */
import { readSearch, type Search, type SearchKey, type SearchReturn } from '../../../codec/imap/command/search.ts';
import { formatNumbers } from '../../../codec/imap/number-set.ts';
import { type Answer, bad, no, ok } from '../answer.ts';
import type { Client } from '../client.ts';
import { row } from '../row.ts';
import { criterionOf } from '../search-criterion.ts';

export const search = row({
  name: 'SEARCH',
  when: 'selected',
  read: readSearch,
  capabilities: ['ESEARCH', 'SEARCHRES', 'WITHIN'],
  holdsNumbers: true,
  run: (client, asked, tag) => run(client, asked, { tag, byUid: false }),
});
export const uidSearch = row({
  name: 'UID SEARCH',
  when: 'selected',
  read: readSearch,
  run: (client, asked, tag) => run(client, asked, { tag, byUid: true }),
});

type How = Readonly<{ tag: string; byUid: boolean }>;

/** RFC 9051 §6.4.4: without RETURN, IMAP4rev2 means ALL. */
const ALL: SearchReturn = { min: false, max: false, all: true, count: false, save: false };

async function run(client: Client, asked: Search, how: How): Promise<Answer> {
  const view = client.selected;
  if (asked.charset !== undefined && client.enabled.utf8Accept) return bad('With UTF8=ACCEPT there is no CHARSET');
  if (asked.isUnknownCharset) {
    if (asked.returns?.save === true) view.saved = new Float64Array(0);
    return no('We cannot read that charset', 'BADCHARSET (UTF-8 US-ASCII)');
  }
  const asksModseq = mentionsModseq(asked.key);
  if (asksModseq) client.enabled.condstore = true;
  const found = await view.open.search(criterionOf(asked.key, view), client.wire.signal);
  if (client.view !== view) return ok('Searched');
  tellFound(client, { ...how, returns: asked.returns, asksModseq, found });
  return ok('Searched');
}

type Outcome = How & Readonly<{ returns: SearchReturn | undefined; asksModseq: boolean; found: Float64Array }>;

function tellFound(client: Client, outcome: Outcome): void {
  const view = client.selected;
  const { columns } = view.open;
  const here = outcome.found.filter((uid) => view.knows(uid) && columns.rowOf(uid) >= 0);
  const names = outcome.byUid ? here : here.map((uid) => view.numberOf(columns.rowOf(uid)));
  const { returns } = outcome;
  if (returns === undefined && !client.enabled.rev2) return tellAsRev1(client, outcome, { here, names });
  if (returns?.save === true) view.saved = savedOf(returns, here);
  if (returns?.save === true && !returns.min && !returns.max && !returns.all && !returns.count) return;
  tellExtended(client, { ...outcome, returns: returns ?? ALL }, { here, names });
}

/** `here` are uids, `names` what the client calls them. */
type Matches = Readonly<{ here: Float64Array; names: Float64Array }>;

/** RFC 3501 §7.2.5, with RFC 7162's addition. */
function tellAsRev1(client: Client, { asksModseq }: Outcome, { here, names }: Matches): void {
  const modseq = asksModseq && here.length > 0 ? ` (MODSEQ ${highestModseq(client, here)})` : '';
  client.untagged(`SEARCH${names.length === 0 ? '' : ` ${names.join(' ')}`}${modseq}`);
}

function tellExtended(
  client: Client,
  { tag, byUid, returns, asksModseq }: Outcome & Readonly<{ returns: SearchReturn }>,
  matches: Matches,
): void {
  const { names } = matches;
  // RFC 4466 §2.6.2 wants the tag as a string, and older clients insist; RFC 9051 allows it.
  const items = [`ESEARCH (TAG "${tag}")`];
  if (byUid) items.push('UID');
  if (names.length > 0) {
    if (returns.min) items.push(`MIN ${names[0]}`);
    if (returns.max) items.push(`MAX ${names[names.length - 1]}`);
    if (returns.all) items.push(`ALL ${formatNumbers(names)}`);
  }
  if (returns.count) items.push(`COUNT ${names.length}`);
  if (asksModseq && names.length > 0) items.push(`MODSEQ ${highestModseq(client, told(returns, matches.here))}`);
  client.untagged(items.join(' '));
}

/** RFC 9051 §6.4.4.1: with MIN or MAX alone, only these are saved. */
const savedOf = (returns: SearchReturn, here: Float64Array): Float64Array =>
  returns.all || returns.count || !(returns.min || returns.max) ? here : told(returns, here);

/** The messages the answer speaks of (RFC 4731 §3.2): all, or the first and last of them. */
function told(returns: SearchReturn, here: Float64Array): Float64Array {
  if (returns.all || returns.count) return here;
  const ends = new Set([...(returns.min ? here.subarray(0, 1) : []), ...(returns.max ? here.subarray(-1) : [])]);
  return Float64Array.from(ends);
}

function highestModseq(client: Client, uids: Float64Array): number {
  const { columns } = client.selected.open;
  let highest = 0;
  for (const uid of uids) highest = Math.max(highest, columns.modseq(columns.rowOf(uid)));
  return highest;
}

function mentionsModseq(key: SearchKey): boolean {
  if (key.by === 'modseq') return true;
  if (key.by === 'not') return mentionsModseq(key.of);
  return (key.by === 'and' || key.by === 'or') && key.of.some(mentionsModseq);
}
