/** Writing as JMAP does, by email and mailbox id; over any store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../core/change.ts';
import type { EmailId, MailboxId } from '../../core/ids.ts';
import { FLAG } from '../../core/mailbox.ts';
import type { Store } from '../../core/ports/store.ts';
import {
  ALL,
  copyAll,
  flag,
  idOf,
  letter,
  type MakeStore,
  ok,
  openHouse,
  put,
  refused,
  select,
  shownCounts,
  sorted,
  storedCounts,
  uidsOf,
} from './house.contract.ts';
import { KEYWORDS_PER_MESSAGE, MAILBOXES_PER_EMAIL } from './limits.ts';
import { EMAILS_AT_ONCE, type EmailUpdate, type MailAccount, openMailboxes, type Staged } from './mailboxes.ts';

const paths = (account: MailAccount, mailboxes: readonly MailboxId[] = []): string[] =>
  sorted(mailboxes.map((mailbox) => account.byId(mailbox)?.path ?? '?'));

async function where(account: MailAccount, email: EmailId): Promise<string[]> {
  return paths(account, (await account.index()).get(email)?.mailboxes);
}

async function keywords(account: MailAccount, email: EmailId): Promise<string[]> {
  return sorted((await account.index()).get(email)?.keywords ?? []);
}

async function stage(account: MailAccount, text: string): Promise<Staged> {
  const staging = ok(account.stage({ flags: 0, keywords: [], receivedAt: null, size: text.length }));
  await staging.write(Buffer.from(text));
  return ok(await staging.finish());
}

function withAccount(store: Store, account: Store['account']): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'account') return account;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const update = async (account: MailAccount, change: EmailUpdate): Promise<string | undefined> =>
  refused((await account.updateEmails([change]))[0]);

export function writesContract(name: string, makeStore: MakeStore): void {
  const it = (what: string, run: () => Promise<void>): void => void test(`JMAP writes over ${name}: ${what}`, run);

  it('keywords go onto all places of a message', async () => {
    const { noor } = await openHouse(makeStore);
    const email = await put(noor, 'INBOX', letter('one'), { flags: FLAG.flagged, keywords: ['Old'] });
    await copyAll(noor, 'INBOX', 'Archive');
    assert.equal(await update(noor, { email, keywords: { add: ['$SEEN', 'Work'], remove: ['old', '$flagged', 'never'] } }), undefined);
    assert.deepEqual(await keywords(noor, email), ['$seen', 'work']);
    for (const path of ['INBOX', 'Archive']) {
      const opened = await select(noor, path);
      assert.deepEqual([opened.columns.flags(0), opened.columns.keywords(0)], [FLAG.seen, ['work']]);
    }
    assert.equal(await update(noor, { email, keywords: { set: ['$draft', 'new'] } }), undefined);
    assert.deepEqual(await keywords(noor, email), ['$draft', 'new']);
    assert.equal(await update(noor, { email, keywords: { set: [] } }), undefined);
    assert.deepEqual(await keywords(noor, email), []);
    const state = (await noor.index()).state;
    assert.equal(await update(noor, { email, keywords: { set: [] } }), undefined);
    assert.deepEqual((await noor.index()).state, state, 'nothing changed, nothing to tell');
  });

  it('keywords that cannot be', async () => {
    const { noor } = await openHouse(makeStore);
    const email = await put(noor, 'INBOX', letter('one'), { keywords: ['here'] });
    assert.equal(await update(noor, { email, keywords: { set: ['$recent'] } }), 'badValue');
    for (const bad of ['two words', 'a(b', '', 'ü', '\\seen']) {
      assert.equal(await update(noor, { email, keywords: { add: [bad] } }), 'tooManyKeywords', bad);
    }
    const many = Array.from({ length: KEYWORDS_PER_MESSAGE }, (_, number) => `k${number}`);
    assert.equal(await update(noor, { email, keywords: { add: many } }), 'tooManyKeywords');
    assert.equal(await update(noor, { email, keywords: { set: many } }), undefined);
    assert.equal((await keywords(noor, email)).length, KEYWORDS_PER_MESSAGE);
    assert.equal(await update(noor, { email: 5 as EmailId, keywords: { set: [] } }), 'notFound');
  });

  it('a message keeps its id from mailbox to mailbox, and moves where it can', async () => {
    const { noor } = await openHouse(makeStore);
    const email = await put(noor, 'INBOX', letter('one'), { flags: FLAG.seen, keywords: ['Work'] });
    const [inbox, archive, trash] = [idOf(noor, 'INBOX'), idOf(noor, 'Archive'), idOf(noor, 'Trash')];
    const told: Change[] = [];
    noor.watch((change) => told.push(change));
    assert.equal(await update(noor, { email, mailboxes: { set: [archive] } }), undefined);
    assert.deepEqual(told.map(({ kind }) => kind).sort(), ['added', 'expunged']);
    assert.deepEqual(await where(noor, email), ['Archive']);
    assert.equal(await update(noor, { email, mailboxes: { add: [inbox, trash, archive] } }), undefined);
    assert.deepEqual(await where(noor, email), ['Archive', 'INBOX', 'Trash']);
    assert.equal(await update(noor, { email, mailboxes: { remove: [inbox, archive] } }), undefined);
    assert.deepEqual(await where(noor, email), ['Trash']);
    assert.equal(await update(noor, { email, mailboxes: { set: [inbox, archive] }, keywords: { add: ['$flagged'] } }), undefined);
    assert.deepEqual(await where(noor, email), ['Archive', 'INBOX']);
    assert.deepEqual(await keywords(noor, email), ['$flagged', '$seen', 'work']);
    const [message] = await noor.emails([email]);
    assert.equal((await message?.read(0, 9))?.length, 9);
    assert.equal(await update(noor, { email, mailboxes: { remove: [inbox, archive] } }), 'badValue');
    assert.equal(await update(noor, { email, mailboxes: { set: [] } }), 'badValue');
    assert.equal(await update(noor, { email, mailboxes: { set: [inbox, 99 as MailboxId] } }), 'mailboxGone');
    const many = Array.from({ length: MAILBOXES_PER_EMAIL + 1 }, (_, number) => (number + 1) as MailboxId);
    assert.equal(await update(noor, { email, mailboxes: { set: many } }), 'tooManyMailboxes');
    assert.deepEqual(await where(noor, email), ['Archive', 'INBOX']);
  });

  it('a message twice in a mailbox leaves it wholly, and stays hidden where it was hidden', async () => {
    const { noor } = await openHouse(makeStore);
    const email = await put(noor, 'INBOX', letter('one'));
    await copyAll(noor, 'INBOX', 'INBOX');
    await copyAll(noor, 'INBOX', 'Junk');
    await flag(noor, 'Junk', { add: FLAG.deleted });
    assert.equal(await update(noor, { email, mailboxes: { set: [idOf(noor, 'Archive')] }, keywords: { set: ['$seen'] } }), undefined);
    assert.deepEqual(await where(noor, email), ['Archive']);
    assert.deepEqual([noor.byPath('INBOX')?.total, noor.byPath('Archive')?.total, noor.byPath('Junk')?.deleted], [0, 1, 2]);
    assert.deepEqual((await noor.destroyEmails([email])).map(refused), [undefined]);
    assert.equal((await noor.quota()).used, 0);
    const hidden = await put(noor, 'INBOX', letter('hidden'), { flags: FLAG.deleted });
    assert.deepEqual((await noor.destroyEmails([hidden])).map(refused), ['notFound']);
  });

  it('many at once: one commit, and each its own no', async () => {
    const house = await openHouse(makeStore);
    const { noor, sam } = house;
    const emails: EmailId[] = [];
    for (let number = 0; number < 12; number++) emails.push(await put(noor, 'INBOX', letter(`letter ${number}`)));
    const foreign = await put(sam, 'INBOX', letter('of Sam'));
    const [archive, inbox] = [idOf(noor, 'Archive'), idOf(noor, 'INBOX')];
    const { state } = await noor.index();
    const [first = 0 as EmailId, second = 0 as EmailId] = emails;
    const outcomes = await noor.updateEmails([
      ...emails.map((email): EmailUpdate => ({ email, mailboxes: { set: [archive] }, keywords: { add: ['$seen'] } })),
      { email: foreign, keywords: { set: [] } },
      { email: first, keywords: { set: [] } },
    ]);
    assert.deepEqual(outcomes.map(refused), [...emails.map(() => undefined), 'notFound', 'badValue']);
    const index = await noor.index();
    assert.equal(index.state.modseq, state.modseq + 1);
    assert.deepEqual([index.inMailbox(inbox), sorted(index.inMailbox(archive))], [[], sorted(emails)]);
    for (const path of ['INBOX', 'Archive']) assert.deepEqual(shownCounts(noor, path), await storedCounts(house, noor, path));
    const late = await noor.updateEmails([{ email: second, keywords: { add: ['x'] } }], state.modseq);
    assert.deepEqual(late.map(refused), ['notAllowed']);
    assert.deepEqual((await noor.destroyEmails([second], state.modseq)).map(refused), ['notAllowed']);
    assert.deepEqual((await noor.destroyEmails([second], index.state.modseq)).map(refused), [undefined]);
    assert.deepEqual((await noor.destroyEmails([second, first, foreign])).map(refused), ['notFound', undefined, 'notFound']);
    assert.equal((await noor.index()).count, 10);
    assert.equal((await sam.index()).count, 1);
    assert.deepEqual(await noor.updateEmails([]), []);
    const tooMany = await noor.destroyEmails(Array.from({ length: EMAILS_AT_ONCE + 1 }, () => first));
    assert.ok(tooMany.every((outcome) => refused(outcome) === 'tooManyMessages'));
  });

  it('two devices that each take a message out of another mailbox do not lose it', async () => {
    const { noor, parts } = await openHouse(makeStore);
    const elsewhere = openMailboxes(parts);
    const other = await elsewhere.open(noor.account);
    const [inbox, archive] = [idOf(noor, 'INBOX'), idOf(noor, 'Archive')];
    for (let round = 0; round < 10; round++) {
      const email = await put(noor, 'INBOX', letter(`round ${round}`));
      assert.equal(await update(noor, { email, mailboxes: { add: [archive] } }), undefined);
      await other.index();
      const raced = await Promise.all([
        update(noor, { email, mailboxes: { remove: [inbox] } }),
        update(other, { email, mailboxes: { remove: [archive] } }),
      ]);
      assert.deepEqual(sorted(raced.map(String)), ['badValue', 'undefined']);
      assert.equal((await where(noor, email)).length, 1);
    }
    elsewhere.close();
  });

  it('what was decided on is decided anew when somebody was quicker', async () => {
    // Between the decision and the write, as often as it says, this happens.
    let meanwhile: (() => Promise<unknown>) | undefined;
    let times = 0;
    const wrap = (store: Store): Store =>
      withAccount(store, (account) => {
        const handle = store.account(account);
        const apply: typeof handle.apply = async (batch, options) => {
          if (options?.ifModseq !== undefined && times-- > 0) await meanwhile?.();
          return handle.apply(batch, options);
        };
        return { ...handle, apply };
      });
    const { noor, store } = await openHouse(makeStore, { wrap });
    const [inbox, archive] = [idOf(noor, 'INBOX'), idOf(noor, 'Archive')];
    const email = await put(noor, 'INBOX', letter('one'));
    await copyAll(noor, 'INBOX', 'Archive');
    await noor.index();
    const behind = store.account(noor.account);
    meanwhile = () => behind.apply([{ do: 'expunge', mailbox: archive, uids: ALL, onlyDeleted: false }]);
    times = 1;
    assert.equal(await update(noor, { email, mailboxes: { remove: [inbox] } }), 'badValue');
    assert.deepEqual(await where(noor, email), ['INBOX']);
    const work = ok(await noor.createMailbox({ name: 'Work', parent: null, role: null, subscribed: true }));
    meanwhile = () => behind.apply([{ do: 'copy', from: inbox, uids: ALL, to: work.mailbox }]);
    times = 1;
    assert.equal(refused(await noor.destroyMailbox(work.mailbox, false)), 'mailboxHasEmail');
    times = 1_000;
    assert.equal(await update(noor, { email, keywords: { add: ['busy'] } }), 'trouble', 'not for ever');
    times = 0;
    assert.equal(await update(noor, { email, keywords: { add: ['busy'] } }), undefined);
  });

  it('a staged message into several mailboxes', async () => {
    const { noor } = await openHouse(makeStore, { quota: 10_000 });
    const [inbox, sent] = [idOf(noor, 'INBOX'), idOf(noor, 'Sent')];
    const [one, two] = [await stage(noor, letter('one')), await stage(noor, letter('two'))];
    const added = ok(
      await noor.addEmails([
        { staged: one, into: [inbox, sent, inbox], keywords: ['$seen', 'Mine'] },
        { staged: two, into: [sent], keywords: [] },
      ]),
    );
    const [first, second] = added;
    assert.ok(first && second);
    const index = await noor.index();
    assert.deepEqual([first.size, index.threadOf(first.email)], [letter('one').length, first.thread]);
    assert.deepEqual([await where(noor, first.email), await where(noor, second.email)], [['INBOX', 'Sent'], ['Sent']]);
    assert.deepEqual(await keywords(noor, first.email), ['$seen', 'mine']);
    assert.deepEqual([noor.byPath('Sent')?.total, uidsOf(await select(noor, 'Sent'))], [2, [1, 2]]);
    const kept = await stage(noor, letter('three'));
    const add = (into: readonly MailboxId[], words: readonly string[] = []) => noor.addEmails([{ staged: kept, into, keywords: words }]);
    assert.equal(refused(await add([])), 'badValue');
    assert.equal(refused(await add([inbox, 9 as MailboxId])), 'mailboxGone');
    assert.equal(refused(await add([inbox], ['no good'])), 'tooManyKeywords');
    ok(await add([inbox]));
    await assert.rejects(add([inbox]), /appended already/);
    assert.equal(
      refused(await noor.addEmails([{ staged: await stage(noor, 'x'.repeat(10_000)), into: [inbox], keywords: [] }])),
      'overQuota',
    );
  });

  it('mailboxes by id and parent', async () => {
    const { noor } = await openHouse(makeStore);
    const plain = { parent: null, role: null, subscribed: true };
    const work = ok(await noor.createMailbox({ ...plain, name: 'Work' }));
    const year = ok(await noor.createMailbox({ ...plain, name: '2026', parent: work.mailbox, subscribed: false }));
    assert.deepEqual(
      [work.path, work.subscribed, year.path, year.subscribed, year.parent],
      ['Work', true, 'Work/2026', false, work.mailbox],
    );
    for (const bad of ['a/b', '/', '', ' ', 'tab\there', 'x'.repeat(256)]) {
      assert.equal(refused(await noor.createMailbox({ ...plain, name: bad })), 'badMailboxName', bad);
    }
    assert.equal(refused(await noor.createMailbox({ ...plain, name: 'work' })), undefined);
    assert.equal(refused(await noor.createMailbox({ ...plain, name: 'Work' })), 'mailboxExists');
    assert.equal(refused(await noor.createMailbox({ ...plain, name: 'inbox' })), 'mailboxExists');
    assert.equal(refused(await noor.createMailbox({ ...plain, name: 'Y', parent: 4 as MailboxId })), 'mailboxGone');
    assert.equal(refused(await noor.createMailbox({ ...plain, name: 'Y', role: 'trash' })), 'mailboxUseTaken');
    assert.equal(ok(await noor.createMailbox({ ...plain, name: 'Star', role: 'flagged' })).role, 'flagged');
    const change = { name: 'Jaar', parent: null, role: 'important', subscribed: true } as const;
    const before = (await noor.index()).state.modseq;
    assert.equal(await noor.updateMailbox(year.mailbox, change), undefined);
    assert.equal((await noor.index()).state.modseq, before + 1, 'one commit');
    const after = noor.byId(year.mailbox);
    assert.deepEqual([after?.path, after?.parent, after?.role, after?.subscribed], ['Jaar', null, 'important', true]);
    assert.equal(await noor.updateMailbox(year.mailbox, change), undefined);
    assert.equal(await noor.updateMailbox(year.mailbox, { parent: work.mailbox }), undefined);
    assert.equal(noor.byId(year.mailbox)?.path, 'Work/Jaar');
    assert.equal(refused(await noor.updateMailbox(work.mailbox, { parent: year.mailbox })), 'badMailboxName');
    assert.equal(refused(await noor.updateMailbox(work.mailbox, { name: 'Sent' })), 'mailboxExists');
    assert.equal(refused(await noor.updateMailbox(work.mailbox, { name: 'a/b' })), 'badMailboxName');
    assert.equal(refused(await noor.updateMailbox(8 as MailboxId, { name: 'a' })), 'mailboxGone');
  });

  it('roles belong to one mailbox each, and the Inbox stays what it is', async () => {
    const { noor } = await openHouse(makeStore);
    const [inbox, trash, archive] = [idOf(noor, 'INBOX'), idOf(noor, 'Trash'), idOf(noor, 'Archive')];
    assert.equal(refused(await noor.setRole(archive, 'trash')), 'mailboxUseTaken');
    assert.equal(refused(await noor.setRole(archive, 'inbox')), 'mailboxUseTaken');
    assert.equal(await noor.setRole(trash, null), undefined);
    assert.equal(await noor.setRole(archive, 'trash'), undefined);
    assert.equal(noor.byRole('trash')?.path, 'Archive');
    assert.equal(refused(await noor.setRole(inbox, null)), 'mailboxFixed');
    assert.equal(refused(await noor.updateMailbox(inbox, { name: 'Post' })), 'mailboxFixed');
    assert.equal(refused(await noor.updateMailbox(inbox, { parent: archive })), 'mailboxFixed');
    assert.equal(await noor.updateMailbox(inbox, { name: 'INBOX', role: 'inbox', subscribed: false }), undefined);
    assert.equal(noor.byId(inbox)?.subscribed, false);
    assert.equal(refused(await noor.destroyMailbox(inbox, true)), 'mailboxFixed');
  });

  it('destroying a mailbox: only when empty, or with its messages, but for those elsewhere', async () => {
    const { noor } = await openHouse(makeStore);
    const work = ok(await noor.createMailbox({ name: 'Work', parent: null, role: null, subscribed: true }));
    const below = ok(await noor.createMailbox({ name: 'Below', parent: work.mailbox, role: null, subscribed: true }));
    const both = await put(noor, 'Work', letter('both'));
    await copyAll(noor, 'Work', 'Archive');
    const only = await put(noor, 'Work', letter('only'));
    assert.equal(refused(await noor.destroyMailbox(work.mailbox, true)), 'mailboxHasChildren');
    assert.equal(await noor.destroyMailbox(below.mailbox, false), undefined);
    assert.equal(refused(await noor.destroyMailbox(work.mailbox, false)), 'mailboxHasEmail');
    assert.equal(await noor.destroyMailbox(work.mailbox, true), undefined);
    assert.equal(refused(await noor.destroyMailbox(work.mailbox, true)), 'mailboxGone');
    const index = await noor.index();
    assert.deepEqual([index.get(only), await where(noor, both)], [undefined, ['Archive']]);
    // What is flagged \Deleted is not there for JMAP, and does not hold a mailbox back.
    const again = ok(await noor.createMailbox({ name: 'Again', parent: null, role: null, subscribed: false }));
    await put(noor, 'Again', letter('hidden'), { flags: FLAG.deleted });
    assert.equal(await noor.destroyMailbox(again.mailbox, false), undefined);
  });
}
