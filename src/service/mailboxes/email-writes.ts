/** Changing messages wherever they stand, for JMAP (RFC 8621 §4.6). */
import type { EmailId } from '../../core/ids.ts';
import { isRefusal, refuse, type Refusal } from '../../core/refusal.ts';
import { writeDecided } from './decided.ts';
import { EmailPlan } from './email-plan.ts';
import { EMAILS_AT_ONCE } from './limits.ts';
import type { LiveAccount } from './live-account.ts';
import type { EmailUpdate, Outcome } from './mailboxes.ts';

export function updateEmails(live: LiveAccount, updates: readonly EmailUpdate[], ifModseq?: number): Promise<readonly Outcome[]> {
  return each(live, { emails: updates.map(({ email }) => email), ifModseq }, (plan, at) => {
    const update = updates[at];
    return update === undefined ? undefined : plan.update(update);
  });
}

export function destroyEmails(live: LiveAccount, emails: readonly EmailId[], ifModseq?: number): Promise<readonly Outcome[]> {
  return each(live, { emails, ifModseq }, (plan, at) => plan.destroy(emails[at] ?? (0 as EmailId)));
}

type Ask = Readonly<{ emails: readonly EmailId[]; ifModseq: number | undefined }>;

/** All that can be done is done in one commit; the others get their Refusal, as do all when nothing could be written. */
async function each(
  live: LiveAccount,
  { emails, ifModseq }: Ask,
  work: (plan: EmailPlan, at: number) => Refusal | undefined,
): Promise<readonly Outcome[]> {
  if (emails.length > EMAILS_AT_ONCE) return emails.map(() => refuse('tooManyMessages', { limit: String(EMAILS_AT_ONCE) }));
  const decided = await live.inTurn(() =>
    writeDecided(
      live,
      (rows) => {
        const { tree } = live;
        const plan = new EmailPlan({
          rows,
          isThere: (mailbox) => tree.byId(mailbox) !== undefined,
          inUse: (mailbox) => tree.byId(mailbox)?.columns?.keywordsInUse() ?? [],
        });
        const known = new Set<EmailId>();
        const outcomes = emails.map((email, at): Outcome => {
          // What the first one does to it is not in the index yet.
          if (known.has(email)) return refuse('badValue', { why: 'the same email twice' });
          known.add(email);
          return work(plan, at);
        });
        return { batch: plan.batch, outcomes };
      },
      ifModseq,
    ),
  );
  if (isRefusal(decided)) return emails.map(() => decided);
  if (live.tree.boxes.some(({ sizeStale }) => sizeStale)) await live.refresh();
  return decided.made.outcomes;
}
