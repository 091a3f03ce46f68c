/** Making, renaming, removing and subscribing mailboxes, over any store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../core/change.ts';
import type { MailboxRole } from '../../core/mailbox.ts';
import { append, idOf, letter, type MakeStore, ok, openHouse, refused, select, uidsOf } from './house.contract.ts';
import type { MailAccount } from './mailboxes.ts';

const BORN = ['INBOX', 'Archive', 'Drafts', 'Junk', 'Sent', 'Trash'];
const own = (account: MailAccount): string[] => account.list().flatMap(({ path }) => (BORN.includes(path) ? [] : [path]));

const BAD_NAMES = [
  '',
  '/',
  '//',
  'a//b',
  '/a',
  'a/ /b',
  'a\u0000b',
  'a\nb',
  'a\u007fb',
  'a\u0085b',
  'a\u2028b',
  '\ud800',
  'x'.repeat(256),
  'é'.repeat(128),
  Array.from({ length: 21 }, () => 'a').join('/'),
];
const GOOD_NAMES = [
  'a',
  '100%',
  'a*b',
  '#news',
  '..',
  'x'.repeat(255),
  'é'.repeat(127),
  'Ünïcode 日本',
  'a b',
  '"quoted"',
  'back\\slash',
  '&',
  Array.from({ length: 20 }, () => 'd').join('/'),
];

export function treeContract(name: string, makeStore: MakeStore): void {
  const it = (what: string, run: () => Promise<void>): void => void test(`the tree over ${name}: ${what}`, run);

  it('parents are made too, and everybody sees it', async () => {
    const house = await openHouse(makeStore);
    const { noor } = house;
    const other = await house.mailboxes.open(house.noor.account);
    const heard: Change[] = [];
    other.watch((change) => heard.push(change));
    const made = ok(await noor.create('Work/2026/March/'));
    assert.equal(made.path, 'Work/2026/March');
    assert.deepEqual(own(other), ['Work', 'Work/2026', 'Work/2026/March']);
    assert.deepEqual(
      own(noor).map((path) => noor.byPath(path)?.hasChildren),
      [true, true, false],
    );
    assert.ok(heard.length >= 3 && heard.every(({ kind }) => kind === 'mailbox'));
    assert.equal(refused(await noor.create('Work')), 'mailboxExists');
    assert.equal(refused(await noor.create('inBOX')), 'mailboxExists');
    assert.equal(ok(await noor.create('inbox/Lists')).path, 'INBOX/Lists');
    assert.deepEqual(
      noor
        .list()
        .map(({ path }) => path)
        .slice(0, 2),
      ['INBOX', 'INBOX/Lists'],
    );
  });

  it('two spellings of one name are one mailbox', async () => {
    const { noor } = await openHouse(makeStore);
    const made = ok(await noor.create('Caf\u0065\u0301'));
    assert.equal(made.path, 'Caf\u00e9');
    assert.equal(refused(await noor.create('Caf\u00e9')), 'mailboxExists');
    assert.equal(noor.byPath('Cafe\u0301')?.mailbox, made.mailbox);
    // Case matters everywhere but in INBOX.
    assert.notEqual(ok(await noor.create('café')).mailbox, made.mailbox);
  });

  it('names that nobody can have, and odd ones that they can', async () => {
    const { noor } = await openHouse(makeStore);
    for (const bad of BAD_NAMES) assert.equal(refused(await noor.create(bad)), 'badMailboxName', JSON.stringify(bad));
    for (const good of GOOD_NAMES) assert.equal(ok(await noor.create(good)).path, good);
    assert.equal(refused(await noor.create(`${GOOD_NAMES.at(-1)}/e`)), 'badMailboxName');
  });

  it('a role is given once, and INBOX’s never', async () => {
    const { noor } = await openHouse(makeStore);
    assert.equal(ok(await noor.create('Everything', 'all')).role, 'all');
    for (const role of ['all', 'inbox', 'junk'] satisfies MailboxRole[])
      assert.equal(refused(await noor.create(`x ${role}`, role)), 'mailboxUseTaken');
    assert.equal(noor.byRole('all')?.path, 'Everything');
    assert.equal(await noor.remove('Everything'), undefined);
    assert.equal(noor.byRole('all'), undefined);
  });

  it('children move along, and missing parents are made', async () => {
    const { noor } = await openHouse(makeStore);
    ok(await noor.create('A/B/C'));
    const uid = await append(noor, 'A/B', letter('stays'));
    const mailbox = idOf(noor, 'A/B');
    assert.equal(await noor.rename('A/B', 'X/Y/Z'), undefined);
    assert.deepEqual(own(noor), ['A', 'X', 'X/Y', 'X/Y/Z', 'X/Y/Z/C']);
    assert.equal(idOf(noor, 'X/Y/Z'), mailbox);
    assert.deepEqual(uidsOf(await select(noor, 'X/Y/Z')), [uid]);
    assert.equal(await noor.rename('X/Y/Z', 'Z'), undefined);
    assert.deepEqual(own(noor), ['A', 'X', 'X/Y', 'Z', 'Z/C']);
    assert.equal(await noor.rename('Sent', 'Verzonden'), undefined);
    assert.equal(noor.byRole('sent')?.path, 'Verzonden');
  });

  it('renames that cannot be', async () => {
    const { noor } = await openHouse(makeStore);
    ok(await noor.create('A/B'));
    assert.equal(refused(await noor.rename('None', 'C')), 'mailboxGone');
    assert.equal(refused(await noor.rename('A', 'Sent')), 'mailboxExists');
    assert.equal(refused(await noor.rename('A', 'A')), 'mailboxExists');
    assert.equal(refused(await noor.rename('A', 'A/B/D')), 'badMailboxName');
    assert.equal(refused(await noor.rename('A', 'inbox')), 'mailboxExists');
    assert.equal(refused(await noor.rename('A', 'x//y')), 'badMailboxName');
    const deep = Array.from({ length: 20 }, () => 'd').join('/');
    assert.equal(refused(await noor.rename('A', deep)), 'badMailboxName');
    assert.equal(await noor.rename('A/B', deep), undefined);
    // Names that begin alike are not inside each other.
    assert.equal(await noor.rename('A', 'AA'), undefined);
  });

  it('renaming INBOX moves its mail and leaves the rest', async () => {
    const { noor } = await openHouse(makeStore);
    ok(await noor.create('INBOX/Sub'));
    for (const number of [1, 2, 3]) await append(noor, 'INBOX', letter(`letter ${number}`));
    const before = idOf(noor, 'INBOX');
    const inbox = await select(noor);
    assert.equal(await noor.rename('Inbox', 'Old/Mail'), undefined);
    assert.equal(idOf(noor, 'INBOX'), before);
    assert.deepEqual(own(noor), ['INBOX/Sub', 'Old', 'Old/Mail']);
    assert.deepEqual([inbox.columns.count, noor.byPath('INBOX')?.total, noor.byPath('Old/Mail')?.total], [0, 0, 3]);
    assert.equal(noor.byPath('INBOX')?.uidNext, 4);
    assert.equal(await append(noor, 'INBOX', letter('next')), 4);
  });

  it('removing: not INBOX, not with children; and an open one is empty', async () => {
    const { noor } = await openHouse(makeStore);
    ok(await noor.create('A/B'));
    await append(noor, 'A/B', letter('gone'));
    const opened = await select(noor, 'A/B');
    assert.equal(refused(await noor.remove('inbox')), 'mailboxFixed');
    assert.equal(refused(await noor.remove('A')), 'mailboxHasChildren');
    assert.equal(refused(await noor.remove('C')), 'mailboxGone');
    assert.equal(await noor.remove('A/B'), undefined);
    assert.equal(await noor.remove('A'), undefined);
    assert.deepEqual(own(noor), []);
    assert.equal(opened.columns.count, 0);
    assert.equal(opened.info.total, 0);
    const change = { mode: 'add', flags: 1, keywords: [], unchangedSince: null } as const;
    assert.equal(refused(await opened.setFlags([[1, 1]], change)), 'mailboxGone');
    assert.equal(refused(await opened.copy([[1, 1]], idOf(noor, 'INBOX'))), 'mailboxGone');
    assert.deepEqual(await opened.expunge([[1, 9]], false), []);
    assert.deepEqual([...(await opened.search({ by: 'all' }))], []);
    assert.equal(refused(await noor.select(opened.mailbox)), 'mailboxGone');
    assert.equal((await noor.quota()).used, 0);
    opened.close();
  });

  it('a name that comes back is a new mailbox to mail apps', async () => {
    const { noor } = await openHouse(makeStore);
    const seen = new Set<number>();
    for (let round = 0; round < 3; round++) {
      const { uidValidity } = ok(await noor.create('Again'));
      assert.ok(uidValidity > Math.max(0, ...seen));
      seen.add(uidValidity);
      assert.equal(await noor.remove('Again'), undefined);
    }
  });

  it('subscriptions, also to what is not there', async () => {
    const house = await openHouse(makeStore);
    const { noor } = house;
    assert.deepEqual(noor.subscriptions(), BORN);
    assert.equal(await noor.subscribe('junk', true), undefined);
    assert.equal(await noor.subscribe('Junk', false), undefined);
    assert.equal(await noor.subscribe('Not/Here', true), undefined);
    assert.equal(await noor.subscribe('Not/Here', true), undefined);
    assert.equal(refused(await noor.subscribe('a//b', true)), 'badMailboxName');
    assert.equal(await noor.subscribe('a//b', false), undefined);
    assert.deepEqual(noor.subscriptions(), ['INBOX', 'Archive', 'Drafts', 'Not/Here', 'Sent', 'Trash', 'junk']);
    assert.equal(await noor.subscribe('junk', false), undefined);
    // The mailbox takes the subscription over, and leaves it behind.
    assert.equal(ok(await noor.create('Not/Here')).subscribed, true);
    assert.equal(noor.byPath('Not')?.subscribed, false);
    assert.equal(await noor.remove('Not/Here'), undefined);
    assert.ok(noor.subscriptions().includes('Not/Here'));
    assert.equal(await noor.rename('Not', 'Elsewhere'), undefined);
    ok(await noor.create('Plain'));
    assert.equal(await noor.rename('Plain', 'Not/Here'), undefined);
    assert.equal(noor.byPath('Not/Here')?.subscribed, true);
    const objects = await house.store.account(house.noor.account).read({ ask: 'objects', object: 'subscription' });
    assert.deepEqual(objects, []);
    assert.equal(await noor.subscribe('Not/Here', false), undefined);
    assert.deepEqual(noor.subscriptions(), ['INBOX', 'Archive', 'Drafts', 'Sent', 'Trash']);
  });

  it('no more mailboxes than allowed, parents counted', async () => {
    const { noor } = await openHouse(makeStore, { limits: { mailboxes: 8 } });
    assert.equal(refused(await noor.create('A/B/C')), 'tooManyMailboxes');
    ok(await noor.create('A/B'));
    assert.equal(refused(await noor.create('C')), 'tooManyMailboxes');
    assert.equal(refused(await noor.rename('A/B', 'D/E')), 'tooManyMailboxes');
  });

  it('many at once do not trip over each other', async () => {
    const { noor } = await openHouse(makeStore);
    const made = await Promise.all(['T/1', 'T/2', 'T/1', 'T'].map((path) => noor.create(path)));
    assert.deepEqual(made.map(refused), [undefined, undefined, 'mailboxExists', 'mailboxExists']);
    assert.deepEqual(own(noor), ['T', 'T/1', 'T/2']);
  });
}
