/** The account as JMAP sees it, over any store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scan } from '../../codec/mime/scanner.ts';
import type { Command } from '../../core/command.ts';
import { Fault } from '../../core/fault.ts';
import type { BlobId, EmailId, MailboxId, ThreadId } from '../../core/ids.ts';
import { FLAG } from '../../core/mailbox.ts';
import type { Query, Store } from '../../core/ports/store.ts';
import { sealBody } from '../../lib/body-cipher.ts';
import {
  ALL,
  append,
  copyAll,
  flag,
  type House,
  idOf,
  letter,
  type MakeStore,
  ok,
  openHouse,
  put,
  reply,
  select,
  sorted,
} from './house.contract.ts';
import { IDLE_MS } from './limits.ts';
import { addEmailCommand } from './mailboxes.ts';

/** Counts the questions, and may spoil them. */
function counted(store: Store, asked: Query[], spoil: { fails: boolean; loses: boolean }): Store {
  const account: Store['account'] = (id) => {
    const handle = store.account(id);
    const read = (async (query: Query): Promise<unknown> => {
      asked.push(query);
      if (spoil.fails) throw new Fault('unavailable', 'the disk is away');
      return handle.read(query);
    }) as typeof handle.read;
    return { ...handle, read };
  };
  const onChange: Store['onChange'] = (listener) => store.onChange((changes) => (spoil.loses ? undefined : listener(changes)));
  return new Proxy(store, {
    get(target, name) {
      if (name === 'account') return account;
      if (name === 'onChange') return onChange;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function delivery({ ids, keyring, noor }: House, mailbox: MailboxId, text: string): Command {
  const key = keyring.of(noor.account);
  assert.ok(key);
  const [bodyKey, plain] = [keyring.bodyKey(), Buffer.from(text)];
  return addEmailCommand({
    account: noor.account,
    key,
    email: ids.next<EmailId>(),
    body: { kind: 'inline', blob: ids.next<BlobId>(), sealed: sealBody(bodyKey, plain) },
    bodyKey,
    size: plain.length,
    receivedAt: ids.next<EmailId>(),
    structure: scan(plain),
    into: [{ mailbox, flags: 0, keywords: [] }],
  });
}

export function indexContract(name: string, makeStore: MakeStore): void {
  const it = (what: string, run: () => Promise<void>): void => void test(`mail index over ${name}: ${what}`, run);

  it('a message is there once, wherever it stands', async () => {
    const { noor } = await openHouse(makeStore);
    const before = await noor.index();
    assert.deepEqual([before.count, before.all()], [0, []]);
    const one = await put(noor, 'INBOX', letter('one'), { flags: FLAG.seen, keywords: ['$Forwarded', '$Seen'], receivedAt: 5_000 });
    await copyAll(noor, 'INBOX', 'Archive');
    await copyAll(noor, 'Archive', 'Archive');
    const index = await noor.index();
    const [inbox, archive, sent] = [idOf(noor, 'INBOX'), idOf(noor, 'Archive'), idOf(noor, 'Sent')];
    const found = index.get(one);
    assert.ok(found);
    assert.deepEqual(sorted(found.mailboxes), sorted([inbox, archive]));
    assert.deepEqual(
      [found.email, found.receivedAt, found.size, sorted(found.keywords)],
      [one, 5_000, letter('one').length, ['$forwarded', '$seen']],
    );
    assert.deepEqual([index.count, index.all(), index.inMailbox(archive), index.inMailbox(sent)], [1, [one], [one], []]);
    assert.deepEqual([index.isIn(one, archive), index.isIn(one, sent), index.isIn(7 as EmailId, archive)], [true, false, false]);
    assert.deepEqual([index.isOutside(one, new Set([inbox])), index.isOutside(one, new Set([inbox, archive]))], [true, false]);
    assert.deepEqual([index.has(one, '$seen'), index.has(one, '$forwarded'), index.has(one, '$flagged')], [true, true, false]);
    assert.deepEqual(index.counts(archive), { totalEmails: 1, unreadEmails: 0, totalThreads: 1, unreadThreads: 0 });
    assert.deepEqual([index.get(1 as EmailId), index.thread(1 as EmailId), index.emailsOf(1 as ThreadId)], [undefined, [], []]);
  });

  it('where the places of a message differ, it is read when all are, and has what any has', async () => {
    const { noor } = await openHouse(makeStore);
    const one = await put(noor, 'INBOX', letter('one'));
    await copyAll(noor, 'INBOX', 'Archive');
    await flag(noor, 'Archive', { add: FLAG.seen | FLAG.flagged, words: ['Mine'] });
    const index = await noor.index();
    assert.deepEqual(sorted(index.get(one)?.keywords ?? []), ['$flagged', 'mine']);
    await flag(noor, 'INBOX', { add: FLAG.seen });
    assert.deepEqual(sorted(index.get(one)?.keywords ?? []), ['$flagged', '$seen', 'mine']);
    await flag(noor, 'Archive', { remove: FLAG.flagged, words: ['mine'] });
    assert.deepEqual(index.get(one)?.keywords, ['$seen']);
  });

  it('what is flagged \\Deleted is not there', async () => {
    const { noor } = await openHouse(makeStore);
    const one = await put(noor, 'INBOX', letter('one'));
    await copyAll(noor, 'INBOX', 'Archive');
    const [inbox, archive] = [idOf(noor, 'INBOX'), idOf(noor, 'Archive')];
    const index = await noor.index();
    await flag(noor, 'INBOX', { add: FLAG.deleted });
    assert.deepEqual([index.get(one)?.mailboxes, index.inMailbox(inbox), index.isIn(one, inbox)], [[archive], [], false]);
    assert.deepEqual([index.counts(inbox).totalEmails, index.counts(archive).totalEmails], [0, 1]);
    const { state } = index;
    await flag(noor, 'Archive', { add: FLAG.deleted });
    assert.deepEqual([index.get(one), index.count, index.all(), index.receivedAt(one)], [undefined, 0, [], 0]);
    assert.equal(index.counts(archive).totalThreads, 0);
    assert.deepEqual((await index.emailChanges(state, 9))?.destroyed, [one]);
    const hidden = index.state;
    await flag(noor, 'Archive', { remove: FLAG.deleted });
    assert.deepEqual([index.get(one)?.mailboxes, index.count], [[archive], 1]);
    assert.deepEqual((await index.emailChanges(hidden, 9))?.created, [one]);
    assert.equal((await index.threadChanges(hidden, 9))?.created.length, 1);
  });

  it('conversations, oldest first', async () => {
    const { noor } = await openHouse(makeStore);
    const second = await put(noor, 'INBOX', reply('Re: one', 'one'), { receivedAt: 2_000 });
    const first = await put(noor, 'Sent', letter('one'), { receivedAt: 1_000 });
    const third = await put(noor, 'INBOX', reply('Re: one again', 'one'), { receivedAt: 2_000 });
    const alone = await put(noor, 'INBOX', letter('two'));
    const index = await noor.index();
    assert.deepEqual(index.thread(third), [first, second, third]);
    assert.deepEqual(index.emailsOf(index.threadOf(first)), [first, second, third]);
    assert.deepEqual(index.thread(alone), [alone]);
    assert.deepEqual(index.counts(idOf(noor, 'INBOX')), { totalEmails: 3, unreadEmails: 3, totalThreads: 2, unreadThreads: 2 });
    // RFC 8621 §2: the unread one need not be in this mailbox.
    await flag(noor, 'Sent', { add: FLAG.seen });
    assert.equal(index.counts(idOf(noor, 'Sent')).unreadThreads, 1);
    await flag(noor, 'INBOX', { add: FLAG.seen });
    assert.equal(index.counts(idOf(noor, 'Sent')).unreadThreads, 0);
  });

  it('the trash is a world of its own for what is unread', async () => {
    const { noor } = await openHouse(makeStore);
    await put(noor, 'INBOX', letter('one'), { flags: FLAG.seen });
    await put(noor, 'Trash', reply('Re: one', 'one'));
    const index = await noor.index();
    const [inbox, trash] = [idOf(noor, 'INBOX'), idOf(noor, 'Trash')];
    assert.deepEqual([index.counts(trash).unreadThreads, index.counts(inbox).unreadThreads], [1, 0]);
    await copyAll(noor, 'Trash', 'Archive');
    assert.deepEqual([index.counts(trash).unreadThreads, index.counts(inbox).unreadThreads], [1, 1]);
    await put(noor, 'INBOX', reply('Re: one more', 'one'));
    await flag(noor, 'Trash', { add: FLAG.draft });
    assert.deepEqual([index.counts(trash).unreadThreads, index.counts(inbox).unreadThreads], [0, 1]);
  });

  it('what changed: emails, threads and mailboxes', async () => {
    const { noor } = await openHouse(makeStore);
    const old = await put(noor, 'INBOX', letter('old'));
    const doomed = await put(noor, 'Junk', letter('doomed'));
    const index = await noor.index();
    const [inbox, junk, archive] = [idOf(noor, 'INBOX'), idOf(noor, 'Junk'), idOf(noor, 'Archive')];
    const [oldThread, doomedThread] = [index.threadOf(old), index.threadOf(doomed)];
    const start = index.state;
    const nothing = { created: [], updated: [], destroyed: [], newState: start, hasMoreChanges: false };
    assert.deepEqual(await index.emailChanges(start, 9), nothing);
    await flag(noor, 'INBOX', { add: FLAG.seen });
    const flagged = index.state;
    assert.deepEqual(await index.threadChanges(start, 9), { ...nothing, newState: flagged });
    const counts = await index.mailboxChanges(start, 9);
    assert.deepEqual([counts?.updated, counts?.onlyCounts], [[inbox], true]);
    await put(noor, 'Archive', letter('fresh'));
    await flag(noor, 'Archive', { add: FLAG.flagged });
    const [fresh] = index.inMailbox(archive);
    await put(noor, 'Archive', letter('fleeting'));
    const opened = await select(noor, 'Archive');
    await opened.expunge([[2, 2]], false);
    const inJunk = await select(noor, 'Junk');
    await inJunk.expunge(ALL, false);
    const made = ok(await noor.create('New')).mailbox;
    assert.equal(await noor.rename('Drafts', 'Klad'), undefined);
    const emails = await index.emailChanges(start, 9);
    assert.deepEqual([emails?.created, emails?.updated, emails?.destroyed], [[fresh], [old], [doomed]]);
    assert.deepEqual([emails?.newState, emails?.hasMoreChanges], [index.state, false]);
    const threads = await index.threadChanges(start, 9);
    assert.deepEqual([threads?.created.length, threads?.updated, threads?.destroyed], [1, [], [doomedThread]]);
    const mailboxes = await index.mailboxChanges(start, 9);
    assert.deepEqual([mailboxes?.created, mailboxes?.destroyed, mailboxes?.onlyCounts], [[made], [], false]);
    assert.deepEqual(sorted(mailboxes?.updated ?? []), sorted([inbox, junk, archive, idOf(noor, 'Klad')]));
    assert.equal(await noor.remove('New'), undefined);
    assert.deepEqual((await index.mailboxChanges(index.state, 9))?.updated, []);
    assert.deepEqual((await index.mailboxChanges(emails?.newState ?? start, 9))?.destroyed, [made]);
    // A reply changes the conversation, and with it the mailboxes of the others in it.
    const late = index.state;
    await put(noor, 'Sent', reply('Re: old', 'old'));
    assert.deepEqual((await index.threadChanges(late, 9))?.updated, [oldThread]);
    assert.deepEqual(sorted((await index.mailboxChanges(late, 9))?.updated ?? []), sorted([inbox, idOf(noor, 'Sent')]));
  });

  it('a mailbox that goes takes its messages along, but for those elsewhere', async () => {
    const { noor } = await openHouse(makeStore);
    ok(await noor.create('Work'));
    const both = await put(noor, 'Work', letter('both'));
    await copyAll(noor, 'Work', 'Archive');
    const lost = await put(noor, 'Work', letter('lost'));
    const index = await noor.index();
    const { state } = index;
    const work = idOf(noor, 'Work');
    assert.equal(await noor.remove('Work'), undefined);
    assert.deepEqual([index.all(), index.inMailbox(work), index.isIn(both, work)], [[both], [], false]);
    const changed = await index.emailChanges(state, 9);
    assert.deepEqual([changed?.created, changed?.updated, changed?.destroyed], [[], [both], [lost]]);
    assert.deepEqual((await index.mailboxChanges(state, 9))?.destroyed, [work]);
  });

  it('few at a time leads to the same, and what cannot be told is not', async () => {
    const { noor } = await openHouse(makeStore);
    const index = await noor.index();
    const start = index.state;
    const emails: EmailId[] = [];
    for (const number of [1, 2, 3, 4, 5]) emails.push(await put(noor, 'INBOX', letter(`letter ${number}`)));
    const found: EmailId[] = [];
    let at = start;
    for (let rounds = 0; rounds < 5; rounds++) {
      const changed = await index.emailChanges(at, 2);
      assert.ok(changed && changed.created.length <= 2);
      found.push(...changed.created);
      at = changed.newState;
      if (!changed.hasMoreChanges) break;
    }
    assert.deepEqual([found, at], [emails, index.state]);
    await flag(noor, 'INBOX', { add: FLAG.seen });
    assert.equal(await index.emailChanges(at, 4), undefined, 'one commit changed five');
    assert.equal((await index.emailChanges(at, 5))?.updated.length, 5);
    assert.equal(await index.emailChanges({ ...at, epoch: at.epoch + 1 }, 9), undefined);
    assert.equal(await index.emailChanges({ ...at, modseq: index.state.modseq + 1 }, 9), undefined);
    assert.equal(await index.mailboxChanges({ ...at, modseq: index.state.modseq + 1 }, 9), undefined);
  });

  it('as many questions as there are mailboxes, and afterwards only for what is delivered', async () => {
    const asked: Query[] = [];
    const house = await openHouse(makeStore, { wrap: (store) => counted(store, asked, { fails: false, loses: false }) });
    const { noor, store } = house;
    const inbox = idOf(noor, 'INBOX');
    const many = Array.from({ length: 1_500 }, (_, number) => delivery(house, inbox, letter(`letter ${number}`)));
    ok(await store.applyTogether([{ account: noor.account, batch: many }]));
    asked.length = 0;
    const index = await noor.index();
    assert.deepEqual(sorted(asked.map(({ ask }) => ask)), ['account', 'emailFacts', 'entries', 'mailboxes']);
    assert.deepEqual([index.count, index.counts(inbox).totalThreads], [1_500, 1_500]);
    const opened = await select(noor);
    asked.length = 0;
    ok(await opened.setFlags([[1, 700]], { mode: 'add', flags: FLAG.seen, keywords: [], unchangedSince: null }));
    assert.equal((await noor.index()).counts(inbox).unreadThreads, 800);
    await append(noor, 'INBOX', letter('our own'));
    assert.equal(index.count, 1_501);
    assert.deepEqual(asked, []);
    ok(await store.applyTogether([{ account: noor.account, batch: [delivery(house, inbox, letter('news'))] }]));
    assert.equal((await noor.index()).count, 1_502);
    assert.deepEqual(
      asked.map(({ ask }) => ask),
      ['emailFacts'],
    );
  });

  it('survives a disk that is away, and lost news', async () => {
    const spoil = { fails: false, loses: false };
    const house = await openHouse(makeStore, { wrap: (store) => counted(store, [], spoil) });
    const { noor, store } = house;
    const inbox = idOf(noor, 'INBOX');
    spoil.fails = true;
    await assert.rejects(noor.index(), Fault);
    spoil.fails = false;
    const first = await noor.index();
    spoil.loses = true;
    ok(await store.applyTogether([{ account: noor.account, batch: [delivery(house, inbox, letter('lost'))] }]));
    spoil.loses = false;
    ok(await store.applyTogether([{ account: noor.account, batch: [delivery(house, inbox, letter('told'))] }]));
    assert.equal((await noor.index()).count, 2);
    assert.equal(first.count, 0, 'the one that missed something is left behind');
    spoil.fails = true;
    ok(await store.applyTogether([{ account: noor.account, batch: [delivery(house, inbox, letter('unread'))] }]));
    await assert.rejects(noor.index(), Fault);
    spoil.fails = false;
    assert.equal((await noor.index()).count, 3);
  });

  it('is let go a while after nobody has the account open', async () => {
    const asked: Query[] = [];
    const house = await openHouse(makeStore, { wrap: (store) => counted(store, asked, { fails: false, loses: false }) });
    const { noor, mailboxes, clock } = house;
    await append(noor, 'INBOX', letter('one'));
    const first = await noor.index();
    noor.close();
    const again = await mailboxes.open(noor.account);
    assert.equal(await again.index(), first);
    again.close();
    await clock.advance(IDLE_MS + 1);
    const later = await mailboxes.open(noor.account);
    asked.length = 0;
    assert.notEqual(await later.index(), first);
    assert.ok(asked.length > 0);
  });
}
