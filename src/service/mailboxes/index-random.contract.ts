/** However an account changes: its index, kept current, is the index one would build; and the changes it tells lead there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EmailId, MailboxId } from '../../core/ids.ts';
import { append, idOf, letter, type MakeStore, ok, openHouse, reply, select, sorted } from './house.contract.ts';
import { type MailAccount, type MailIndex, openMailboxes } from './mailboxes.ts';

/** All that an index says, in an order of its own. */
function whole(account: MailAccount, index: MailIndex): unknown {
  const emails = sorted(index.all()).map((email) => {
    const found = index.get(email);
    assert.ok(found);
    return { ...found, mailboxes: sorted(found.mailboxes), keywords: sorted(found.keywords), thread: index.thread(email) };
  });
  const mailboxes = account.list().map(({ mailbox }) => ({ mailbox, in: index.inMailbox(mailbox), ...index.counts(mailbox) }));
  return { count: index.count, emails, mailboxes };
}

/** Counted the slow way, word for word from RFC 8621 §2. */
function slowCounts(index: MailIndex, mailbox: MailboxId, trash: MailboxId): unknown {
  const isUnread = (email: EmailId): boolean => !index.has(email, '$seen') && !index.has(email, '$draft');
  const here = index.all().filter((email) => index.isIn(email, mailbox));
  const threads = new Set(here.map((email) => index.threadOf(email)));
  const counts = (email: EmailId): boolean => (mailbox === trash ? index.isIn(email, trash) : index.isOutside(email, new Set([trash])));
  const unread = [...threads].filter((thread) => index.emailsOf(thread).some((email) => isUnread(email) && counts(email)));
  const [totalEmails, unreadEmails] = [here.length, here.filter(isUnread).length];
  return { totalEmails, unreadEmails, totalThreads: threads.size, unreadThreads: unread.length };
}

export function indexRandomContract(name: string, makeStore: MakeStore): void {
  const it = (what: string, run: () => Promise<void>): void => void test(`mail index over ${name}: ${what}`, run);

  it('random changes agree with an index built afresh', async () => {
    const house = await openHouse(makeStore);
    const { noor, parts } = house;
    const elsewhere = openMailboxes(parts);
    const other = await elsewhere.open(noor.account);
    const index = await noor.index();
    const dice = rolls(11);
    const states = [index.state];
    const seen: ReadonlySet<EmailId>[] = [new Set()];
    for (let step = 0; step < 500; step++) {
      // Half of it comes from elsewhere, as deliveries and other processes do.
      await change(dice(2) === 0 ? noor : other, dice, step);
      if (step % 50 !== 49) continue;
      assert.equal(await noor.index(), index, 'nothing was missed');
      const fresh = openMailboxes(parts);
      const account = await fresh.open(noor.account);
      const built = await account.index();
      assert.deepEqual(whole(noor, index), whole(account, built));
      const trash = account.byRole('trash')?.mailbox ?? (0 as MailboxId);
      for (const { mailbox } of account.list()) assert.deepEqual(index.counts(mailbox), slowCounts(built, mailbox, trash));
      fresh.close();
      states.push(index.state);
      seen.push(new Set(index.all()));
    }
    await agree(index, states, seen);
    elsewhere.close();
  });
}

/** From every state seen, the changes lead to what is there now: in one go, and in small steps. */
async function agree(index: MailIndex, states: readonly MailIndex['state'][], seen: readonly ReadonlySet<EmailId>[]): Promise<void> {
  for (const [number, since] of states.entries()) {
    for (const max of [100_000, 60]) {
      const known = new Set(seen[number]);
      for (let at: MailIndex['state'] | undefined = since; at !== undefined; ) {
        const changed: Awaited<ReturnType<MailIndex['emailChanges']>> = await index.emailChanges(at, max);
        assert.ok(changed, `from ${at.modseq}, ${max} at a time`);
        if (max > 60) for (const email of changed.updated) assert.ok(known.has(email) && index.get(email));
        for (const email of changed.created) known.add(email);
        for (const email of changed.destroyed) known.delete(email);
        at = changed.hasMoreChanges ? changed.newState : undefined;
      }
      assert.deepEqual(sorted(known), sorted(index.all()));
    }
  }
}

type Roll = (below: number) => number;

/** Steps of a random test, always the same. */
function rolls(seed: number): Roll {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 65_536) % below;
  };
}

async function change(account: MailAccount, roll: Roll, step: number): Promise<void> {
  const paths = account.list().map(({ path }) => path);
  const [path = 'INBOX', to = 'INBOX'] = [paths[roll(paths.length)], paths[roll(paths.length)]];
  const first = roll(30) + 1;
  const some: readonly [number, number][] = [[first, first + roll(4)]];
  const kind = roll(20);
  if (kind < 7) {
    const text = roll(2) === 0 ? letter(`step ${step}`) : reply(`step ${step}`, `thread ${roll(6)}`);
    await append(account, path, text, { flags: roll(32), keywords: roll(3) === 0 ? [`Word${roll(3)}`] : [], receivedAt: roll(9_000) });
  } else if (kind === 19) await changeTree(account, roll, step);
  else {
    const opened = await select(account, path);
    const mode = (['add', 'remove', 'replace'] as const)[roll(3)] ?? 'add';
    if (kind < 12) ok(await opened.setFlags(some, { mode, flags: roll(32), keywords: [`Word${roll(3)}`], unchangedSince: null }));
    else if (kind < 15) ok(await opened.copy(some, idOf(account, to)));
    else if (kind < 17) ok(await opened.move(some, idOf(account, to)));
    else await opened.expunge(some, kind === 17);
    opened.close();
  }
}

async function changeTree(account: MailAccount, roll: Roll, step: number): Promise<void> {
  const path = `Box ${roll(4)}`;
  if (account.byPath(path) === undefined) ok(await account.create(path));
  else if (roll(2) === 0) assert.equal(await account.remove(path), undefined);
  else assert.equal(await account.rename(path, `Box ${step}`), undefined);
}
