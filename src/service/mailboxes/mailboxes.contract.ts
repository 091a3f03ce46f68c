/** What the mail API promises over any store; run with the memory store here, and with others under test/. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../core/change.ts';
import { FLAG } from '../../core/mailbox.ts';
import {
  append,
  idOf,
  letter,
  type MakeStore,
  ok,
  openHouse,
  refused,
  select,
  shownCounts,
  storedCounts,
  uidsOf,
} from './house.contract.ts';
import { MESSAGES_AT_ONCE } from './mailboxes.ts';

const whole: readonly [number, number][] = [[1, 4_294_967_295]];

export function mailboxesContract(name: string, makeStore: MakeStore): void {
  const it = (what: string, run: () => Promise<void>): void => void test(`mailboxes over ${name}: ${what}`, run);

  it('an account opens with its mailboxes, INBOX first', async () => {
    const { noor } = await openHouse(makeStore);
    assert.deepEqual(
      noor.list().map(({ path, role }) => [path, role]),
      [
        ['INBOX', 'inbox'],
        ['Archive', 'archive'],
        ['Drafts', 'drafts'],
        ['Junk', 'junk'],
        ['Sent', 'sent'],
        ['Trash', 'trash'],
      ],
    );
    assert.equal(noor.byPath('inbox')?.path, 'INBOX');
    assert.equal(noor.byPath('drafts'), undefined);
    assert.equal(noor.byRole('junk')?.path, 'Junk');
  });

  it('what is appended is read back octet by octet', async () => {
    const { noor } = await openHouse(makeStore);
    // APPEND takes bare line feeds too, and keeps them.
    const text = letter('hello').replace('bye\r\n', 'bye\nbare\n');
    const uid = await append(noor, 'INBOX', text, { flags: FLAG.seen, keywords: ['$Work'], receivedAt: 5_000 });
    const inbox = await select(noor);
    assert.deepEqual(uidsOf(inbox), [uid]);
    assert.equal(inbox.columns.flags(0), FLAG.seen);
    assert.deepEqual(inbox.columns.keywords(0), ['$Work']);
    const [message] = await inbox.messages([uid, 999]);
    assert.ok(message);
    assert.equal(message.receivedAt, 5_000);
    assert.equal(message.size, text.length);
    assert.equal(message.structure.envelope.subject, 'hello');
    assert.equal((await message.read(0, text.length)).toString(), text);
    assert.equal((await message.read(6, 10)).toString(), 'Noor');
    assert.equal((await message.read(text.length - 5, text.length + 100)).toString(), 'bare\n');
    assert.equal((await message.read(50, 50)).length, 0);
    await assert.rejects(inbox.messages(Array.from({ length: MESSAGES_AT_ONCE + 1 }, () => 1)), /at most/);
  });

  it('counts are the store’s after every kind of write', async () => {
    const house = await openHouse(makeStore);
    const { noor } = house;
    const agree = async (): Promise<void> => {
      for (const path of ['INBOX', 'Archive']) assert.deepEqual(shownCounts(noor, path), await storedCounts(house, noor, path));
    };
    for (const number of [1, 2, 3, 4]) await append(noor, 'INBOX', letter(`letter ${number}`));
    await agree();
    const inbox = await select(noor);
    ok(await inbox.setFlags([[1, 2]], { mode: 'add', flags: FLAG.seen | FLAG.deleted, keywords: [], unchangedSince: null }));
    await agree();
    ok(await inbox.copy([[2, 3]], idOf(noor, 'Archive')));
    await agree();
    ok(await inbox.move([[4, 9]], idOf(noor, 'Archive')));
    await agree();
    assert.deepEqual(await inbox.expunge(whole, true), [1, 2]);
    await agree();
    assert.deepEqual(uidsOf(inbox), [3]);
    inbox.close();
    await append(noor, 'INBOX', letter('again'));
    await agree();
  });

  it('two sessions on one mailbox see each other', async () => {
    const house = await openHouse(makeStore);
    const other = await house.mailboxes.open(house.noor.account);
    const [mine, theirs] = [await select(house.noor), await select(other)];
    const heard: Change[] = [];
    other.watch((change) => {
      if (change.kind === 'added') assert.ok(theirs.columns.rowOf(change.uid) >= 0, 'columns come before the news');
      heard.push(change);
    });
    const uid = await append(house.noor, 'INBOX', letter('news'));
    assert.equal(mine.columns, theirs.columns);
    ok(await theirs.setFlags([[uid, uid]], { mode: 'add', flags: FLAG.flagged, keywords: [], unchangedSince: null }));
    assert.equal(mine.columns.flags(0), FLAG.flagged);
    assert.deepEqual(await mine.expunge(whole, false), [uid]);
    assert.equal(theirs.columns.count, 0);
    assert.deepEqual(
      heard.map(({ kind }) => kind),
      ['added', 'flags', 'expunged', 'destroyed'],
    );
    other.close();
    await append(house.noor, 'INBOX', letter('more'));
    assert.equal(heard.length, 4);
  });

  it('a message is found by its id, wherever it stands', async () => {
    const { noor, sam } = await openHouse(makeStore);
    await append(noor, 'INBOX', letter('one'), { keywords: ['$Work'] });
    await append(sam, 'INBOX', letter('not yours'));
    const inbox = await select(noor);
    ok(await inbox.copy([[1, 1]], idOf(noor, 'Archive')));
    const email = inbox.columns.email(0);
    const theirs = (await select(sam)).columns.email(0);
    const found = await noor.emails([theirs, email]);
    assert.deepEqual(
      found.map((message) => [message.email, message.structure.envelope.subject]),
      [[email, 'one']],
    );
    assert.equal((await found[0]?.read(0, 5))?.toString(), 'From:');
    const places = await noor.placesOf(email);
    assert.deepEqual(places.map((place) => [noor.byId(place.mailbox)?.path, place.uid, place.keywords]).sort(), [
      ['Archive', 1, ['$Work']],
      ['INBOX', 1, ['$Work']],
    ]);
    assert.deepEqual(await noor.placesOf(theirs), []);
    assert.deepEqual(await noor.emails([]), []);
  });

  it('flags: add, remove, replace, and only what did not change since', async () => {
    const { noor } = await openHouse(makeStore);
    const uid = await append(noor, 'INBOX', letter('flags'), { keywords: ['$Work'] });
    const inbox = await select(noor);
    const set = (mode: 'add' | 'remove' | 'replace', flags: number, keywords: string[], unchangedSince: number | null = null) =>
      inbox.setFlags([[uid, uid]], { mode, flags, keywords, unchangedSince });
    ok(await set('add', FLAG.seen, ['$WORK', 'Urgent']));
    assert.deepEqual(inbox.columns.keywords(0), ['$Work', 'Urgent'], 'the spelling in use stays');
    assert.deepEqual(inbox.columns.keywordsInUse(), ['$Work', 'Urgent']);
    ok(await set('remove', FLAG.seen, ['urgent']));
    assert.deepEqual([inbox.columns.flags(0), inbox.columns.keywords(0)], [0, ['$Work']]);
    const before = inbox.columns.modseq(0);
    ok(await set('replace', FLAG.answered, ['Later'], before));
    assert.deepEqual([inbox.columns.flags(0), inbox.columns.keywords(0)], [FLAG.answered, ['Later']]);
    const late = ok(await set('add', FLAG.draft, [], before));
    assert.deepEqual([late.changed.length, late.modified], [0, [uid]]);
    assert.deepEqual(inbox.columns.keywordsInUse(), ['Later']);
    assert.equal(refused(await set('add', 0, ['no good'])), 'tooManyKeywords');
    assert.equal(refused(await set('add', 0, ['x'.repeat(101)])), 'tooManyKeywords');
    const many = Array.from({ length: 64 }, (_, number) => `word${number}`);
    assert.equal(refused(await set('add', 0, many)), 'tooManyKeywords');
    ok(await set('replace', 0, many));
    assert.equal(inbox.columns.keywords(0).length, 64);
  });
}
