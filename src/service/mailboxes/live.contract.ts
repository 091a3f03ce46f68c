/** What stays true when mail arrives, is changed elsewhere, or news is lost; over any store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scan } from '../../codec/mime/scanner.ts';
import type { Change } from '../../core/change.ts';
import type { AccountWrite, Command } from '../../core/command.ts';
import { Fault } from '../../core/fault.ts';
import type { AccountId, BlobId, EmailId, MailboxId } from '../../core/ids.ts';
import { FLAG } from '../../core/mailbox.ts';
import type { AccountHandle, EntryColumns, Query, Store } from '../../core/ports/store.ts';
import { sealBody } from '../../lib/body-cipher.ts';
import {
  append,
  type House,
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
import { CHANGE_WAIT_MS, IDLE_MS, SIZE_REFRESH_MS } from './limits.ts';
import { addEmailCommand } from './mailboxes.ts';

/** What a test may do to a store's answers and news. */
type Meddling = {
  /** Changes that go missing. */
  loses(change: Change): boolean;
  /** Called before a question is put; it may wait, or throw. */
  before(query: Query): Promise<void> | void;
  /** Another answer, if it wants. */
  instead(query: Query): EntryColumns | undefined;
  asked: string[];
};

const meddling = (): Meddling => ({ loses: () => false, before: () => undefined, instead: () => undefined, asked: [] });

function meddled(store: Store, how: Meddling): Store {
  const account = (id: AccountId): AccountHandle => {
    const handle = store.account(id);
    const read = (async (query: Query): Promise<unknown> => {
      how.asked.push(query.ask);
      await how.before(query);
      return how.instead(query) ?? handle.read(query);
    }) as AccountHandle['read'];
    const { apply, changes, readBody, readUpload } = handle;
    return { account: id, apply, changes, readBody, readUpload, read };
  };
  const onChange: Store['onChange'] = (listener) =>
    store.onChange((changes) => {
      const heard = changes.filter((change) => !how.loses(change));
      if (heard.length > 0) listener(heard);
    });
  const changed = { account, onChange };
  return new Proxy(store, {
    get(target, name) {
      if (name === 'account' || name === 'onChange') return changed[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function meddledHouse(makeStore: MakeStore): Promise<{ house: House; how: Meddling }> {
  const how = meddling();
  const house = await openHouse(makeStore, { wrap: (store) => meddled(store, how) });
  return { house, how };
}

/** As the pipeline does it: straight into the store. */
function delivery({ ids, keyring }: House, account: AccountId, mailbox: MailboxId, text: string, flags = 0): Command {
  const key = keyring.of(account);
  assert.ok(key);
  const [bodyKey, plain] = [keyring.bodyKey(), Buffer.from(text)];
  return addEmailCommand({
    account,
    key,
    email: ids.next<EmailId>(),
    body: { kind: 'inline', blob: ids.next<BlobId>(), sealed: sealBody(bodyKey, plain) },
    bodyKey,
    size: plain.length,
    receivedAt: 1,
    structure: scan(plain),
    into: [{ mailbox, flags, keywords: [] }],
  });
}

async function deliver(house: House, mailbox: MailboxId, ...texts: string[]): Promise<void> {
  const writes: AccountWrite[] = [
    { account: house.noor.account, batch: texts.map((text) => delivery(house, house.noor.account, mailbox, text)) },
  ];
  ok(await house.store.applyTogether(writes));
}

/** Time for what was started to finish: turns of the event loop, and for a store with threads a moment besides. */
const turnsOf = (pauseMs: number) => async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
};

export function liveContract(name: string, makeStore: MakeStore): void {
  const turns = turnsOf(name === 'memory' ? 0 : 50);
  const it = (what: string, run: () => Promise<void>): void => void test(`live mailboxes over ${name}: ${what}`, run);

  it('a delivery shows at once in open and closed mailboxes, without a question to the store', async () => {
    const { house, how } = await meddledHouse(makeStore);
    const { noor } = house;
    const inbox = await select(noor);
    const archive = idOf(noor, 'Archive');
    how.asked.length = 0;
    await deliver(house, inbox.mailbox, letter('one'), letter('two'));
    await deliver(house, archive, letter('three'));
    await turns();
    assert.deepEqual(how.asked, []);
    assert.deepEqual([inbox.columns.count, inbox.info.total, noor.byPath('Archive')?.total], [2, 2, 1]);
    assert.deepEqual([noor.byPath('Archive')?.unseen, noor.byPath('Archive')?.uidNext], [1, 2]);
    const [first] = await inbox.messages([1]);
    assert.equal((await first?.read(0, 1_000))?.toString(), letter('one'));
    await noor.fresh();
    for (const path of ['INBOX', 'Archive']) assert.deepEqual(shownCounts(noor, path), await storedCounts(house, noor, path));
    await deliver(house, archive, letter('four'));
    await house.clock.advance(SIZE_REFRESH_MS);
    await turns();
    assert.deepEqual(shownCounts(noor, 'Archive'), await storedCounts(house, noor, 'Archive'));
    how.asked.length = 0;
    await noor.fresh();
    assert.deepEqual(how.asked, [], 'nothing to ask when all is known');
  });

  it('changes of a mailbox nobody has open are counted before they are told', async () => {
    const { house } = await meddledHouse(makeStore);
    const { noor } = house;
    const archive = idOf(noor, 'Archive');
    await deliver(house, archive, letter('one'), letter('two'), letter('three'));
    const heard: [string, number | undefined, number | undefined][] = [];
    noor.watch(({ kind }) => heard.push([kind, noor.byPath('Archive')?.unseen, noor.byPath('Archive')?.total]));
    const apply = async (command: Command): Promise<void> => void ok(await house.store.account(house.noor.account).apply([command]));
    await apply({
      do: 'setFlags',
      mailbox: archive,
      uids: [[1, 2]],
      add: FLAG.seen,
      addKeywords: [],
      remove: 0,
      removeKeywords: [],
      replace: false,
      unchangedSince: null,
    });
    await turns();
    await apply({ do: 'expunge', mailbox: archive, uids: [[1, 1]], onlyDeleted: false });
    await deliver(house, archive, letter('four'));
    await turns();
    assert.deepEqual(heard.at(0), ['flags', 1, 3]);
    assert.deepEqual(heard.at(-1), ['added', 2, 3]);
    assert.deepEqual(
      heard.map(([kind]) => kind),
      ['flags', 'flags', 'expunged', 'destroyed', 'added'],
    );
    await noor.fresh();
    assert.deepEqual(shownCounts(noor, 'Archive'), await storedCounts(house, noor, 'Archive'));
  });

  it('the end of an open mailbox is told in one, and after it can be seen', async () => {
    const { house } = await meddledHouse(makeStore);
    const { noor } = house;
    ok(await noor.create('Old'));
    const old = await select(noor, 'Old');
    await append(noor, 'Old', letter('one'));
    await append(noor, 'Old', letter('two'));
    const heard: (readonly [string, number, boolean])[] = [];
    const turnsOf: Promise<void>[] = [];
    let turn = 0;
    noor.watch(({ kind }) => {
      heard.push([`${kind} ${turn}`, old.columns.count, noor.byPath('Old') === undefined]);
      turnsOf.push(Promise.resolve().then(() => void turn++));
    });
    ok(await house.store.account(noor.account).apply([{ do: 'deleteMailbox', mailbox: old.mailbox }]));
    await turns();
    await Promise.all(turnsOf);
    assert.deepEqual(heard, [
      ['expunged 0', 0, true],
      ['destroyed 0', 0, true],
      ['mailbox 0', 0, true],
    ]);
  });

  it('what changes while columns are read is in them', async () => {
    const { house, how } = await meddledHouse(makeStore);
    const inboxId = idOf(house.noor, 'INBOX');
    await deliver(house, inboxId, letter('one'), letter('two'));
    how.before = async ({ ask }) => {
      if (ask !== 'entries') return;
      how.before = () => undefined;
      // The answer is from now; what follows comes before it arrives.
      const entries = await house.store.account(house.noor.account).read({ ask: 'entries', mailbox: inboxId });
      how.instead = (query) => {
        how.instead = () => undefined;
        return query.ask === 'entries' ? entries : undefined;
      };
      await deliver(house, inboxId, letter('three'));
      ok(await house.store.account(house.noor.account).apply([{ do: 'expunge', mailbox: inboxId, uids: [[1, 1]], onlyDeleted: false }]));
    };
    const inbox = await select(house.noor);
    assert.deepEqual(uidsOf(inbox), [2, 3]);
    await turns();
    await house.noor.fresh();
    assert.deepEqual(shownCounts(house.noor, 'INBOX'), await storedCounts(house, house.noor, 'INBOX'));
  });

  it('what changes while an account is opened is counted once', async () => {
    const { house, how } = await meddledHouse(makeStore);
    const inbox = idOf(house.noor, 'INBOX');
    house.noor.close();
    await house.clock.advance(IDLE_MS);
    how.before = async ({ ask }) => {
      if (ask === 'account' || ask === 'mailboxes') await deliver(house, inbox, letter(`during ${ask}`));
    };
    const noor = await house.mailboxes.open(house.noor.account);
    how.before = () => undefined;
    await noor.fresh();
    assert.deepEqual(shownCounts(noor, 'INBOX'), await storedCounts(house, noor, 'INBOX'));
  });

  it('news that is lost on the way is missed by nobody', async () => {
    const { house, how } = await meddledHouse(makeStore);
    const { noor } = house;
    const inbox = await select(noor);
    await append(noor, 'INBOX', letter('one'));
    await append(noor, 'INBOX', letter('two'));
    const heard: Change[] = [];
    noor.watch((change) => heard.push(change));
    // A later delivery betrays that one went missing.
    how.loses = () => true;
    await deliver(house, inbox.mailbox, letter('three'));
    ok(
      await house.store.account(house.noor.account).apply([{ do: 'expunge', mailbox: inbox.mailbox, uids: [[1, 1]], onlyDeleted: false }]),
    );
    how.loses = () => false;
    await deliver(house, inbox.mailbox, letter('four'));
    await turns();
    assert.deepEqual(uidsOf(inbox), [2, 3, 4]);
    assert.deepEqual(
      heard.flatMap((change) =>
        change.kind === 'expunged' ? change.uids.map((uid) => -uid) : change.kind === 'added' ? [change.uid] : [],
      ),
      [-1, 3, 4],
    );
    // Our own write waits for its news only so long.
    how.loses = () => true;
    const writing = inbox.setFlags([[2, 2]], { mode: 'add', flags: FLAG.seen, keywords: [], unchangedSince: null });
    await turns();
    assert.equal(inbox.columns.flags(0), 0);
    await house.clock.advance(CHANGE_WAIT_MS);
    ok(await writing);
    assert.equal(inbox.columns.flags(0), FLAG.seen);
    assert.equal(heard.at(-1)?.kind, 'flags');
  });

  it('thousands of changes in one commit are told in order, and none twice', async () => {
    const { house } = await meddledHouse(makeStore);
    const { noor } = house;
    const inbox = await select(noor);
    const many = Array.from({ length: 5_500 }, (_, number) => `Subject: ${number}\r\n\r\n`);
    await deliver(house, inbox.mailbox, ...many);
    await turns();
    const archive = await select(noor, 'Archive');
    const heard: number[] = [];
    noor.watch((change) => {
      if (change.kind === 'added' && change.mailbox === archive.mailbox) heard.push(change.uid);
    });
    const copied = ok(await inbox.copy([[1, 4_294_967_295]], archive.mailbox));
    assert.equal(copied.to.length, 5_500);
    assert.deepEqual([archive.columns.count, archive.info.total, inbox.info.unseen], [5_500, 5_500, 5_500]);
    assert.deepEqual(heard, copied.to);
    const flagged = ok(await inbox.setFlags([[1, 4_499]], { mode: 'add', flags: FLAG.deleted, keywords: [], unchangedSince: null }));
    assert.equal(flagged.changed.length, 4_499);
    assert.equal((await inbox.expunge([[1, 4_294_967_295]], true)).length, 4_499);
    assert.deepEqual([inbox.columns.count, inbox.info.deleted], [1_001, 0]);
    assert.deepEqual(shownCounts(noor, 'INBOX'), await storedCounts(house, noor, 'INBOX'));
  });

  it('an open mailbox is read once; a closed one is kept a while', async () => {
    const { house, how } = await meddledHouse(makeStore);
    const { noor } = house;
    how.asked.length = 0;
    const [one, two] = await Promise.all([select(noor), select(noor)]);
    assert.equal(one.columns, two.columns);
    one.close();
    one.close();
    two.close();
    await append(noor, 'INBOX', letter('meanwhile'));
    const three = await select(noor);
    assert.equal(three.columns.count, 1);
    assert.equal(how.asked.filter((ask) => ask === 'entries').length, 1);
    await house.clock.advance(IDLE_MS);
    await select(noor);
    three.close();
    assert.equal(how.asked.filter((ask) => ask === 'entries').length, 1, 'in use it stays');
    noor.close();
    const again = await house.mailboxes.open(house.noor.account);
    const four = await select(again);
    four.close();
    assert.equal(how.asked.filter((ask) => ask === 'entries').length, 1);
    await house.clock.advance(IDLE_MS + 1);
    assert.deepEqual(shownCounts(again, 'INBOX'), await storedCounts(house, again, 'INBOX'));
    assert.deepEqual(uidsOf(await select(again)), [1]);
    assert.equal(how.asked.filter((ask) => ask === 'entries').length, 2);
    again.close();
    await house.clock.advance(IDLE_MS + 1);
    how.asked.length = 0;
    await house.mailboxes.open(house.noor.account);
    assert.ok(how.asked.includes('mailboxes'), 'a forgotten account is read again');
  });

  it('a mailbox that goes away, or an account that is closed, while it is selected', async () => {
    const { house, how } = await meddledHouse(makeStore);
    const { noor } = house;
    const doomed = ok(await noor.create('Doomed')).mailbox;
    const other = await house.mailboxes.open(house.noor.account);
    how.before = async ({ ask }) => {
      if (ask === 'entries') assert.equal(await noor.remove('Doomed'), undefined);
    };
    assert.equal(refused(await other.select(doomed)), 'mailboxGone');
    how.before = ({ ask }) => {
      if (ask === 'entries') other.close();
    };
    assert.equal(refused(await other.select(idOf(noor, 'Sent'))), 'closing');
    how.before = () => undefined;
    assert.equal((await select(noor, 'Sent')).columns.count, 0);
  });

  it('our own append is sized once, also when its row was read before its news', async () => {
    const { house, how } = await meddledHouse(makeStore);
    const { noor } = house;
    const [inbox, archive] = [await select(noor), idOf(noor, 'Archive')];
    // A change of a closed mailbox makes the queue wait for the rows; the append comes behind it.
    await deliver(house, archive, letter('old'));
    let appending: Promise<unknown> = Promise.resolve();
    how.before = ({ ask }) => {
      if (ask !== 'mailboxes') return;
      how.before = () => undefined;
      appending = append(noor, 'INBOX', letter('own'));
      return turns();
    };
    ok(await house.store.account(house.noor.account).apply([{ do: 'expunge', mailbox: archive, uids: [[1, 1]], onlyDeleted: false }]));
    await turns();
    await appending;
    assert.equal(inbox.columns.count, 1);
    assert.equal(inbox.info.size, letter('own').length);
  });

  it('trouble with the store is thrown, and leaves nothing half open', async () => {
    const { house, how } = await meddledHouse(makeStore);
    how.before = ({ ask }) => {
      if (ask === 'entries') throw new Fault('unavailable', 'no disk');
    };
    await assert.rejects(select(house.noor), Fault);
    how.before = () => undefined;
    assert.equal((await select(house.noor)).columns.count, 0);
    house.keyring.destroy(house.sam.account);
    house.sam.close();
    await house.clock.advance(IDLE_MS + 1);
    await assert.rejects(house.mailboxes.open(house.sam.account), Fault);
    const nobody = 999 as AccountId;
    house.keyring.add(nobody);
    how.before = () => Promise.reject(new Fault('unavailable', 'no disk'));
    await assert.rejects(house.mailboxes.open(nobody), Fault);
    how.before = () => undefined;
    assert.deepEqual((await house.mailboxes.open(nobody)).list(), []);
  });

  it('trouble while counting is tried again, and the news is told all the same', async () => {
    const { house, how } = await meddledHouse(makeStore);
    const { noor } = house;
    const archive = idOf(noor, 'Archive');
    await deliver(house, archive, letter('one'), letter('two'));
    const heard: string[] = [];
    noor.watch(({ kind }) => heard.push(kind));
    how.before = ({ ask }) => {
      if (ask === 'mailboxes') throw new Fault('unavailable', 'no disk');
    };
    ok(await house.store.account(house.noor.account).apply([{ do: 'expunge', mailbox: archive, uids: [[1, 1]], onlyDeleted: false }]));
    await turns();
    assert.deepEqual(heard, ['expunged', 'destroyed']);
    how.before = () => undefined;
    await house.clock.advance(SIZE_REFRESH_MS);
    await turns();
    assert.deepEqual(shownCounts(noor, 'Archive'), await storedCounts(house, noor, 'Archive'));
  });

  it('SECURITY: nothing of another account can be named', async () => {
    const house = await openHouse(makeStore);
    const { noor, sam } = house;
    await append(sam, 'INBOX', letter('secret of sam'));
    await append(noor, 'INBOX', letter('mine'));
    const [mine, theirs] = [await select(noor), idOf(sam, 'INBOX')];
    assert.equal(refused(await noor.select(theirs)), 'mailboxGone');
    assert.equal(noor.byId(theirs), undefined);
    assert.equal(refused(await mine.copy([[1, 1]], theirs)), 'mailboxGone');
    assert.equal(refused(await mine.move([[1, 1]], theirs)), 'mailboxGone');
    assert.equal(refused(await noor.appendAll(theirs, [])), 'mailboxGone');
    const email = (await select(sam)).columns.email(0);
    assert.deepEqual([...(await mine.search({ by: 'email', email }))], []);
    assert.deepEqual([...(await mine.search({ by: 'text', text: 'secret' }))], []);
    const heard: Change[] = [];
    noor.watch((change) => heard.push(change));
    await append(sam, 'INBOX', letter('another'));
    ok(await sam.create('Private'));
    assert.deepEqual(heard, []);
    assert.equal(noor.byPath('Private'), undefined);
  });

  it('the pipeline finds where to file without asking twice', async () => {
    const { house, how } = await meddledHouse(makeStore);
    const { mailboxes, noor } = house;
    how.asked.length = 0;
    const [one, two] = await Promise.all([mailboxes.placeFor(noor.account, 'junk'), mailboxes.placeFor(noor.account, 'inbox')]);
    assert.deepEqual([one, two], [idOf(noor, 'Junk'), idOf(noor, 'INBOX')]);
    assert.equal(mailboxes.placeFor(noor.account, 'junk'), idOf(noor, 'Junk'), 'no promise');
    assert.equal(mailboxes.placeFor(noor.account, 'flagged'), idOf(noor, 'INBOX'));
    assert.deepEqual(how.asked, ['mailboxes']);
    assert.equal(await noor.remove('Junk'), undefined);
    assert.equal(await mailboxes.placeFor(noor.account, 'junk'), idOf(noor, 'INBOX'));
    assert.equal(await mailboxes.placeFor(999 as AccountId, 'inbox'), undefined);
  });

  it('a hundred thousand messages: opened once, searched in stretches', async () => {
    const { house, how } = await meddledHouse(makeStore);
    const count = 100_000;
    how.instead = (query) => {
      if (query.ask !== 'entries') return undefined;
      const uids = Float64Array.from({ length: count }, (_, row) => row + 1);
      return { uids, flags: new Uint8Array(count), modseqs: uids.slice(), emails: uids.slice(), keywords: new Map() };
    };
    const inbox = await select(house.noor);
    assert.equal(inbox.columns.count, count);
    assert.equal(inbox.info.unseen, count);
    let others = 0;
    const tick = setInterval(() => others++, 0);
    let longest = 0;
    let last = performance.now();
    const beat = (): void => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
      if (others >= 0) setImmediate(beat);
    };
    setImmediate(beat);
    const found = await inbox.search({
      by: 'not',
      of: { by: 'uids', uids: Array.from({ length: 20_000 }, (_, index) => [index * 5 + 1, index * 5 + 2] as const) },
    });
    clearInterval(tick);
    others = -1;
    assert.equal(found.length, 60_000);
    // Named generously: the machine has other things to do. Without pauses nobody gets a turn at all.
    assert.ok(longest < 200, `one stretch took ${longest} ms`);
  });

  it('after the house is closed nothing is heard or kept', async () => {
    const house = await openHouse(makeStore);
    const inbox = await select(house.noor);
    house.mailboxes.close();
    await deliver(house, inbox.mailbox, letter('unheard'));
    assert.equal(inbox.columns.count, 0);
    assert.equal(house.clock.waiting(), 0);
  });
}
