/** What happened between two states of a mailbox, as the Changes that would have told it. */
import type { Change } from '../../core/change.ts';
import type { AccountId, EmailId, MailboxId, Uid } from '../../core/ids.ts';
import type { EntryColumns } from '../../core/ports/store.ts';
import { NO_KEYWORDS } from './keywords.ts';
import type { Columns } from './mailboxes.ts';

type Where = Readonly<{ account: AccountId; mailbox: MailboxId; modseq: number }>;

/** `modseq` of `where` is the highest known before. */
export function columnChanges(where: Where, before: Columns, after: EntryColumns): Change[] {
  const { account, mailbox } = where;
  const changes: Change[] = [];
  const gone = goneUids(before, after);
  if (gone.length > 0) changes.push({ kind: 'expunged', account, modseq: where.modseq, mailbox, uids: gone });
  for (let row = 0; row < after.uids.length; row++) {
    const uid = (after.uids[row] ?? 0) as Uid;
    const modseq = after.modseqs[row] ?? 0;
    const known = before.rowOf(uid);
    if (known >= 0 && before.modseq(known) === modseq) continue;
    const now = { account, modseq, mailbox, uid, flags: after.flags[row] ?? 0, keywords: after.keywords.get(row) ?? NO_KEYWORDS };
    changes.push(known < 0 ? { kind: 'added', ...now, email: (after.emails[row] ?? 0) as EmailId } : { kind: 'flags', ...now });
  }
  return changes;
}

function goneUids(before: Columns, after: EntryColumns): Uid[] {
  const gone: Uid[] = [];
  let at = 0;
  for (let row = 0; row < before.count; row++) {
    const uid = before.uids[row] ?? 0;
    while ((after.uids[at] ?? Number.POSITIVE_INFINITY) < uid) at++;
    if (after.uids[at] !== uid) gone.push(uid as Uid);
  }
  return gone;
}
