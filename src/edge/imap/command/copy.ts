/** COPY, MOVE and their UID forms (RFC 9051 §6.4.7, §6.4.8), telling where the messages went (UIDPLUS, RFC 4315). */
import { type Copy, readCopy } from '../../../codec/imap/command/copy.ts';
import { formatNumbers } from '../../../codec/imap/number-set.ts';
import { isRefusal } from '../../../core/refusal.ts';
import { type Answer, no, ok } from '../answer.ts';
import type { Client } from '../client.ts';
import { noSuchNumber, noSuchTarget, phraseRefusal, readOnly } from '../phrases.ts';
import { row } from '../row.ts';
import { uidSet } from '../uid-set.ts';

type How = Readonly<{ byUid: boolean; moves: boolean }>;

const plan = (name: string, how: How, capabilities: readonly string[] = []) =>
  row({ name, when: 'selected', read: readCopy, capabilities, run: (client, asked) => run(client, asked, how) });

export const copy = plan('COPY', { byUid: false, moves: false });
export const uidCopy = plan('UID COPY', { byUid: true, moves: false }, ['UIDPLUS']);
export const move = plan('MOVE', { byUid: false, moves: true }, ['MOVE']);
export const uidMove = plan('UID MOVE', { byUid: true, moves: true });

async function run(client: Client, asked: Copy, { byUid, moves }: How): Promise<Answer> {
  const view = client.selected;
  if (moves && view.isReadOnly) return readOnly();
  if (!byUid && view.overshoots(asked.set)) return noSuchNumber();
  const target = client.mailbox(asked.mailbox);
  if (target === undefined) return noSuchTarget();
  if (moves && target.mailbox === view.mailbox) return no('They are there already', 'CANNOT');
  const uids = view.uidsOf(asked.set, byUid);
  if (uids.length === 0) return ok('No such messages, nothing done');
  const copied = await (moves ? view.open.move(uidSet(uids), target.mailbox) : view.open.copy(uidSet(uids), target.mailbox));
  if (isRefusal(copied)) return phraseRefusal(copied);
  if (copied.from.length === 0)
    return ok('No such messages, nothing done', client.selected.hasUntoldExpunges ? 'EXPUNGEISSUED' : undefined);
  const code = `COPYUID ${copied.uidValidity} ${formatNumbers(copied.from)} ${formatNumbers(copied.to)}`;
  if (!moves) return ok('Copied', code);
  // RFC 6851 §4.3: a client must know the new UIDs before it hears that the old ones are gone.
  client.untagged(`OK [${code}] Moved`);
  return ok('Moved');
}
