/** What happened between two states of a mailbox, as the Changes that would have told it. */
import type { Change } from '../../core/change.ts';
import type { AccountId, EmailId, MailboxId, Uid } from '../../core/ids.ts';
import type { EntryColumns } from '../../core/ports/store.ts';
import { NO_KEYWORDS } from './keywords.ts';
import type { Columns } from './mailboxes.ts';

type Where = Readonly<{ account: AccountId; mailbox: MailboxId; modseq: number }>;

/**
 * `modseq` of `where` is the highest known before. Columns tell neither whether
 * an email is new nor whether it is still elsewhere: `isNew` is false, and
 * nothing is told as destroyed. Who must know that asks the log.
 */
export function columnChanges(where: Where, before: Columns, after: EntryColumns): Change[] {
  const { account, mailbox } = where;
  const changes: Change[] = [];
  const gone = goneRows(before, after);
  if (gone.length > 0) {
    const uids = gone.map((row) => (before.uids[row] ?? 0) as Uid);
    changes.push({ kind: 'expunged', account, modseq: where.modseq, mailbox, uids, emails: gone.map((row) => before.email(row)) });
  }
  for (let row = 0; row < after.uids.length; row++) {
    const uid = (after.uids[row] ?? 0) as Uid;
    const modseq = after.modseqs[row] ?? 0;
    const known = before.rowOf(uid);
    if (known >= 0 && before.modseq(known) === modseq) continue;
    const now = { account, modseq, mailbox, uid, flags: after.flags[row] ?? 0, keywords: after.keywords.get(row) ?? NO_KEYWORDS };
    changes.push(
      known < 0 ? { kind: 'added', ...now, email: (after.emails[row] ?? 0) as EmailId, isNew: false } : { kind: 'flags', ...now },
    );
  }
  return changes;
}

function goneRows(before: Columns, after: EntryColumns): number[] {
  const gone: number[] = [];
  let at = 0;
  for (let row = 0; row < before.count; row++) {
    const uid = before.uids[row] ?? 0;
    while ((after.uids[at] ?? Number.POSITIVE_INFINITY) < uid) at++;
    if (after.uids[at] !== uid) gone.push(row);
  }
  return gone;
}
