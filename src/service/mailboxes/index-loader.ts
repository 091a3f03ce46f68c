/** Reads an account into index rows, a few thousand at a time: between them others get their turn. */
import type { EmailId, MailboxId, ThreadId } from '../../core/ids.ts';
import type { AccountHandle, EntryColumns } from '../../core/ports/store.ts';
import type { EmailFacts } from './index-emails.ts';
import type { IndexRows } from './index-rows.ts';
import { NO_KEYWORDS } from './keywords.ts';
import { FACTS_AT_ONCE, INDEX_READS } from './limits.ts';
import type { IndexState } from './mail-index.ts';

/**
 * What it resolves to is the state that the rows show at least; what was
 * committed while they were read may be in them or not, and is to be told
 * again, which does no harm.
 */
export async function loadIndex(handle: AccountHandle, rows: IndexRows): Promise<IndexState> {
  const { epoch, modseq } = await handle.read({ ask: 'account' });
  const mailboxes = await handle.read({ ask: 'mailboxes' });
  for (let at = 0; at < mailboxes.length; at += INDEX_READS) {
    const some = mailboxes.slice(at, at + INDEX_READS).filter(({ uidNext }) => uidNext > 1);
    const read = await Promise.all(some.map(({ mailbox }) => handle.read({ ask: 'entries', mailbox })));
    for (const [index, entries] of read.entries()) {
      const mailbox = some[index]?.mailbox;
      if (mailbox !== undefined) await loadMailbox({ handle, rows, mailbox, entries });
    }
  }
  return { epoch, modseq };
}

type Load = Readonly<{ handle: AccountHandle; rows: IndexRows; mailbox: MailboxId; entries: EntryColumns }>;

async function loadMailbox({ handle, rows, mailbox, entries }: Load): Promise<void> {
  for (let from = 0; from < entries.uids.length; from += FACTS_AT_ONCE) {
    const to = Math.min(entries.uids.length, from + FACTS_AT_ONCE);
    const wanted = Array.from(entries.emails.subarray(from, to)) as EmailId[];
    await readFacts(handle, wanted, rows);
    for (let at = from; at < to; at++) {
      const row = rows.emails.rowOf((entries.emails[at] ?? 0) as EmailId);
      // A message that was expunged since its entry was read has no facts.
      if (row < 0) continue;
      const now = { flags: entries.flags[at] ?? 0, keywords: entries.keywords.get(at) ?? NO_KEYWORDS };
      rows.put({ mailbox, uid: entries.uids[at] ?? 0, row }, now);
    }
  }
}

/** Gives a row to those of the messages that have none and are in the store. */
export async function readFacts(handle: AccountHandle, wanted: readonly EmailId[], rows: IndexRows): Promise<void> {
  const unknown = [...new Set(wanted)].filter((email) => rows.emails.rowOf(email) < 0);
  for (let at = 0; at < unknown.length; at += FACTS_AT_ONCE) {
    const facts = await handle.read({ ask: 'emailFacts', emails: unknown.slice(at, at + FACTS_AT_ONCE) });
    facts.emails.forEach((email, index) => rows.addEmail(email as EmailId, factsAt(facts, index)));
  }
}

function factsAt(facts: Readonly<{ threads: Float64Array; sizes: Float64Array; receivedAt: Float64Array }>, index: number): EmailFacts {
  return {
    thread: (facts.threads[index] ?? 0) as ThreadId,
    size: facts.sizes[index] ?? 0,
    receivedAt: facts.receivedAt[index] ?? 0,
  };
}
