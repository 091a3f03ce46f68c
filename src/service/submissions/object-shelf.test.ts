/** Objects with states over the memory store: what is told between any two states is what happened between them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededDice } from '../../adapter/memory/dice.ts';
import { memoryKeyring } from '../../adapter/memory/keyring.ts';
import { memoryStore } from '../../adapter/memory/store.ts';
import type { AccountId, MailboxId, OrganisationId } from '../../core/ids.ts';
import type { Store } from '../../core/ports/store.ts';
import { ObjectShelf } from './object-shelf.ts';

const ACCOUNT = 11 as AccountId;
type Thing = Readonly<{ text: string }>;

async function world() {
  const store = memoryStore();
  const keyring = memoryKeyring(seededDice('shelf'));
  keyring.add(ACCOUNT);
  await store.directory.write([{ do: 'openAccount', account: ACCOUNT, organisation: 1 as OrganisationId, quota: 0, batch: [] }]);
  const open = (over: Pick<Store, 'account'> = store): ObjectShelf<Thing> => new ObjectShelf({ store: over, keyring }, 'preference');
  let mailboxes = 0;
  /** Something else happens in the account. */
  const elsewhere = (): Promise<unknown> =>
    store.account(ACCOUNT).apply([
      {
        do: 'createMailbox',
        mailbox: ++mailboxes as MailboxId,
        parent: null,
        nameKey: Buffer.from(`${mailboxes}`),
        name: Buffer.of(1),
        role: null,
        subscribed: false,
        uidValidity: 1,
      },
    ]);
  return { store, open, elsewhere };
}

test('an object comes, changes and goes; every state tells the rest of the story', async () => {
  const { open, elsewhere } = await world();
  const shelf = open();
  const put = (id: number, text: string | null) => () => [{ id, value: text === null ? null : { text } }];
  const states = [(await shelf.of(ACCOUNT)).state];
  assert.equal(states[0]?.modseq, 0);
  for (const edit of [put(7, 'a'), put(8, 'b'), put(7, 'c'), put(8, null), put(7, null), put(8, 'again')]) {
    await elsewhere();
    states.push((await shelf.write(ACCOUNT, edit)).state);
  }
  const expected = [
    { created: [8] },
    { created: [8], destroyed: [7] },
    { updated: [8], destroyed: [7] },
    { updated: [8], destroyed: [7] },
    { created: [8], destroyed: [7] },
    { created: [8] },
    {},
  ];
  // The same after a restart, when nothing is remembered.
  for (const reader of [shelf, open()]) {
    for (const [at, since] of states.entries()) {
      const changes = await reader.changes(ACCOUNT, since, 100);
      const { created = [], updated = [], destroyed = [] } = changes ?? {};
      assert.deepEqual({ created, updated, destroyed }, { created: [], updated: [], destroyed: [], ...expected[at] }, `since ${at}`);
      assert.deepEqual(changes?.newState, states.at(-1));
    }
    assert.deepEqual(
      [...(await reader.of(ACCOUNT)).objects].map(([id, { value }]) => [id, value]),
      [[8, { text: 'again' }]],
    );
  }
});

test('other commits leave the state alone, removing what is not there too', async () => {
  const { open, elsewhere } = await world();
  const shelf = open();
  const { state } = await shelf.write(ACCOUNT, () => [{ id: 1, value: { text: 'x' } }]);
  await elsewhere();
  assert.deepEqual((await shelf.write(ACCOUNT, () => [{ id: 2, value: null }])).state, state);
  assert.deepEqual((await open().of(ACCOUNT)).state, state);
});

test('a part of the changes ends between two commits, and nobody hears of an update before its creation', async () => {
  const { open } = await world();
  const shelf = open();
  const two = (ids: readonly number[], text: string) => () => ids.map((id) => ({ id, value: { text } }));
  const { state: start } = await shelf.of(ACCOUNT);
  await shelf.write(ACCOUNT, two([1, 2], 'first'));
  await shelf.write(ACCOUNT, two([3], 'second'));
  await shelf.write(ACCOUNT, two([1], 'third'));
  assert.equal(await shelf.changes(ACCOUNT, start, 1), undefined);
  const first = (await shelf.changes(ACCOUNT, start, 2)) ?? assert.fail();
  assert.deepEqual([first.created, first.hasMoreChanges], [[1, 2], true]);
  const rest = (await shelf.changes(ACCOUNT, first.newState, 2)) ?? assert.fail();
  assert.deepEqual([rest.created, rest.updated, rest.hasMoreChanges], [[3], [1], false]);
});

test('states of another epoch, and those whose removals are forgotten, cannot be told of', async () => {
  const { open } = await world();
  const shelf = open();
  const { state } = await shelf.write(ACCOUNT, () => [{ id: 1, value: { text: 'x' } }]);
  assert.equal(await shelf.changes(ACCOUNT, { ...state, epoch: state.epoch + 1 }, 10), undefined);
  const many = Array.from({ length: 501 }, (_, at) => at + 1);
  await shelf.write(ACCOUNT, () => many.map((id) => ({ id, value: { text: '' } })));
  const full = (await shelf.of(ACCOUNT)).state;
  await shelf.write(ACCOUNT, () => many.map((id) => ({ id, value: null })));
  assert.equal(await shelf.changes(ACCOUNT, full, 1_000), undefined);
});

test('writers at once lose nothing, to one another or to mail that comes in', async () => {
  const { store, open, elsewhere } = await world();
  // Between every look at the modseq and the commit something else is committed, three times.
  let rude = 3;
  const busy: Pick<Store, 'account'> = {
    account(account) {
      const handle = store.account(account);
      return {
        account,
        read: (query) => handle.read(query),
        changes: (since, max) => handle.changes(since, max),
        readBody: (email, from, to) => handle.readBody(email, from, to),
        readUpload: (upload, from, to) => handle.readUpload(upload, from, to),
        async apply(batch, options) {
          if (rude-- > 0) await elsewhere();
          return handle.apply(batch, options);
        },
      };
    },
  };
  const shelf = open(busy);
  await Promise.all(Array.from({ length: 10 }, (_, at) => shelf.write(ACCOUNT, () => [{ id: at + 1, value: { text: `${at}` } }])));
  assert.ok(rude <= 0);
  assert.deepEqual([...(await open().of(ACCOUNT)).objects.keys()], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('what is decided on is what is there, and what a decision throws writes nothing', async () => {
  const { open } = await world();
  const shelf = open();
  const count = (): Promise<unknown> =>
    shelf.write(ACCOUNT, ({ objects }) => [{ id: 1, value: { text: `${Number(objects.get(1)?.value.text ?? 0) + 1}` } }]);
  await Promise.all([count(), count(), count()]);
  await assert.rejects(
    shelf.write(ACCOUNT, () => {
      throw new Error('no');
    }),
  );
  assert.equal((await shelf.of(ACCOUNT)).objects.get(1)?.value.text, '3');
});
